/**
 * Running CREATE, ALTER, DROP and TRUNCATE of tables, views and indexes.
 *
 * Definitions change at once and outside of transactions: a statement waits for the writer under way and fails
 * inside an open transaction, so a rollback never has to undo a definition.
 *
 * @module
 */
import { QueryError, SchemaError } from "../base/error.ts";
import { evaluateRow } from "../exec/row_evaluator.ts";
import type {
  AlterTable,
  AlterTableAction,
  AlterView,
  ColumnDefinition,
  Constraint,
  CreateIndex,
  CreateTable,
  CreateTableAs,
  CreateView,
  Drop,
  Expression,
  LikePart,
  QualifiedName,
  Select,
  Truncate,
} from "../query/ast.ts";
import { bindQuery, resolveTypeName } from "../query/binder.ts";
import { castDatum } from "../query/functions/cast.ts";
import { checkViolationError } from "../storage/constraint_error.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { CheckConstraint, Reference, TableDefinition } from "../storage/table_definition.ts";
import type { Table } from "../storage/table.ts";
import { bindDefinition } from "./bind_definition.ts";
import type { ColumnDetails } from "./catalog.ts";
import { CatalogAfter } from "./catalog_after.ts";
import { compileChecks } from "./check.ts";
import type { CatalogChange } from "./hooks.ts";
import type { Kernel } from "./kernel.ts";
import type { QueryContext } from "./query_context.ts";
import { QueryResult } from "./query_result.ts";
import { relationName } from "./relation_name.ts";
import { runSelect } from "./run_select.ts";
import type { Session } from "./session.ts";
import { type DeclaredReference, describeTable, type TableParts } from "./table_parts.ts";

const KEEPS_PLANS = { keepsPlans: true } as const;

/** A statement that changes the catalogue. */
export type DefinitionStatement =
  | CreateTable
  | CreateTableAs
  | CreateView
  | AlterView
  | CreateIndex
  | AlterTable
  | Drop
  | Truncate;

/** Runs `statement` between writers. */
export async function runDefinition(
  kernel: Kernel,
  statement: DefinitionStatement,
  context: QueryContext,
  session: Session,
): Promise<QueryResult> {
  if (session.transaction !== undefined && statement.kind !== "truncate") {
    throw new QueryError("invalid-statement", "Definitions cannot change inside a transaction", {
      hint: "COMMIT or ROLLBACK first",
    });
  }
  if (statement.kind === "createTableAs") return await createTableAs(kernel, statement, context, session);
  if (statement.kind === "truncate") return await truncate(kernel, statement, session);
  await kernel.writerLock.acquire(context.options.signal);
  try {
    return commandResult(kernel, carryOut(kernel, statement));
  } finally {
    kernel.writerLock.release();
  }
}

/** A result without rows. */
export function commandResult(kernel: Kernel, command: string, changeCount = 0): QueryResult {
  return new QueryResult({
    columns: [],
    vectors: [],
    rowCount: 0,
    version: kernel.store.version,
    command,
    changeCount,
  });
}

function carryOut(kernel: Kernel, statement: Exclude<DefinitionStatement, CreateTableAs | Truncate>): string {
  switch (statement.kind) {
    case "createTable":
      return createTable(kernel, statement);
    case "createView":
      return createView(kernel, statement);
    case "alterView":
      return alterView(kernel, statement);
    case "createIndex":
      return createIndex(kernel, statement);
    case "alterTable":
      return alterTable(kernel, statement);
    case "drop":
      return drop(kernel, statement);
  }
}

function createTable(kernel: Kernel, statement: CreateTable): string {
  const name = relationName(statement.name);
  if (skipExisting(kernel, name, statement.ifNotExists)) return "CREATE TABLE";
  const parts = statement.like === undefined
    ? describeTable(name, statement.columns, statement.constraints)
    : likeTable(kernel, name, statement, statement.like);
  if (statement.orReplace && kernel.store.table(name) !== undefined) dropTable(kernel, name, false);
  install(kernel, parts);
  return "CREATE TABLE";
}

