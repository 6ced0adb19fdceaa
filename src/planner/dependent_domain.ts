/**
 * Unnesting arbitrary queries: pushes the domain of the outer columns into a correlated plan until nothing
 * in it is correlated any more (Neumann and Kemper, BTW 2015).
 *
 * For a plan R that refers to columns c of the left input L of a dependent join, let D be the distinct
 * values of c in L. `push(R)` gives R' without correlation that produces, for each d in D, the rows of R
 * with c = d, and d beside each row; so L joined with R' on c = d is the dependent join.
 *
 * ```text
 *   L  dependent join  filter(r = c)        L  join(c = d)  filter(r = d)
 *                           |          =>                        |
 *                           R                                 R x D
 * ```
 *
 * Where the conditions above a leaf equate all of c with columns of the leaf, those columns stand for d
 * and D is not needed at all: a correlated aggregate becomes a plain GROUP BY. O(size of the plan) rewrites.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import { unreachable } from "../base/assert.ts";
import type {
  AggregatePlan,
  ColumnId,
  FixpointPlan,
  JoinPlan,
  LimitPlan,
  Plan,
  PlanColumn,
  ProjectItem,
  ProjectPlan,
  Scalar,
  SetOperationPlan,
  ValuesPlan,
  WindowPlan,
  WithPlan,
} from "../query/plan.ts";
import {
  children,
  columnIds,
  mapNode,
  planColumns,
  splitConjuncts,
  substituteColumns,
} from "../query/plan_walk.ts";
import { BOOLEAN, INTEGER } from "../storage/sql_type.ts";
import type { RuleContext } from "./environment.ts";
import { emptyAggregate } from "./empty_aggregate.ts";
import { limitByRowNumber } from "./row_limit.ts";
import {
  call,
  choose,
  coalesce,
  columnEquality,
  equal,
  equalityIsIdentity,
  isNull,
  literal,
  notDistinct,
  readsAny,
  reference,
  TRUE,
  withConjuncts,
} from "./scalar.ts";

/** The domain's columns as a plan produces them, by the id of the outer column. */
export type DomainColumns = ReadonlyMap<ColumnId, PlanColumn>;

/** A plan without correlation, and where its rows' outer values are. */
export interface Pushed {
  readonly plan: Plan;
  readonly columns: DomainColumns;
}

/** The distinct values of the outer columns. */
export interface Domain {
  readonly columns: readonly PlanColumn[];
  /** A fresh scan of the domain. */
  readonly scan: () => Pushed;
}

/** Columns of a plan that conditions above it equate with outer columns: rows with other values are dropped. */
type Equated = ReadonlyMap<ColumnId, ReadonlySet<ColumnId>>;
const NOTHING: Equated = new Map();

/** What `equated` says of columns that have other ids below: `ids` gives the id below for one above. */
function equatedBelow(equated: Equated, ids: Iterable<readonly [ColumnId, ColumnId]>): Equated {
  const below = new Map<ColumnId, Set<ColumnId>>();
  for (const [above, id] of ids) {
    for (const outer of equated.get(above) ?? []) below.set(id, (below.get(id) ?? new Set()).add(outer));
  }
  return below;
}

/** The condition that two occurrences of the domain's columns have the same values. */
export function sameDomain(
  columns: readonly PlanColumn[],
  left: DomainColumns | undefined,
  right: DomainColumns,
  twoValued = false,
): readonly Scalar[] {
  return columns.map((column) => {
    const a = left === undefined ? column : columnOf(left, column.id);
    const b = columnOf(right, column.id);
    const nullsMeet = twoValued ? a.nullable || b.nullable : a.nullable && b.nullable;
    return nullsMeet ? notDistinct(reference(a), reference(b)) : equal(reference(a), reference(b));
  });
}

function columnOf(columns: DomainColumns, id: ColumnId): PlanColumn {
  const column = columns.get(id);
  if (column === undefined) throw new InvariantError("invariant", `No domain column for outer column ${id}`);
  return column;
}

/** Pushes one domain through plans. */
export class DomainPusher {
  readonly #domain: Domain;
  readonly #context: RuleContext;
  readonly #outer: ReadonlySet<ColumnId>;
  /** Common tables that depend on the domain: where their plans have the domain's columns. */
  readonly #tables = new Map<number, DomainColumns>();

