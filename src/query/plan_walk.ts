/**
 * Walking and rebuilding plans and scalar expressions, the same for every node kind.
 *
 * A rewrite rule names only the nodes that it changes and leaves the others to {@linkcode mapNode}. All
 * functions here are pure. Rebuilding keeps the identity of every node that did not change, so that results
 * remembered by node (columns, keys, estimates) stay valid; each costs O(size of what it walks).
 *
 * Subqueries: a plan's children are its inputs only. The plan inside a subquery scalar belongs to the scalar,
 * is not visited by {@linkcode mapScalar}, and counts for {@linkcode freeColumns}.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { BOOLEAN } from "../storage/sql_type.ts";
import type {
  AggregateCall,
  ColumnId,
  JoinPlan,
  Plan,
  PlanColumn,
  Scalar,
  ScanPlan,
  SortKey,
  WindowCall,
} from "./plan.ts";

// --- Scalars ------------------------------------------------------------------------------------

/** The direct arguments of `scalar`, in evaluation order. Of a subquery: its `left` and its comparison. */
export function scalarChildren(scalar: Scalar): readonly Scalar[] {
  switch (scalar.kind) {
    case "column":
    case "literal":
    case "parameter":
      return [];
    case "call":
    case "and":
    case "or":
    case "coalesce":
      return scalar.arguments;
    case "cast":
    case "not":
    case "isNull":
      return [scalar.argument];
    case "inList":
      return [scalar.argument, ...scalar.items];
    case "case":
      return [...scalar.branches.flatMap((branch) => [branch.when, branch.then]), scalar.otherwise];
    case "subquery":
      return scalar.form.kind === "quantified" ? [...scalar.form.left, scalar.form.comparison] : [];
    default:
      return unreachable(scalar);
  }
}

/** `scalar` with its direct arguments replaced; the same object when none changed. */
export function mapScalarChildren(scalar: Scalar, transform: (child: Scalar) => Scalar): Scalar {
  switch (scalar.kind) {
    case "column":
    case "literal":
    case "parameter":
      return scalar;
    case "call":
    case "and":
    case "or":
    case "coalesce":
      return reuse(scalar, { ...scalar, arguments: mapArray(scalar.arguments, transform) });
    case "cast":
    case "not":
    case "isNull":
      return reuse(scalar, { ...scalar, argument: transform(scalar.argument) });
    case "inList":
      return reuse(scalar, {
        ...scalar,
        argument: transform(scalar.argument),
        items: mapArray(scalar.items, transform),
      });
    case "case":
      return reuse(scalar, {
        ...scalar,
        branches: mapArray(
          scalar.branches,
          (branch) => reuse(branch, { when: transform(branch.when), then: transform(branch.then) }),
        ),
        otherwise: transform(scalar.otherwise),
      });
    case "subquery": {
      const form = scalar.form;
      if (form.kind !== "quantified") return scalar;
      return reuse(scalar, {
        ...scalar,
        form: reuse(form, {
          ...form,
          left: mapArray(form.left, transform),
          comparison: transform(form.comparison),
        }),
      });
    }
    default:
      return unreachable(scalar);
  }
}

/** Rebuilds bottom-up: `transform` sees each node after its arguments. */
export function mapScalar(scalar: Scalar, transform: (scalar: Scalar) => Scalar): Scalar {
  return transform(mapScalarChildren(scalar, (child) => mapScalar(child, transform)));
}

/** True when `test` holds for `scalar` or for anything below it, subquery plans excluded. */
export function someScalar(scalar: Scalar, test: (scalar: Scalar) => boolean): boolean {
  return test(scalar) || scalarChildren(scalar).some((child) => someScalar(child, test));
}

/** The conjuncts of a condition: the arguments of nested ANDs, flat. `null` has none. */
export function splitConjuncts(condition: Scalar | null): readonly Scalar[] {
  if (condition === null) return [];
  if (condition.kind === "and") return condition.arguments.flatMap((each) => splitConjuncts(each));
  if (condition.kind === "literal" && condition.value === true) return [];
  return [condition];
}