/** Names, types and NOT NULL of another table, and what INCLUDING names. */
function likeTable(kernel: Kernel, name: string, statement: CreateTable, like: QualifiedName): TableParts {
  const { columns, constraints, likeOptions = [] } = statement;
  if (columns.length + constraints.length > 0) {
    throw new QueryError("unsupported", "LIKE beside other columns or constraints is not supported", {
      details: { span: columns[0]?.span ?? constraints[0]?.span ?? like[0]?.span },
      hint: "write LIKE alone, and then ALTER TABLE ... ADD",
    });
  }
  const source = relationName(like);
  const { definition } = requireTable(kernel, source);
  const { columns: details, checks } = kernel.catalog.details(source);
  const includes = (part: LikePart): boolean =>
    likeOptions.findLast((option) => option.part === part || option.part === "all")?.including ?? false;
  const kept = [...details].map(([column, { defaultValue, generated, identity }]) =>
    [column, {
      ...(defaultValue !== undefined && includes("defaults") ? { defaultValue } : {}),
      ...(generated !== undefined && includes("generated") ? { generated } : {}),
      ...(identity !== undefined && includes("identity") ? { identity } : {}),
    }] as const
  );
  const keys: Pick<TableDefinition, "primaryKey" | "uniqueKeys"> = includes("indexes")
    ? definition
    : { primaryKey: [] };
  return {
    definition: {
      name,
      kind: "table",
      columns: definition.columns,
      primaryKey: keys.primaryKey,
      ...(keys.uniqueKeys === undefined ? {} : { uniqueKeys: keys.uniqueKeys }),
    },
    details: { columns: new Map(kept), checks: includes("constraints") ? checks : [] },
    references: [],
  };
}

function install(kernel: Kernel, { definition, details, references }: TableParts): void {
  kernel.catalog.requireFree(definition.name);
  // A default or check that does not bind must fail now, before anything is made.
  for (const { name, type } of definition.columns) {
    const defaultValue = details.columns.get(name)?.defaultValue;
    if (defaultValue !== undefined) bindDefinition(kernel, defaultValue, [], type);
  }
  const row = definition.columns.map((column, id) => ({ ...column, id }));
  for (const expression of [...details.columns.values()].flatMap(({ generated }) => generated ?? [])) {
    bindDefinition(kernel, expression, row);
  }
  const checks = compileChecks(kernel, definition.columns, details.checks);
  const resolved = references.map((reference) => resolveReference(kernel, definition, reference));
  kernel.store.createTable({ ...definition, checks, references: resolved });
  kernel.catalog.setDetails(definition.name, details);
  changed(kernel, { kind: "created", object: "table", name: definition.name });
}

/** Finds the referenced columns. A table may refer to itself. */
function resolveReference(
  kernel: Kernel,
  definition: TableDefinition,
  reference: DeclaredReference,
): Reference {
  const { name, ordinals, table } = reference;
  const target = table === definition.name ? definition : requireTable(kernel, table).definition;
  const targetOrdinals = reference.columns.length === 0
    ? target.primaryKey
    : reference.columns.map((column) => target.columns.findIndex((candidate) => candidate.name === column));
  if (targetOrdinals.length === ordinals.length && !targetOrdinals.includes(-1)) {
    return { name, ordinals, table, targetOrdinals };
  }
  throw new SchemaError("unknown-object", `Foreign key "${name}" does not fit the columns of "${table}"`, {
    details: { table: definition.name, target: table, columns: reference.columns },
    hint: `columns of "${table}" are ${target.columns.map((column) => column.name).join(", ")}`,
  });
}