  constructor(domain: Domain, context: RuleContext) {
    this.#domain = domain;
    this.#context = context;
    this.#outer = new Set(domain.columns.map((column) => column.id));
  }

  /** `plan` for every value of the domain. */
  push(plan: Plan, equated: Equated = NOTHING): Pushed {
    if (!this.#depends(plan)) return this.#independent(plan, equated);
    switch (plan.kind) {
      case "filter": {
        const pushed = this.push(plan.input, this.#equate(plan.predicate, equated));
        const predicate = substituteColumns(plan.predicate, references(pushed.columns));
        return { ...pushed, plan: { kind: "filter", input: pushed.plan, predicate } };
      }
      case "project":
        return this.#project(plan, equated);
      case "join":
        return this.#join(plan, equated);
      case "aggregate":
        return this.#aggregate(plan, equated);
      case "window":
        return this.#window(plan, equated);
      case "distinct":
        return this.#distinct(plan, equated);
      case "setOperation":
        return this.#setOperation(plan, equated);
      case "limit":
        return this.#limit(plan);
      case "sort":
      case "tableFunction":
        return this.#transparent(plan, equated);
      case "sample":
        return this.#transparent(plan, NOTHING);
      case "values":
        return this.#values(plan);
      case "with":
        return this.#with(plan, equated);
      case "cteScan":
        return this.#cteScan(plan);
      case "fixpoint":
        return this.#fixpoint(plan);
      case "scan":
        return this.#independent(plan, equated);
      default:
        return unreachable(plan);
    }
  }

  #depends(plan: Plan): boolean {
    return readsAny(plan, this.#outer) || this.#readsTable(plan);
  }

  #readsTable(plan: Plan): boolean {
    if (this.#tables.size === 0) return false;
    if (plan.kind === "cteScan") return this.#tables.has(plan.cte);
    return children(plan).some((child) => this.#readsTable(child));
  }

  /** A plan that is the same for every value: its own columns stand for the domain, or it is joined. */
  #independent(plan: Plan, equated: Equated): Pushed {
    if (plan.kind === "values" && plan.columns.length === 0 && plan.rows.length === 1) {
      return this.#domain.scan();
    }
    const covered = new Map<ColumnId, PlanColumn>();
    for (const column of planColumns(plan)) {
      for (const outer of equated.get(column.id) ?? []) {
        // The equality above drops rows where the column is NULL.
        if (!covered.has(outer)) covered.set(outer, { ...column, nullable: false });
      }
    }
    if (covered.size === this.#domain.columns.length) return { plan, columns: covered };
    const scan = this.#domain.scan();
    return { plan: innerJoin(plan, scan.plan, null), columns: scan.columns };
  }

  /** Adds the equalities of `condition` to `equated`, first those with outer columns, then what follows. */
  #equate(condition: Scalar | null, equated: Equated): Equated {
    const result = new Map([...equated].map(([id, outer]) => [id, new Set(outer)]));
    const set = (id: ColumnId, outer: Iterable<ColumnId>): void => {
      const known = result.get(id) ?? new Set();
      for (const each of outer) known.add(each);
      result.set(id, known);
    };
    const equalities = splitConjuncts(condition).flatMap((each) => columnEquality(each) ?? [])
      .filter(({ rejectsNull, left }) => rejectsNull && equalityIsIdentity(left.type));
    for (const { left, right } of equalities) {
      if (this.#outer.has(left.id)) set(right.id, [left.id]);
      else if (this.#outer.has(right.id)) set(left.id, [right.id]);
    }
    for (const { left, right } of equalities) {
      if (this.#outer.has(left.id) || this.#outer.has(right.id)) continue;
      set(left.id, result.get(right.id) ?? []);
      set(right.id, result.get(left.id) ?? []);
    }
    return result;
  }

  #project(plan: ProjectPlan, equated: Equated): Pushed {
    const pushed = this.push(plan.input, equatedBelow(equated, sources(plan.items)));
    const replacements = references(pushed.columns);
    const items: ProjectItem[] = plan.items.map((item) => ({
      ...item,
      expression: substituteColumns(item.expression, replacements),
    }));
    const carried = this.#carry(pushed.columns, items);
    return { plan: { kind: "project", input: pushed.plan, items: carried.items }, columns: carried.columns };
  }

  /** Adds pass-through items for the domain's columns that `items` lacks. */
  #carry(
    columns: DomainColumns,
    items: readonly ProjectItem[],
  ): { readonly items: readonly ProjectItem[]; readonly columns: DomainColumns } {
    const all = [...items];
    const carried = new Map<ColumnId, PlanColumn>();
    for (const [outer, column] of columns) {
      const known = all.find((item) => item.expression.kind === "column" && item.expression.id === column.id);
      if (known === undefined) all.push({ ...column, expression: reference(column) });
      carried.set(outer, known === undefined ? column : { ...column, id: known.id });
    }
    return { items: all, columns: carried };
  }

  #join(plan: JoinPlan, equated: Equated): Pushed {
    if (plan.lateral) throw new InvariantError("invariant", "An inner lateral join was not unnested first");
    const inside = plan.join === "mark" || plan.join === "full"
      ? NOTHING
      : this.#equate(plan.condition, equated);
    const leftDepends = this.#depends(plan.left);
    const rightDepends = this.#depends(plan.right);
    if (plan.join === "inner" && rightDepends && !leftDepends) {
      const right = this.push(plan.right, inside);
      return this.#joined(plan, { left: plan.left, right: right.plan, columns: right.columns });
    }
    if (plan.join === "inner" && !rightDepends && !leftDepends && this.#covers(plan.right, inside)) {
      const right = this.push(plan.right, inside);
      return this.#joined(plan, { left: plan.left, right: right.plan, columns: right.columns });
    }
    const left = this.push(
      plan.left,
      plan.join === "inner" ? inside : plan.join === "full" ? NOTHING : equated,
    );
    if (!rightDepends && plan.join !== "full") {
      return this.#joined(plan, { left: left.plan, right: plan.right, columns: left.columns });
    }
    const right = this.push(plan.right, inside);
    const extra = sameDomain(this.#domain.columns, left.columns, right.columns, true);
    const sides = { left: left.plan, right: right.plan, columns: left.columns };
    const joined = this.#joined(plan, sides, extra);
    return plan.join === "full" ? this.#eitherSide(joined, left.columns, right.columns) : joined;
  }

  #covers(plan: Plan, equated: Equated): boolean {
    const outer = new Set(planColumns(plan).flatMap((column) => [...equated.get(column.id) ?? []]));
    return outer.size === this.#domain.columns.length;
  }

  #joined(
    plan: JoinPlan,
    sides: { readonly left: Plan; readonly right: Plan; readonly columns: DomainColumns },
    extra: readonly Scalar[] = [],
  ): Pushed {
    const replacements = references(sides.columns);
    const replaced = mapNode(plan, (child) => child, (scalar) => substituteColumns(scalar, replacements));
    if (replaced.kind !== "join") return unreachable(replaced as never); // mapNode keeps the kind
    const condition = withConjuncts(replaced.condition, extra);
    return { plan: { ...replaced, left: sides.left, right: sides.right, condition }, columns: sides.columns };
  }

  /** After a full join, the domain's value is on the side that is there. */
  #eitherSide(joined: Pushed, left: DomainColumns, right: DomainColumns): Pushed {
    const columns = new Map<ColumnId, PlanColumn>();
    const items: ProjectItem[] = planColumns(joined.plan).map((column) => ({
      ...column,
      expression: reference(column),
    }));
    for (const column of this.#domain.columns) {
      const own = this.#context.newColumn(column.name, column.type, true);
      const expression = coalesce(
        reference(columnOf(left, column.id)),
        reference(columnOf(right, column.id)),
      );
      items.push({ ...own, expression });
      columns.set(column.id, own);
    }
    return { plan: { kind: "project", input: joined.plan, items }, columns };
  }

