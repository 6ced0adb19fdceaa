/**
 * Binding powers of the operators, after PostgreSQL's table, shared by the parser and the printer.
 *
 * @module
 */

/** Higher binds tighter. A whole expression is parsed at power 0. */
export const POWER = {
  none: 0,
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  other: 7,
  additive: 8,
  multiplicative: 9,
  exponent: 10,
  at: 11,
  collate: 12,
  sign: 13,
  subscript: 14,
  cast: 15,
  atom: 20,
} as const;

/** The comparison operators; they do not associate. */
export const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", ">", "<=", ">="]);

/** The power of an infix operator. */
export function operatorPower(operator: string): number {
  switch (operator) {
    case "=":
    case "<>":
    case "!=":
    case "<":
    case ">":
    case "<=":
    case ">=":
      return POWER.comparison;
    case "+":
    case "-":
      return POWER.additive;
    case "*":
    case "/":
    case "%":
      return POWER.multiplicative;
    case "^":
      return POWER.exponent;
    case "=>":
      return POWER.none;
    default:
      return POWER.other;
  }
}
