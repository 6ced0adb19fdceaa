/**
 * A query over one table, maintained under a clock that the test moves: the operators see an epoch only when an
 * input changes, when they are due, or when the clock went back.
 *
 * @module
 */
import { ManualClock } from "../../../../src/base/clock.ts";
import type { CircuitNode, Epoch } from "../../../../src/circuit/circuit_node.ts";
import { compileNodes, isNotIncremental } from "../../../../src/circuit/compile_circuit.ts";
import {
  type Delta,
  deltaOfRows,
  emptyDelta,
  rowsOfDelta,
  uniformDelta,
} from "../../../../src/circuit/delta.ts";
import { rowKey, type WeightedRow, ZSet } from "../../../../src/circuit/zset.ts";
import { createExecution, runToEnd } from "../../../../src/exec/execution.ts";
import { definePlugin } from "../../../../src/kernel/plugin.ts";
import type { PluginHost } from "../../../../src/kernel/plugin_host.ts";
import type { Query } from "../../../../src/query/ast.ts";
import type { BoundQuery } from "../../../../src/query/plan.ts";
import { parseStatement } from "../../../../src/sql/parse.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import { createDatabase, type Database } from "../../../../mod.ts";

const hostPlugin = definePlugin({ name: "host", setup: (host) => ({ api: { host } }) });

/** A database with a table `event` and a manual clock. */
export class ClockedDatabase {
  readonly clock: ManualClock = new ManualClock();
  readonly db: Database<readonly [typeof hostPlugin]>;

  constructor(timeZone = "UTC") {
    this.db = createDatabase({ clock: this.clock, timeZone, plugins: [hostPlugin] });
  }

  static async open(columns: string, timeZone?: string): Promise<ClockedDatabase> {
    const opened = new ClockedDatabase(timeZone);
    await opened.db.exec(`CREATE TABLE event (${columns})`);
    return opened;
  }

  get host(): PluginHost {
    return this.db.plugins.host.host;
  }

  get types(): readonly SqlType[] {
    return this.host.store.table("event")!.definition.columns.map((column) => column.type);
  }

  get nowMicros(): number {
    return Math.round(this.clock.now() * 1000);
  }

  setNow(micros: number): void {
    this.clock.setNow(micros / 1000);
  }

  async change(change: readonly WeightedRow[]): Promise<void> {
    const rows = new ZSet(this.types);
    rows.addAll(change);
    await this.host.write((transaction) => {
      const copies = (sign: number): (readonly Datum[])[] =>
        [...rows].flatMap(({ row, weight }) =>
          new Array<readonly Datum[]>(Math.max(0, weight * sign)).fill(row)
        );
      const gone = copies(-1);
      const come = copies(1);
      if (gone.length > 0) transaction.deleteByValue("event", gone);
      if (come.length > 0) transaction.insert("event", { rows: come });
    });
  }

  plan(sql: string): BoundQuery {
    // The tests give queries.
    return this.host.plan(parseStatement(sql) as Query);
  }

  /** The answer of the batch executor. */
  answer(sql: string): string[] {
    const query = this.plan(sql);
    const snapshot = this.host.store.snapshot(["event"]);
    try {
      const execution = createExecution(query, this.host.environment((name) => snapshot.table(name)!));
      const { columns, rowCount } = runToEnd(execution);
      return keysOf(rowsOfDelta(uniformDelta(columns, rowCount, 1)), query.columns.map(({ type }) => type));
    } finally {
      snapshot.release();
    }
  }

  /** The construct for which there are no operators; undefined when there are. */
  obstacle(sql: string): string | undefined {
    const compiled = compileNodes(this.plan(sql).plan, this.#environment());
    return isNotIncremental(compiled) ? compiled.construct : undefined;
  }

  maintain(sql: string): ClockedQuery {
    return new ClockedQuery(this, this.plan(sql));
  }

  compile(query: BoundQuery): CircuitNode {
    const node = compileNodes(query.plan, this.#environment());
    if (isNotIncremental(node)) throw new TypeError(`The query is not incremental: ${node.construct}`);
    return node;
  }

  #environment(): Parameters<typeof compileNodes>[1] {
    const { host } = this;
    return {
      execution: host.environment(() => {
        throw new TypeError("Operators read no tables");
      }),
      isDeterministic: (scalar) => host.isImmutable(scalar),
    };
  }
}

/** See the module header. */
export class ClockedQuery {
  readonly query: BoundQuery;
  readonly nodes: readonly CircuitNode[];
  readonly #database: ClockedDatabase;
  readonly #contents: ZSet;
  #started = false;
  #lastMicros = -Infinity;