  #aggregate(plan: AggregatePlan, equated: Equated): Pushed {
    const grouped = this.groupByDomain(
      plan,
      plan.sets === undefined ? equatedBelow(equated, sources(plan.groups)) : NOTHING,
    );
    const hasEmptySet = plan.sets === undefined
      ? plan.groups.length === 0
      : plan.sets.some((set) => set.length === 0);
    return hasEmptySet ? this.#withEmptyGroups(plan, grouped) : grouped;
  }

  /** Groups by the domain's columns too. A value of the domain without rows has no group. */
  groupByDomain(plan: AggregatePlan, below: Equated = NOTHING): Pushed {
    const pushed = this.push(plan.input, below);
    const replacements = references(pushed.columns);
    const replaced = mapNode(plan, () => pushed.plan, (scalar) => substituteColumns(scalar, replacements));
    if (replaced.kind !== "aggregate") return unreachable(replaced as never); // mapNode keeps the kind
    const groups = [...replaced.groups];
    const added: number[] = [];
    const columns = new Map<ColumnId, PlanColumn>();
    for (const [outer, column] of pushed.columns) {
      const known = plan.sets !== undefined
        ? -1
        : groups.findIndex((group) =>
          group.expression.kind === "column" && group.expression.id === column.id
        );
      if (known < 0) added.push(groups.push({ ...column, expression: reference(column) }) - 1);
      columns.set(outer, known < 0 ? column : { ...column, id: groups[known]!.id });
    }
    const sets = replaced.sets?.map((set) => [...set, ...added]);
    return { plan: { ...replaced, groups, ...(sets === undefined ? {} : { sets }) }, columns };
  }

  /** Brings back the values of the domain that have no rows, with the aggregates' values over no rows. */
  #withEmptyGroups(plan: AggregatePlan, grouped: Pushed): Pushed {
    const scan = this.#domain.scan();
    const extra = sameDomain(this.#domain.columns, scan.columns, grouped.columns);
    const restored = restoreEmptyGroups(
      { plan, grouped: grouped.plan, left: scan.plan, condition: withConjuncts(null, extra) },
      this.#context,
    );
    return { plan: restored, columns: scan.columns };
  }

  #window(plan: WindowPlan, equated: Equated): Pushed {
    const below = new Map(
      [...equated].filter(([id]) =>
        plan.calls.every((each) => each.partitionBy.some((key) => key.kind === "column" && key.id === id))
      ),
    );
    const pushed = this.push(plan.input, below);
    const replacements = references(pushed.columns);
    const keys = [...replacements.values()];
    const replaced = mapNode(plan, () => pushed.plan, (scalar) => substituteColumns(scalar, replacements));
    if (replaced.kind !== "window") return unreachable(replaced as never); // mapNode keeps the kind
    const calls = replaced.calls.map((each) => ({ ...each, partitionBy: [...each.partitionBy, ...keys] }));
    return { plan: { ...replaced, calls }, columns: pushed.columns };
  }

  #distinct(plan: Plan & { readonly kind: "distinct" }, equated: Equated): Pushed {
    const on = plan.on;
    const kept = on === undefined ? equated : new Map(
      [...equated].filter(([id]) => on.keys.some((key) => key.kind === "column" && key.id === id)),
    );
    const pushed = this.push(plan.input, kept);
    if (on === undefined) return { ...pushed, plan: { kind: "distinct", input: pushed.plan } };
    const replacements = references(pushed.columns);
    const keys = [...on.keys.map((key) => substituteColumns(key, replacements)), ...replacements.values()];
    const orderBy = on.orderBy.map((key) => ({
      ...key,
      expression: substituteColumns(key.expression, replacements),
    }));
    return { ...pushed, plan: { kind: "distinct", input: pushed.plan, on: { keys, orderBy } } };
  }

  #setOperation(plan: SetOperationPlan, equated: Equated): Pushed {
    const below = (ids: readonly ColumnId[]): Equated =>
      equatedBelow(
        equated,
        plan.columns.map((column, index): [ColumnId, ColumnId] => [column.id, ids[index]!]),
      );
    const left = this.push(plan.left, below(plan.leftColumns));
    const right = this.push(plan.right, below(plan.rightColumns));
    const columns = new Map<ColumnId, PlanColumn>();
    for (const { id, name, type } of this.#domain.columns) {
      const nullable = columnOf(left.columns, id).nullable || columnOf(right.columns, id).nullable;
      columns.set(id, this.#context.newColumn(name, type, nullable));
    }
    const ids = (of: DomainColumns): ColumnId[] => this.#domain.columns.map(({ id }) => columnOf(of, id).id);
    const operation: SetOperationPlan = {
      ...plan,
      left: left.plan,
      right: right.plan,
      leftColumns: [...plan.leftColumns, ...ids(left.columns)],
      rightColumns: [...plan.rightColumns, ...ids(right.columns)],
      columns: [...plan.columns, ...columns.values()],
    };
    return { plan: operation, columns };
  }

  #limit(plan: LimitPlan): Pushed {
    const pushed = this.push(plan.input);
    const replacements = references(pushed.columns);
    const replaced = mapNode(plan, () => pushed.plan, (scalar) => substituteColumns(scalar, replacements));
    if (replaced.kind !== "limit") return unreachable(replaced as never); // mapNode keeps the kind
    const limited = limitByRowNumber(replaced, pushed.plan, [...replacements.values()], this.#context);
    return { plan: limited, columns: pushed.columns };
  }

  /** Nodes that treat each row alone or only order them. */
  #transparent(plan: Plan & { readonly input: Plan }, equated: Equated): Pushed {
    const pushed = this.push(plan.input, equated);
    const replacements = references(pushed.columns);
    return {
      plan: mapNode(plan, () => pushed.plan, (scalar) => substituteColumns(scalar, replacements)),
      columns: pushed.columns,
    };
  }

  #values(plan: ValuesPlan): Pushed {
    const scan = this.#domain.scan();
    const rows = plan.rows.map((row) =>
      row.map((scalar) => substituteColumns(scalar, references(scan.columns)))
    );
    const projected = valuesOver({ ...plan, rows }, scan.plan, this.#context);
    return { plan: projected, columns: scan.columns };
  }

  #with(plan: WithPlan, equated: Equated): Pushed {
    const tables = plan.tables.map((table) => {
      if (!this.#depends(table.plan)) return table;
      const pushed = this.push(table.plan);
      this.#tables.set(table.cte, pushed.columns);
      return { ...table, plan: pushed.plan };
    });
    const input = this.#depends(plan.input)
      ? this.push(plan.input, equated)
      : this.#independent(plan.input, equated);
    return { ...input, plan: { ...plan, tables, input: input.plan } };
  }

  #cteScan(plan: Plan & { readonly kind: "cteScan" }): Pushed {
    const sources = this.#tables.get(plan.cte) ?? new Map<ColumnId, PlanColumn>();
    const columns = new Map<ColumnId, PlanColumn>();
    const scanned = [...plan.columns];
    for (const [outer, source] of sources) {
      const column = this.#context.newColumn(source.name, source.type, source.nullable);
      scanned.push({ ...column, source: source.id });
      columns.set(outer, column);
    }
    return { plan: { ...plan, columns: scanned }, columns };
  }

  #fixpoint(plan: FixpointPlan): Pushed {
    const base = this.push(plan.base);
    const columns = new Map<ColumnId, PlanColumn>();
    for (const { id, name, type } of this.#domain.columns) {
      columns.set(id, this.#context.newColumn(name, type, true));
    }
    this.#tables.set(plan.cte, columns);
    const step = this.push(plan.step);
    const ids = (of: DomainColumns): ColumnId[] => this.#domain.columns.map(({ id }) => columnOf(of, id).id);
    const fixpoint: FixpointPlan = {
      ...plan,
      base: base.plan,
      step: step.plan,
      baseColumns: [...plan.baseColumns, ...ids(base.columns)],
      stepColumns: [...plan.stepColumns, ...ids(step.columns)],
      columns: [...plan.columns, ...columns.values()],
    };
    return { plan: fixpoint, columns };
  }
}

