/**
 * Prints definitions and statements about the session.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type {
  AlterTable,
  AlterTableAction,
  AlterView,
  ColumnDefinition,
  Constraint,
  Copy,
  CreateDynamicTable,
  CreateIndex,
  CreateMaterializedView,
  CreateTable,
  CreateTableAs,
  CreateView,
  Drop,
  Explain,
  LikeOption,
  Property,
  PropertyValue,
  QualifiedName,
  SetVariable,
  Show,
  Statement,
} from "../query/ast.ts";
import { POWER } from "./precedence.ts";
import { printDynamicTableAction, printDynamicTableProperty } from "./print_dynamic_table.ts";
import { printIndexKey } from "./print_expression.ts";
import type { Printer } from "./printer.ts";

type Definition = Exclude<Statement, { kind: "query" | "insert" | "update" | "delete" | "merge" }>;

/** The text of a statement that is neither a query nor a data change. */
export function printDefinition(printer: Printer, node: Definition): string {
  switch (node.kind) {
    case "createTable":
      return createTable(printer, node);
    case "createTableAs":
      return createTableAs(printer, node);
    case "alterTable":
      return alterTable(printer, node);
    case "createView":
      return createView(printer, node);
    case "alterView":
      return alterView(printer, node);
    case "createMaterializedView":
      return createMaterializedView(printer, node);
    case "refreshMaterializedView": {
      printer.need("A materialized view", node);
      const concurrently = node.concurrently ? "CONCURRENTLY " : "";
      const data = node.withData ? "" : " WITH NO DATA";
      return `REFRESH MATERIALIZED VIEW ${concurrently}${printer.name(node.name)}${data}`;
    }
    case "createIndex":
      return createIndex(printer, node);
    case "drop":
      return drop(printer, node);
    case "truncate": {
      if (node.tables.length > 1) printer.need("Several objects in one statement", node);
      const identity = node.restartIdentity === true ? " RESTART IDENTITY" : "";
      const tables = node.tables.map((name) => printer.name(name)).join(", ");
      return `TRUNCATE TABLE ${tables}${identity}${node.cascade ? " CASCADE" : ""}`;
    }
    case "createDynamicTable":
      return createDynamicTable(printer, node);
    case "alterDynamicTable": {
      printer.need("A dynamic table", node);
      const name = `${node.ifExists ? "IF EXISTS " : ""}${printer.name(node.name)}`;
      return `ALTER DYNAMIC TABLE ${name}${printDynamicTableAction(printer, node.action)}`;
    }
    default:
      return session(printer, node);
  }
}

type Session = Extract<
  Definition,
  {
    kind:
      | "copy"
      | "explain"
      | "show"
      | "describe"
      | "set"
      | "begin"
      | "commit"
      | "rollback"
      | "savepoint"
      | "analyze"
      | "comment";
  }
>;

function session(printer: Printer, node: Session): string {
  switch (node.kind) {
    case "copy":
      return copy(printer, node);
    case "explain":
      return explain(printer, node);
    case "show":
      return show(printer, node);
    case "describe":
      printer.need("DESCRIBE", node);
      if (node.query !== undefined) return `DESCRIBE ${printer.query(node.query)}`;
      return `DESCRIBE ${printer.name(node.name ?? [])}`;
    case "set":
      return setVariable(printer, node);
    case "begin":
      if (node.modes.length > 0) printer.need("Transaction modes", node);
      return node.modes.length === 0 ? "BEGIN" : `BEGIN ${node.modes.join(", ").toUpperCase()}`;
    case "commit":
      return "COMMIT";
    case "rollback":
      if (node.savepoint !== undefined) printer.need("A savepoint", node);
      return node.savepoint === undefined
        ? "ROLLBACK"
        : `ROLLBACK TO SAVEPOINT ${printer.identifier(node.savepoint)}`;
    case "savepoint":
      printer.need("A savepoint", node);
      return `${node.release ? "RELEASE " : ""}SAVEPOINT ${printer.identifier(node.name)}`;
    case "analyze": {
      const columns = node.columns === undefined ? "" : ` (${printer.identifiers(node.columns)})`;
      return node.table === undefined ? "ANALYZE" : `ANALYZE ${printer.name(node.table)}${columns}`;
    }
    case "comment": {
      if (node.object === "materialized view") printer.need("COMMENT ON MATERIALIZED VIEW", node);
      const text = node.text === null ? "NULL" : printer.string(node.text);
      return `COMMENT ON ${node.object.toUpperCase()} ${printer.name(node.name)} IS ${text}`;
    }
    default:
      return unreachable(node);
  }
}

