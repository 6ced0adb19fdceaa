/**
 * Column definitions and constraints.
 *
 * @module
 */
import type { ColumnDefinition, Constraint, Identifier, QualifiedName } from "../query/ast.ts";
import type { Draft, Parser } from "./parser.ts";
import { POWER } from "./precedence.ts";

/** What every constraint may carry besides its kind. */
type ConstraintBase = Draft<Pick<Constraint, "name" | "deferrable" | "initiallyDeferred">>;

/** A column: name, type (optional where columns are only renamed), constraints. */
export function parseColumn(parser: Parser, typeOptional = false): ColumnDefinition {
  const { from } = parser.token;
  const constraints: Constraint[] = [];
  const node: Draft<ColumnDefinition> = { name: parser.identifier("a column name"), constraints };
  const bare = parser.token.type === "mark" || parser.token.type === "end";
  if (!typeOptional || !bare) node.type = parser.type();
  for (;;) {
    if (parser.take("collate")) {
      node.collation = parser.name();
      continue;
    }
    const constraint = parseColumnConstraint(parser);
    if (constraint === undefined) return parser.node<ColumnDefinition>(from, node);
    constraints.push(constraint);
  }
}

function parseColumnConstraint(parser: Parser): Constraint | undefined {
  const { from } = parser.token;
  const base = constraintName(parser);
  const kind = parser.takeAnyOf(
    "not null",
    "null",
    "check",
    "primary key",
    "unique",
    "references",
    "default",
    "generated",
  );
  if (kind === undefined) {
    if (base.name !== undefined) parser.fail("a constraint");
    return undefined;
  }
  const body = columnConstraintBody(parser, kind);
  deferral(parser, base);
  return parser.node<Constraint>(from, { ...body, ...base });
}

function columnConstraintBody(parser: Parser, kind: string): Constraint {
  switch (kind) {
    case "not null":
      return { kind: "notNull" };
    case "null":
      return { kind: "null" };
    case "check":
      return { kind: "check", expression: parser.parenthesized((inner) => inner.expression()) };
    case "primary key":
      return { kind: "primaryKey" };
    case "unique":
      return parser.takeAll("nulls", "not", "distinct") ? { kind: "unique", nullsNotDistinct: true } : {
        kind: "unique",
      };
    case "references":
      return reference(parser, {});
    case "default":
      return { kind: "default", expression: parser.expression(POWER.range) };
    default:
      return generated(parser);
  }
}

function generated(parser: Parser): Constraint {
  const always = parser.take("always");
  if (!always) parser.expectWords("by", "default");
  parser.expectWords("as");
  if (parser.take("identity")) return { kind: "identity", always };
  if (!always) parser.fail("IDENTITY");
  const expression = parser.parenthesized((inner) => inner.expression());
  const stored = parser.take("stored");
  if (!stored) parser.take("virtual");
  return { kind: "generated", expression, stored };
}

/** A constraint of the table, when one starts here. */
export function parseTableConstraint(parser: Parser): Constraint | undefined {
  const { from } = parser.token;
  const base = constraintName(parser);
  const kind = parser.takeAnyOf("check", "primary key", "unique", "foreign key");
  if (kind === undefined) {
    if (base.name !== undefined) parser.fail("a constraint");
    return undefined;
  }
  const body = tableConstraintBody(parser, kind);
  deferral(parser, base);
  return parser.node<Constraint>(from, { ...body, ...base });
}

function tableConstraintBody(parser: Parser, kind: string): Constraint {
  switch (kind) {
    case "check":
      return { kind: "check", expression: parser.parenthesized((inner) => inner.expression()) };
    case "primary key":
      return { kind: "primaryKey", columns: parser.identifierList() };
    case "unique": {
      const nullsNotDistinct = parser.takeAll("nulls", "not", "distinct");
      const columns = parser.identifierList();
      return nullsNotDistinct ? { kind: "unique", columns, nullsNotDistinct } : { kind: "unique", columns };
    }
    default: {
      const columns = parser.identifierList();
      parser.expectWords("references");
      return reference(parser, { columns });
    }
  }
}

function constraintName(parser: Parser): ConstraintBase {
  return parser.take("constraint") ? { name: parser.identifier() } : {};
}

function deferral(parser: Parser, base: ConstraintBase): void {
  const deferrable = parser.takeAnyOf("not deferrable", "deferrable");
  if (deferrable !== undefined) base.deferrable = deferrable === "deferrable";
  if (!parser.take("initially")) return;
  const initially = parser.takeAnyOf("deferred", "immediate");
  if (initially === undefined) parser.fail("DEFERRED or IMMEDIATE");
  base.initiallyDeferred = initially === "deferred";
}

function reference(parser: Parser, local: { columns?: readonly Identifier[] }): Constraint {
  const node: {
    kind: "references";
    columns?: readonly Identifier[];
    table: QualifiedName;
    targetColumns?: readonly Identifier[];
    onDelete?: string;
    onUpdate?: string;
  } = { kind: "references", ...local, table: parser.name("a table name") };
  if (parser.isMark("(")) node.targetColumns = parser.identifierList();
  while (parser.take("on")) {
    const event = parser.takeAnyOf("delete", "update");
    if (event === undefined) parser.fail("DELETE or UPDATE");
    const action = parser.takeAnyOf("no action", "restrict", "cascade", "set null", "set default");
    if (action === undefined) parser.fail("a referential action");
    if (event === "delete") node.onDelete = action;
    else node.onUpdate = action;
  }
  return node;
}
