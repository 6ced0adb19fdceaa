/**
 * What an untrusted option must not bring into a page: markup that ECharts would put into the document, links that
 * run code.
 *
 * Functions are gone already, for a spec is plain data. O(size of the option).
 *
 * @module
 */
import { isObject, pointer, type SpecObject } from "../charts/json_spec.ts";
import { type CompileScope, leaveOut } from "./compile_scope.ts";

/** Texts that ECharts writes as HTML. */
const MARKUP_FIELDS: ReadonlySet<string> = new Set(["formatter", "extraCssText", "optionToContent"]);
const LINK_FIELDS: ReadonlySet<string> = new Set(["link", "sublink"]);

/** The option without them; each is listed. */
export function safeOption(option: SpecObject, scope: CompileScope): SpecObject {
  return safeObject(option, scope, "");
}

function safeObject(object: SpecObject, scope: CompileScope, path: string): SpecObject {
  const entries = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    const place = path + pointer(key);
    if (typeof value === "string" && MARKUP_FIELDS.has(key) && /[<>]|url\s*\(/i.test(value)) {
      leaveOut(scope, place, "markup is not taken over: use a template such as {b}: {c}");
      return [];
    }
    if (LINK_FIELDS.has(key) && !isWebAddress(value)) {
      leaveOut(scope, place, "a link begins with http:, https:, / or #");
      return [];
    }
    return [[key, safeValue(value, scope, place)]];
  });
  return Object.fromEntries(entries);
}

function safeValue(value: unknown, scope: CompileScope, path: string): unknown {
  // Rows hold no options.
  if (/\/(source|data)$/.test(path)) return value;
  if (Array.isArray(value)) return value.map((item, i) => safeValue(item, scope, path + pointer(i)));
  return isObject(value) ? safeObject(value, scope, path) : value;
}

function isWebAddress(value: unknown): boolean {
  return typeof value === "string" && /^(https?:\/\/|\/|#)/i.test(value);
}
