import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { Circuit } from "../../../src/circuit/circuit.ts";
import type { Epoch } from "../../../src/circuit/circuit_node.ts";
import type { CircuitOutput, Receiver } from "../../../src/circuit/circuit_vertex.ts";
import { type Delta, deltaOfRows, rowsOfDelta } from "../../../src/circuit/delta.ts";
import { type WeightedRow, ZSet } from "../../../src/circuit/zset.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";
import { environment } from "../exec/operators/plan_run.ts";
import { optimized } from "../planner/sql_planning.ts";

const TYPES = [INTEGER, INTEGER];
const COLUMNS = { columns: "k integer, s integer" };
const TRANSACTION = {};

/** A table `t` and views over it, all with the same two columns. */
class Views {
  readonly circuit = new Circuit(
    { execution: environment([]), isDeterministic: () => true },
    (() => {
      let id = 0;
      return () => ++id;
    })(),
  );
  /** Of the epoch. */
  readonly #changes = new Map<string, readonly WeightedRow[]>();
  readonly #rows = new Map([["t", new ZSet(TYPES)]]);

  rows(name: string): string[] {
    return [...this.#rows.get(name)!].map(({ row, weight }) => `${row} x${weight}`).sort();
  }

  /** Adds a view; `full` says why it has no operators. */
  add(name: string, sql: string, sources: readonly string[], full?: string): CircuitOutput {
    const tables = Object.fromEntries(["t", ...sources].map((source) => [source, COLUMNS]));
    const { query, plan } = optimized(sql, tables);
    const receiver: Receiver = { name, receive: (change) => this.#receive(name, change) };
    const { output, rows } = this.circuit.add({ ...query, plan }, receiver, {
      sources,
      transaction: TRANSACTION,
      epoch: this.#epoch(new Map([...this.#rows].map(([relation, all]) => [relation, [...all]]))),
      full,
      quarantine: false,
    });
    const all = new ZSet(TYPES);
    if (rows !== undefined) all.addAll(rowsOfDelta(rows));
    this.#rows.set(name, all);
    return output;
  }

  /** What a view that is told to start anew has changed by it. */
  onRestart: (name: string) => readonly WeightedRow[] = () => [];

  change(rows: readonly WeightedRow[]): void {
    this.#changes.clear();
    this.#changes.set("t", rows);
    this.#rows.get("t")!.addAll(rows);
    this.circuit.run(this.#epoch(this.#changes), ["t"], TRANSACTION);
  }

  #receive(name: string, change: Delta | undefined): boolean {
    const rows = change === undefined ? this.onRestart(name) : rowsOfDelta(change);
    this.#changes.set(name, rows);
    if (change !== undefined) this.#rows.get(name)!.addAll(rows);
    return rows.length > 0;
  }

  #epoch(changes: ReadonlyMap<string, readonly WeightedRow[]>): Epoch {
    return {
      nowMicros: 0,
      valuesOf: () => new Set(),
      tableDelta: (table, ordinals) => {
        const rows = changes.get(table) ?? [];
        if (rows.length === 0) return undefined;
        const delta = deltaOfRows(rows, TYPES);
        return { ...delta, columns: ordinals.map((ordinal) => delta.columns[ordinal]!) };
      },
    };
  }
}

const GROUPS = "SELECT k, CAST(sum(s) AS INTEGER) AS s FROM t GROUP BY k HAVING sum(s) > 0";

describe("Circuit", () => {
  it("gives a change to an output before what reads it, also when it gets more operators in the run", () => {
    const views = new Views();
    views.add("upper", "SELECT deep.k, t.s FROM deep JOIN t ON deep.k = t.k", ["deep", "t"]);
    const before = views.add("deep", GROUPS, ["t"], "without operators");
    views.onRestart = (name) => {
      before.release();
      views.add(name, GROUPS, ["t"]);
      return [{ row: [1, 9], weight: 1 }];
    };
    views.change([{ row: [1, 4], weight: 1 }, { row: [1, 5], weight: 1 }]);
    assertEquals(views.rows("upper"), ["1,4 x1", "1,5 x1"]);
    views.change([{ row: [1, 4], weight: -1 }]);
    assertEquals([views.rows("deep"), views.rows("upper")], [["1,5 x1"], ["1,5 x1"]]);
  });

  it("takes an output out once", () => {
    const views = new Views();
    const output = views.add("groups", GROUPS, ["t"]);
    views.add("same", GROUPS, ["t"]);
    output.release();
    output.release();
    views.change([{ row: [1, 4], weight: 1 }]);
    assertEquals([views.rows("groups"), views.rows("same")], [[], ["1,4 x1"]]);
  });

  it("takes an output out that reads nothing of its sources", () => {
    const views = new Views();
    views.add("none", "SELECT k, s FROM t WHERE false", ["t"]).release();
    assertEquals(views.circuit.operators(), []);
  });
});
