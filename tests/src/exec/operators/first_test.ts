import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { BIGINT, INTEGER, NUMERIC, TEXT } from "../../../../src/storage/sql_type.ts";
import type { AggregateCall, Plan } from "../../../../src/query/plan.ts";
import { fakeTable } from "./fake_table.ts";
import { ascending, call, column, environment, equal, literal, made, runPlan, scan } from "./plan_run.ts";

const T = fakeTable("t", [{ name: "k", type: INTEGER }, { name: "s", type: TEXT }, {
  name: "v",
  type: BIGINT,
}], [
  [1, "a", 10],
  [2, "b", 20],
  [3, null, 30],
  [1, "a", 40],
  [null, "c", null],
  [2, "a", 60],
  [7, "b", 5],
]);
const U = fakeTable("u", [{ name: "k", type: INTEGER }, { name: "w", type: TEXT }], [
  [1, "x"],
  [2, "y"],
  [2, "z"],
  [null, "n"],
  [9, "q"],
]);
const env = environment([T, U]);
const t = scan(T, 1), u = scan(U, 11);

function agg(id: number, fn: string, args: AggregateCall["arguments"], type = BIGINT): AggregateCall {
  return { ...made(id, type), function: fn, arguments: args, distinct: false, filter: null, orderBy: [] };
}

describe("first", () => {
  it("scans", () => {
    assertEquals(runPlan(t, env).length, 7);
    assertEquals(runPlan(t, env, 1), runPlan(t, env));
  });
  it("filters, projects, sorts, limits", () => {
    const f: Plan = { kind: "filter", input: t, predicate: call(">", [column(t, 2), literal(10, BIGINT)]) };
    const s: Plan = {
      kind: "sort",
      input: f,
      keys: [{ expression: column(t, 2), descending: true, nullsFirst: true }],
    };
    const l: Plan = { kind: "limit", input: s, limit: literal(2, BIGINT), offset: literal(1, BIGINT) };
    assertEquals(runPlan(l, env), [[1, "a", 40], [3, null, 30]]);
  });
  for (const join of ["inner", "left", "right", "full", "semi", "anti"] as const) {
    it(join, () => {
      const j: Plan = {
        kind: "join",
        join,
        left: t,
        right: u,
        condition: equal(column(t, 0), column(u, 0)),
        lateral: false,
      };
      const rows = runPlan(j, env, 1);
      console.log(join, JSON.stringify(rows));
    });
  }
  it("aggregates", () => {
    const a: Plan = {
      kind: "aggregate",
      input: t,
      groups: [{ ...made(20, TEXT), expression: column(t, 1) }],
      aggregates: [
        agg(21, "count", []),
        agg(22, "sum", [column(t, 2)], { kind: "decimal", precision: 38, scale: 0 }),
        agg(23, "avg", [column(t, 2)], NUMERIC),
        agg(24, "min", [column(t, 0)], INTEGER),
        agg(25, "max", [column(t, 1)], TEXT),
        { ...agg(26, "count", [column(t, 0)]), distinct: true },
      ],
    };
    const s: Plan = { kind: "sort", input: a, keys: [ascending(column(a, 0))] };
    console.log(runPlan(s, env));
  });
});
