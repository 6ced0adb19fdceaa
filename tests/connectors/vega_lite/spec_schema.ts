/**
 * Vega-Lite's own JSON schema, compiled once for all tests of a file.
 *
 * @module
 */
import { Ajv } from "ajv";
import schema from "vega-lite/vega-lite-schema.json" with { type: "json" };

const ajv = new Ajv({ strict: false, validateFormats: false });
const isValid = ajv.compile(schema);

/** Why `spec` is no Vega-Lite spec; `undefined` when it is one. */
export function schemaErrors(spec: unknown): string | undefined {
  return isValid(spec) ? undefined : ajv.errorsText(isValid.errors).slice(0, 500);
}