async function createTableAs(
  kernel: Kernel,
  statement: CreateTableAs,
  context: QueryContext,
  session: Session,
): Promise<QueryResult> {
  const name = relationName(statement.name);
  if (skipExisting(kernel, name, statement.ifNotExists)) return commandResult(kernel, "CREATE TABLE AS");
  const result = await runSelect(kernel, statement.query, context, session);
  const columns = result.columns.map((column, i) => ({
    name: statement.columns?.[i]?.name ?? column.name,
    type: column.sqlType.kind === "null" ? { kind: "text" } as const : column.sqlType,
    nullable: true,
  }));
  if (statement.orReplace && kernel.store.table(name) !== undefined) dropTable(kernel, name, false);
  const definition = {
    name,
    kind: "table",
    columns,
    primaryKey: [],
    uniqueKeys: [],
    references: [],
  } as const;
  install(kernel, { definition, details: { columns: new Map(), checks: [] }, references: [] });
  if (!statement.withData) return commandResult(kernel, "CREATE TABLE AS");
  try {
    await kernel.write((transaction) =>
      transaction.insertVectors(name, columns.map((_, i) => result.vector(i)), result.rowCount)
    );
  } catch (error) {
    dropTable(kernel, name, true);
    throw error;
  }
  return commandResult(kernel, "CREATE TABLE AS", result.rowCount);
}

function createView(kernel: Kernel, statement: CreateView): string {
  const name = relationName(statement.name);
  if (skipExisting(kernel, name, statement.ifNotExists)) return "CREATE VIEW";
  const existing = kernel.catalog.relation(name);
  if (existing !== undefined && !(statement.orReplace && existing.kind === "view")) {
    kernel.catalog.requireFree(name);
  }
  const columns = statement.columns?.map((column) => column.name);
  const view = {
    kind: "view",
    name,
    query: statement.query,
    ...(columns === undefined ? {} : { columns }),
  } as const;
  const before = kernel.catalog.view(name);
  if (before !== undefined) requireNotStored(kernel, name);
  kernel.catalog.setView(view);
  try {
    const bound = bindQuery({ kind: "query", body: selectAllFrom(name) }, kernel.bindEnvironment());
    requireUniqueNames(name, bound.columns);
  } catch (error) {
    if (before === undefined) kernel.catalog.removeView(name);
    else kernel.catalog.setView(before);
    throw error;
  }
  changed(kernel, { kind: before === undefined ? "created" : "altered", object: "view", name });
  return "CREATE VIEW";
}

/**
 * What is stored follows the view as it was when it was made.
 *
 * @throws {SchemaError} `dependent-objects`
 */
function requireNotStored(kernel: Kernel, name: string): void {
  const stored = kernel.dependentsOf(name).filter((reader) =>
    kernel.catalog.relation(reader)?.kind !== "view"
  );
  if (stored.length === 0) return;
  throw new SchemaError("dependent-objects", `Cannot replace "${name}": ${stored.join(", ")} depend on it`, {
    details: { name, dependents: stored },
    hint: "drop them first, or make a view of another name and replace them by one that reads it",
  });
}

function selectAllFrom(name: string): Select {
  return {
    kind: "select",
    items: [{ expression: { kind: "star", table: [] } }],
    from: [{ kind: "table", name: name.split(".").map((part) => ({ name: part })) }],
  };
}

/** @throws {SchemaError} `duplicate-object` when two columns of a view have one name */
export function requireUniqueNames(view: string, columns: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new SchemaError("duplicate-object", `View "${view}" has two columns named "${name}"`, {
        details: { view, column: name },
        hint: "give one of them another name with AS",
      });
    }
    seen.add(name);
  }
}

function alterView(kernel: Kernel, statement: AlterView): string {
  const name = relationName(statement.name);
  const view = kernel.catalog.view(name);
  if (view === undefined) {
    if (statement.ifExists) return "ALTER VIEW";
    throw unknownObject(kernel, "view", name);
  }
  if (statement.action.kind !== "rename") {
    throw new QueryError("unsupported", `ALTER VIEW ... ${statement.action.kind} is not supported`, {
      hint: "use CREATE OR REPLACE VIEW",
    });
  }
  const to = statement.action.to.name;
  kernel.catalog.requireFree(to);
  kernel.requireNoDependents(name, "rename");
  kernel.catalog.removeView(name);
  kernel.catalog.setView({ ...view, name: to });
  changed(kernel, { kind: "renamed", object: "view", name, to });
  return "ALTER VIEW";
}