/** Words between CREATE and the name: OR REPLACE, TEMPORARY, the object, IF NOT EXISTS. */
function createHead(
  printer: Printer,
  node: CreateTable | CreateTableAs | CreateView | CreateMaterializedView,
  object: string,
): string {
  if (node.orReplace && object !== "VIEW") printer.need("OR REPLACE", node);
  if (node.ifNotExists && object === "VIEW") printer.need("IF NOT EXISTS of a view", node);
  const words = ["CREATE"];
  if (node.orReplace) words.push("OR REPLACE");
  if ("temporary" in node && node.temporary) words.push("TEMPORARY");
  if ("recursive" in node && node.recursive) words.push("RECURSIVE");
  words.push(object);
  if (node.ifNotExists) words.push("IF NOT EXISTS");
  return `${words.join(" ")} ${printer.name(node.name)}`;
}

function likeElement(printer: Printer, like: QualifiedName, options: readonly LikeOption[] = []): string {
  const words = options.map(({ part, including }) =>
    ` ${including ? "INCLUDING" : "EXCLUDING"} ${part.toUpperCase()}`
  );
  return `LIKE ${printer.name(like)}${words.join("")}`;
}

function createTable(printer: Printer, node: CreateTable): string {
  if (node.like !== undefined) printer.need("LIKE in CREATE TABLE", node);
  else if (node.columns.length === 0) printer.need("A table without columns", node);
  const elements = [
    ...node.columns.map((column) => printColumn(printer, column)),
    ...node.constraints.map((constraint) => printConstraint(printer, constraint)),
    ...(node.like === undefined ? [] : [likeElement(printer, node.like, node.likeOptions)]),
  ];
  const head = createHead(printer, node, "TABLE");
  return `${head} (${elements.join(", ")})${withProperties(printer, node.properties)}`;
}

function createTableAs(printer: Printer, node: CreateTableAs): string {
  const columns = node.columns === undefined ? "" : ` (${printer.identifiers(node.columns)})`;
  const head = `${createHead(printer, node, "TABLE")}${columns}${withProperties(printer, node.properties)}`;
  return `${head} AS ${printer.query(node.query)}${node.withData ? "" : " WITH NO DATA"}`;
}

/** A column definition. */
export function printColumn(printer: Printer, node: ColumnDefinition): string {
  const parts = [printer.identifier(node.name)];
  if (node.type !== undefined) parts.push(printer.type(node.type));
  if (node.collation !== undefined) {
    printer.need("COLLATE", node);
    parts.push(`COLLATE ${printer.name(node.collation)}`);
  }
  for (const constraint of node.constraints) parts.push(printConstraint(printer, constraint));
  return parts.join(" ");
}

function printConstraint(printer: Printer, node: Constraint): string {
  const parts = node.name === undefined ? [] : [`CONSTRAINT ${printer.identifier(node.name)}`];
  parts.push(constraintBody(printer, node));
  if (node.deferrable !== undefined || node.initiallyDeferred !== undefined) {
    printer.need("A deferrable constraint", node);
  }
  if (node.deferrable !== undefined) parts.push(node.deferrable ? "DEFERRABLE" : "NOT DEFERRABLE");
  if (node.initiallyDeferred !== undefined) {
    parts.push(node.initiallyDeferred ? "INITIALLY DEFERRED" : "INITIALLY IMMEDIATE");
  }
  return parts.join(" ");
}

