/**
 * UPDATE and DELETE: a plan that gives the ids of the rows, and for UPDATE the new values.
 *
 * @module
 */
import type { Delete, Expression, NamedTable, SelectItem, TableReference, Update } from "./ast.ts";
import { coerceBoolean } from "./bind_cast.ts";
import type { BindContext, BoundTable, QueryPlace } from "./bind_context.ts";
import { bindWith, type CommonTables } from "./bind_cte.ts";
import { bindFrom, refuseSameName, scanTable } from "./bind_from.ts";
import { joinSideBySide } from "./bind_join.ts";
import {
  bothVisible,
  columnScalar,
  type ExpressionSite,
  SCALARS_ONLY,
  Scope,
  type ScopeColumn,
  type Visible,
} from "./bind_scope.ts";
import {
  bindAssignments,
  bindReturning,
  computedColumn,
  generatedOrdinals,
  generatedScalar,
  rowColumns,
  rowRelation,
  targetTable,
} from "./bind_target.ts";
import type { BoundDelete, BoundReturning, BoundUpdate, RowColumns } from "./bound_statement.ts";
import type { CatalogTable } from "./catalog.ts";
import type { ColumnId, Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";
import { freeColumns, planColumns } from "./plan_walk.ts";

/** The rows that a statement finds, before it changes them. */
interface Found {
  readonly table: CatalogTable;
  readonly name: string;
  readonly place: QueryPlace;
  readonly common: CommonTables;
  readonly plan: Plan;
  readonly rowId: PlanColumn;
  /** The columns of the stored row. */
  readonly stored: readonly ScopeColumn[];
  readonly others: Visible;
  readonly site: ExpressionSite;
}

/** What UPDATE and DELETE have in common. */
interface Finding {
  readonly statement: Update | Delete;
  readonly target: NamedTable;
  readonly from: readonly TableReference[] | undefined;
  readonly where: Expression | undefined;
}

function findRows({ statement, target, from, where }: Finding, outerPlace: QueryPlace): Found {
  const { context } = outerPlace;
  if (statement.returning !== undefined) context.inlineCommonTables = true;
  const table = targetTable(target.name, outerPlace);
  const common = bindWith(statement.with, statement, outerPlace);
  const place = { ...outerPlace, ctes: common.ctes };
  const name = target.alias?.name.name ?? table.name;
  const { plan: scan, columns: stored, key } = scanTable(table, name, context, { withRowId: true });
  const own: Visible = { relations: [{ name, columns: stored, key }], columns: stored };
  const beside: BoundTable | undefined = from === undefined ? undefined : bindFrom(from, place);
  if (beside !== undefined) refuseSameName(own, beside.visible, target.span);
  const others = beside?.visible ?? { relations: [], columns: [] };
  const visible = bothVisible(own, others);
  const site: ExpressionSite = {
    context,
    scope: new Scope(visible, undefined),
    ctes: place.ctes,
    clause: "WHERE",
    allows: SCALARS_ONLY,
  };
  let plan: Plan = beside === undefined ? scan : joinSideBySide(scan, beside.plan);
  if (where !== undefined) {
    const predicate = coerceBoolean(context.binder.expression(where, site), "WHERE", context);
    plan = { kind: "filter", input: plan, predicate };
  }
  return { table, name, place, common, plan, rowId: scan.rowId!, stored, others, site };
}

/** RETURNING over the row as it is written or was, and the other tables. */
function returningOf(
  items: readonly SelectItem[] | undefined,
  { name, others, place }: Found,
  row: RowColumns,
): BoundReturning | undefined {
  const relation = rowRelation(name, row);
  const visible = bothVisible({ relations: [relation], columns: relation.columns }, others);
  return bindReturning(items, {
    context: place.context,
    scope: new Scope(visible, undefined),
    ctes: place.ctes,
    clause: "RETURNING",
    allows: SCALARS_ONLY,
  });
}

/** Columns of `plan` that RETURNING reads besides the row. */
function returnedColumns(returning: BoundReturning | undefined, plan: Plan): ProjectItem[] {
  const read = new Set<ColumnId>();
  for (const item of returning?.items ?? []) for (const id of freeColumns(item.expression)) read.add(id);
  return planColumns(plan).filter((column) => read.has(column.id)).map(passed);
}

function passed(column: PlanColumn): ProjectItem {
  return { ...column, expression: columnScalar(column) };
}

/** Binds an UPDATE. */
export function bindUpdate(statement: Update, outerPlace: QueryPlace): BoundUpdate {
  const { context } = outerPlace;
  const { table: target, from, where } = statement;
  const found = findRows({ statement, target, from, where }, outerPlace);
  const { table, place, rowId, stored } = found;
  const site = { ...found.site, clause: "SET" };
  const computed = bindAssignments(statement.set, { table, site, place }).map(({ ordinal, expression }) => ({
    ordinal,
    item: computedColumn(table.columns[ordinal]!.name, expression, context),
  }));
  const row = rowColumns(table, context);
  const returning = returningOf(statement.returning, found, row);
  const valueOf = (ordinal: number): Scalar => {
    const assigned = computed.find((one) => one.ordinal === ordinal);
    return columnScalar(assigned?.item ?? stored[ordinal]!.column);
  };
  const generated = generatedOrdinals(table).map((ordinal) => ({
    ordinal,
    item: computedColumn(
      table.columns[ordinal]!.name,
      generatedScalar(table, ordinal, valueOf, place),
      context,
    ),
  }));
  const extra = returnedColumns(returning, found.plan);
  const source = project(found.plan, {
    rowId,
    computed: computed.map((one) => one.item),
    generated: generated.map((one) => one.item),
    extra,
  });
  return {
    kind: "update",
    table: table.name,
    parameters: [],
    source: found.common.wrap({ plan: source, columns: [] }).plan,
    rowId: rowId.id,
    assigned: [...computed, ...generated].map(({ ordinal, item }) => ({ ordinal, column: item.id })),
    row,
    ...(returning === undefined ? {} : { returning }),
  };
}

/** What the source of an UPDATE produces. */
interface NewValues {
  readonly rowId: PlanColumn;
  readonly computed: readonly ProjectItem[];
  readonly generated: readonly ProjectItem[];
  /** What RETURNING reads besides. */
  readonly extra: readonly ProjectItem[];
}

/** New values first, then the generated columns over them. */
function project(input: Plan, { rowId, computed, generated, extra }: NewValues): Plan {
  if (generated.length === 0) {
    return { kind: "project", input, items: [passed(rowId), ...computed, ...extra] };
  }
  const kept = planColumns(input).map(passed);
  const first: Plan = { kind: "project", input, items: [...kept, ...computed] };
  return {
    kind: "project",
    input: first,
    items: [
      passed(rowId),
      ...computed.map(({ expression: _, ...column }) => passed(column)),
      ...generated,
      ...extra,
    ],
  };
}

/** Binds a DELETE. */
export function bindDelete(statement: Delete, outerPlace: QueryPlace): BoundDelete {
  const { table: target, using, where } = statement;
  const found = findRows({ statement, target, from: using, where }, outerPlace);
  const context: BindContext = outerPlace.context;
  const row = rowColumns(found.table, context);
  const returning = returningOf(statement.returning, found, row);
  const items = [passed(found.rowId), ...returnedColumns(returning, found.plan)];
  const source: Plan = { kind: "project", input: found.plan, items };
  return {
    kind: "delete",
    table: found.table.name,
    parameters: [],
    source: found.common.wrap({ plan: source, columns: [] }).plan,
    rowId: found.rowId.id,
    row,
    ...(returning === undefined ? {} : { returning }),
  };
}