function createIndex(kernel: Kernel, statement: CreateIndex): string {
  const table = requireTable(kernel, relationName(statement.table));
  const names = statement.items.map(({ expression }) => {
    if (expression.kind === "column") return expression.name.at(-1)!.name;
    throw new QueryError("unsupported", "An index on an expression is not supported", {
      hint: "add a generated column and index that",
    });
  });
  const name = statement.name === undefined
    ? `${table.name}_${names.join("_")}_idx`
    : relationName(statement.name);
  if (kernel.store.tableOfIndex(name) !== undefined) {
    if (statement.ifNotExists) return "CREATE INDEX";
    throw new SchemaError("duplicate-object", `Cannot create index "${name}": the name is taken`, {
      details: { name },
      hint: "choose another name, or use IF NOT EXISTS",
    });
  }
  kernel.store.createIndex(table.name, {
    name,
    ordinals: names.map((column) => requireOrdinal(table, column)),
    unique: statement.unique,
    ordered: statement.method !== "hash",
  });
  changed(kernel, { kind: "created", object: "index", name });
  return "CREATE INDEX";
}

function alterTable(kernel: Kernel, statement: AlterTable): string {
  const name = relationName(statement.name);
  if (kernel.store.table(name) === undefined && statement.ifExists) return "ALTER TABLE";
  const table = requireTable(kernel, name);
  const after = catalogAfter(kernel, table, statement.actions);
  if (after !== undefined) {
    if (statement.actions.some((action) => action.kind === "dropColumn" && action.cascade)) {
      const broken = kernel.dependentsOf(name, after);
      if (broken.length > 0) dropDependentViews(kernel, name, broken);
    }
    kernel.requireNoDependents(name, "alter", after);
  }
  for (const action of statement.actions) alter(kernel, requireTable(kernel, name), action);
  return "ALTER TABLE";
}

/** The catalogue after `actions`; undefined when they take nothing away that a definition may rely on. */
function catalogAfter(
  kernel: Kernel,
  table: Table,
  actions: readonly AlterTableAction[],
): CatalogAfter | undefined {
  const { name } = table;
  const relation = kernel.catalog.relation(name);
  if (relation === undefined || relation.kind === "view") return undefined;
  let columns = relation.columns;
  let isRenamed = false;
  for (const action of actions) {
    if (action.kind === "dropColumn") {
      columns = columns.filter((column) => column.name !== action.name.name);
    } else if (action.kind === "renameColumn" || action.kind === "setType") {
      const change = action.kind === "setType"
        ? { type: resolveTypeName(action.type) }
        : { name: action.to.name };
      columns = columns.map((column) => column.name === action.name.name ? { ...column, ...change } : column);
    } else if (action.kind === "renameTable") isRenamed = true;
  }
  if (columns === relation.columns && !isRenamed) return undefined;
  return new CatalogAfter(kernel.catalog, name, isRenamed ? undefined : { ...relation, columns });
}

