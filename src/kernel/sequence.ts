/**
 * Sequences: the numbers of IDENTITY and SERIAL columns.
 *
 * A number is handed out once and never taken back, also when its statement fails, so sequences may have gaps.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { ScalarFunction } from "../query/function.ts";
import { BIGINT } from "../storage/sql_type.ts";

/** `nextval(name)` over sequences that begin at 1 when first asked, and `setval(name, last)` to go on from there. */
export function createSequenceFunctions(): readonly ScalarFunction[] {
  const last = new Map<string, number>();
  const nextval: ScalarFunction = {
    name: "nextval",
    volatility: "volatile",
    nulls: "strict",
    signatures: [{
      parameters: ["text"],
      returns: BIGINT,
      evaluate: ([name]) => {
        const next = (last.get(String(name)) ?? 0) + 1;
        last.set(String(name), next);
        return next;
      },
    }],
  };
  const setval: ScalarFunction = {
    name: "setval",
    volatility: "volatile",
    nulls: "strict",
    signatures: [{
      parameters: ["text", "bigint"],
      returns: BIGINT,
      evaluate: ([name, value]) => {
        const number = Number(value);
        if (!Number.isSafeInteger(number) || number < 1) {
          throw new QueryError("invalid-value", `A sequence cannot go on from ${String(value)}`, {
            details: { sequence: String(name), value: String(value) },
            hint: "give the last number that is taken, 1 or more",
          });
        }
        last.set(String(name), number);
        return number;
      },
    }],
  };
  return [nextval, setval];
}