/** The AND of `conjuncts`, flat; `null` when there are none. */
export function conjunction(conjuncts: readonly Scalar[]): Scalar | null {
  const flat = conjuncts.flatMap((each) => splitConjuncts(each));
  if (flat.length === 0) return null;
  return flat.length === 1 ? flat[0]! : { kind: "and", arguments: flat, type: BOOLEAN };
}

// --- Plans --------------------------------------------------------------------------------------

/** The direct inputs of `plan`. The tables of a WITH come before its input. */
export function children(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "cteScan":
      return [];
    case "filter":
    case "project":
    case "aggregate":
    case "window":
    case "distinct":
    case "sort":
    case "limit":
    case "tableFunction":
    case "sample":
      return [plan.input];
    case "join":
    case "setOperation":
      return [plan.left, plan.right];
    case "with":
      return [...plan.tables.map((table) => table.plan), plan.input];
    case "fixpoint":
      return [plan.base, plan.step];
    default:
      return unreachable(plan);
  }
}

/** `plan` with its direct inputs replaced; the same object when none changed. */
export function mapChildren(plan: Plan, transform: (child: Plan) => Plan): Plan {
  return mapNode(plan, transform, (scalar) => scalar);
}

/** `plan` with the scalars of this node (not of its inputs) replaced. */
export function mapPlanScalars(plan: Plan, transform: (scalar: Scalar) => Scalar): Plan {
  return mapNode(plan, (child) => child, transform);
}

/** The scalars of this node, not of its inputs. */
export function planScalars(plan: Plan): readonly Scalar[] {
  const scalars: Scalar[] = [];
  mapPlanScalars(plan, (scalar) => {
    scalars.push(scalar);
    return scalar;
  });
  return scalars;
}

/** `plan` and everything below it, inputs first; subquery plans excluded. */
export function* planNodes(plan: Plan): Generator<Plan> {
  for (const child of children(plan)) yield* planNodes(child);
  yield plan;
}

/** Names of all tables that `plan` reads, those in subqueries too. */
export function tablesRead(plan: Plan): ReadonlySet<string> {
  return new Set(scansOf(plan).map((scan) => scan.table));
}

/** All scans of `plan`, those in subqueries too. */
export function scansOf(plan: Plan): readonly ScanPlan[] {
  const scans: ScanPlan[] = [];
  const visit = (root: Plan): void => {
    for (const node of planNodes(root)) {
      if (node.kind === "scan") scans.push(node);
      for (const scalar of planScalars(node)) {
        someScalar(scalar, (part) => {
          if (part.kind === "subquery") visit(part.plan);
          return false;
        });
      }
    }
  };
  visit(plan);
  return scans;
}