function constraintBody(printer: Printer, node: Constraint): string {
  const columns = "columns" in node && node.columns !== undefined
    ? ` (${printer.identifiers(node.columns)})`
    : "";
  switch (node.kind) {
    case "notNull":
      return "NOT NULL";
    case "null":
      return "NULL";
    case "primaryKey":
      return `PRIMARY KEY${columns}`;
    case "unique":
      if (node.nullsNotDistinct === true) printer.need("NULLS NOT DISTINCT", node);
      return `UNIQUE${node.nullsNotDistinct === true ? " NULLS NOT DISTINCT" : ""}${columns}`;
    case "check":
      return `CHECK (${printer.expression(node.expression)})`;
    case "default":
      return `DEFAULT ${printer.operand(node.expression, POWER.other)}`;
    case "generated":
      if (node.stored) printer.need("A stored generated column", node);
      return `GENERATED ALWAYS AS (${printer.expression(node.expression)}) ${
        node.stored ? "STORED" : "VIRTUAL"
      }`;
    case "identity":
      printer.need("IDENTITY", node);
      return `GENERATED ${node.always ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`;
    case "references": {
      if (node.onDelete !== undefined || node.onUpdate !== undefined) {
        printer.need("A referential action", node);
      }
      const target = node.targetColumns === undefined ? "" : ` (${printer.identifiers(node.targetColumns)})`;
      const onDelete = node.onDelete === undefined ? "" : ` ON DELETE ${node.onDelete.toUpperCase()}`;
      const onUpdate = node.onUpdate === undefined ? "" : ` ON UPDATE ${node.onUpdate.toUpperCase()}`;
      const local = columns === "" ? "" : `FOREIGN KEY${columns} `;
      return `${local}REFERENCES ${printer.name(node.table)}${target}${onDelete}${onUpdate}`;
    }
    default:
      return unreachable(node);
  }
}

function propertyValue(printer: Printer, value: PropertyValue): string {
  if (typeof value === "string") return value === "*" ? value : printer.string(value);
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isList(value)) return `(${value.map((item) => propertyValue(printer, item)).join(", ")})`;
  return printer.expression(value);
}

function isList(value: PropertyValue): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

function properties(printer: Printer, nodes: readonly Property[], separator: string): string {
  return nodes.map(({ name, value }) => {
    const words = name.split(".").map((part) => printer.identifier({ name: part })).join(".");
    return value === undefined ? words : `${words}${separator}${propertyValue(printer, value)}`;
  }).join(", ");
}

function withProperties(printer: Printer, nodes: readonly Property[]): string {
  return nodes.length === 0 ? "" : ` WITH (${properties(printer, nodes, " = ")})`;
}

function alterTable(printer: Printer, node: AlterTable): string {
  if (node.actions.length > 1) printer.need("Several ALTER actions", node);
  const actions = node.actions.map((action) => alterAction(printer, action)).join(", ");
  return `ALTER TABLE ${node.ifExists ? "IF EXISTS " : ""}${printer.name(node.name)} ${actions}`;
}

function alterAction(printer: Printer, action: AlterTableAction): string {
  switch (action.kind) {
    case "addColumn":
      if (action.column.constraints.length > 0) printer.need("ADD COLUMN with constraints", action.column);
      return `ADD COLUMN ${action.ifNotExists ? "IF NOT EXISTS " : ""}${printColumn(printer, action.column)}`;
    case "dropColumn":
    case "dropConstraint": {
      const object = action.kind === "dropColumn" ? "COLUMN" : "CONSTRAINT";
      const name = `${action.ifExists ? "IF EXISTS " : ""}${printer.identifier(action.name)}`;
      return `DROP ${object} ${name}${action.cascade ? " CASCADE" : ""}`;
    }
    case "renameColumn":
      return `RENAME COLUMN ${printer.identifier(action.name)} TO ${printer.identifier(action.to)}`;
    case "renameConstraint":
      printer.need("RENAME CONSTRAINT");
      return `RENAME CONSTRAINT ${printer.identifier(action.name)} TO ${printer.identifier(action.to)}`;
    case "renameTable":
      return `RENAME TO ${printer.identifier(action.to)}`;
    case "addConstraint":
      return `ADD ${printConstraint(printer, action.constraint)}`;
    case "setProperties":
      return `SET (${properties(printer, action.properties, " = ")})`;
    default:
      return `ALTER COLUMN ${printer.identifier(action.name)} ${alterColumn(printer, action)}`;
  }
}

type ColumnAction = Extract<
  AlterTableAction,
  { kind: "setType" | "setDefault" | "dropDefault" | "setNotNull" | "dropNotNull" }
>;

