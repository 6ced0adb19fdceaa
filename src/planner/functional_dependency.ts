/**
 * Keys and functional dependencies of plans: which columns decide which others.
 *
 * A key is a set of columns whose values no two rows share; the empty key says "at most one row". A
 * dependency a -> b says that rows that agree on a agree on b; both treat NULL as a value. Keys come from the
 * catalogue, from groupings and from one-row plans; dependencies from keys, from equalities in conditions and
 * from computed columns. Everything found is true, not everything true is found. Remembered per node.
 *
 * @module
 */
import type { Catalog } from "../query/catalog.ts";
import type { AggregatePlan, ColumnId, JoinPlan, Plan, ProjectItem, ScanPlan } from "../query/plan.ts";
import type { Scalar } from "../query/plan.ts";
import { columnIds, freeColumns, splitConjuncts } from "../query/plan_walk.ts";
import { unreachable } from "../base/assert.ts";
import { notNullColumns } from "./nullability.ts";
import { isAtMostOneRow } from "./row_bound.ts";
import { columnEquality, comparisonOf, equalityIsIdentity, NOT_DISTINCT, readsAny } from "./scalar.ts";

/** A set of columns that identifies a row. */
export type Key = readonly ColumnId[];

/** Rows that agree on all of `from` agree on all of `to`. */
export interface Dependency {
  readonly from: readonly ColumnId[];
  readonly to: readonly ColumnId[];
}

/** More keys than this are not kept per plan: products of keys multiply. */
const KEYS_MAX = 8;

/** Finds keys and dependencies; answers are remembered for the life of the object. */
export class FunctionalDependencies {
  readonly #catalog: Catalog;
  readonly #isImmutable: (scalar: Scalar) => boolean;
  readonly #keys = new WeakMap<Plan, readonly Key[]>();
  readonly #dependencies = new WeakMap<Plan, readonly Dependency[]>();

  /** `isImmutable` says that a scalar depends on its columns only. */
  constructor(catalog: Catalog, isImmutable: (scalar: Scalar) => boolean) {
    this.#catalog = catalog;
    this.#isImmutable = isImmutable;
  }

  /** Keys of `plan`, minimal as far as seen. */
  keys(plan: Plan): readonly Key[] {
    let keys = this.#keys.get(plan);
    if (keys === undefined) {
      keys = isAtMostOneRow(plan) ? [[]] : this.#deriveKeys(plan).slice(0, KEYS_MAX);
      this.#keys.set(plan, keys);
    }
    return keys;
  }

  /** Dependencies among the columns of `plan`, besides those that its keys imply. */
  dependencies(plan: Plan): readonly Dependency[] {
    let dependencies = this.#dependencies.get(plan);
    if (dependencies === undefined) {
      dependencies = this.#deriveDependencies(plan);
      this.#dependencies.set(plan, dependencies);
    }
    return dependencies;
  }

  /** The columns of `plan` that `columns` decide. */
  closure(plan: Plan, columns: Iterable<ColumnId>): ReadonlySet<ColumnId> {
    const closed = new Set(columns);
    const all = [...columnIds(plan)];
    const rules = [...this.dependencies(plan), ...this.keys(plan).map((from) => ({ from, to: all }))];
    for (let grown = true; grown;) {
      grown = false;
      for (const { from, to } of rules) {
        if (!from.every((id) => closed.has(id))) continue;
        for (const id of to) {
          if (!closed.has(id)) grown = true;
          closed.add(id);
        }
      }
    }
    return closed;
  }

  /** Whether `columns` hold a key of `plan`. */
  isUnique(plan: Plan, columns: Iterable<ColumnId>): boolean {
    const closed = this.closure(plan, columns);
    return this.keys(plan).some((key) => key.every((id) => closed.has(id)));
  }

  /** Whether each row of the other side meets at most one row of `plan` under `condition`. */
  isUniqueMatch(plan: Plan, condition: Scalar | null): boolean {
    return this.isUnique(plan, matchedColumns(condition, columnIds(plan)));
  }

