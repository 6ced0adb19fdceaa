/**
 * Window functions that are no aggregates, as signatures; the window operators compute them from the order
 * of the partition.
 *
 * @module
 */
import { BIGINT, DOUBLE, INTEGER } from "../../storage/sql_type.ts";
import type { WindowFunction } from "../function.ts";
import { firstKnown } from "./signature.ts";

function ranking(name: string): WindowFunction {
  return { name, signatures: [{ parameters: [], returns: BIGINT }] };
}

function fraction(name: string): WindowFunction {
  return { name, signatures: [{ parameters: [], returns: DOUBLE }] };
}

/** `lag(value, offset = 1, default = NULL)`. */
function neighbour(name: string): WindowFunction {
  return {
    name,
    signatures: [{ parameters: ["anyelement", "integer", "anyelement"], optional: 2, returns: firstKnown }],
  };
}

function framed(name: string): WindowFunction {
  return { name, signatures: [{ parameters: ["anyelement"], returns: firstKnown }] };
}

/** Window functions by name. */
export const WINDOW_FUNCTIONS: readonly WindowFunction[] = [
  ranking("row_number"),
  ranking("rank"),
  ranking("dense_rank"),
  fraction("percent_rank"),
  fraction("cume_dist"),
  { name: "ntile", signatures: [{ parameters: ["integer"], returns: INTEGER }] },
  neighbour("lag"),
  neighbour("lead"),
  framed("first_value"),
  framed("last_value"),
  { name: "nth_value", signatures: [{ parameters: ["anyelement", "integer"], returns: firstKnown }] },
];
