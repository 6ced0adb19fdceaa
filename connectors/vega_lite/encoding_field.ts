/**
 * The fields of an encoding: where they are, what they compute, and what Vega-Lite would call the result.
 *
 * @module
 */
import { type AggregateOperation, COUNTING_OPERATIONS, readOperation } from "./aggregate.ts";
import { isBinning } from "./bin_field.ts";
import { binKey, columnOfField, COUNT_NAME, normalBin, timeUnitKey } from "./field_name.ts";
import { isSpec, pointer, type Spec } from "./spec_shape.ts";
import { isBinnedUnit } from "./time_unit_field.ts";

/** A place of an encoding that names a field or counts. */
export interface EncodingField {
  /** `x`, `color`, `tooltip`, ... */
  readonly channel: string;
  /** Keys from the encoding to the place: `["color", "condition"]`, `["tooltip", 0]`. */
  readonly keys: readonly (string | number)[];
  /** JSON Pointer of the place. */
  readonly path: string;
  /** What stands there. */
  readonly def: Spec;
}

/** What a field computes. */
export type FieldRole =
  | { readonly kind: "measure"; readonly operation: AggregateOperation }
  | { readonly kind: "bin"; readonly bin: Spec }
  | { readonly kind: "timeUnit"; readonly timeUnit: unknown }
  | { readonly kind: "plain" };

/** All places of an encoding with a field, in order. */
export function encodingFields(encoding: Spec, path: string): readonly EncodingField[] {
  const found: EncodingField[] = [];
  const visit = (value: unknown, channel: string, keys: readonly (string | number)[]): void => {
    if (Array.isArray(value)) value.forEach((item: unknown, i) => visit(item, channel, [...keys, i]));
    if (!isSpec(value)) return;
    if (value["field"] !== undefined || value["aggregate"] !== undefined) {
      found.push({ channel, keys, path: pointer(path, ...keys), def: value });
    }
    if (value["condition"] !== undefined) visit(value["condition"], channel, [...keys, "condition"]);
  };
  for (const [channel, value] of Object.entries(encoding)) visit(value, channel, [channel]);
  return found;
}

/** `encoding` with other definitions in the places of some fields. */
export function replaceFields(encoding: Spec, changes: ReadonlyMap<EncodingField, Spec>): Spec {
  let result: unknown = encoding;
  // Inner places first, so that a changed condition is kept by the definition around it.
  const ordered = [...changes].toSorted(([a], [b]) => b.keys.length - a.keys.length);
  for (const [field, def] of ordered) {
    result = replaceAt(result, field.keys, (now) => {
      const condition = isSpec(now) ? now["condition"] : undefined;
      return condition === undefined || def["condition"] === undefined ? def : { ...def, condition };
    });
  }
  // The root of an encoding is an object, and replacing keeps it one.
  return result as Spec;
}

function replaceAt(
  value: unknown,
  keys: readonly (string | number)[],
  change: (value: unknown) => unknown,
): unknown {
  const [key, ...others] = keys;
  if (key === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((item: unknown, i) => i === key ? replaceAt(item, others, change) : item);
  }
  return isSpec(value) ? { ...value, [key]: replaceAt(value[key], others, change) } : value;
}

/** What the field computes; aggregates, bins and units in the order in which Vega-Lite looks for them. */
export function roleOf({ channel, def, path }: EncodingField): FieldRole {
  const { bin, aggregate, timeUnit } = def;
  if (isBinning(bin)) return { kind: "bin", bin: normalBin(bin, channel) };
  if (aggregate !== undefined && aggregate !== null) {
    return { kind: "measure", operation: readOperation(aggregate, pointer(path, "aggregate")) };
  }
  if (timeUnit !== undefined && !isBinnedUnit(timeUnit)) return { kind: "timeUnit", timeUnit };
  return { kind: "plain" };
}

/** The column that a field of an encoding reads. */
export function fieldColumn({ def, path }: EncodingField): string {
  return columnOfField(String(def["field"]), pointer(path, "field"));
}

/** The name of the output, as a column. */
export function outputName(field: EncodingField, role: FieldRole): string {
  switch (role.kind) {
    case "measure":
      if (role.operation.kind !== "plain") {
        return `${role.operation.kind}_${role.operation.by}_${fieldColumn(field)}`;
      }
      return role.operation.name === "count" ? COUNT_NAME : `${role.operation.name}_${fieldColumn(field)}`;
    case "bin":
      return `${binKey(role.bin)}_${fieldColumn(field)}`;
    case "timeUnit":
      return `${timeUnitKey(isSpec(role.timeUnit) ? role.timeUnit : String(role.timeUnit))}_${
        fieldColumn(field)
      }`;
    case "plain":
      return fieldColumn(field);
  }
}

const NOMINAL_CHANNELS: ReadonlySet<string> = new Set(["row", "column", "facet", "shape", "strokeDash"]);
/** Channels that end what another one begins: they have no type. */
const SECONDARY_CHANNELS: ReadonlySet<string> = new Set([
  "x2",
  "y2",
  "theta2",
  "radius2",
  "latitude2",
  "longitude2",
]);
const SHORT_TYPES: Readonly<Record<string, string>> = {
  q: "quantitative",
  t: "temporal",
  o: "ordinal",
  n: "nominal",
};

/** The type that Vega-Lite gives to a field without one; `undefined` where there is none. */
export function fieldType({ channel, def }: EncodingField, role: FieldRole): string | undefined {
  if (SECONDARY_CHANNELS.has(channel)) return undefined;
  const counts = role.kind === "measure" && role.operation.kind === "plain" &&
    COUNTING_OPERATIONS.has(role.operation.name);
  const { type } = def;
  if (typeof type === "string") {
    return counts ? "quantitative" : SHORT_TYPES[type.toLowerCase()] ?? type.toLowerCase();
  }
  if (channel === "latitude" || channel === "longitude") return "quantitative";
  if (NOMINAL_CHANNELS.has(channel)) return counts ? "quantitative" : "nominal";
  if (channel === "order" || Array.isArray(def["sort"])) return "ordinal";
  if (def["timeUnit"] !== undefined) return "temporal";
  const { kind } = role;
  if (kind === "bin" || def["bin"] || (kind === "measure" && role.operation.kind === "plain")) {
    return "quantitative";
  }
  const scale = isSpec(def["scale"]) ? def["scale"]["type"] : undefined;
  if (scale === "time" || scale === "utc") return "temporal";
  return typeof scale === "string" && CONTINUOUS_SCALES.has(scale) ? "quantitative" : "nominal";
}

const CONTINUOUS_SCALES: ReadonlySet<string> = new Set([
  "linear",
  "log",
  "pow",
  "sqrt",
  "symlog",
  "identity",
  "sequential",
  "bin-ordinal",
  "quantile",
  "quantize",
  "threshold",
]);