  #deriveKeys(plan: Plan): readonly Key[] {
    switch (plan.kind) {
      case "scan":
        return this.#scanKeys(plan);
      case "values":
      case "cteScan":
      case "fixpoint":
        return [];
      case "filter":
      case "window":
      case "sort":
      case "limit":
      case "with":
      case "sample":
        return this.keys(plan.input);
      case "distinct": {
        const on = plan.on?.keys.flatMap((key) => key.kind === "column" ? [key.id] : []);
        if (on === undefined) return [[...columnIds(plan)], ...this.keys(plan.input)];
        return on.length === plan.on?.keys.length ? [on, ...this.keys(plan.input)] : this.keys(plan.input);
      }
      case "project":
        return renamed(this.keys(plan.input), plan.items);
      case "join":
        return this.#joinKeys(plan);
      case "aggregate":
        return plan.sets === undefined ? this.#groupKeys(plan) : [];
      case "setOperation":
        return plan.operator === "union" && plan.all
          ? []
          : plan.all
          ? []
          : [plan.columns.map(({ id }) => id)];
      case "tableFunction": {
        const ordinal = plan.ordinality ? plan.columns[plan.columns.length - 1] : undefined;
        return ordinal === undefined ? [] : this.keys(plan.input).map((key) => [...key, ordinal.id]);
      }
      default:
        return unreachable(plan);
    }
  }

  #scanKeys(plan: ScanPlan): readonly Key[] {
    const keys: Key[] = plan.rowId === undefined ? [] : [[plan.rowId.id]];
    const table = this.#catalog.relation(plan.table);
    if (table === undefined || table.kind === "view") return keys;
    for (const names of [table.primaryKey, ...table.uniqueKeys]) {
      const ids = names.flatMap((name) => {
        const ordinal = table.columns.findIndex((column) => column.name === name);
        const found = plan.columns.find((column) => column.ordinal === ordinal);
        // A unique key admits several NULLs.
        return found === undefined || found.nullable ? [] : [found.id];
      });
      if (names.length > 0 && ids.length === names.length) keys.push(ids);
    }
    return keys;
  }

  #joinKeys(plan: JoinPlan): readonly Key[] {
    const left = this.keys(plan.left);
    switch (plan.join) {
      case "semi":
      case "anti":
      case "mark":
      case "single":
      case "asof":
      case "asofLeft":
        return left;
      case "inner":
      case "left":
      case "right":
      case "full": {
        const right = this.keys(plan.right);
        const keys: Key[] = [];
        const keepsLeft = plan.join === "inner" || plan.join === "left";
        const keepsRight = plan.join === "inner" || plan.join === "right";
        if (keepsLeft && this.isUniqueMatch(plan.right, plan.condition)) keys.push(...left);
        if (keepsRight && this.isUniqueMatch(plan.left, plan.condition)) keys.push(...right);
        if (keys.length === 0 && plan.join !== "full") {
          for (const a of left) for (const b of right) keys.push([...a, ...b]);
        }
        return keys;
      }
      default:
        return unreachable(plan.join);
    }
  }

  #groupKeys(plan: AggregatePlan): readonly Key[] {
    const own = plan.groups.map((group) => group.id);
    return [own, ...renamed(this.keys(plan.input), plan.groups)];
  }

  #deriveDependencies(plan: Plan): readonly Dependency[] {
    switch (plan.kind) {
      case "scan":
      case "values":
      case "cteScan":
      case "fixpoint":
      case "setOperation":
        return [];
      case "filter":
        return [...this.#decided(plan.input), ...fromCondition(plan.predicate, columnIds(plan.input))];
      case "window":
      case "sort":
      case "limit":
      case "with":
      case "sample":
      case "distinct":
        return this.#decided(plan.input);
      case "tableFunction":
        return this.#decided(plan.input);
      case "project":
        return [...renamedDependencies(this.#decided(plan.input), plan.items), ...this.#computed(plan.items)];
      case "aggregate":
        if (plan.sets !== undefined) return [];
        return [
          ...renamedDependencies(this.#decided(plan.input), plan.groups),
          ...this.#computed(plan.groups),
        ];
      case "join":
        return this.#joinDependencies(plan);
      default:
        return unreachable(plan);
    }
  }

  /** The dependencies of `plan`, those of its keys included: a join above may break the key itself. */
  #decided(plan: Plan): readonly Dependency[] {
    const all = [...columnIds(plan)];
    return [...this.dependencies(plan), ...this.keys(plan).map((from) => ({ from, to: all }))];
  }

  #joinDependencies(plan: JoinPlan): readonly Dependency[] {
    const left = this.#decided(plan.left);
    switch (plan.join) {
      case "semi":
      case "anti":
      case "mark":
        return left;
      case "inner":
        return [
          ...left,
          ...this.#decided(plan.right),
          ...fromCondition(plan.condition, new Set([...columnIds(plan.left), ...columnIds(plan.right)])),
        ];
      case "left":
      case "single":
      case "asof":
      case "asofLeft":
        return [...left, ...nullExtended(this.#decided(plan.right), plan.right)];
      case "right":
        return [...nullExtended(left, plan.left), ...this.#decided(plan.right)];
      case "full":
        return [...nullExtended(left, plan.left), ...nullExtended(this.#decided(plan.right), plan.right)];
      default:
        return unreachable(plan.join);
    }
  }

  /** A computed column depends on what it is computed from; a passed-on one also the other way round. */
  #computed(items: readonly ProjectItem[]): readonly Dependency[] {
    const sources = new Map(
      items.flatMap((item): [ColumnId, ColumnId][] =>
        item.expression.kind === "column" ? [[item.expression.id, item.id]] : []
      ),
    );
    return items.flatMap((item): Dependency[] => {
      if (item.expression.kind === "column" || !this.#isImmutable(item.expression)) return [];
      const from = [...freeColumns(item.expression)].map((id) => sources.get(id));
      return from.includes(undefined) ? [] : [{ from: from.flatMap((id) => id ?? []), to: [item.id] }];
    });
  }
}

/** The columns among `columns` that `condition` equates with something from outside. */
export function matchedColumns(
  condition: Scalar | null,
  columns: ReadonlySet<ColumnId>,
): ReadonlySet<ColumnId> {
  const matched = new Set<ColumnId>();
  for (const conjunct of splitConjuncts(condition)) {
    if (conjunct.kind !== "call" || (conjunct.name !== "=" && conjunct.name !== NOT_DISTINCT)) continue;
    const [a, b] = conjunct.arguments;
    if (a === undefined || b === undefined) continue;
    if (a.kind === "column" && columns.has(a.id) && !readsAny(b, columns)) matched.add(a.id);
    if (b.kind === "column" && columns.has(b.id) && !readsAny(a, columns)) matched.add(b.id);
  }
  return matched;
}

function fromCondition(condition: Scalar | null, columns: ReadonlySet<ColumnId>): readonly Dependency[] {
  return splitConjuncts(condition).flatMap((conjunct): readonly Dependency[] => {
    const equality = columnEquality(conjunct);
    if (equality !== undefined && equalityIsIdentity(equality.left.type)) {
      const [a, b] = [equality.left.id, equality.right.id];
      if (!columns.has(a)) return [{ from: [], to: [b] }];
      if (!columns.has(b)) return [{ from: [], to: [a] }];
      return [{ from: [a], to: [b] }, { from: [b], to: [a] }];
    }
    const comparison = comparisonOf(conjunct);
    if (comparison?.operator !== "=" || comparison.left.kind !== "column") return [];
    const fixed = comparison.right.kind === "literal" || comparison.right.kind === "parameter";
    return fixed && equalityIsIdentity(comparison.left.type) ? [{ from: [], to: [comparison.left.id] }] : [];
  });
}

/** Dependencies that still hold beside rows where all columns of `plan` are NULL. */
function nullExtended(dependencies: readonly Dependency[], plan: Plan): readonly Dependency[] {
  const notNull = notNullColumns(plan);
  return dependencies.filter(({ from }) => from.length > 0 && from.every((id) => notNull.has(id)));
}

function newIds(items: readonly ProjectItem[]): ReadonlyMap<ColumnId, ColumnId> {
  const ids = new Map<ColumnId, ColumnId>();
  for (const { id, expression } of items) {
    if (expression.kind === "column" && (!ids.has(expression.id) || expression.id === id)) {
      ids.set(expression.id, id);
    }
  }
  return ids;
}

/** The keys whose columns `items` all pass on. */
function renamed(keys: readonly Key[], items: readonly ProjectItem[]): readonly Key[] {
  const ids = newIds(items);
  return keys.filter((key) => key.every((id) => ids.has(id))).map((key) =>
    key.map((id) => ids.get(id) ?? id)
  );
}

function renamedDependencies(
  dependencies: readonly Dependency[],
  items: readonly ProjectItem[],
): readonly Dependency[] {
  const ids = newIds(items);
  return dependencies.flatMap(({ from, to }) => {
    if (!from.every((id) => ids.has(id))) return [];
    const kept = to.flatMap((id) => ids.get(id) ?? []);
    return kept.length === 0 ? [] : [{ from: from.map((id) => ids.get(id) ?? id), to: kept }];
  });
}
