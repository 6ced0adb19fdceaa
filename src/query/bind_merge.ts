/**
 * MERGE: one join of source and target, the number of the WHEN that applies to each row, and its values.
 *
 * ```
 *   project rowId, action, CASE action = 0 THEN values of WHEN 0, ...
 *     project *, CASE ... THEN 0 WHEN ... THEN 1 ... AS action
 *       join source, target
 * ```
 *
 * Values are computed only for rows whose action they belong to, so that an error in one WHEN cannot come
 * from the rows of another.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BOOLEAN, INTEGER, TEXT } from "../storage/sql_type.ts";
import type { Merge, MergeAction } from "./ast.ts";
import { coerceBoolean } from "./bind_cast.ts";
import { at, type BindContext, type QueryPlace } from "./bind_context.ts";
import { bindWith } from "./bind_cte.ts";
import { refuseSameName, scanTable, type TableScan } from "./bind_from.ts";
import { literal } from "./bind_literal.ts";
import { bindScalarCall, conjunction, nullTest } from "./bind_operator.ts";
import {
  bothVisible,
  columnScalar,
  type ExpressionSite,
  NOTHING_VISIBLE,
  SCALARS_ONLY,
  Scope,
  type Visible,
} from "./bind_scope.ts";
import {
  assignedScalar,
  bindAssignments,
  bindReturning,
  columnOrdinal,
  computedColumn,
  defaultScalar,
  generatedOrdinals,
  generatedScalar,
  rowColumns,
  rowRelation,
  targetTable,
} from "./bind_target.ts";
import type { BoundMerge } from "./bound_statement.ts";
import type { CatalogTable } from "./catalog.ts";
import type { ColumnId, JoinKind, Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";
import { freeColumns, planColumns } from "./plan_walk.ts";

type When = Merge["whens"][number];

/** Binds a MERGE. */
export function bindMerge(statement: Merge, outerPlace: QueryPlace): BoundMerge {
  const { context } = outerPlace;
  if (statement.returning !== undefined) context.inlineCommonTables = true;
  const table = targetTable(statement.table.name, outerPlace);
  const common = bindWith(statement.with, statement, outerPlace);
  const binding = new MergeBinding(statement, table, { ...outerPlace, ctes: common.ctes });
  const bound = binding.bind();
  return { ...bound, source: common.wrap({ plan: bound.source, columns: [] }).plan };
}

class MergeBinding {
  readonly #statement: Merge;
  readonly #table: CatalogTable;
  readonly #place: QueryPlace;
  readonly #context: BindContext;
  readonly #name: string;
  readonly #target: TableScan;
  readonly #targetVisible: Visible;
  readonly #sourceVisible: Visible;
  readonly #sourcePlan: Plan;
  /** TRUE in every row of the source, so that NULL tells a target row without one. */
  readonly #mark: PlanColumn;