function alterColumn(printer: Printer, action: ColumnAction): string {
  switch (action.kind) {
    case "setType": {
      const using = action.using === undefined ? "" : ` USING ${printer.expression(action.using)}`;
      return `TYPE ${printer.type(action.type)}${using}`;
    }
    case "setDefault":
      return `SET DEFAULT ${printer.expression(action.expression)}`;
    case "dropDefault":
      return "DROP DEFAULT";
    case "setNotNull":
      return "SET NOT NULL";
    case "dropNotNull":
      return "DROP NOT NULL";
    default:
      return unreachable(action);
  }
}

function createView(printer: Printer, node: CreateView): string {
  const columns = node.columns === undefined ? "" : ` (${printer.identifiers(node.columns)})`;
  if (node.properties.length > 0 || node.checkOption !== undefined) printer.need("View options", node);
  const head = `${createHead(printer, node, "VIEW")}${columns}${withProperties(printer, node.properties)}`;
  const check = node.checkOption === undefined ? "" : ` WITH ${node.checkOption.toUpperCase()} CHECK OPTION`;
  return `${head} AS ${printer.query(node.query)}${check}`;
}

function alterView(printer: Printer, node: AlterView): string {
  if (node.materialized) printer.need("A materialized view", node);
  const name = `${node.ifExists ? "IF EXISTS " : ""}${printer.name(node.name)}`;
  const head = `ALTER ${node.materialized ? "MATERIALIZED " : ""}VIEW ${name}`;
  switch (node.action.kind) {
    case "rename":
      return `${head} RENAME TO ${printer.identifier(node.action.to)}`;
    case "renameColumn":
      printer.need("RENAME COLUMN of a view", node);
      return `${head} RENAME COLUMN ${printer.identifier(node.action.name)} TO ${
        printer.identifier(node.action.to)
      }`;
    case "setProperties":
      return `${head} SET (${properties(printer, node.action.properties, " = ")})`;
    default:
      return unreachable(node.action);
  }
}

function createMaterializedView(printer: Printer, node: CreateMaterializedView): string {
  printer.need("A materialized view", node);
  const columns = node.columns === undefined ? "" : ` (${printer.identifiers(node.columns)})`;
  const head = createHead(printer, node, "MATERIALIZED VIEW");
  const data = node.withData ? "" : " WITH NO DATA";
  return `${head}${columns}${withProperties(printer, node.properties)} AS ${
    printer.query(node.query)
  }${data}`;
}

function createIndex(printer: Printer, node: CreateIndex): string {
  printer.need("An index", node);
  const options = node.include ?? node.where ?? node.method ?? node.nullsNotDistinct;
  if (options !== undefined || node.name === undefined || node.concurrently) {
    printer.need("Index options", node);
  }
  const words = ["CREATE"];
  if (node.unique) words.push("UNIQUE");
  words.push("INDEX");
  if (node.concurrently) words.push("CONCURRENTLY");
  if (node.ifNotExists) words.push("IF NOT EXISTS");
  if (node.name !== undefined) words.push(printer.name(node.name));
  words.push("ON", printer.name(node.table));
  if (node.method !== undefined) words.push(`USING ${node.method}`);
  const items = node.items.map((item) => {
    const direction = item.direction === undefined ? "" : ` ${item.direction.toUpperCase()}`;
    const nulls = item.nulls === undefined ? "" : ` NULLS ${item.nulls.toUpperCase()}`;
    return `${printIndexKey(printer, item.expression)}${direction}${nulls}`;
  });
  words.push(`(${items.join(", ")})`);
  if (node.include !== undefined) words.push(`INCLUDE (${printer.identifiers(node.include)})`);
  if (node.nullsNotDistinct === true) words.push("NULLS NOT DISTINCT");
  if (node.where !== undefined) words.push(`WHERE ${printer.expression(node.where)}`);
  return words.join(" ");
}

function drop(printer: Printer, node: Drop): string {
  if (node.object === "dynamic table") printer.need("A dynamic table", node);
  if (node.object === "materialized view") printer.need("A materialized view", node);
  if (node.names.length > 1) printer.need("Several objects in one statement", node);
  const names = node.names.map((name) => printer.name(name)).join(", ");
  const cascade = node.behavior === "cascade" ? " CASCADE" : "";
  return `DROP ${node.object.toUpperCase()} ${node.ifExists ? "IF EXISTS " : ""}${names}${cascade}`;
}

