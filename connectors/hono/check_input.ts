/**
 * Untrusted input, checked once: a value against its schema, with a JSON Pointer for each thing that is wrong.
 *
 * @module
 */
import * as v from "valibot";
import { QueryError } from "../../src/base/error.ts";
import { nearestName } from "../../src/query/name_suggestion.ts";

/** Issues that an error names. */
const ISSUES_MAX = 20;

/** One thing that is wrong. */
export interface InputIssue {
  /** JSON Pointer (RFC 6901) into the value. */
  readonly pointer: string;
  /** What is wrong there. */
  readonly reason: string;
}

/**
 * `value` as `schema` has it.
 *
 * @throws {QueryError} `invalid-parameter` with `details.issues`
 */
export function checkInput<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issues = result.issues.slice(0, ISSUES_MAX).map((issue) => describe(issue, schema));
  const first = issues[0]!;
  throw new QueryError(
    "invalid-parameter",
    `Cannot read ${what}: ${first.reason} at ${first.pointer || "/"}`,
    {
      details: { issues },
      hint: "see /v1/openapi.json for what the route takes",
    },
  );
}

function describe(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): InputIssue {
  const path = issue.path ?? [];
  const pointer = path.map((item) => `/${pointerPart(String(item.key))}`).join("");
  const last = path.at(-1);
  if (issue.expected === "never" && last !== undefined) {
    const near = path.length === 1 ? nearestName(String(last.key), fieldsOf(schema)) : undefined;
    return {
      pointer,
      reason: `unknown field ${JSON.stringify(last.key)}${
        near === undefined ? "" : `, did you mean "${near}"?`
      }`,
    };
  }
  const expected = issue.expected === null
    ? issue.message
    : `expected ${issue.expected}: received ${issue.received}`;
  return { pointer, reason: expected };
}

/** `~` and `/` escaped. */
export function pointerPart(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function fieldsOf(schema: v.GenericSchema): readonly string[] {
  // Object schemas of valibot carry their entries.
  const entries = (schema as { readonly entries?: Readonly<Record<string, unknown>> }).entries;
  return entries === undefined ? [] : Object.keys(entries);
}
