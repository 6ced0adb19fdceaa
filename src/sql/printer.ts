/**
 * The printer's state: the dialect, and the small pieces of text that every printing rule needs.
 *
 * Rules reach each other through {@linkcode PrintRules}, as in the parser, so that no two files import each other.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type {
  Expression,
  FunctionCall,
  Identifier,
  Located,
  QualifiedName,
  Query,
  Statement,
  TypeName,
} from "../query/ast.ts";
import { CALL_WORDS, JOIN_WORDS, RESERVED } from "./keywords.ts";
import { operatorPower, POWER } from "./precedence.ts";

/** The dialects that can be printed. */
export type DialectName = "postgresql" | "duckdb" | "clickhouse" | "snowflake" | "materialize";

/** What a dialect may lack. The value is what the error message says. */
export type Feature =
  | "QUALIFY"
  | "GROUP BY ALL"
  | "GROUP BY DISTINCT"
  | "GROUPING SETS"
  | "ORDER BY ALL"
  | "UNION BY NAME"
  | "ASOF JOIN"
  | "MATCH_CONDITION"
  | "SEMI and ANTI JOIN"
  | "NATURAL JOIN"
  | "* EXCLUDE"
  | "* RENAME"
  | "PIVOT"
  | "TRY_CAST"
  | "A path in a semi-structured column"
  | "IGNORE NULLS"
  | "DISTINCT ON"
  | "SELECT INTO"
  | "LATERAL"
  | "ROWS FROM"
  | "WITH ORDINALITY"
  | "TABLESAMPLE"
  | "FETCH WITH TIES"
  | "GROUPS in a window frame"
  | "EXCLUDE in a window frame"
  | "WITHIN GROUP"
  | "FILTER"
  | "SIMILAR TO"
  | "OVERLAPS"
  | "OVERLAY"
  | "IS JSON"
  | "A row comparison"
  | "A quantified comparison"
  | "An operator with a schema"
  | "ORDER BY USING"
  | "An interval of several fields"
  | "A bit string"
  | "AT LOCAL"
  | "COLLATE"
  | "SEARCH and CYCLE"
  | "A recursive query"
  | "A data change in WITH"
  | "MERGE"
  | "MERGE NOT MATCHED BY SOURCE"
  | "ON CONFLICT"
  | "INSERT OR"
  | "RETURNING"
  | "UPDATE FROM"
  | "DELETE USING"
  | "OR REPLACE"
  | "IF NOT EXISTS of a view"
  | "A dynamic table"
  | "A materialized view"
  | "An index"
  | "A deferrable constraint"
  | "IDENTITY"
  | "COPY"
  | "SHOW"
  | "DESCRIBE"
  | "JSON constructors"
  | "A named argument"
  | "A named parameter"
  | "A positional parameter"
  | "WINDOW"
  | "ASOF JOIN without MATCH_CONDITION"
  | "BETWEEN SYMMETRIC"
  | "LIKE ANY and LIKE ALL"
  | "A record's *"
  | "An alias of JOIN USING"
  | "ON CONFLICT with an expression or a constraint"
  | "A referential action"
  | "A stored generated column"
  | "NULLS NOT DISTINCT"
  | "LIKE in CREATE TABLE"
  | "A table without columns"
  | "A select list without items"
  | "Several ALTER actions"
  | "RENAME CONSTRAINT"
  | "ADD COLUMN with constraints"
  | "View options"
  | "RENAME COLUMN of a view"
  | "Index options"
  | "Several objects in one statement"
  | "EXPLAIN options"
  | "SET LOCAL"
  | "SET of a list"
  | "RESET ALL"
  | "Transaction modes"
  | "A savepoint"
  | "COPY of some rows"
  | "COMMENT ON MATERIALIZED VIEW";

/** How a call is written in another dialect; gets the printed arguments. */
export type CallRewrite = (input: {
  readonly call: FunctionCall;
  readonly values: readonly string[];
  readonly printer: Printer;
}) => string;

/** How an infix operator is written in another dialect. */
export type OperatorRewrite = (left: string, right: string) => string;

/** One dialect, as data. */
export interface Dialect {
  readonly name: DialectName;
  readonly title: string;
  readonly unsupported: ReadonlySet<Feature>;
  /** Unquoted names fold to upper case, so that names in lower case are never quoted. */
  readonly foldsUpper?: boolean;
  readonly quote: (name: string) => string;
  readonly string: (value: string) => string;
  /** Names of types that differ; those in `bareTypes` lose their modifiers. */
  readonly types: Readonly<Record<string, string>>;
  readonly bareTypes: ReadonlySet<string>;
  readonly calls: Readonly<Record<string, string | CallRewrite>>;
  readonly operators: Readonly<Record<string, OperatorRewrite>>;
  /** Where NULLs sort without NULLS FIRST or LAST: PostgreSQL puts them last ascending and first descending. */
  readonly nulls: "postgresql" | "last";
  /** How a division of two integers is written; absent where `/` already is one. */
  /** Operators without a form of the same meaning. */
  readonly refusedOperators: ReadonlySet<string>;
  /** IGNORE NULLS stands inside of the parentheses. */
  readonly nullsInside?: boolean;
  readonly integerDivision?: OperatorRewrite;
  /** LIKE has no escape character unless ESCAPE names one; PostgreSQL has the backslash. */
  readonly likeWithoutEscape?: boolean;
  readonly arrayBrackets?: boolean;
  /** What begins a named parameter; a colon unless said otherwise. */
  readonly parameterPrefix?: string;
  readonly interval?: (value: string, fields: string | undefined) => string | undefined;
  readonly typed?: (type: string, value: string) => string | undefined;
}