/** `plan` with its direct inputs and the scalars of this node replaced; inputs are transformed first. */
export function mapNode(
  plan: Plan,
  input: (child: Plan) => Plan,
  scalar: (scalar: Scalar) => Scalar,
): Plan {
  const optional = (each: Scalar | null): Scalar | null => each === null ? null : scalar(each);
  const keys = (each: readonly SortKey[]): readonly SortKey[] =>
    mapArray(each, (key) => reuse(key, { ...key, expression: scalar(key.expression) }));
  const expressions = <Item extends { readonly expression: Scalar }>(
    items: readonly Item[],
  ): readonly Item[] =>
    mapArray(items, (item) => reuse(item, { ...item, expression: scalar(item.expression) }));
  switch (plan.kind) {
    case "scan":
    case "cteScan":
      return plan;
    case "values":
      return reuse(plan, { ...plan, rows: mapArray(plan.rows, (row) => mapArray(row, scalar)) });
    case "filter":
      return reuse(plan, { ...plan, input: input(plan.input), predicate: scalar(plan.predicate) });
    case "project":
      return reuse(plan, { ...plan, input: input(plan.input), items: expressions(plan.items) });
    case "join": {
      const left = input(plan.left);
      const right = input(plan.right);
      const joined = { ...plan, left, right, condition: optional(plan.condition) };
      if (plan.asof === undefined) return reuse(plan, joined);
      const asof = { ...plan.asof, left: scalar(plan.asof.left), right: scalar(plan.asof.right) };
      return reuse(plan, { ...joined, asof: reuse(plan.asof, asof) });
    }
    case "aggregate":
      return reuse(plan, {
        ...plan,
        input: input(plan.input),
        groups: expressions(plan.groups),
        aggregates: mapArray(plan.aggregates, (call) => mapCall(call, scalar, keys)),
      });
    case "window":
      return reuse(plan, {
        ...plan,
        input: input(plan.input),
        calls: mapArray(plan.calls, (call) => mapWindowCall(call, scalar, keys)),
      });
    case "distinct": {
      const distinct = { ...plan, input: input(plan.input) };
      const on = plan.on;
      if (on === undefined) return reuse(plan, distinct);
      const mapped = { ...on, keys: mapArray(on.keys, scalar), orderBy: keys(on.orderBy) };
      return reuse(plan, { ...distinct, on: reuse(on, mapped) });
    }
    case "setOperation":
      return reuse(plan, { ...plan, left: input(plan.left), right: input(plan.right) });
    case "sort":
      return reuse(plan, { ...plan, input: input(plan.input), keys: keys(plan.keys) });
    case "limit": {
      const limited = {
        ...plan,
        input: input(plan.input),
        limit: optional(plan.limit),
        offset: optional(plan.offset),
      };
      return reuse(
        plan,
        plan.withTies === undefined ? limited : { ...limited, withTies: keys(plan.withTies) },
      );
    }
    case "tableFunction":
      return reuse(plan, {
        ...plan,
        input: input(plan.input),
        calls: mapArray(
          plan.calls,
          (call) => reuse(call, { ...call, arguments: mapArray(call.arguments, scalar) }),
        ),
      });
    case "with":
      return reuse(plan, {
        ...plan,
        tables: mapArray(plan.tables, (table) => reuse(table, { ...table, plan: input(table.plan) })),
        input: input(plan.input),
      });
    case "fixpoint":
      return reuse(plan, { ...plan, base: input(plan.base), step: input(plan.step) });
    case "sample":
      return reuse(plan, {
        ...plan,
        input: input(plan.input),
        amount: scalar(plan.amount),
        seed: optional(plan.seed),
      });
    default:
      return unreachable(plan);
  }
}

function mapCall(
  call: AggregateCall,
  scalar: (scalar: Scalar) => Scalar,
  keys: (keys: readonly SortKey[]) => readonly SortKey[],
): AggregateCall {
  return reuse(call, {
    ...call,
    arguments: mapArray(call.arguments, scalar),
    filter: call.filter === null ? null : scalar(call.filter),
    orderBy: keys(call.orderBy),
  });
}

function mapWindowCall(
  call: WindowCall,
  scalar: (scalar: Scalar) => Scalar,
  keys: (keys: readonly SortKey[]) => readonly SortKey[],
): WindowCall {
  const { start, end } = call.frame;
  const bound = (each: typeof start): typeof start =>
    each.offset === undefined ? each : reuse(each, { ...each, offset: scalar(each.offset) });
  return reuse(call, {
    ...call,
    arguments: mapArray(call.arguments, scalar),
    filter: call.filter === null ? null : scalar(call.filter),
    partitionBy: mapArray(call.partitionBy, scalar),
    orderBy: keys(call.orderBy),
    frame: reuse(call.frame, { ...call.frame, start: bound(start), end: bound(end) }),
  });
}

/** `items` mapped; the same array when nothing changed. */
function mapArray<Item>(items: readonly Item[], transform: (item: Item) => Item): readonly Item[] {
  let changed = false;
  const mapped = items.map((item) => {
    const result = transform(item);
    if (result !== item) changed = true;
    return result;
  });
  return changed ? mapped : items;
}

/** `original` when `copy` has the same field values. Both have the same fields in the same order. */
function reuse<Node extends object>(original: Node, copy: Node): Node {
  const before = Object.values(original);
  const after = Object.values(copy);
  return before.length === after.length && before.every((value, index) => value === after[index])
    ? original
    : copy;
}

