/**
 * The conditions of `filter_condition.ts` on rows that stand in a spec: they are tested in the page.
 *
 * @module
 */
import { isObject, listOf, type SpecObject } from "../charts/json_spec.ts";
import { compareValues } from "../charts/live_rows.ts";
import { epochMs } from "../charts/wall_time.ts";

/** A row of any kind. */
type Row = Readonly<Record<string, unknown>>;

const ORDERS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ["<", (order: number) => order < 0],
  ["lt", (order: number) => order < 0],
  ["<=", (order: number) => order <= 0],
  ["lte", (order: number) => order <= 0],
  [">", (order: number) => order > 0],
  ["gt", (order: number) => order > 0],
  [">=", (order: number) => order >= 0],
  ["gte", (order: number) => order >= 0],
]);

/** The condition as function of a row. */
export function rowTest(condition: unknown): (row: Row) => boolean {
  if (!isObject(condition)) return () => condition === true;
  const { and, or, not } = condition;
  if (and !== undefined) {
    const tests = listOf(and).map(rowTest);
    return (row) => tests.every((test) => test(row));
  }
  if (or !== undefined) {
    const tests = listOf(or).map(rowTest);
    return (row) => tests.some((test) => test(row));
  }
  if (not !== undefined) {
    const test = rowTest(not);
    return (row) => !test(row);
  }
  return relation(condition);
}

function relation(
  { dimension, column = dimension, parser, ...operators }: SpecObject,
): (row: Row) => boolean {
  const name = String(column);
  const read = parser === "time" ? epochMs : (value: unknown) => value;
  const tests = Object.entries(operators).map(([operator, expected]) => {
    const right = read(expected);
    if (operator === "reg") {
      const pattern = new RegExp(String(expected));
      return (value: unknown) => value !== null && value !== undefined && pattern.test(String(value));
    }
    const order = ORDERS.get(operator);
    if (order !== undefined) {
      return (value: unknown) =>
        value !== null && value !== undefined && order(compareValues(read(value), right));
    }
    const negated = operator !== "=" && operator !== "eq";
    return (value: unknown) => negated !== (compareValues(read(value ?? null), right ?? null) === 0);
  });
  return (row) => tests.every((test) => test(row[name]));
}