  constructor(statement: Merge, table: CatalogTable, place: QueryPlace) {
    const { context } = place;
    this.#statement = statement;
    this.#table = table;
    this.#place = place;
    this.#context = context;
    this.#name = statement.table.alias?.name.name ?? table.name;
    this.#target = scanTable(table, this.#name, context, { withRowId: true });
    const { columns, key } = this.#target;
    this.#targetVisible = { relations: [{ name: this.#name, columns, key }], columns };
    const source = context.binder.table(statement.source, place, new Scope(NOTHING_VISIBLE, undefined));
    refuseSameName(this.#targetVisible, source.visible, statement.source.span);
    this.#sourceVisible = source.visible;
    const mark = computedColumn("source", literal(true, BOOLEAN), context);
    this.#mark = mark;
    const kept = planColumns(source.plan).map(passed);
    this.#sourcePlan = { kind: "project", input: source.plan, items: [...kept, mark] };
  }

  bind(): BoundMerge {
    const context = this.#context;
    const { whens } = this.#statement;
    const joined = this.#join();
    const action = computedColumn("action", this.#actionScalar(), context);
    const decided: Plan = {
      kind: "project",
      input: joined,
      items: [...planColumns(joined).map(passed), action],
    };
    const values: ProjectItem[] = [];
    const boundWhens = whens.map((when, index) =>
      this.#when(when, (name, expression) => {
        const column = computedColumn(name, this.#guarded(expression, action, index), context);
        values.push(column);
        return column.id;
      })
    );
    const row = rowColumns(this.#table, context);
    const returning = this.#returning(row, action);
    const rowId = this.#target.plan.rowId!;
    const read = new Set<ColumnId>();
    for (const item of returning?.items ?? []) for (const id of freeColumns(item.expression)) read.add(id);
    const extra = planColumns(joined).filter((column) => read.has(column.id) && column.id !== rowId.id).map(
      passed,
    );
    const { expression: _, ...actionColumn } = action;
    const source: Plan = {
      kind: "project",
      input: decided,
      items: [passed(rowId), passed(actionColumn), ...values, ...extra],
    };
    return {
      kind: "merge",
      table: this.#table.name,
      parameters: [],
      source,
      rowId: rowId.id,
      action: action.id,
      whens: boundWhens,
      row,
      ...(returning === undefined ? {} : { returning }),
    };
  }

  /** Source on the left: unmatched source rows stay for inserts, unmatched target rows for BY SOURCE. */
  #join(): Plan {
    const { whens, on } = this.#statement;
    const site = this.#site(bothVisible(this.#targetVisible, this.#sourceVisible), "MERGE ... ON");
    const condition = coerceBoolean(this.#context.binder.expression(on, site), "MERGE ... ON", this.#context);
    const inserts = whens.some((when) => !when.matched && when.by !== "source");
    const bySource = whens.some((when) => when.by === "source");
    const join: JoinKind = inserts ? bySource ? "full" : "left" : bySource ? "right" : "inner";
    const left = this.#sourcePlan;
    const right = this.#target.plan;
    if (inserts) { for (const { id } of planColumns(right)) this.#context.markNullable(id); }
    if (bySource) { for (const { id } of planColumns(left)) this.#context.markNullable(id); }
    return { kind: "join", join, left, right, condition, lateral: false };
  }

  #site(visible: Visible, clause: string): ExpressionSite {
    return {
      context: this.#context,
      scope: new Scope(visible, undefined),
      ctes: this.#place.ctes,
      clause,
      allows: SCALARS_ONLY,
    };
  }

  /** What the expressions of a WHEN see: only the side that is there. */
  #whenSite(when: When): ExpressionSite {
    const visible = when.matched
      ? bothVisible(this.#targetVisible, this.#sourceVisible)
      : when.by === "source"
      ? this.#targetVisible
      : this.#sourceVisible;
    return this.#site(visible, when.matched ? "WHEN MATCHED" : "WHEN NOT MATCHED");
  }

  /** The index of the first WHEN that applies, else NULL. */
  #actionScalar(): Scalar {
    const rowId = columnScalar(this.#target.plan.rowId!);
    const mark = columnScalar(this.#mark);
    const branches = this.#statement.whens.map((when, index) => {
      const parts = when.matched
        ? [nullTest(rowId, true), nullTest(mark, true)]
        : [nullTest(when.by === "source" ? mark : rowId, false)];
      if (when.condition !== undefined) {
        const condition = this.#context.binder.expression(when.condition, this.#whenSite(when));
        parts.push(coerceBoolean(condition, "WHEN ... AND", this.#context));
      }
      return { when: conjunction(parts), then: literal(index, INTEGER) };
    });
    return { kind: "case", branches, otherwise: literal(null, INTEGER), type: INTEGER };
  }

  #guarded(expression: Scalar, action: PlanColumn, index: number): Scalar {
    const place = { context: this.#context, span: undefined };
    const when = bindScalarCall("=", [columnScalar(action), literal(index, INTEGER)], place);
    const { type } = expression;
    return { kind: "case", branches: [{ when, then: expression }], otherwise: literal(null, type), type };
  }

  #when(when: When, add: (name: string, expression: Scalar) => ColumnId): BoundMerge["whens"][number] {
    const { action } = when;
    switch (action.kind) {
      case "delete":
      case "nothing":
        return { kind: action.kind };
      case "update":
        return { kind: "update", assigned: this.#update(action, when, add) };
      case "insert":
        return { kind: "insert", columns: this.#insert(action, when, add) };
    }
  }

  #update(
    action: MergeAction & { kind: "update" },
    when: When,
    add: (name: string, expression: Scalar) => ColumnId,
  ): { readonly ordinal: number; readonly column: ColumnId }[] {
    const table = this.#table;
    const place = this.#place;
    const assigned = bindAssignments(action.set, { table, site: this.#whenSite(when), place });
    const valueOf = (ordinal: number): Scalar =>
      assigned.find((one) => one.ordinal === ordinal)?.expression ??
        columnScalar(this.#target.columns[ordinal]!.column);
    const generated = generatedOrdinals(table).map((ordinal) => ({
      ordinal,
      expression: generatedScalar(table, ordinal, valueOf, place),
    }));
    return [...assigned, ...generated].map(({ ordinal, expression }) => ({
      ordinal,
      column: add(table.columns[ordinal]!.name, expression),
    }));
  }

  #insert(
    action: MergeAction & { kind: "insert" },
    when: When,
    add: (name: string, expression: Scalar) => ColumnId,
  ): ColumnId[] {
    const table = this.#table;
    const place = this.#place;
    const site = this.#whenSite(when);
    const values = action.values ?? [];
    const ordinals = action.columns?.map((column) => columnOrdinal(table, column)) ??
      table.columns.map((_, i) => i);
    const fits = action.columns === undefined
      ? values.length <= ordinals.length
      : values.length === ordinals.length;
    if (action.values !== undefined && !fits) {
      throw new QueryError(
        "column-count",
        `INSERT of MERGE into "${table.name}" expects ${ordinals.length} values: received ${values.length}`,
        { details: at(values[0]?.span, { expected: ordinals.length, actual: values.length }) },
      );
    }
    const row = table.columns.map((column, ordinal): Scalar => {
      const given = values[ordinals.indexOf(ordinal)];
      if (given === undefined) return defaultScalar(table, column, place);
      return assignedScalar(given, { table, ordinal, site, place });
    });
    return table.columns.map((column, ordinal) =>
      add(
        column.name,
        column.generated === undefined
          ? row[ordinal]!
          : generatedScalar(table, ordinal, (other) => row[other]!, place),
      )
    );
  }

  #returning(row: readonly PlanColumn[], action: PlanColumn): BoundMerge["returning"] {
    const relation = rowRelation(this.#name, row);
    const visible = bothVisible({ relations: [relation], columns: relation.columns }, this.#sourceVisible);
    const place = { context: this.#context, span: undefined };
    const branches = this.#statement.whens.map((when, index) => ({
      when: bindScalarCall("=", [columnScalar(action), literal(index, INTEGER)], place),
      then: literal(when.action.kind.toUpperCase(), TEXT),
    }));
    const mergeAction: Scalar = { kind: "case", branches, otherwise: literal(null, TEXT), type: TEXT };
    return bindReturning(this.#statement.returning, { ...this.#site(visible, "RETURNING"), mergeAction });
  }
}

function passed(column: PlanColumn): ProjectItem {
  const { id, name, type, nullable } = column;
  return { id, name, type, nullable, expression: columnScalar(column) };
}