/** The items that pass a column on, with the id of that column. */
function sources(items: readonly ProjectItem[]): readonly (readonly [ColumnId, ColumnId])[] {
  return items.flatMap((item): [ColumnId, ColumnId][] =>
    item.expression.kind === "column" ? [[item.id, item.expression.id]] : []
  );
}

function references(columns: DomainColumns): ReadonlyMap<ColumnId, Scalar> {
  return new Map([...columns].map(([outer, column]) => [outer, reference(column)]));
}

/** An inner join, a cross product without condition. */
export function innerJoin(left: Plan, right: Plan, condition: Scalar | null): JoinPlan {
  return { kind: "join", join: "inner", left, right, condition, lateral: false };
}

/**
 * `left` left-joined with `grouped`, the aggregate `plan` grouped by further columns, so that every left row
 * has the aggregates of its group or their values over no rows.
 */
export function restoreEmptyGroups(
  parts: {
    readonly plan: AggregatePlan;
    readonly grouped: Plan;
    readonly left: Plan;
    readonly condition: Scalar | null;
  },
  context: RuleContext,
): Plan {
  const { plan, grouped, left, condition } = parts;
  if (grouped.kind !== "aggregate") throw new InvariantError("invariant", "Expected a grouped aggregate");
  const items: ProjectItem[] = planColumns(left).map((column) => ({
    ...column,
    expression: reference(column),
  }));
  const renamed = new Map<ColumnId, PlanColumn>();
  const inner = (column: PlanColumn): PlanColumn => {
    const own = context.newColumn(column.name, column.type, true);
    renamed.set(column.id, own);
    return own;
  };
  const matched = context.newColumn("matched", BOOLEAN, false);
  const aggregates = grouped.aggregates.map((each) => ({ ...each, ...inner(each), nullable: each.nullable }));
  const grouping = grouped.grouping?.map((each) => ({ ...each, ...inner(each), nullable: each.nullable }));
  let flagged = false;
  const restored = (column: PlanColumn, empty: Scalar): Scalar => {
    const value = reference(renamed.get(column.id) ?? column);
    if (empty.kind === "literal" && empty.value === null) return value;
    if (!column.nullable) return coalesce(value, empty);
    flagged = true;
    return choose(isNull(reference(matched)), empty, value);
  };
  for (const group of plan.groups) items.push({ ...group, nullable: true, expression: reference(group) });
  for (const each of plan.aggregates) {
    const { id, name, type, nullable } = each;
    const expression = restored(each, emptyAggregate(each, context.environment));
    items.push({ id, name, type, nullable, expression });
  }
  for (const each of plan.grouping ?? []) {
    const all = literal(2 ** each.groups.length - 1, INTEGER);
    const { id, name, type, nullable } = each;
    items.push({ id, name, type, nullable, expression: restored(each, all) });
  }
  const source: AggregatePlan = {
    ...grouped,
    aggregates,
    ...(grouping === undefined ? {} : { grouping }),
  };
  const right: Plan = flagged
    ? {
      kind: "project",
      input: source,
      items: [
        ...planColumns(source).map((column) => ({ ...column, expression: reference(column) })),
        { ...matched, expression: TRUE },
      ],
    }
    : source;
  const input: JoinPlan = { kind: "join", join: "left", left, right, condition, lateral: false };
  return { kind: "project", input, items };
}