// --- Columns ------------------------------------------------------------------------------------

const columnsOfPlan = new WeakMap<Plan, readonly PlanColumn[]>();

/** The columns that `plan` produces, in order. Remembered per node. */
export function planColumns(plan: Plan): readonly PlanColumn[] {
  const known = columnsOfPlan.get(plan);
  if (known !== undefined) return known;
  const columns = deriveColumns(plan);
  columnsOfPlan.set(plan, columns);
  return columns;
}

function joinColumns(plan: JoinPlan): readonly PlanColumn[] {
  const left = planColumns(plan.left);
  switch (plan.join) {
    case "inner":
    case "asof":
      return [...left, ...planColumns(plan.right)];
    case "left":
    case "single":
    case "asofLeft":
      return [...left, ...planColumns(plan.right).map(nullable)];
    case "right":
      return [...left.map(nullable), ...planColumns(plan.right)];
    case "full":
      return [...left.map(nullable), ...planColumns(plan.right).map(nullable)];
    case "semi":
    case "anti":
      return left;
    case "mark":
      return plan.mark === undefined ? left : [...left, plan.mark];
    default:
      return unreachable(plan.join);
  }
}

function deriveColumns(plan: Plan): readonly PlanColumn[] {
  switch (plan.kind) {
    case "scan":
      return plan.rowId === undefined ? plan.columns.map(plain) : [...plan.columns.map(plain), plan.rowId];
    case "values":
    case "setOperation":
    case "fixpoint":
      return plan.columns;
    case "cteScan":
      return plan.columns.map(plain);
    case "project":
      return plan.items.map(plain);
    case "filter":
    case "distinct":
    case "sort":
    case "limit":
    case "sample":
    case "with":
      return planColumns(plan.input);
    case "join":
      return joinColumns(plan);
    case "aggregate": {
      const groups = plan.groups.map((group, index) => {
        const everywhere = plan.sets === undefined || plan.sets.every((set) => set.includes(index));
        return everywhere ? plain(group) : nullable(plain(group));
      });
      return [...groups, ...plan.aggregates.map(plain), ...(plan.grouping ?? []).map(plain)];
    }
    case "window":
      return [...planColumns(plan.input), ...plan.calls.map(plain)];
    case "tableFunction":
      return [...planColumns(plan.input), ...(plan.outer ? plan.columns.map(nullable) : plan.columns)];
    default:
      return unreachable(plan);
  }
}

function plain(column: PlanColumn): PlanColumn {
  return { id: column.id, name: column.name, type: column.type, nullable: column.nullable };
}

function nullable(column: PlanColumn): PlanColumn {
  return column.nullable ? column : { ...column, nullable: true };
}

/** The ids that `plan` produces. */
export function columnIds(plan: Plan): ReadonlySet<ColumnId> {
  return new Set(planColumns(plan).map((column) => column.id));
}

interface IdUse {
  readonly referenced: ReadonlySet<ColumnId>;
  readonly produced: ReadonlySet<ColumnId>;
}
const idsOfPlan = new WeakMap<Plan, IdUse>();
const freeOfPlan = new WeakMap<Plan, ReadonlySet<ColumnId>>();

/**
 * The ids that `node` names but nothing in it produces: what a scalar reads, what correlates a plan.
 * It relies on ids being unique in the whole plan.
 */
export function freeColumns(node: Plan | Scalar): ReadonlySet<ColumnId> {
  if (isScalar(node)) {
    const found = new Set<ColumnId>();
    collectReferences(node, found);
    return found;
  }
  const known = freeOfPlan.get(node);
  if (known !== undefined) return known;
  const { referenced, produced } = idUse(node);
  const free = new Set<ColumnId>();
  for (const id of referenced) if (!produced.has(id)) free.add(id);
  freeOfPlan.set(node, free);
  return free;
}

