/**
 * All built-in aggregates.
 *
 * @module
 */
import type { AggregateDefinition } from "../function.ts";
import { BOOLEAN_AGGREGATES } from "./aggregate_boolean.ts";
import { EXTREME_AGGREGATES } from "./aggregate_extreme.ts";
import { LIST_AGGREGATES } from "./aggregate_list.ts";
import { ORDERED_AGGREGATES } from "./aggregate_ordered.ts";
import { REGRESSION_AGGREGATES } from "./aggregate_regression.ts";
import { SUM_AGGREGATES } from "./aggregate_sum.ts";

/** Aggregates by family. */
export const AGGREGATE_DEFINITIONS: readonly AggregateDefinition[] = [
  ...SUM_AGGREGATES,
  ...EXTREME_AGGREGATES,
  ...BOOLEAN_AGGREGATES,
  ...LIST_AGGREGATES,
  ...REGRESSION_AGGREGATES,
  ...ORDERED_AGGREGATES,
];
