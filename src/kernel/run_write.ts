/**
 * Running INSERT, UPDATE, DELETE and MERGE.
 *
 * Each runs its source plan, hands the rows to the transaction and evaluates RETURNING. Statements that touch
 * a row or two go without a pipeline: VALUES of constants are evaluated in place, and a WHERE that fixes the
 * primary key becomes an index lookup. Either all of a statement is done or, by a savepoint, nothing.
 *
 * @module
 */
import { QueryError, SchemaError } from "../base/error.ts";
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import { materialize } from "../exec/materialize.ts";
import { readDatums } from "../exec/vector_read.ts";
import type { DataStatement } from "../query/ast.ts";
import type {
  BoundDelete,
  BoundInsert,
  BoundMerge,
  BoundSelect,
  BoundStatement,
  BoundUpdate,
} from "../query/bound_statement.ts";
import type { ColumnId, Plan, PlanColumn, Scalar } from "../query/plan.ts";
import { planColumns, planNodes } from "../query/plan_walk.ts";
import type { Datum } from "../storage/sql_type.ts";
import { vectorOfDatums } from "../storage/datum_vector.ts";
import type { CommonTableRows } from "../exec/execution.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { Kernel } from "./kernel.ts";
import { findByPrimaryKey } from "./key_lookup.ts";
import { parameterTypes, prepareWrite, sourcePlan, withParameters } from "./prepare.ts";
import type { QueryContext } from "./query_context.ts";
import { QueryResult } from "./query_result.ts";
import { Returning, type RowAnswers, rowLookup } from "./returning.ts";
import {
  hasSubquery,
  planRowQuery,
  type RowQuestion,
  ROWS_AT_HAND,
  rowsAtHand,
  tablesOfSubqueries,
} from "./row_query.ts";
import { outputOptions, runPlan } from "./run_select.ts";
import { Session } from "./session.ts";
import { datumsToVector } from "./result_vector.ts";

/** Runs `statement`, which changes data, in the session's transaction, or in one of its own. */
export async function runWrite(
  kernel: Kernel,
  statement: DataStatement,
  context: QueryContext,
  session: Session,
): Promise<QueryResult> {
  if (session.transaction !== undefined) {
    const savepoint = session.transaction.savepoint();
    try {
      return await new WriteRun(kernel, context, session).run(statement);
    } catch (error) {
      session.transaction.rollbackTo(savepoint);
      throw error;
    }
  }
  const own = new Session(kernel);
  await own.begin(context.options.signal);
  let result: QueryResult;
  try {
    result = await new WriteRun(kernel, context, own).run(statement);
  } catch (error) {
    own.rollback();
    throw error;
  }
  return result.atVersion(own.commit());
}

/** What one statement did. */
interface Outcome {
  readonly command: string;
  readonly changeCount: number;
  readonly returned: readonly (readonly Datum[])[];
}

/** Rows of a source plan, read by column id. */
interface SourceRows {
  readonly rowCount: number;
  value(id: ColumnId, row: number): Datum;
}

/** One statement under way. */
class WriteRun {
  readonly #kernel: Kernel;
  readonly #context: QueryContext;
  readonly #session: Session;
  readonly #transaction: Transaction;
  #parameters: readonly Datum[] = [];
  #env: RowEnvironment | undefined;
  readonly #commonTables = new Map<number, CommonTableRows>();
  #snapshots: Map<string, TableSnapshot> | undefined;

  constructor(kernel: Kernel, context: QueryContext, session: Session) {
    this.#kernel = kernel;
    this.#context = context;
    this.#session = session;
    // Callers open the session's transaction first.
    this.#transaction = session.transaction!;
  }