/** Every id that comes into being in `plan` or below it, subquery plans excluded. */
export function producedColumns(plan: Plan): ReadonlySet<ColumnId> {
  return idUse(plan).produced;
}

function idUse(plan: Plan): IdUse {
  const known = idsOfPlan.get(plan);
  if (known !== undefined) return known;
  const referenced = new Set<ColumnId>();
  const produced = new Set<ColumnId>();
  for (const child of children(plan)) {
    const use = idUse(child);
    for (const id of use.referenced) referenced.add(id);
    for (const id of use.produced) produced.add(id);
  }
  for (const scalar of planScalars(plan)) collectReferences(scalar, referenced);
  for (const id of ownColumns(plan)) produced.add(id);
  const use = { referenced, produced };
  idsOfPlan.set(plan, use);
  return use;
}

/** The ids that come into being in `plan`, as opposed to those that it passes on. */
function ownColumns(plan: Plan): readonly ColumnId[] {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "setOperation":
    case "cteScan":
    case "fixpoint":
      return planColumns(plan).map((column) => column.id);
    // An item that passes a column on does not produce it: a correlated column would seem bound.
    case "project":
      return plan.items.filter(isNew).map((item) => item.id);
    case "aggregate":
      return [...plan.groups.filter(isNew), ...plan.aggregates, ...(plan.grouping ?? [])].map(({ id }) => id);
    case "join":
      return plan.mark === undefined ? [] : [plan.mark.id];
    case "window":
      return plan.calls.map((call) => call.id);
    case "tableFunction":
      return plan.columns.map((column) => column.id);
    case "filter":
    case "distinct":
    case "sort":
    case "limit":
    case "with":
    case "sample":
      return [];
    default:
      return unreachable(plan);
  }
}

function isNew(item: { readonly id: ColumnId; readonly expression: Scalar }): boolean {
  return item.expression.kind !== "column" || item.expression.id !== item.id;
}

function collectReferences(scalar: Scalar, into: Set<ColumnId>): void {
  if (scalar.kind === "column") {
    into.add(scalar.id);
    return;
  }
  if (scalar.kind === "subquery") {
    for (const id of freeColumns(scalar.plan)) into.add(id);
    const produced = producedColumns(scalar.plan);
    const own = new Set<ColumnId>();
    for (const child of scalarChildren(scalar)) collectReferences(child, own);
    for (const id of own) if (!produced.has(id)) into.add(id);
    return;
  }
  for (const child of scalarChildren(scalar)) collectReferences(child, into);
}

const SCALAR_KINDS: Readonly<Record<Scalar["kind"], true>> = {
  column: true,
  literal: true,
  parameter: true,
  call: true,
  cast: true,
  and: true,
  or: true,
  not: true,
  isNull: true,
  inList: true,
  case: true,
  coalesce: true,
  subquery: true,
};

/** Tells a scalar from a plan by its kind; no kind is in both unions. */
export function isScalar(node: Plan | Scalar): node is Scalar {
  return Object.hasOwn(SCALAR_KINDS, node.kind);
}

// --- Substitution -------------------------------------------------------------------------------

/** `scalar` with columns replaced, also inside subqueries. Ids that `replacements` lacks stay. */
export function substituteColumns(scalar: Scalar, replacements: ReadonlyMap<ColumnId, Scalar>): Scalar {
  if (replacements.size === 0) return scalar;
  return mapScalar(scalar, (each) => {
    if (each.kind === "column") return replacements.get(each.id) ?? each;
    if (each.kind === "subquery") {
      const plan = substituteInPlan(each.plan, replacements);
      return plan === each.plan ? each : { ...each, plan };
    }
    return each;
  });
}

/** `plan` with references to columns from outside replaced. */
export function substituteInPlan(plan: Plan, replacements: ReadonlyMap<ColumnId, Scalar>): Plan {
  let touched = false;
  for (const id of freeColumns(plan)) touched ||= replacements.has(id);
  if (!touched) return plan;
  return mapNode(
    plan,
    (child) => substituteInPlan(child, replacements),
    (scalar) => substituteColumns(scalar, replacements),
  );
}
