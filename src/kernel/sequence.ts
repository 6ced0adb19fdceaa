/**
 * Sequences: the numbers of IDENTITY and SERIAL columns.
 *
 * A number is handed out once and never taken back, also when its statement fails, so sequences may have gaps.
 *
 * @module
 */
import type { ScalarFunction } from "../query/function.ts";
import { BIGINT } from "../storage/sql_type.ts";

/** `nextval(name)` over sequences that begin at 1 when first asked. */
export function createNextval(): ScalarFunction {
  const last = new Map<string, number>();
  return {
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
}