  async run(statement: DataStatement): Promise<QueryResult> {
    const { prepared, parameters } = withParameters(
      { context: this.#context, timeZone: this.#kernel.timeZone },
      (types) => prepareWrite(this.#kernel, statement, this.#context, types),
      parameterTypes,
    );
    this.#parameters = parameters;
    let outcome: Outcome;
    try {
      await this.#runBefore(prepared);
      outcome = await this.#runBound(prepared);
    } finally {
      this.#snapshots?.forEach((snapshot) => snapshot.release());
    }
    const columns = resultColumns(prepared);
    return new QueryResult({
      columns,
      vectors: columns.map((_, i) => datumsToVector(outcome.returned.map((row) => row[i] ?? null))),
      rowCount: outcome.returned.length,
      version: this.#kernel.store.version,
      command: outcome.command,
      changeCount: outcome.changeCount,
      output: outputOptions(this.#context),
    });
  }

  /**
   * The changes of WITH: all read the tables as they were, and their rows are common tables for what follows.
   * Subqueries that run after the first write read the tables as they were too.
   */
  async #runBefore(bound: BoundStatement): Promise<void> {
    const before = bound.before ?? [];
    const statements = [bound, ...before.map((change) => change.statement)];
    const late = statements.flatMap(tablesReadLate);
    if (before.length === 0 && late.length === 0) return;
    this.#snapshots = new Map();
    for (const table of [...late, ...statements.flatMap((one) => tablesOf(sourcePlan(one)))]) {
      if (!this.#snapshots.has(table)) this.#snapshots.set(table, this.#transaction.snapshot(table));
    }
    for (const { cte, statement } of before) {
      const { returned } = await this.#runBound(statement);
      const columns = resultColumns(statement);
      this.#commonTables.set(cte, {
        ids: columns.map((column) => column.id),
        types: columns.map((column) => column.type),
        rowCount: returned.length,
        columns: columns.map((column, i) =>
          vectorOfDatums(column.type, returned.map((row) => row[i] ?? null))
        ),
      });
    }
  }

  #runBound(bound: BoundStatement): Promise<Outcome> {
    if (bound.kind !== "select") requireWritable(this.#kernel, bound.table);
    switch (bound.kind) {
      case "select":
        return this.#select(bound);
      case "insert":
        return this.#insert(bound);
      case "update":
        return this.#update(bound);
      case "delete":
        return this.#delete(bound);
      case "merge":
        return this.#merge(bound);
    }
  }

  async #select({ query }: BoundSelect): Promise<Outcome> {
    const rows = await this.#sourceRows(query.plan);
    const returned = Array.from(
      { length: rows.rowCount },
      (_, row) => query.columns.map(({ id }) => rows.value(id, row)),
    );
    return { command: "SELECT", changeCount: 0, returned };
  }