function alter(kernel: Kernel, table: Table, action: AlterTableAction): void {
  const { name } = table;
  switch (action.kind) {
    case "addColumn":
      return addColumn(kernel, table, action.column, action.ifNotExists);
    case "dropColumn": {
      if (action.ifExists && !hasColumn(table, action.name.name)) return;
      kernel.store.dropColumn(name, requireOrdinal(table, action.name.name));
      return setColumn(kernel, name, action.name.name, undefined);
    }
    case "renameColumn": {
      requireFreeColumn(table, action.to.name);
      const details = kernel.catalog.details(name).columns.get(action.name.name);
      kernel.store.renameColumn(name, requireOrdinal(table, action.name.name), action.to.name);
      setColumn(kernel, name, action.name.name, undefined);
      return setColumn(kernel, name, action.to.name, details);
    }
    case "renameTable": {
      kernel.catalog.requireFree(action.to.name);
      const details = kernel.catalog.details(name);
      kernel.store.renameTable(name, action.to.name);
      kernel.catalog.removeDetails(name);
      kernel.catalog.setDetails(action.to.name, details);
      return changed(kernel, { kind: "renamed", object: "table", name, to: action.to.name });
    }
    case "setType":
      return setType(kernel, table, action.name.name, resolveTypeName(action.type), action.using);
    case "setDefault": {
      const { type } = table.definition.columns[requireOrdinal(table, action.name.name)]!;
      bindDefinition(kernel, action.expression, [], type);
      return setColumn(kernel, name, action.name.name, {
        ...kernel.catalog.details(name).columns.get(action.name.name),
        defaultValue: action.expression,
      }, KEEPS_PLANS);
    }
    case "dropDefault": {
      requireOrdinal(table, action.name.name);
      const { defaultValue: _dropped, ...rest } =
        kernel.catalog.details(name).columns.get(action.name.name) ?? {};
      return setColumn(kernel, name, action.name.name, rest, KEEPS_PLANS);
    }
    case "setNotNull":
    case "dropNotNull":
      if (action.kind === "setNotNull") {
        kernel.store.setNotNull(name, requireOrdinal(table, action.name.name));
      } else kernel.store.dropNotNull(name, requireOrdinal(table, action.name.name));
      return changed(kernel, { kind: "altered", object: "table", name });
    case "addConstraint":
      return addConstraint(kernel, table, action.constraint);
    case "dropConstraint": {
      const details = kernel.catalog.details(name);
      const checks = details.checks.filter((check) => check.name !== action.name.name);
      const found = kernel.store.dropConstraint(name, action.name.name);
      if (!found && !action.ifExists) throw unknownObject(kernel, "constraint", action.name.name);
      kernel.catalog.setDetails(name, { ...details, checks });
      return changed(kernel, { kind: "altered", object: "table", name });
    }
    case "renameConstraint":
    case "setProperties":
      throw new QueryError("unsupported", `ALTER TABLE ... ${action.kind} is not supported`, {
        hint: "drop the constraint and add it again",
      });
  }
}

function addColumn(kernel: Kernel, table: Table, column: ColumnDefinition, ifNotExists: boolean): void {
  if (hasColumn(table, column.name.name)) {
    if (ifNotExists) return;
    requireFreeColumn(table, column.name.name);
  }
  const parts = describeTable(table.name, [column], []);
  const defined = parts.definition.columns[0]!;
  const details = parts.details.columns.get(defined.name);
  const fill = details?.defaultValue === undefined
    ? null
    : constant(kernel, details.defaultValue, defined.type);
  if (fill === null && !defined.nullable && table.rowCount > 0) {
    throw new SchemaError(
      "not-null-violation",
      `Cannot add NOT NULL column "${defined.name}": existing rows have no value`,
      {
        details: { table: table.name, column: defined.name },
        hint: "give it a DEFAULT",
      },
    );
  }
  kernel.store.addColumn(table.name, defined, fill);
  setColumn(kernel, table.name, defined.name, details, KEEPS_PLANS);
}

function setType(
  kernel: Kernel,
  table: Table,
  column: string,
  type: SqlType,
  using: Expression | undefined,
): void {
  const ordinal = requireOrdinal(table, column);
  const defaultValue = kernel.catalog.details(table.name).columns.get(column)?.defaultValue;
  if (defaultValue !== undefined) bindDefinition(kernel, defaultValue, [], type);
  const from = table.definition.columns[ordinal]!.type;
  const env = kernel.rowEnvironment();
  if (using === undefined) {
    kernel.store.alterColumnType(
      table.name,
      ordinal,
      type,
      (value) => value === null ? null : castDatum(value, from, type, false, env),
    );
  } else {
    const columns = [{ id: 0, name: column, type: from, nullable: true }];
    const scalar = bindDefinition(kernel, using, columns);
    kernel.store.alterColumnType(table.name, ordinal, type, (value) => {
      const converted = evaluateRow(scalar, () => value, env);
      return converted === null ? null : castDatum(converted, scalar.type, type, false, env);
    });
  }
  changed(kernel, { kind: "altered", object: "table", name: table.name });
}

