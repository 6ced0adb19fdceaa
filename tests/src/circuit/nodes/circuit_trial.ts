/**
 * A query as a circuit beside the batch executor: applies changes of tables, unconsolidated ones too, and gives
 * what the circuit has, what the query gives, and what a later reader would see.
 *
 * @module
 */
import { BatchTemplate, givenInput } from "../../../../src/circuit/batch_template.ts";
import type { CircuitNode, Epoch } from "../../../../src/circuit/circuit_node.ts";
import { compileNodes, isNotIncremental } from "../../../../src/circuit/compile_circuit.ts";
import { type Delta, deltaOfRows, repeated, rowsOfDelta } from "../../../../src/circuit/delta.ts";
import { RenameNode } from "../../../../src/circuit/nodes/linear.ts";
import { type WeightedRow, ZSet } from "../../../../src/circuit/zset.ts";
import type { ExecutionEnvironment } from "../../../../src/exec/execution.ts";
import type { BoundQuery, Plan, ScanPlan } from "../../../../src/query/plan.ts";
import { mapChildren } from "../../../../src/query/plan_walk.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import { environment } from "../../exec/operators/plan_run.ts";
import { catalogOf, optimized, type TestTables } from "../../planner/sql_planning.ts";

/** Changes by table. */
export type Changes = Readonly<Record<string, readonly WeightedRow[]>>;

/** See the module header. */
export class CircuitTrial {
  readonly output: CircuitNode;
  readonly nodes: readonly CircuitNode[];
  readonly #query: BoundQuery;
  readonly #plan: Plan;
  readonly #types: Readonly<Record<string, readonly SqlType[]>>;
  /** Rows of each table, in the order in which they came. */
  readonly #tables: Record<string, ZSet> = {};
  readonly #result: ZSet;
  /** The change of the last epoch. */
  last: WeightedRow[] = [];

  /** `tables`: their columns, as `a integer key, b text`; `change`: what is done to the plan. */
  constructor(
    sql: string,
    tables: Readonly<Record<string, string>>,
    change: (plan: Plan) => Plan = (plan) => plan,
    limits: Partial<ExecutionEnvironment["limits"]> = {},
  ) {
    const described: TestTables = Object.fromEntries(
      Object.entries(tables).map(([name, columns]) => [name, { columns }]),
    );
    const { query, plan: optimal } = optimized(sql, described);
    const plan = change(optimal);
    const catalog = catalogOf(described);
    this.#types = Object.fromEntries(
      Object.keys(tables).map((name) => {
        const relation = catalog.relation(name);
        return [name, relation?.kind === "table" ? relation.columns.map(typeOf) : []];
      }),
    );
    for (const name of Object.keys(tables)) this.#tables[name] = new ZSet(this.#types[name]!);
    this.#query = query;
    this.#plan = plan;
    const compiled = compileNodes(plan, {
      execution: environment([], limits),
      isDeterministic: () => true,
    });
    if (isNotIncremental(compiled)) throw new TypeError(`No circuit: ${compiled.construct}`);
    const positions = query.columns.map(({ id }) => compiled.columns.findIndex((column) => column.id === id));
    this.output = new RenameNode(compiled, query.columns, positions);
    this.nodes = inOrder(this.output);
    this.#result = new ZSet(query.columns.map(typeOf));
  }

  /** Names of its operators, inputs first. */
  get names(): string[] {
    return this.nodes.map((node) => node.name);
  }

  get examinedRows(): number {
    return this.nodes.reduce((rows, node) => rows + node.examinedRows, 0);
  }

  get stateBytes(): number {
    return this.nodes.reduce((bytes, node) => bytes + node.stateBytes, 0);
  }

  /** One epoch; gives the number of rows that were looked at. */
  apply(changes: Changes): number {
    const before = this.examinedRows;
    const epoch = this.#epoch(changes);
    for (const [name, rows] of Object.entries(changes)) this.#tables[name]!.addAll(rows);
    const deltas = new Map<CircuitNode, Delta>();
    for (const node of this.nodes) {
      deltas.set(node, node.apply(node.inputs.map((input) => deltas.get(input)!), epoch));
    }
    this.last = rowsOfDelta(deltas.get(this.output)!);
    this.#result.addAll(this.last);
    return this.examinedRows - before;
  }

  /** What the circuit has given so far. */
  maintained(): string[] {
    return shown(this.#result);
  }

  /** What the query gives over the tables as they are. */
  queried(): string[] {
    const inputs: ScanPlan[] = [];
    const replace = (plan: Plan): Plan => {
      if (plan.kind !== "scan") return mapChildren(plan, replace);
      inputs.push(plan);
      return givenInput(inputs.length - 1, plan.columns);
    };
    const { columns } = this.#query;
    const template = new BatchTemplate(
      replace(this.#plan),
      columns,
      inputs.map((input) => input.columns),
      environment([]),
    );
    const rows = template.run(inputs.map((scan) => {
      const all = deltaOfRows([...this.#tables[scan.table]!], this.#types[scan.table]!);
      return repeated({ ...all, columns: scan.columns.map(({ ordinal }) => all.columns[ordinal]!) });
    }));
    const result = new ZSet(columns.map(typeOf));
    result.addAll(rowsOfDelta(rows));
    return shown(result);
  }

  /** What a reader that comes now is given. */
  given(): string[] {
    const epoch = this.#epoch(
      Object.fromEntries(Object.entries(this.#tables).map(([name, rows]) => [name, [...rows]])),
    );
    const outputOf = (node: CircuitNode): Delta => node.output(() => node.inputs.map(outputOf), epoch);
    const result = new ZSet(this.#query.columns.map(typeOf));
    result.addAll(rowsOfDelta(outputOf(this.output)));
    return shown(result);
  }

  #epoch(changes: Changes): Epoch {
    return {
      nowMicros: 0,
      valuesOf: () => new Set(),
      tableDelta: (table, ordinals) => {
        const rows = changes[table];
        if (rows === undefined || rows.length === 0) return undefined;
        const delta = deltaOfRows(rows, this.#types[table]!);
        return { ...delta, columns: ordinals.map((ordinal) => delta.columns[ordinal]!) };
      },
    };
  }
}

/** Rows that come. */
export function come(...rows: readonly (readonly Datum[])[]): WeightedRow[] {
  return rows.map((row) => ({ row, weight: 1 }));
}

/** Rows that go. */
export function go(...rows: readonly (readonly Datum[])[]): WeightedRow[] {
  return rows.map((row) => ({ row, weight: -1 }));
}

function typeOf({ type }: { readonly type: SqlType }): SqlType {
  return type;
}

function inOrder(output: CircuitNode): readonly CircuitNode[] {
  const order = new Set<CircuitNode>();
  const visit = (node: CircuitNode): void => {
    if (order.has(node)) return;
    node.inputs.forEach(visit);
    order.add(node);
  };
  visit(output);
  return [...order];
}

function shown(rows: ZSet): string[] {
  return [...rows].map(({ row, weight }) => `${row.map(show).join("|")} x${weight}`).sort();
}

function show(value: Datum): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "object" && value !== null
    ? JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part)
    : String(value);
}