function createDynamicTable(printer: Printer, node: CreateDynamicTable): string {
  printer.need("A dynamic table", node);
  const words = ["CREATE"];
  if (node.orReplace) words.push("OR REPLACE");
  if (node.orAlter === true) words.push("OR ALTER");
  if (node.transient) words.push("TRANSIENT");
  words.push("DYNAMIC TABLE");
  if (node.ifNotExists) words.push("IF NOT EXISTS");
  words.push(printer.name(node.name));
  if (node.columns !== undefined) {
    words.push(`(${node.columns.map((column) => printColumn(printer, column)).join(", ")})`);
  }
  for (const property of node.properties) words.push(printDynamicTableProperty(printer, property));
  return `${words.join(" ")} AS ${printer.query(node.query)}`;
}

function copy(printer: Printer, node: Copy): string {
  printer.need("COPY", node);
  if (node.where !== undefined) printer.need("COPY of some rows", node);
  const { source } = node;
  const columns = source.kind === "table" && source.columns !== undefined
    ? ` (${printer.identifiers(source.columns)})`
    : "";
  const from = source.kind === "table"
    ? `${printer.name(source.name)}${columns}`
    : `(${printer.statement(source.query)})`;
  const stream = node.file === "stdin" || node.file === "stdout";
  const file = stream ? node.file.toUpperCase() : printer.string(node.file);
  const options = node.options.length === 0 ? "" : ` WITH (${properties(printer, node.options, " ")})`;
  const where = node.where === undefined ? "" : ` WHERE ${printer.expression(node.where)}`;
  return `COPY ${from} ${node.direction.toUpperCase()} ${file}${options}${where}`;
}

function explain(printer: Printer, node: Explain): string {
  if (node.options.some((option) => option.name !== "analyze")) printer.need("EXPLAIN options", node);
  const listed = node.options.some(({ name }) => name === "analyze");
  const written = node.analyze && !listed ? [{ name: "analyze" }, ...node.options] : node.options;
  const bare = written.length === 1 && written[0]?.name === "analyze" && written[0].value === undefined;
  const list = bare ? " ANALYZE" : written.length === 0 ? "" : ` (${properties(printer, written, " ")})`;
  return `EXPLAIN${list} ${printer.statement(node.statement)}`;
}

function show(printer: Printer, node: Show): string {
  const objects = node.subject.endsWith("s") && (node.subject.includes(" ") || node.name !== undefined ||
    [
      "tables",
      "views",
      "columns",
      "indexes",
      "schemas",
      "databases",
      "warehouses",
      "functions",
      "parameters",
      "alerts",
    ]
      .includes(node.subject));
  if (!objects) {
    return `SHOW ${node.subject.split(".").map((name) => printer.identifier({ name })).join(".")}`;
  }
  printer.need("SHOW", node);
  const words = [`SHOW ${node.terse === true ? "TERSE " : ""}${node.subject.toUpperCase()}`];
  if (node.like !== undefined) words.push(`LIKE ${printer.string(node.like)}`);
  if (node.scope !== undefined || node.name !== undefined) words.push("IN");
  if (node.scope !== undefined) words.push(node.scope.toUpperCase());
  if (node.name !== undefined) words.push(printer.name(node.name));
  if (node.startsWith !== undefined) words.push(`STARTS WITH ${printer.string(node.startsWith)}`);
  if (node.limit !== undefined) words.push(`LIMIT ${node.limit}`);
  return words.join(" ");
}

function setVariable(printer: Printer, node: SetVariable): string {
  const name = node.name.split(".").map((part) => printer.identifier({ name: part })).join(".");
  if (node.value === undefined) {
    if (node.local) printer.need("SET LOCAL", node);
    if (node.name === "all") printer.need("RESET ALL", node);
    if (node.local) return `SET LOCAL ${name} TO DEFAULT`;
    return node.name === "all" ? "RESET ALL" : `RESET ${name}`;
  }
  if (isList(node.value)) {
    printer.need(node.name === "transaction" ? "Transaction modes" : "SET of a list", node);
  }
  if (node.name === "transaction" && isList(node.value)) {
    return `SET TRANSACTION ${node.value.join(", ").toUpperCase()}`;
  }
  if (node.local) printer.need("SET LOCAL", node);
  const values = isList(node.value) ? node.value : [node.value];
  const list = values.map((value) => propertyValue(printer, value)).join(", ");
  return `SET ${node.local ? "LOCAL " : ""}${name} TO ${list}`;
}