function addConstraint(kernel: Kernel, table: Table, constraint: Constraint): void {
  const { name } = table;
  if (constraint.kind === "check") {
    const details = kernel.catalog.details(name);
    const check = {
      name: constraint.name?.name ?? `${name}_check${details.checks.length + 1}`,
      expression: constraint.expression,
    };
    const next = { ...details, checks: [...details.checks, check] };
    const compiled = compileChecks(kernel, table.definition.columns, next.checks);
    requireHolds(table, compiled.at(-1)!);
    kernel.store.setChecks(name, compiled);
    kernel.catalog.setDetails(name, next);
    return changed(kernel, { kind: "altered", object: "table", name });
  }
  if (constraint.kind !== "unique" && constraint.kind !== "primaryKey" && constraint.kind !== "references") {
    throw new QueryError("unsupported", `ALTER TABLE ... ADD ${constraint.kind} is not supported`, {
      hint: "use SET NOT NULL, SET DEFAULT, or ADD CHECK, UNIQUE, PRIMARY KEY, FOREIGN KEY",
    });
  }
  const columns = constraint.columns?.map((column) => requireOrdinal(table, column.name)) ?? [];
  if (constraint.kind === "references") {
    kernel.store.addReference(
      name,
      resolveReference(kernel, table.definition, {
        name: constraint.name?.name ?? `${name}_${constraint.columns?.[0]?.name ?? "row"}_fkey`,
        ordinals: columns,
        table: relationName(constraint.table),
        columns: constraint.targetColumns?.map((column) => column.name) ?? [],
      }),
    );
  } else if (constraint.kind === "primaryKey") kernel.store.setPrimaryKey(name, columns);
  else {kernel.store.addUniqueKey(name, {
      name: constraint.name?.name ?? `${name}_key${(table.definition.uniqueKeys?.length ?? 0) + 1}`,
      ordinals: columns,
    });}
  changed(kernel, { kind: "altered", object: "table", name });
}

/** @throws {SchemaError} `check-violation` when a row that is there already breaks the condition */
function requireHolds(table: Table, check: CheckConstraint): void {
  for (const rows of table.liveRows()) {
    const columns = table.definition.columns.map((_, ordinal) =>
      ({ kind: "lazy", rows, source: table.storedColumn(ordinal) }) as const
    );
    const violation = check.firstViolation({ size: rows.length, columns });
    if (violation < 0) continue;
    throw checkViolationError(table.definition, check.name, table.row(rows[violation]!), violation);
  }
}

function drop(kernel: Kernel, statement: Drop): string {
  const command = `DROP ${statement.object.toUpperCase()}`;
  const names = statement.names.map(relationName);
  // All names are looked up first, so that a statement that fails changes nothing.
  const present = names.filter((name) => {
    const exists = objectExists(kernel, statement.object, name);
    if (!exists && !statement.ifExists) throw unknownObject(kernel, statement.object, name);
    return exists;
  });
  const cascade = statement.behavior === "cascade";
  for (const name of present) {
    if (statement.object === "table") dropTable(kernel, name, cascade);
    else if (statement.object === "view") dropView(kernel, name, cascade);
    else {
      kernel.store.dropIndex(kernel.store.tableOfIndex(name)!.name, name);
      changed(kernel, { kind: "dropped", object: "index", name });
    }
  }
  return command;
}

function objectExists(kernel: Kernel, object: Drop["object"], name: string): boolean {
  switch (object) {
    case "table":
      return kernel.store.table(name)?.definition.kind === "table";
    case "view":
      return kernel.catalog.view(name) !== undefined;
    case "index":
      return kernel.store.tableOfIndex(name) !== undefined;
    case "materialized view":
    case "dynamic table":
    case "schema":
      return false;
  }
}

