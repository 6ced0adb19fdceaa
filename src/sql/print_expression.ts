/**
 * Prints expressions, with the fewest parentheses that keep the tree.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type {
  Argument,
  Binary,
  Case,
  Expression,
  FieldAccess,
  FrameBound,
  FunctionCall,
  IntervalLiteral,
  Like,
  OrderItem,
  Parameter,
  Slice,
  Star,
  Subscript,
  TypedLiteral,
  Unary,
  WindowFrame,
  WindowName,
  WindowSpecification,
} from "../query/ast.ts";
import { CALL_WORDS, JOIN_WORDS, NILADIC } from "./keywords.ts";
import { isInteger, mayBeInteger } from "./numeric_shape.ts";
import { operatorPower, POWER } from "./precedence.ts";
import { bindingPower, entry, type Printer } from "./printer.ts";

/** The text of an expression. */
export function printExpressionNode(printer: Printer, node: Expression): string {
  switch (node.kind) {
    case "number":
      return node.text;
    case "string":
      if (node.prefix === undefined) return printer.string(node.value);
      printer.need("A bit string", node);
      return `${node.prefix.toUpperCase()}${printer.string(node.value)}`;
    case "boolean":
      return node.value ? "TRUE" : "FALSE";
    case "null":
      return "NULL";
    case "default":
      return "DEFAULT";
    case "typed":
      return typedLiteral(printer, node);
    case "interval":
      return intervalLiteral(printer, node);
    case "parameter":
      return parameter(printer, node);
    case "column":
      return printer.name(node.name);
    case "star":
      return star(printer, node);
    case "unary":
      return unary(printer, node);
    case "binary":
      return binary(printer, node);
    case "and":
      return node.arguments.map((argument) => printer.operand(argument, POWER.not)).join(" AND ");
    case "or":
      return node.arguments.map((argument) => printer.operand(argument, POWER.and)).join(" OR ");
    case "not":
      return `NOT ${printer.operand(node.argument, POWER.not)}`;
    default:
      return predicate(printer, node);
  }
}

type Predicate = Exclude<
  Expression,
  {
    kind:
      | "number"
      | "string"
      | "boolean"
      | "null"
      | "default"
      | "typed"
      | "interval"
      | "parameter"
      | "column"
      | "star"
      | "unary"
      | "binary"
      | "and"
      | "or"
      | "not";
  }
>;

function predicate(printer: Printer, node: Predicate): string {
  const not = "negated" in node && node.negated ? "NOT " : "";
  switch (node.kind) {
    case "is":
      if (node.test.startsWith("json")) printer.need("IS JSON", node);
      return `${printer.operand(node.argument, POWER.comparison)} IS ${not}${node.test.toUpperCase()}`;
    case "isDistinctFrom": {
      const [left, right] = [node.left, node.right].map((side) => printer.operand(side, POWER.comparison));
      return `${left} IS ${not}DISTINCT FROM ${right}`;
    }
    case "between": {
      if (node.symmetric) printer.need("BETWEEN SYMMETRIC", node);
      const [argument, low, high] = [node.argument, node.low, node.high]
        .map((part) => printer.operand(part, POWER.other));
      return `${argument} ${not}BETWEEN ${node.symmetric ? "SYMMETRIC " : ""}${low} AND ${high}`;
    }
    case "inList":
      return `${printer.operand(node.argument, POWER.other)} ${not}IN (${printer.expressions(node.items)})`;
    case "inQuery":
      return `${printer.operand(node.argument, POWER.other)} ${not}IN (${printer.query(node.query)})`;
    case "like":
      return like(printer, node);
    case "quantifiedQuery":
    case "quantifiedArray": {
      printer.need("A quantified comparison", node);
      if (node.operator.endsWith("like")) printer.need("LIKE ANY and LIKE ALL", node);
      const inner = node.kind === "quantifiedQuery"
        ? printer.query(node.query)
        : printer.expression(node.array);
      const left = printer.operand(node.left, POWER.other + 1);
      return `${left} ${node.operator.toUpperCase()} ${node.quantifier.toUpperCase()} (${inner})`;
    }
    case "atTimeZone": {
      const argument = printer.operand(node.argument, POWER.at);
      if (node.zone !== undefined) {
        return `${argument} AT TIME ZONE ${printer.operand(node.zone, POWER.at + 1)}`;
      }
      printer.need("AT LOCAL", node);
      return `${argument} AT LOCAL`;
    }
    case "collate":
      printer.need("COLLATE", node);
      return `${printer.operand(node.argument, POWER.collate)} COLLATE ${printer.name(node.collation)}`;
    default:
      return atom(printer, node);
  }
}

