/**
 * The built-in functions, as one value for the registry.
 *
 * @module
 */
import type {
  AggregateDefinition,
  ScalarFunction,
  TableFunctionDefinition,
  WindowFunction,
} from "../function.ts";
import { AGGREGATE_DEFINITIONS } from "./aggregates.ts";
import { ARRAY_FUNCTIONS } from "./array.ts";
import { CONDITIONAL_FUNCTIONS } from "./conditional.ts";
import { DATE_DIALECT_FUNCTIONS } from "./date_dialects.ts";
import { DATE_TIME_FUNCTIONS } from "./date_time.ts";
import { JSON_FUNCTIONS } from "./json.ts";
import { MATH_FUNCTIONS } from "./math.ts";
import { TO_NUMBER_FUNCTIONS } from "./number_template.ts";
import { OPERATOR_FUNCTIONS } from "./operators.ts";
import { REGEX_FUNCTIONS } from "./regex.ts";
import { SYSTEM_FUNCTIONS } from "./system.ts";
import { TABLE_FUNCTIONS } from "./table_functions.ts";
import { ENCODING_FUNCTIONS } from "./text_encoding.ts";
import { TEXT_FUNCTIONS } from "./text.ts";
import { TO_CHAR_FUNCTIONS } from "./to_char.ts";
import { TO_DATE_FUNCTIONS } from "./to_date.ts";
import { WINDOW_FUNCTIONS } from "./windows.ts";

/** A set of functions, as a registry takes them. */
export interface FunctionLibrary {
  /** Functions and operators of one row. */
  readonly scalars: readonly ScalarFunction[];
  /** The types of their states are hidden: a state only ever goes back to the definition that made it. */
  readonly aggregates: readonly AggregateDefinition[];
  /** Window functions that are no aggregates. */
  readonly windows: readonly WindowFunction[];
  /** Set-returning functions. */
  readonly tables: readonly TableFunctionDefinition[];
}

/** Everything that is built in. */
export const BUILTIN_FUNCTIONS: FunctionLibrary = {
  scalars: [
    ...OPERATOR_FUNCTIONS,
    ...CONDITIONAL_FUNCTIONS,
    ...MATH_FUNCTIONS,
    ...TEXT_FUNCTIONS,
    ...REGEX_FUNCTIONS,
    ...DATE_TIME_FUNCTIONS,
    ...DATE_DIALECT_FUNCTIONS,
    ...TO_CHAR_FUNCTIONS,
    ...TO_DATE_FUNCTIONS,
    ...TO_NUMBER_FUNCTIONS,
    ...JSON_FUNCTIONS,
    ...ARRAY_FUNCTIONS,
    ...ENCODING_FUNCTIONS,
    ...SYSTEM_FUNCTIONS,
  ],
  aggregates: AGGREGATE_DEFINITIONS,
  windows: WINDOW_FUNCTIONS,
  tables: TABLE_FUNCTIONS,
};