  async #insert(bound: BoundInsert): Promise<Outcome> {
    const rows = await this.#sourceRows(bound.source);
    let changeCount = 0;
    const returned = new Returning(bound, this.#environment());
    const conflict = updateWithSubquery(bound);
    const inserted = conflict === undefined ? undefined : await this.#upsertRows(bound, conflict, rows);
    const touched = new Set<number>();
    for (let row = 0; row < rows.rowCount; row++) {
      const written = inserted === undefined
        ? this.#insertRow(bound, sourceRow(bound, rows, row), touched)
        : inserted[row];
      if (written === undefined) continue;
      changeCount++;
      returned.add(written);
    }
    return { command: "INSERT", changeCount, returned: await returned.rows(this.#ask) };
  }

  /**
   * Inserts rows whose ON CONFLICT DO UPDATE has subqueries: first all insertions, then one query for all
   * conflicts. Gives each row as it then stands.
   */
  async #upsertRows(
    bound: BoundInsert,
    { conflict, action }: ConflictUpdate,
    rows: SourceRows,
  ): Promise<(readonly Datum[] | undefined)[]> {
    const key = this.#ordinalsOf(bound.table, conflict.key);
    const written: (readonly Datum[] | undefined)[] = [];
    const conflicts: { readonly row: number; readonly rowId: number; readonly values: readonly Datum[] }[] =
      [];
    const touched = new Set<number>();
    for (let row = 0; row < rows.rowCount; row++) {
      const datums = sourceRow(bound, rows, row);
      let rowId = this.#transaction.findConflict(bound.table, datums, key);
      if (rowId < 0) {
        rowId = this.#transaction.insertRow(bound.table, datums);
        written[row] = datums;
      } else if (touched.has(rowId)) throw updatedTwice(bound.table);
      else {
        this.#transaction.checkRow(bound.table, datums);
        conflicts.push({ row, rowId, values: [...this.#transaction.row(bound.table, rowId), ...datums] });
      }
      touched.add(rowId);
    }
    const answers = await this.#ask(
      {
        columns: [...conflict.existing, ...conflict.proposed],
        expressions: action.set.map(({ expression }) => expression),
        condition: action.where,
      },
      conflicts.map((one) => one.values),
    );
    const ordinals = action.set.map(({ ordinal }) => ordinal);
    conflicts.forEach(({ row, rowId }, i) => {
      const values = answers[i];
      if (values === undefined) return;
      this.#transaction.updateRow(bound.table, rowId, ordinals, values);
      written[row] = this.#transaction.row(bound.table, rowId);
    });
    return written;
  }

  /** The answer for each of `rows`, or undefined where the condition does not hold. */
  readonly #ask = async (question: RowQuestion, rows: readonly (readonly Datum[])[]): Promise<RowAnswers> => {
    const query = planRowQuery(this.#kernel, question);
    const commonTables = new Map(this.#commonTables).set(ROWS_AT_HAND, rowsAtHand(query, rows));
    const answers = await this.#planRows(query.plan, commonTables);
    const [ordinal, ...items] = query.columns;
    const byRow: (readonly Datum[] | undefined)[] = [];
    for (let i = 0; i < answers.rowCount; i++) {
      byRow[Number(answers.value(ordinal!.id, i))] = items.map(({ id }) => answers.value(id, i));
    }
    return byRow;
  };

  /**
   * Inserts, or does what ON CONFLICT says; the row as it then stands, or undefined when nothing was written.
   * `touched` holds the rows that the statement has written under ON CONFLICT: none may change twice.
   */
  #insertRow(
    bound: BoundInsert,
    datums: readonly Datum[],
    touched: Set<number>,
  ): readonly Datum[] | undefined {
    const conflict = bound.onConflict;
    if (conflict === undefined) {
      this.#transaction.insertRow(bound.table, datums);
      return datums;
    }
    const existing = this.#transaction.findConflict(
      bound.table,
      datums,
      this.#ordinalsOf(bound.table, conflict.key),
    );
    if (existing < 0) {
      touched.add(this.#transaction.insertRow(bound.table, datums));
      return datums;
    }
    // ON CONFLICT is about keys: a row that breaks another constraint is an error, also where it gives way.
    this.#transaction.checkRow(bound.table, datums);
    if (conflict.action.kind === "nothing") return undefined;
    if (touched.has(existing)) throw updatedTwice(bound.table);
    const old = this.#transaction.row(bound.table, existing);
    const lookup = rowLookup([[conflict.existing, old], [conflict.proposed, datums]]);
    const { where, set } = conflict.action;
    if (where !== null && evaluateRow(where, lookup, this.#environment()) !== true) return undefined;
    const values = set.map(({ expression }) => evaluateRow(expression, lookup, this.#environment()));
    this.#transaction.updateRow(bound.table, existing, set.map(({ ordinal }) => ordinal), values);
    touched.add(existing);
    return this.#transaction.row(bound.table, existing);
  }

  #ordinalsOf(table: string, names: readonly string[] | undefined): readonly number[] | undefined {
    const columns = this.#kernel.store.table(table)?.definition.columns ?? [];
    return names?.map((name) => columns.findIndex((column) => column.name === name));
  }

  async #update(bound: BoundUpdate): Promise<Outcome> {
    const rows = await this.#sourceRows(bound.source);
    const seen = new Set<number>();
    const picked: number[] = [];
    const rowIds: number[] = [];
    for (let row = 0; row < rows.rowCount; row++) {
      const rowId = Number(rows.value(bound.rowId, row));
      // A target row that several FROM rows match is updated once, as PostgreSQL does.
      if (seen.has(rowId)) continue;
      seen.add(rowId);
      picked.push(row);
      rowIds.push(rowId);
    }
    this.#transaction.updateRows(
      bound.table,
      rowIds,
      bound.assigned.map(({ ordinal, column }) => ({
        ordinal,
        values: picked.map((row) => rows.value(column, row)),
      })),
    );
    const returned = new Returning(bound, this.#environment());
    if (returned.wanted) {
      rowIds.forEach((rowId, i) => {
        const written = this.#transaction.row(bound.table, rowId);
        returned.add(written, (id) => rows.value(id, picked[i]!));
      });
    }
    return { command: "UPDATE", changeCount: rowIds.length, returned: await returned.rows(this.#ask) };
  }

  async #delete(bound: BoundDelete): Promise<Outcome> {
    const rows = await this.#sourceRows(bound.source);
    const rowIds = new Map<number, number>();
    for (let row = 0; row < rows.rowCount; row++) {
      const rowId = Number(rows.value(bound.rowId, row));
      if (!rowIds.has(rowId)) rowIds.set(rowId, row);
    }
    const returned = new Returning(bound, this.#environment());
    if (returned.wanted) {
      for (const [rowId, row] of rowIds) {
        const old = this.#transaction.row(bound.table, rowId);
        returned.add(old, (id) => rows.value(id, row));
      }
    }
    this.#transaction.deleteRows(bound.table, [...rowIds.keys()]);
    return { command: "DELETE", changeCount: rowIds.size, returned: await returned.rows(this.#ask) };
  }

  async #merge(bound: BoundMerge): Promise<Outcome> {
    const rows = await this.#sourceRows(bound.source);
    const touched = new Set<number>();
    const returned = new Returning(bound, this.#environment());
    let changeCount = 0;
    for (let row = 0; row < rows.rowCount; row++) {
      const action = rows.value(bound.action, row);
      if (action === null) continue;
      const when = bound.whens[Number(action)]!;
      if (when.kind === "nothing") continue;
      const fromSource: RowLookup = (id) => rows.value(id, row);
      changeCount++;
      if (when.kind === "insert") {
        const datums = when.columns.map(fromSource);
        this.#transaction.insertRow(bound.table, datums);
        returned.add(datums, fromSource);
        continue;
      }
      const rowId = Number(rows.value(bound.rowId, row));
      if (touched.has(rowId)) throw matchedTwice(bound.table);
      touched.add(rowId);
      if (when.kind === "delete") {
        const old = this.#transaction.row(bound.table, rowId);
        returned.add(old, fromSource);
        this.#transaction.deleteRow(bound.table, rowId);
      } else {
        const values = when.assigned.map(({ column }) => fromSource(column));
        this.#transaction.updateRow(bound.table, rowId, when.assigned.map(({ ordinal }) => ordinal), values);
        const written = this.#transaction.row(bound.table, rowId);
        returned.add(written, fromSource);
      }
    }
    return { command: "MERGE", changeCount, returned: await returned.rows(this.#ask) };
  }

  async #sourceRows(plan: Plan): Promise<SourceRows> {
    const direct = constantRows(plan, this.#environment()) ??
      // A lookup sees the changes of WITH, which this statement must not.
      (this.#snapshots === undefined
        ? findByPrimaryKey(this.#kernel, this.#transaction, plan, this.#environment())
        : undefined);
    return direct ?? await this.#planRows(plan, this.#commonTables);
  }

  async #planRows(plan: Plan, commonTables: ReadonlyMap<number, CommonTableRows>): Promise<SourceRows> {
    const columns = planColumns(plan);
    const outcome = await runPlan(this.#kernel, {
      plan,
      columns,
      tables: tablesOf(plan),
      commonTables,
      ...(this.#snapshots === undefined ? {} : { snapshots: this.#snapshots }),
      parameters: this.#parameters,
      context: this.#context,
      session: this.#session,
      name: "write",
    });
    const values = new Map(
      columns.map((
        column,
        i,
      ) => [column.id, readDatums(materialize(outcome.columns[i]!, outcome.rowCount), outcome.rowCount)]),
    );
    // The plan produces every id that the bound statement names.
    return { rowCount: outcome.rowCount, value: (id, row) => values.get(id)![row]! };
  }

  #environment(): RowEnvironment {
    return this.#env ??= this.#kernel.rowEnvironment(this.#parameters);
  }
}

/** ON CONFLICT DO UPDATE with subqueries. */
interface ConflictUpdate {
  readonly conflict: NonNullable<BoundInsert["onConflict"]>;
  readonly action: NonNullable<BoundInsert["onConflict"]>["action"] & { readonly kind: "update" };
}

function updateWithSubquery({ onConflict: conflict }: BoundInsert): ConflictUpdate | undefined {
  if (conflict === undefined || conflict.action.kind === "nothing") return undefined;
  const { action } = conflict;
  return scalarsOf(action).some(hasSubquery) ? { conflict, action } : undefined;
}

function scalarsOf({ set, where }: ConflictUpdate["action"]): readonly Scalar[] {
  return [...set.map(({ expression }) => expression), ...(where === null ? [] : [where])];
}

function sourceRow(bound: BoundInsert, rows: SourceRows, row: number): Datum[] {
  return bound.sourceColumns.map((id) => rows.value(id, row));
}

/** The tables that are read once the statement has begun to write. */
function tablesReadLate(bound: BoundStatement): readonly string[] {
  if (bound.kind === "select") return [];
  const conflict = bound.kind === "insert" ? updateWithSubquery(bound) : undefined;
  return tablesOfSubqueries([
    ...(bound.returning?.items.map(({ expression }) => expression) ?? []),
    ...(conflict === undefined ? [] : scalarsOf(conflict.action)),
  ]);
}

/** The columns that a statement shows. */
function resultColumns(bound: BoundStatement): readonly PlanColumn[] {
  return bound.kind === "select" ? bound.query.columns : bound.returning?.items ?? [];
}

function tablesOf(plan: Plan): readonly string[] {
  return [...planNodes(plan)].flatMap((node) => node.kind === "scan" ? [node.table] : []);
}

/** The rows of VALUES, possibly below projections, without a pipeline. */
function constantRows(plan: Plan, env: RowEnvironment): SourceRows | undefined {
  if (plan.kind === "values") {
    const at = new Map(plan.columns.map((column, i) => [column.id, i]));
    const none: RowLookup = () => null;
    const rows = plan.rows.map((row) => row.map((scalar) => evaluateRow(scalar, none, env)));
    return { rowCount: rows.length, value: (id, row) => rows[row]![at.get(id)!]! };
  }
  if (plan.kind !== "project") return undefined;
  const input = constantRows(plan.input, env);
  if (input === undefined) return undefined;
  const at = new Map(plan.items.map((item, i) => [item.id, i]));
  const rows = Array.from(
    { length: input.rowCount },
    (_, row) => plan.items.map((item) => evaluateRow(item.expression, (id) => input.value(id, row), env)),
  );
  return { rowCount: rows.length, value: (id, row) => rows[row]![at.get(id)!]! };
}

function requireWritable(kernel: Kernel, table: string): void {
  if (kernel.store.table(table)?.definition.kind === "table") return;
  throw new SchemaError("unknown-object", `Cannot write to "${table}": it is not a table`, {
    details: { table },
    hint: "write to the tables that a view reads",
  });
}

function updatedTwice(table: string): QueryError {
  return new QueryError("cardinality-violation", `ON CONFLICT meets a row of "${table}" a second time`, {
    details: { table },
    hint: "give each key once",
  });
}

function matchedTwice(table: string): QueryError {
  return new QueryError("cardinality-violation", `MERGE matches a row of "${table}" a second time`, {
    details: { table },
    hint: "make the source unique for the ON condition",
  });
}