/** The rows of `values`, whose scalars may read columns of `input`, for each row of `input`. */
export function valuesOver(values: ValuesPlan, input: Plan, context: RuleContext): Plan {
  const own = columnIds(values);
  const carried: ProjectItem[] = planColumns(input).filter((column) => !own.has(column.id))
    .map((column) => ({ ...column, expression: reference(column) }));
  if (values.rows.length === 1) {
    const items = values.columns.map((column, index) => ({ ...column, expression: values.rows[0]![index]! }));
    return { kind: "project", input, items: [...carried, ...items] };
  }
  const row = context.newColumn("row", INTEGER, false);
  const numbers = values.rows.map((_, index) => [literal(index, INTEGER)]);
  const numbered = innerJoin(input, { kind: "values", columns: [row], rows: numbers }, null);
  const items = values.columns.map((column, index): ProjectItem => {
    const branches = values.rows.slice(1).map((cells, place) => ({
      when: call("=", [reference(row), literal(place + 1, INTEGER)], BOOLEAN),
      then: cells[index]!,
    }));
    const otherwise = values.rows[0]?.[index] ?? literal(null, column.type);
    const expression: Scalar = branches.length === 0
      ? otherwise
      : { kind: "case", branches, otherwise, type: column.type };
    return { ...column, expression };
  });
  return { kind: "project", input: numbered, items: [...carried, ...items] };
}
