/**
 * Changing JSON values: joining, deleting, setting and inserting by path.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Datum } from "../../storage/sql_type.ts";
import {
  formatJson,
  isJsonArray,
  isJsonObject,
  jsonObject,
  type JsonValue,
  parseJson,
} from "./json_value.ts";

function wrongShape(what: string, received: string): QueryError {
  return new QueryError("invalid-value", `${what}: received ${received}`, {
    hint: "check the shape with json_typeof first",
  });
}

/** `a || b`: objects merge, the right wins; everything else joins as arrays. */
export function concatenateJson(a: string, b: string): string {
  const left = parseJson(a);
  const right = parseJson(b);
  if (isJsonObject(left) && isJsonObject(right)) return formatJson(jsonObject([...left, ...right]));
  const items = (value: JsonValue): readonly JsonValue[] => isJsonArray(value) ? value : [value];
  return formatJson([...items(left), ...items(right)]);
}

/** `json - keys`: removes keys of an object, or equal strings of an array. */
export function deleteJsonKeys(text: string, keys: readonly string[]): string {
  const value = parseJson(text);
  if (isJsonObject(value)) return formatJson(new Map([...value].filter(([key]) => !keys.includes(key))));
  if (isJsonArray(value)) {
    return formatJson(value.filter((item) => typeof item !== "string" || !keys.includes(item)));
  }
  throw wrongShape("Cannot delete from a scalar", text);
}

/** `json - index`: removes an element of an array; negative counts from the end. */
export function deleteJsonIndex(text: string, index: number): string {
  const value = parseJson(text);
  if (!isJsonArray(value)) throw wrongShape("Cannot delete by index from what is no array", text);
  const at = index < 0 ? value.length + index : index;
  return formatJson(value.filter((_, i) => i !== at));
}

/** The position that a path step names in an array, or undefined for what is no whole number. */
export function stepIndex(step: string, length: number): number | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(step)) return undefined;
  const index = Number(step);
  return index < 0 ? length + index : index;
}

/** The value at a path, undefined when there is none. */
export function jsonAtPath(value: JsonValue, path: readonly Datum[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const step of path) {
    if (current === undefined || step === null) return undefined;
    const name: string = String(step);
    if (isJsonObject(current)) current = current.get(name);
    else if (isJsonArray(current)) {
      const index: number | undefined = stepIndex(name, current.length);
      current = index === undefined || index < 0 ? undefined : current[index];
    } else return undefined;
  }
  return current;
}

/** How {@linkcode editJson} treats the place that a path names. */
export interface JsonEdit {
  /** Value to put there; undefined deletes. */
  readonly value: JsonValue | undefined;
  /** `set` replaces, `insert` adds before (or `after`) an array element and never replaces a key. */
  readonly mode: "set" | "insert" | "delete";
  /** `set`: also create what is missing. `insert`: behind the element instead of before it. */
  readonly flag: boolean;
}

/** {@linkcode editJson} for a whole value: a scalar is refused, and nothing can be removed from what is empty. */
export function changeJson(value: JsonValue, path: readonly string[], edit: JsonEdit): JsonValue {
  const size = isJsonArray(value) ? value.length : isJsonObject(value) ? value.size : undefined;
  if (size === undefined) throw wrongShape("Cannot change a path of a scalar", formatJson(value));
  const creates = edit.mode === "insert" || (edit.mode === "set" && edit.flag);
  return size === 0 && !creates ? value : editJson(value, path, edit);
}

/** A copy of `value` with the place at `path` changed. What cannot be reached stays as it is. */
function editJson(value: JsonValue, path: readonly string[], edit: JsonEdit): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (isJsonObject(value)) return editObject(value, step, rest, edit);
  if (isJsonArray(value)) return editArray(value, step, rest, edit);
  return value;
}

function editObject(
  object: ReadonlyMap<string, JsonValue>,
  step: string,
  rest: readonly string[],
  edit: JsonEdit,
): JsonValue {
  const old = object.get(step);
  if (rest.length > 0) {
    return old === undefined ? object : jsonObject([...object, [step, editJson(old, rest, edit)]]);
  }
  if (edit.mode === "delete") return new Map([...object].filter(([key]) => key !== step));
  if (edit.mode === "insert" && old !== undefined) {
    throw wrongShape("Cannot replace an existing key: use jsonb_set", JSON.stringify(step));
  }
  if (old === undefined && edit.mode === "set" && !edit.flag) return object;
  return jsonObject([...object, [step, edit.value ?? null]]);
}

function editArray(
  array: readonly JsonValue[],
  step: string,
  rest: readonly string[],
  edit: JsonEdit,
): JsonValue {
  const index = stepIndex(step, array.length);
  if (index === undefined) throw wrongShape("Path step is no array index", JSON.stringify(step));
  const exists = index >= 0 && index < array.length;
  if (rest.length > 0) {
    return exists ? array.map((item, i) => i === index ? editJson(item, rest, edit) : item) : array;
  }
  if (edit.mode === "delete") return array.filter((_, i) => i !== index);
  const value = edit.value ?? null;
  if (edit.mode === "set") {
    if (exists) return array.map((item, i) => i === index ? value : item);
    if (!edit.flag) return array;
    return index < 0 ? [value, ...array] : [...array, value];
  }
  const at = Math.max(0, Math.min(index + (edit.flag && exists ? 1 : 0), array.length));
  return [...array.slice(0, at), value, ...array.slice(at)];
}
