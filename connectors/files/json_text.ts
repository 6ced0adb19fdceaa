/**
 * JSON text of JavaScript values that JSON itself does not know: bigint, Date, bytes, maps.
 *
 * @module
 */

/** `value` as JSON. Whole numbers keep all digits, dates become ISO texts, bytes hexadecimal, NaN null. */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      return "null";
  }
}

function objectText(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : JSON.stringify(value);
  if (value instanceof Uint8Array) {
    return `"\\\\x${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  }
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (ArrayBuffer.isView(value)) {
    return `[${Array.from(value as unknown as ArrayLike<unknown>, jsonText).join(",")}]`;
  }
  const entries = value instanceof Map
    ? [...value].map(([key, item]) => [String(key), item] as const)
    : Object.entries(value);
  return `{${
    entries.filter(([, item]) => item !== undefined).map(([key, item]) =>
      `${JSON.stringify(key)}:${jsonText(item)}`
    ).join(",")
  }}`;
}