/** Options of the print functions. */
export interface PrintOptions {
  /** PostgreSQL unless said otherwise. */
  readonly dialect?: DialectName;
  /**
   * The caller knows that no division has two integer operands, or that the target divides integers as
   * PostgreSQL does. Otherwise a division that may be one of integers is refused where `/` means another thing.
   */
  readonly exactDivision?: boolean;
}

/** The entry of each rule that another rule needs. */
export interface PrintRules {
  readonly expression: (printer: Printer, node: Expression) => string;
  readonly query: (printer: Printer, node: Query) => string;
  readonly statement: (printer: Printer, node: Statement) => string;
}

/** An entry of a table of a dialect; names such as `constructor` are none. */
export function entry<V>(table: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const SIMPLE_NAME = /^[a-z_][a-z0-9_$]*$/;
const SIMPLE_TYPE = /^[a-z_][a-z0-9_ $]*$/;

/** Prints for one dialect. Has no state besides its options. */
export class Printer {
  readonly dialect: Dialect;
  readonly exactDivision: boolean;
  readonly #rules: PrintRules;

  constructor(dialect: Dialect, rules: PrintRules, exactDivision: boolean) {
    this.dialect = dialect;
    this.exactDivision = exactDivision;
    this.#rules = rules;
  }

  /** Throws when the dialect lacks `feature`. */
  need(feature: Feature, node: Located = {}): void {
    if (this.dialect.unsupported.has(feature)) this.refuse(feature, node);
  }
  /** Throws: `what` has no form of the same meaning in this dialect. */
  refuse(what: string, node: Located = {}): never {
    throw new QueryError("unsupported", `${what} cannot be written in ${this.dialect.title}`, {
      details: {
        feature: what,
        dialect: this.dialect.name,
        ...(node.span === undefined ? {} : { span: node.span }),
      },
    });
  }

  expression(node: Expression): string {
    return this.#rules.expression(this, node);
  }
  expressions(nodes: readonly Expression[]): string {
    return nodes.map((node) => this.expression(node)).join(", ");
  }
  /** The expression, in parentheses when it binds weaker than `power`. */
  operand(node: Expression, power: number): string {
    const text = this.expression(node);
    return bindingPower(node) < power ? `(${text})` : text;
  }
  query(node: Query): string {
    return this.#rules.query(this, node);
  }
  statement(node: Statement): string {
    return this.#rules.statement(this, node);
  }

  identifier({ name, quoted }: Identifier): string {
    const keyword = RESERVED.has(name) || JOIN_WORDS.has(name) || CALL_WORDS.has(name);
    const keepQuotes = quoted === true && this.dialect.foldsUpper !== true;
    return keepQuotes || keyword || !SIMPLE_NAME.test(name) ? this.dialect.quote(name) : name;
  }
  identifiers(names: readonly Identifier[]): string {
    return names.map((name) => this.identifier(name)).join(", ");
  }
  name(name: QualifiedName): string {
    return name.map((part) => this.identifier(part)).join(".");
  }
  string(value: string): string {
    return this.dialect.string(value);
  }
  type(node: TypeName): string {
    const zoned = node.withTimeZone === true ? `${node.name} with time zone` : node.name;
    const mapped = entry(this.dialect.types, zoned);
    const name = mapped ??
      (SIMPLE_TYPE.test(node.name) || /[."]/.test(node.name) ? node.name : this.dialect.quote(node.name));
    const keeps = node.modifiers.length > 0 && !this.dialect.bareTypes.has(zoned);
    const list = keeps ? `(${node.modifiers.join(", ")})` : "";
    const fields = node.intervalFields;
    const array = "[]".repeat(node.dimensions);
    if (fields !== undefined) return `${name} ${fields}${list}${array}`;
    const zone = mapped === undefined && node.withTimeZone === true ? " with time zone" : "";
    return `${name}${list}${zone}${array}`;
  }
}

/** How tightly the printed form of `node` binds. */
export function bindingPower(node: Expression): number {
  switch (node.kind) {
    case "or":
      return POWER.or;
    case "and":
      return POWER.and;
    case "not":
      return POWER.not;
    case "is":
    case "isDistinctFrom":
      return POWER.is;
    case "between":
    case "inList":
    case "inQuery":
    case "like":
      return POWER.range;
    case "quantifiedQuery":
    case "quantifiedArray":
      return POWER.comparison;
    case "binary":
      return node.schema === undefined ? operatorPower(node.operator) : POWER.other;
    case "unary":
      return node.operator === "+" || node.operator === "-" ? POWER.sign : POWER.other;
    case "atTimeZone":
      return POWER.at;
    case "collate":
      return POWER.collate;
    default:
      return POWER.atom;
  }
}