function dropTable(kernel: Kernel, name: string, cascade: boolean): void {
  if (cascade) dropDependentViews(kernel, name);
  kernel.requireNoDependents(name, "drop");
  kernel.store.dropTable(name);
  kernel.catalog.removeDetails(name);
  changed(kernel, { kind: "dropped", object: "table", name });
}

function dropView(kernel: Kernel, name: string, cascade: boolean): void {
  if (cascade) dropDependentViews(kernel, name);
  kernel.requireNoDependents(name, "drop");
  kernel.catalog.removeView(name);
  changed(kernel, { kind: "dropped", object: "view", name });
}

/** Drops the views that read `name`, those in `among` alone where it is given, and what reads them. */
function dropDependentViews(kernel: Kernel, name: string, among?: readonly string[]): void {
  kernel.hooks.notify("dropDependents", name, among);
  for (const dependent of kernel.dependentViews(name)) {
    if (among !== undefined && !among.includes(dependent)) continue;
    dropDependentViews(kernel, dependent);
    if (kernel.catalog.view(dependent) !== undefined) dropView(kernel, dependent, false);
  }
}

async function truncate(kernel: Kernel, statement: Truncate, session: Session): Promise<QueryResult> {
  const names = statement.tables.map(relationName);
  names.forEach((name) => requireTable(kernel, name));
  if (session.transaction !== undefined) names.forEach((name) => session.transaction?.truncate(name));
  else await kernel.write((transaction) => names.forEach((name) => transaction.truncate(name)));
  return commandResult(kernel, "TRUNCATE TABLE");
}

function skipExisting(kernel: Kernel, name: string, ifNotExists: boolean): boolean {
  return ifNotExists && kernel.catalog.relation(name) !== undefined;
}

function setColumn(
  kernel: Kernel,
  table: string,
  column: string,
  details: ColumnDetails | undefined,
  kept: { readonly keepsPlans?: true } = {},
): void {
  const current = kernel.catalog.details(table);
  const columns = new Map(current.columns);
  if (details === undefined) columns.delete(column);
  else columns.set(column, details);
  kernel.catalog.setDetails(table, { ...current, columns });
  changed(kernel, { kind: "altered", object: "table", name: table, ...kept });
}

function changed(kernel: Kernel, change: CatalogChange): void {
  kernel.catalogChanged(change);
}

function requireTable(kernel: Kernel, name: string): Table {
  const table = kernel.store.table(name);
  if (table !== undefined && table.definition.kind === "table") return table;
  throw unknownObject(kernel, "table", name);
}

function hasColumn(table: Table, name: string): boolean {
  return table.definition.columns.some((column) => column.name === name);
}

function requireOrdinal(table: Table, column: string): number {
  const ordinal = table.definition.columns.findIndex((candidate) => candidate.name === column);
  if (ordinal >= 0) return ordinal;
  throw new SchemaError("unknown-object", `Table "${table.name}" has no column "${column}"`, {
    details: { table: table.name, column },
    hint: `columns are ${table.definition.columns.map((candidate) => candidate.name).join(", ")}`,
  });
}

function requireFreeColumn(table: Table, name: string): void {
  if (!hasColumn(table, name)) return;
  throw new SchemaError("duplicate-object", `Table "${table.name}" already has a column "${name}"`, {
    details: { table: table.name, column: name },
    hint: "choose another name",
  });
}

function unknownObject(kernel: Kernel, object: string, name: string): SchemaError {
  return new SchemaError("unknown-object", `There is no ${object} "${name}"`, {
    details: { object, name },
    hint: `relations are ${kernel.catalog.relationNames().slice(0, 20).join(", ") || "none yet"}`,
  });
}

function constant(kernel: Kernel, expression: Expression, type: SqlType): Datum {
  const scalar = bindDefinition(kernel, expression);
  const env = kernel.rowEnvironment();
  const value = evaluateRow(scalar, () => null, env);
  return value === null ? null : castDatum(value, scalar.type, type, false, env);
}