type Atom = Exclude<
  Predicate,
  {
    kind:
      | "is"
      | "isDistinctFrom"
      | "between"
      | "inList"
      | "inQuery"
      | "like"
      | "quantifiedQuery"
      | "quantifiedArray"
      | "atTimeZone"
      | "collate";
  }
>;

function atom(printer: Printer, node: Atom): string {
  switch (node.kind) {
    case "exists":
      return `EXISTS (${printer.query(node.query)})`;
    case "subquery":
      return `(${printer.query(node.query)})`;
    case "arrayQuery":
      return `ARRAY(${printer.query(node.query)})`;
    case "case":
      return caseExpression(printer, node);
    case "cast":
      if (node.tolerant) printer.need("TRY_CAST", node);
      return `${node.tolerant ? "TRY_CAST" : "CAST"}(${printer.expression(node.argument)} AS ${
        printer.type(node.type)
      })`;
    case "call":
      return functionCall(printer, node);
    case "array": {
      const items = printer.expressions(node.items);
      return printer.dialect.arrayBrackets === true ? `[${items}]` : `ARRAY[${items}]`;
    }
    case "row": {
      const explicit = node.explicit || node.items.length < 2;
      return `${explicit ? "ROW" : ""}(${printer.expressions(node.items)})`;
    }
    case "subscript":
    case "slice":
    case "field":
      return access(printer, node);
    case "path":
      printer.need("A path in a semi-structured column", node);
      return `${printer.expression(node.argument)}:${printer.name(node.path)}`;
    default:
      return unreachable(node);
  }
}

function parameter(printer: Printer, node: Parameter): string {
  printer.need(node.index === undefined ? "A named parameter" : "A positional parameter", node);
  return node.index === undefined
    ? `${printer.dialect.parameterPrefix ?? ":"}${node.name}`
    : `$${node.index}`;
}

function typedLiteral(printer: Printer, node: TypedLiteral): string {
  const type = printer.type(node.type);
  const value = printer.string(node.value);
  return printer.dialect.typed?.(node.type.name, value) ?? `${type} ${value}`;
}

function intervalLiteral(printer: Printer, node: IntervalLiteral): string {
  if (node.fields?.includes(" to ") === true) printer.need("An interval of several fields", node);
  if (printer.dialect.interval !== undefined) {
    const text = node.precision === undefined ? printer.dialect.interval(node.value, node.fields) : undefined;
    return text ?? printer.refuse(`INTERVAL ${printer.string(node.value)}`, node);
  }
  const value = printer.string(node.value);
  const precision = node.precision === undefined ? "" : `(${node.precision})`;
  if (node.fields === undefined) {
    return precision === "" ? `INTERVAL ${value}` : `INTERVAL ${precision} ${value}`;
  }
  if (!/^(year|month|day|hour|minute|second)\b/.test(node.fields)) {
    return `INTERVAL ${printer.string(spelledInterval(printer, node, node.fields))}`;
  }
  return `INTERVAL ${value} ${node.fields.toUpperCase()}${precision}`;
}

/** Units that are no fields go into the string; a quarter is three months. */
function spelledInterval(printer: Printer, node: IntervalLiteral, unit: string): string {
  const count = Number(node.value);
  if (node.value.trim() === "" || Number.isNaN(count)) {
    printer.refuse(`INTERVAL '${node.value}' ${unit}`, node);
  }
  return unit === "quarter" ? `${count * 3} month` : `${node.value} ${unit}`;
}

function star(printer: Printer, node: Star): string {
  const parts = [node.table.length === 0 ? "*" : `${printer.name(node.table)}.*`];
  if (node.exclude !== undefined || node.replace !== undefined) printer.need("* EXCLUDE", node);
  if (node.exclude !== undefined) {
    parts.push(`EXCLUDE (${node.exclude.map((name) => printer.name(name)).join(", ")})`);
  }
  if (node.replace !== undefined) {
    const items = node.replace.map(({ expression, alias }) =>
      `${printer.expression(expression)}${alias === undefined ? "" : ` AS ${printer.identifier(alias)}`}`
    );
    parts.push(`REPLACE (${items.join(", ")})`);
  }
  if (node.rename !== undefined) {
    printer.need("* RENAME", node);
    const items = node.rename.map(({ from, to }) =>
      `${printer.identifier(from)} AS ${printer.identifier(to)}`
    );
    parts.push(`RENAME (${items.join(", ")})`);
  }
  return parts.join(" ");
}

