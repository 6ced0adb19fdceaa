/**
 * The entry of the printer: statements, queries and expressions as SQL text of a dialect.
 *
 * Throws {@linkcode QueryError} with code `unsupported` rather than print a text of another meaning. Linear in
 * the size of the tree; deep nesting costs stack, as in the parser.
 *
 * @module
 */
import { LimitError } from "../base/error.ts";
import type { Expression, Query, Statement } from "../query/ast.ts";
import { DIALECTS } from "./dialects.ts";
import { printExpressionNode } from "./print_expression.ts";
import { printQueryNode } from "./print_query.ts";
import { printStatementNode } from "./print_statement.ts";
import { Printer, type PrintOptions, type PrintRules } from "./printer.ts";

export type { DialectName, PrintOptions } from "./printer.ts";

const RULES: PrintRules = {
  expression: printExpressionNode,
  query: printQueryNode,
  statement: printStatementNode,
};

function printerFor({ dialect = "postgresql", exactDivision = false }: PrintOptions): Printer {
  return new Printer(DIALECTS[dialect], RULES, exactDivision);
}

/** Trees from text are bounded by the parser's limits, but long chains can be too deep for the stack. */
function bounded(print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LimitError("depth-limit", "Cannot print statement: it nests too deep", { cause: error });
  }
}

/** The text of a statement, without a semicolon. */
export function printStatement(statement: Statement, options: PrintOptions = {}): string {
  return bounded(() => printerFor(options).statement(statement));
}

/** The text of a query. */
export function printQuery(query: Query, options: PrintOptions = {}): string {
  return bounded(() => printerFor(options).query(query));
}

/** The text of an expression. */
export function printExpression(expression: Expression, options: PrintOptions = {}): string {
  return bounded(() => printerFor(options).expression(expression));
}