  constructor(database: ClockedDatabase, query: BoundQuery) {
    this.#database = database;
    const node = database.compile(query);
    this.query = query;
    this.nodes = inTopologicalOrder(node);
    this.#contents = new ZSet(query.columns.map(({ type }) => type));
  }

  get stateBytes(): number {
    return this.nodes.reduce((bytes, node) => bytes + node.stateBytes, 0);
  }

  get examinedRows(): number {
    return this.nodes.reduce((rows, node) => rows + node.examinedRows, 0);
  }

  get dueMicros(): number | undefined {
    const due = Math.min(...this.nodes.map((node) => node.dueMicros ?? Infinity));
    return due === Infinity ? undefined : due;
  }

  /** Applies a change of the table, or what the clock brings; gives the number of changed rows. */
  step(rows: readonly WeightedRow[] = []): number {
    const epoch = this.#epoch(rows);
    const wentBack = epoch.nowMicros < this.#lastMicros;
    this.#lastMicros = epoch.nowMicros;
    const deltas = new Map<CircuitNode, Delta>();
    for (const node of this.nodes) {
      const inputs = node.inputs.map((input) => deltas.get(input)!);
      const isTable = node.name === "table";
      const changed = !this.#started || (isTable && rows.length > 0) || inputs.some((delta) =>
        delta.size > 0
      ) ||
        (node.dueMicros ?? Infinity) <= epoch.nowMicros || (wentBack && "dueMicros" in node);
      const types = node.columns.map((column) => column.type);
      deltas.set(node, changed ? node.apply(inputs, epoch) : emptyDelta(types));
    }
    this.#started = true;
    const change = this.#outputOf(deltas.get(this.nodes.at(-1)!)!);
    for (const { row, weight } of change) this.#contents.add(row, weight);
    return change.length;
  }

  /** The rows by the changes so far. */
  contents(): string[] {
    return keysOf([...this.#contents], this.#contents.types);
  }

  /** The rows as a later reader gets them. */
  output(rows: readonly WeightedRow[]): string[] {
    const epoch = this.#epoch(rows);
    const all = (node: CircuitNode): Delta => node.output(() => node.inputs.map(all), epoch);
    const output = new ZSet(this.#contents.types);
    output.addAll(this.#outputOf(all(this.nodes.at(-1)!)));
    return keysOf([...output], output.types);
  }

  #outputOf(delta: Delta): WeightedRow[] {
    const { columns } = this.nodes.at(-1)!;
    const positions = this.query.columns.map(({ id }) => columns.findIndex((column) => column.id === id));
    return rowsOfDelta(delta).map(({ row, weight }) => ({ row: positions.map((j) => row[j]!), weight }));
  }

  #epoch(rows: readonly WeightedRow[]): Epoch {
    const { types, nowMicros } = this.#database;
    const epoch: Pick<Epoch, "tableDelta" | "nowMicros"> = {
      nowMicros,
      tableDelta: (_, ordinals) =>
        rows.length === 0 ? undefined : deltaOfRows(
          rows.map(({ row, weight }) => ({ row: ordinals.map((ordinal) => row[ordinal]!), weight })),
          ordinals.map((ordinal) => types[ordinal]!),
        ),
    };
    // The operators of these tests ask for nothing else.
    return epoch as Epoch;
  }
}

function keysOf(rows: readonly WeightedRow[], types: readonly SqlType[]): string[] {
  return rows.flatMap(({ row, weight }) => new Array<string>(weight).fill(rowKey(row, types))).sort();
}

function inTopologicalOrder(output: CircuitNode): readonly CircuitNode[] {
  const order = new Set<CircuitNode>();
  const visit = (node: CircuitNode): void => {
    if (order.has(node)) return;
    node.inputs.forEach(visit);
    order.add(node);
  };
  visit(output);
  return [...order];
}