function unary(printer: Printer, node: Unary): string {
  const sign = node.operator === "-" || node.operator === "+";
  const rewrite = entry(printer.dialect.operators, `prefix ${node.operator}`);
  if (rewrite !== undefined) return rewrite(printer.expression(node.argument), "");
  const argument = printer.operand(node.argument, sign ? POWER.sign : POWER.other + 1);
  // `- -1` and `@ -1`: together the characters would be another token.
  return `${node.operator}${/^[-+*/<>=~!@#%^&|`?]/.test(argument) ? " " : ""}${argument}`;
}

function binary(printer: Printer, node: Binary): string {
  if (node.schema !== undefined) {
    printer.need("An operator with a schema", node);
    const name = [...node.schema.map((part) => printer.identifier(part)), node.operator].join(".");
    const [left, right] = sides(printer, node, POWER.other);
    return `${left} OPERATOR(${name}) ${right}`;
  }
  if (node.operator === "overlaps") printer.need("OVERLAPS", node);
  if (printer.dialect.refusedOperators.has(node.operator)) {
    printer.refuse(`The operator ${node.operator}`, node);
  }
  const rewrite = node.operator === "/"
    ? division(printer, node)
    : entry(printer.dialect.operators, node.operator);
  if (rewrite !== undefined) return rewrite(printer.expression(node.left), printer.expression(node.right));
  return operatorChain(printer, node, operatorPower(node.operator));
}

/** Operators of the same power to the left are printed in a loop, for chains can be thousands long. */
function operatorChain(printer: Printer, node: Binary, power: number): string {
  const parts: string[] = [];
  for (let current = node;;) {
    const word = current.operator === "overlaps" ? "OVERLAPS" : current.operator;
    parts.push(printer.operand(current.right, power + 1), word);
    const next = current.left;
    const plain = next.kind === "binary" && next.schema === undefined && next.operator !== "/" &&
      power !== POWER.comparison && operatorPower(next.operator) === power &&
      entry(printer.dialect.operators, next.operator) === undefined &&
      !printer.dialect.refusedOperators.has(next.operator);
    if (plain) current = next;
    else {
      parts.push(printer.operand(next, power === POWER.comparison ? power + 1 : power));
      return parts.reverse().join(" ");
    }
  }
}

function sides(printer: Printer, node: Binary, power: number): [left: string, right: string] {
  const leftPower = power === POWER.comparison ? power + 1 : power;
  return [printer.operand(node.left, leftPower), printer.operand(node.right, power + 1)];
}

/** The rewrite of a division of integers; refuses one that only may be of integers. */
function division(printer: Printer, node: Binary): ((left: string, right: string) => string) | undefined {
  const { integerDivision } = printer.dialect;
  if (integerDivision === undefined) return undefined;
  if (isInteger(node.left) && isInteger(node.right)) return integerDivision;
  if (printer.exactDivision || !mayBeInteger(node.left) || !mayBeInteger(node.right)) return undefined;
  return printer.refuse("A division of operands that may be integers", node);
}

function like(printer: Printer, node: Like): string {
  if (node.operator === "similar") printer.need("SIMILAR TO", node);
  const word = node.operator === "similar" ? "SIMILAR TO" : node.operator.toUpperCase();
  const pattern = printer.operand(node.pattern, POWER.other);
  const plain = node.pattern.kind === "string" && !node.pattern.value.includes("\\");
  const implied = printer.dialect.likeWithoutEscape === true && !plain
    ? ` ESCAPE ${printer.string("\\")}`
    : "";
  const escape = node.escape === undefined ? implied : ` ESCAPE ${printer.operand(node.escape, POWER.other)}`;
  const argument = printer.operand(node.argument, POWER.other);
  return `${argument} ${node.negated ? "NOT " : ""}${word} ${pattern}${escape}`;
}

function caseExpression(printer: Printer, node: Case): string {
  const branches = node.branches.map(({ when, then }) =>
    ` WHEN ${printer.expression(when)} THEN ${printer.expression(then)}`
  );
  const operand = node.operand === undefined ? "" : ` ${printer.expression(node.operand)}`;
  const otherwise = node.otherwise === undefined ? "" : ` ELSE ${printer.expression(node.otherwise)}`;
  return `CASE${operand}${branches.join("")}${otherwise} END`;
}

/** `a[1].b`: the chain is printed on its base, which keeps its parentheses unless it is a column or parameter. */
function access(printer: Printer, node: Subscript | Slice | FieldAccess): string {
  const { argument } = node;
  const chained = argument.kind === "subscript" || argument.kind === "slice" || argument.kind === "field";
  const bare = chained || argument.kind === "parameter" || argument.kind === "subquery" ||
    (argument.kind === "column" && node.kind !== "field");
  const base = bare ? printer.expression(argument) : `(${printer.expression(argument)})`;
  switch (node.kind) {
    case "subscript":
      return `${base}[${printer.expression(node.index)}]`;
    case "slice": {
      const low = node.low === undefined ? "" : printer.expression(node.low);
      const high = node.high === undefined ? "" : printer.expression(node.high);
      return `${base}[${low}:${high.startsWith(":") ? " " : ""}${high}]`;
    }
    case "field":
      if (node.name === "*") printer.need("A record's *", node);
      return `${base}.${node.name === "*" ? "*" : printer.identifier(node.name)}`;
    default:
      return unreachable(node);
  }
}

function functionCall(printer: Printer, node: FunctionCall): string {
  const parts = [callHead(printer, node)];
  if (node.withinGroup !== undefined) {
    printer.need("WITHIN GROUP", node);
    parts.push(`WITHIN GROUP (ORDER BY ${printOrder(printer, node.withinGroup)})`);
  }
  if (node.filter !== undefined) {
    printer.need("FILTER", node);
    parts.push(`FILTER (WHERE ${printer.expression(node.filter)})`);
  }
  if (node.nulls !== undefined) printer.need("IGNORE NULLS", node);
  if (node.nulls !== undefined && printer.dialect.nullsInside !== true) {
    parts.push(`${node.nulls.toUpperCase()} NULLS`);
  }
  if (node.over !== undefined) parts.push(`OVER ${printWindow(printer, node.over)}`);
  return parts.join(" ");
}

function callHead(printer: Printer, node: FunctionCall): string {
  const [first] = node.name;
  const plain = node.name.length === 1 && first !== undefined && first.quoted !== true ? first.name : "";
  const values = node.arguments.map((argument) => callArgument(printer, argument));
  const rewrite = entry(printer.dialect.calls, plain);
  if (typeof rewrite === "function") {
    if (node.orderBy !== undefined || node.distinct === true) {
      printer.refuse(`${plain} with DISTINCT or ORDER BY`, node);
    }
    return rewrite({ call: node, values, printer });
  }
  if (node.bare === true || (NILADIC.has(plain) && values.length === 0)) return rewrite ?? plain;
  if (node.syntax !== undefined) return specialCall(printer, node, values);
  const keyword = CALL_WORDS.has(plain) || JOIN_WORDS.has(plain) || NILADIC.has(plain);
  const name = rewrite ?? (keyword ? plain : printer.name(node.name));
  return `${name}(${argumentList(printer, node, values)})`;
}

function argumentList(printer: Printer, node: FunctionCall, values: readonly string[]): string {
  const parts = [
    node.star === true ? "*" : `${node.distinct === true ? "DISTINCT " : ""}${values.join(", ")}`,
  ];
  if (node.orderBy !== undefined) parts.push(`ORDER BY ${printOrder(printer, node.orderBy)}`);
  if (node.nulls !== undefined && printer.dialect.nullsInside === true) {
    parts.push(`${node.nulls.toUpperCase()} NULLS`);
  }
  if (node.onNull !== undefined) {
    printer.need("JSON constructors", node);
    parts.push(`${node.onNull.toUpperCase()} ON NULL`);
  }
  if (node.returning !== undefined) parts.push(`RETURNING ${printer.type(node.returning)}`);
  return parts.filter((part) => part !== "").join(" ");
}

function callArgument(printer: Printer, argument: Argument): string {
  const value = printer.expression(argument.value);
  if (argument.key !== undefined) {
    printer.need("JSON constructors", argument.value);
    return `${printer.expression(argument.key)}: ${value}`;
  }
  if (argument.name !== undefined) {
    printer.need("A named argument", argument.value);
    return `${printer.identifier(argument.name)} => ${value}`;
  }
  return argument.variadic === true ? `VARIADIC ${value}` : value;
}

function specialCall(printer: Printer, node: FunctionCall, values: readonly string[]): string {
  const [a = "", b = "", c, d] = values;
  switch (node.syntax) {
    case "extract": {
      const field = node.arguments[0]?.value;
      const word = field?.kind === "string" && /^[a-z_]+$/i.test(field.value) ? field.value : a;
      return `EXTRACT(${word} FROM ${b})`;
    }
    case "position": {
      const [inner, text] = node.arguments.map(({ value }) => printer.operand(value, POWER.other));
      return `POSITION(${inner} IN ${text})`;
    }
    case "substring from":
      return `SUBSTRING(${a} FROM ${b}${c === undefined ? "" : ` FOR ${c}`})`;
    case "substring for":
      return `SUBSTRING(${a} FOR ${b})`;
    case "substring similar":
      printer.need("SIMILAR TO", node);
      return `SUBSTRING(${a} SIMILAR ${b} ESCAPE ${c})`;
    case "overlay":
      printer.need("OVERLAY", node);
      return `OVERLAY(${a} PLACING ${b} FROM ${c}${d === undefined ? "" : ` FOR ${d}`})`;
    case "trim both":
    case "trim leading":
    case "trim trailing": {
      const side = node.syntax.slice("trim ".length).toUpperCase();
      return values.length < 2
        ? `TRIM(${side} FROM ${a})`
        : `TRIM(${side} ${b} FROM ${[a, ...values.slice(2)].join(", ")})`;
    }
    default:
      return printer.refuse(`The call syntax ${JSON.stringify(node.syntax)}`, node);
  }
}

/** The items of an ORDER BY, with NULLS FIRST or LAST where the dialect's default is another. */
export function printOrder(printer: Printer, items: readonly OrderItem[]): string {
  return items.map((item) => {
    const parts = [printer.expression(item.expression)];
    if (item.direction !== undefined) parts.push(item.direction.toUpperCase());
    if (item.using !== undefined) {
      printer.need("ORDER BY USING", item);
      parts.push(`USING ${item.using}`);
    }
    const implied = printer.dialect.nulls === "last" && item.direction === "desc" ? "first" : undefined;
    const nulls = item.nulls ?? implied;
    if (nulls !== undefined) parts.push(`NULLS ${nulls.toUpperCase()}`);
    return parts.join(" ");
  }).join(", ");
}

/** What stands after OVER, or after `name AS` in WINDOW. */
export function printWindow(printer: Printer, node: WindowSpecification | WindowName): string {
  if (node.kind === "windowName") return printer.identifier(node.name);
  const parts: string[] = [];
  if (node.base !== undefined) parts.push(printer.identifier(node.base));
  if (node.partitionBy.length > 0) parts.push(`PARTITION BY ${printer.expressions(node.partitionBy)}`);
  if (node.orderBy.length > 0) parts.push(`ORDER BY ${printOrder(printer, node.orderBy)}`);
  if (node.frame !== undefined) parts.push(windowFrame(printer, node.frame));
  return `(${parts.join(" ")})`;
}

function windowFrame(printer: Printer, frame: WindowFrame): string {
  if (frame.unit === "groups") printer.need("GROUPS in a window frame");
  const start = frameBound(printer, frame.start);
  const extent = frame.end === undefined ? start : `BETWEEN ${start} AND ${frameBound(printer, frame.end)}`;
  if (frame.exclude === undefined) return `${frame.unit.toUpperCase()} ${extent}`;
  printer.need("EXCLUDE in a window frame");
  return `${frame.unit.toUpperCase()} ${extent} EXCLUDE ${frame.exclude.toUpperCase()}`;
}

function frameBound(printer: Printer, bound: FrameBound): string {
  const offset = bound.offset === undefined ? "" : printer.operand(bound.offset, POWER.other);
  switch (bound.kind) {
    case "unboundedPreceding":
      return "UNBOUNDED PRECEDING";
    case "unboundedFollowing":
      return "UNBOUNDED FOLLOWING";
    case "currentRow":
      return "CURRENT ROW";
    case "preceding":
      return `${offset} PRECEDING`;
    case "following":
      return `${offset} FOLLOWING`;
    default:
      return unreachable(bound.kind);
  }
}

/** An expression that can stand without parentheses in an index or a conflict target: a column or a call. */
export function printIndexKey(printer: Printer, node: Expression): string {
  const text = printer.expression(node);
  return node.kind === "column" || (node.kind === "call" && bindingPower(node) === POWER.atom)
    ? text
    : `(${text})`;
}
