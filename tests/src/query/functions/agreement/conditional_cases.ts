/**
 * Conditional functions.
 *
 * @module
 */
import { type AgreementCase, binary, calls } from "./agreement_case.ts";

/** Conditional functions. */
export const CONDITIONAL_CASES: readonly AgreementCase[] = [
  ...calls("conditional", ["greatest", "least"], ["1::integer", "NULL::integer"], [
    "2.50::numeric",
    "NULL::numeric",
  ], ["2::bigint", "3.5::float8"]),
  ...calls("conditional", ["nullif"], ["1::integer", "2::integer", "NULL::integer"], [
    "1::integer",
    "1.0::numeric",
  ]),
  ...calls("conditional", ["greatest", "least"], ["a::text", "B::text"], ["ä::text", "NULL::text"]),
  ...binary("conditional", ["is distinct from", "is not distinct from"], ["1::integer", "NULL::integer"], [
    "1::integer",
    "NULL::integer",
    "2::integer",
  ]),
  ...calls("conditional", ["num_nulls", "num_nonnulls"], ["1::integer", "NULL::integer"], ["NULL::text"]),
];
