/**
 * INSERT, UPDATE, DELETE and MERGE.
 *
 * @module
 */
import type {
  Assignment,
  Delete,
  Expression,
  Insert,
  Merge,
  MergeAction,
  NamedTable,
  OnConflict,
  SelectItem,
  Update,
  With,
} from "../query/ast.ts";
import { startsQuery } from "./parse_primary.ts";
import { parseSelectItems } from "./parse_query.ts";
import { parseAlias, parseTableReference } from "./parse_table_reference.ts";
import type { Draft, Parser } from "./parser.ts";

/** The data change that starts here after its WITH clause, if one does. */
export function parseDataChange(
  parser: Parser,
  from: number,
  ctes: With | undefined,
): Insert | Update | Delete | Merge | undefined {
  const clause = ctes === undefined ? {} : { with: ctes };
  if (parser.take("insert")) return parser.node(from, { ...insert(parser), ...clause });
  if (parser.take("update")) return parser.node(from, { ...update(parser), ...clause });
  if (parser.take("delete")) return parser.node(from, { ...deletion(parser), ...clause });
  if (parser.take("merge")) return parser.node(from, { ...merge(parser), ...clause });
  return undefined;
}

function insert(parser: Parser): Insert {
  const or = parser.takeAnyOf("or replace", "or ignore");
  parser.expectWords("into");
  const node: Draft<Insert> = { kind: "insert", table: parser.name("a table name") };
  if (or !== undefined) node.or = or === "or replace" ? "replace" : "ignore";
  if (parser.take("as")) node.alias = parser.identifier();
  if (parser.isMark("(") && !startsQuery(parser, 1)) node.columns = parser.identifierList();
  if (parser.take("overriding")) {
    const overriding = parser.takeAnyOf("system", "user");
    if (overriding === undefined) parser.fail("SYSTEM or USER");
    node.overriding = overriding;
    parser.expectWords("value");
  }
  const defaults = node.columns === undefined && node.overriding === undefined &&
    parser.takeAll("default", "values");
  if (!defaults) node.query = parser.query();
  if (parser.take("on")) node.onConflict = onConflict(parser);
  const items = returning(parser);
  if (items !== undefined) node.returning = items;
  return node;
}

function onConflict(parser: Parser): OnConflict {
  const { from } = parser.token;
  parser.expectWords("conflict");
  const node: Draft<OnConflict> = { action: { kind: "nothing" } };
  if (parser.isMark("(")) {
    node.target = parser.parenthesizedList((inner) => inner.expression());
    if (parser.take("where")) node.targetWhere = parser.expression();
  } else if (parser.takeAll("on", "constraint")) node.constraint = parser.identifier();
  parser.expectWords("do");
  if (!parser.take("nothing")) {
    parser.expectWords("update", "set");
    const set = parser.list(assignment);
    node.action = parser.take("where")
      ? { kind: "update", set, where: parser.expression() }
      : { kind: "update", set };
  }
  return parser.node<OnConflict>(from, node);
}

function returning(parser: Parser): SelectItem[] | undefined {
  return parser.take("returning") ? parseSelectItems(parser) : undefined;
}

function assignment(parser: Parser): Assignment {
  const { from } = parser.token;
  const parenthesized = parser.isMark("(");
  const columns = parenthesized ? parser.parenthesizedList((inner) => inner.name()) : [parser.name()];
  if (parser.isMark("[")) parser.reject("Assignments to array elements are not supported");
  parser.expectOperator("=");
  const node: Draft<Assignment> = { columns, value: parser.expression() };
  if (parenthesized) node.parenthesized = true;
  return parser.node<Assignment>(from, node);
}

function targetTable(parser: Parser): NamedTable {
  const { from } = parser.token;
  const only = parser.take("only");
  const node: Draft<NamedTable> = { kind: "table", name: parser.name("a table name") };
  if (only) node.only = true;
  parser.takeOperator("*");
  const alias = parseAlias(parser);
  if (alias?.columns !== undefined || alias?.types !== undefined) {
    parser.reject("The target of a data change cannot rename its columns", alias.span);
  }
  if (alias !== undefined) node.alias = alias;
  return parser.node<NamedTable>(from, node);
}

function update(parser: Parser): Update {
  const table = targetTable(parser);
  parser.expectWords("set");
  const node: Draft<Update> = { kind: "update", table, set: parser.list(assignment) };
  if (parser.take("from")) node.from = parser.list(parseTableReference);
  const where = whereClause(parser);
  if (where !== undefined) node.where = where;
  const items = returning(parser);
  if (items !== undefined) node.returning = items;
  return node;
}

function deletion(parser: Parser): Delete {
  parser.expectWords("from");
  const node: Draft<Delete> = { kind: "delete", table: targetTable(parser) };
  if (parser.take("using")) node.using = parser.list(parseTableReference);
  const where = whereClause(parser);
  if (where !== undefined) node.where = where;
  const items = returning(parser);
  if (items !== undefined) node.returning = items;
  return node;
}

function whereClause(parser: Parser): Expression | undefined {
  return parser.take("where") ? parser.expression() : undefined;
}

function merge(parser: Parser): Merge {
  parser.expectWords("into");
  const table = targetTable(parser);
  parser.expectWords("using");
  const source = parseTableReference(parser);
  parser.expectWords("on");
  const on = parser.expression();
  const whens: Merge["whens"][number][] = [];
  while (parser.take("when")) whens.push(mergeWhen(parser));
  if (whens.length === 0) parser.fail("WHEN");
  const node: Draft<Merge> = { kind: "merge", table, source, on, whens };
  const items = returning(parser);
  if (items !== undefined) node.returning = items;
  return node;
}

function mergeWhen(parser: Parser): Merge["whens"][number] {
  const matched = !parser.take("not");
  parser.expectWords("matched");
  const node: Draft<Merge["whens"][number]> = { matched, action: { kind: "nothing" } };
  if (!matched && parser.take("by")) {
    const by = parser.takeAnyOf("source", "target");
    if (by === undefined) parser.fail("SOURCE or TARGET");
    node.by = by;
  }
  if (parser.take("and")) node.condition = parser.expression();
  parser.expectWords("then");
  node.action = mergeAction(parser, matched || node.by === "source");
  return node;
}

/** Rows of the target can be updated and deleted; rows of the source alone can be inserted. */
function mergeAction(parser: Parser, inTarget: boolean): MergeAction {
  if (inTarget && parser.take("delete")) return { kind: "delete" };
  if (inTarget && parser.take("update")) {
    parser.expectWords("set");
    return { kind: "update", set: parser.list(assignment) };
  }
  if (!inTarget && parser.take("insert")) {
    const columns = parser.isMark("(") ? { columns: parser.identifierList() } : {};
    if (parser.takeAll("default", "values")) return { kind: "insert", ...columns };
    parser.expectWords("values");
    return { kind: "insert", ...columns, values: parser.parenthesizedList((inner) => inner.expression()) };
  }
  parser.expectWords("do", "nothing");
  return { kind: "nothing" };
}
