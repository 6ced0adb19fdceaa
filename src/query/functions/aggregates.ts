/**
 * All built-in aggregates.
 *
 * @module
 */
import type { AggregateDefinition } from "../function.ts";
import { BOOLEAN_AGGREGATES } from "./aggregate_boolean.ts";
import { EXTREME_AGGREGATES } from "./aggregate_extreme.ts";
import { SUM_AGGREGATES } from "./aggregate_sum.ts";

/** Aggregates by family. */
export const AGGREGATE_DEFINITIONS: readonly AggregateDefinition[] = [
  ...SUM_AGGREGATES,
  ...EXTREME_AGGREGATES,
  ...BOOLEAN_AGGREGATES,
];
