/**
 * The query AST: what SQL text, the typed builder and the JSON form all become before binding.
 *
 * Nodes are frozen plain data with a literal `kind`, so that a query can be printed, compared, sent as
 * JSON and rewritten without classes. Names are not resolved here: the binder does that. `span` is the
 * place in the SQL text (UTF-16 offsets) and is absent in queries that did not come from text.
 *
 * @module
 */

/** Half-open range of UTF-16 offsets into the SQL text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What every node may carry. */
export interface Located {
  readonly span?: Span;
}

/** A name part. Unquoted identifiers are already folded to lower case. */
export interface Identifier extends Located {
  readonly name: string;
  readonly quoted?: boolean;
}

/** A possibly qualified name, outermost part first. */
export type QualifiedName = readonly Identifier[];

/** A type as written: `varchar(10)`, `timestamp with time zone`, `integer[]`. */
export interface TypeName extends Located {
  readonly kind: "type";
  /** Lower-case, in one string: `double precision`, `pg_catalog.int4`. A quoted part keeps its quotes. */
  readonly name: string;
  /** Modifiers such as length, precision and scale. */
  readonly modifiers: readonly number[];
  /** Number of array dimensions. */
  readonly dimensions: number;
  /** `WITH TIME ZONE` (true) or `WITHOUT TIME ZONE` (false), when written. */
  readonly withTimeZone?: boolean;
  /** The fields of an INTERVAL type: `day to second`. */
  readonly intervalFields?: string;
}

// --- Expressions --------------------------------------------------------------------------------

/**
 * Any scalar expression.
 *
 * @internal
 */
export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NullLiteral
  | TypedLiteral
  | IntervalLiteral
  | DefaultValue
  | Parameter
  | ColumnReference
  | Star
  | Unary
  | Binary
  | Logical
  | Not
  | IsTest
  | IsDistinctFrom
  | Between
  | InList
  | InQuery
  | Like
  | QuantifiedQuery
  | QuantifiedArray
  | Exists
  | ScalarSubquery
  | ArrayQuery
  | Case
  | Cast
  | FunctionCall
  | ArrayConstructor
  | RowConstructor
  | Subscript
  | Slice
  | FieldAccess
  | PathAccess
  | Collate
  | AtTimeZone;

/** `12`, `1.50`, `1e3`, `0xff`: the text as written, so that decimals keep their scale. */
export interface NumberLiteral extends Located {
  readonly kind: "number";
  readonly text: string;
}
/** `'text'`; `prefix` is `b` or `x` for bit strings. */
export interface StringLiteral extends Located {
  readonly kind: "string";
  readonly value: string;
  readonly prefix?: "b" | "x";
}
export interface BooleanLiteral extends Located {
  readonly kind: "boolean";
  readonly value: boolean;
}
export interface NullLiteral extends Located {
  readonly kind: "null";
}
/** `DATE '2024-01-01'`. */
export interface TypedLiteral extends Located {
  readonly kind: "typed";
  readonly type: TypeName;
  readonly value: string;
}
/** `INTERVAL '3' DAY`; `fields` as in {@linkcode TypeName.intervalFields}, in the singular. */
export interface IntervalLiteral extends Located {
  readonly kind: "interval";
  readonly value: string;
  readonly fields?: string;
  readonly precision?: number;
}
/** `DEFAULT` in INSERT and UPDATE. */
export interface DefaultValue extends Located {
  readonly kind: "default";
}
/** `$1` has an `index` from 1, `:name` a `name`. */
export interface Parameter extends Located {
  readonly kind: "parameter";
  readonly index?: number;
  readonly name?: string;
}
export interface ColumnReference extends Located {
  readonly kind: "column";
  readonly name: QualifiedName;
}
/** `*` or `t.*`, with DuckDB's and Snowflake's EXCLUDE, REPLACE and RENAME. */
export interface Star extends Located {
  readonly kind: "star";
  readonly table: QualifiedName;
  readonly exclude?: readonly QualifiedName[];
  readonly replace?: readonly SelectItem[];
  readonly rename?: readonly { readonly from: Identifier; readonly to: Identifier }[];
}
/** A prefix operator: `-`, `+`, `~`, `@`, `|/`, ... */
export interface Unary extends Located {
  readonly kind: "unary";
  readonly operator: string;
  readonly argument: Expression;
}
/** An infix operator: arithmetic, comparison (`<>`, never `!=`), `||`, `->`, `->>`, `~`, `overlaps`, ... */
export interface Binary extends Located {
  readonly kind: "binary";
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
  /** Schema of `OPERATOR(schema.op)`. */
  readonly schema?: QualifiedName;
}
/** An AND or OR of two or more arguments, flat. */
export interface Logical extends Located {
  readonly kind: "and" | "or";
  readonly arguments: readonly Expression[];
}
export interface Not extends Located {
  readonly kind: "not";
  readonly argument: Expression;
}
/** `x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON ...`. */
export interface IsTest extends Located {
  readonly kind: "is";
  readonly argument: Expression;
  readonly test:
    | "null"
    | "true"
    | "false"
    | "unknown"
    | "document"
    | "normalized"
    | "json"
    | "json value"
    | "json scalar"
    | "json array"
    | "json object";
  readonly negated: boolean;
}
export interface IsDistinctFrom extends Located {
  readonly kind: "isDistinctFrom";
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
}
export interface Between extends Located {
  readonly kind: "between";
  readonly argument: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
  readonly symmetric: boolean;
}
export interface InList extends Located {
  readonly kind: "inList";
  readonly argument: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
}
export interface InQuery extends Located {
  readonly kind: "inQuery";
  readonly argument: Expression;
  readonly query: Query;
  readonly negated: boolean;
}
export interface Like extends Located {
  readonly kind: "like";
  readonly operator: "like" | "ilike" | "similar";
  readonly argument: Expression;
  readonly pattern: Expression;
  readonly escape?: Expression;
  readonly negated: boolean;
}
/** `x = ANY (SELECT ...)`. `operator` may be `like`, `not like`, `ilike`, `not ilike`. */
export interface QuantifiedQuery extends Located {
  readonly kind: "quantifiedQuery";
  readonly operator: string;
  readonly quantifier: "any" | "all";
  readonly left: Expression;
  readonly query: Query;
}
/** `x = ANY (array)`. */
export interface QuantifiedArray extends Located {
  readonly kind: "quantifiedArray";
  readonly operator: string;
  readonly quantifier: "any" | "all";
  readonly left: Expression;
  readonly array: Expression;
}
export interface Exists extends Located {
  readonly kind: "exists";
  readonly query: Query;
}
export interface ScalarSubquery extends Located {
  readonly kind: "subquery";
  readonly query: Query;
}
/** `ARRAY(SELECT ...)`. */
export interface ArrayQuery extends Located {
  readonly kind: "arrayQuery";
  readonly query: Query;
}
export interface Case extends Located {
  readonly kind: "case";
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
}
/** `CAST(x AS t)`, `x::t`; `tolerant` for TRY_CAST. */
export interface Cast extends Located {
  readonly kind: "cast";
  readonly argument: Expression;
  readonly type: TypeName;
  readonly style: "cast" | "colon";
  readonly tolerant: boolean;
}
/** An argument of a call; `name => value` when named, `key: value` in JSON constructors. */
export interface Argument {
  readonly value: Expression;
  readonly name?: Identifier;
  readonly variadic?: boolean;
  readonly key?: Expression;
}
/** A call of a scalar, aggregate, window or table function. */
export interface FunctionCall extends Located {
  readonly kind: "call";
  readonly name: QualifiedName;
  readonly arguments: readonly Argument[];
  readonly distinct?: boolean;
  /** `count(*)`. */
  readonly star?: boolean;
  readonly orderBy?: readonly OrderItem[];
  readonly withinGroup?: readonly OrderItem[];
  readonly filter?: Expression;
  readonly nulls?: "ignore" | "respect";
  readonly over?: WindowSpecification | WindowName;
  /**
   * The special syntax it was written in: `extract`, `substring from`, `substring for`, `substring similar`,
   * `overlay`, `position`, `trim both`, `trim leading`, `trim trailing`. The arguments are in the order of the
   * text, but for TRIM, whose text comes first, and SUBSTRING, whose start comes before the length.
   */
  readonly syntax?: string;
  /** Written without parentheses: `current_date`. */
  readonly bare?: boolean;
  readonly onNull?: "absent" | "null";
  readonly returning?: TypeName;
}
export interface ArrayConstructor extends Located {
  readonly kind: "array";
  readonly items: readonly Expression[];
}
/** `(a, b)` or `ROW(a, b)`. */
export interface RowConstructor extends Located {
  readonly kind: "row";
  readonly items: readonly Expression[];
  readonly explicit: boolean;
}
export interface Subscript extends Located {
  readonly kind: "subscript";
  readonly argument: Expression;
  readonly index: Expression;
}
export interface Slice extends Located {
  readonly kind: "slice";
  readonly argument: Expression;
  readonly low?: Expression;
  readonly high?: Expression;
}
/** `(expression).field` or `(expression).*`. */
export interface FieldAccess extends Located {
  readonly kind: "field";
  readonly argument: Expression;
  readonly name: Identifier | "*";
}
/** Snowflake's `column:path.to.value`. */
export interface PathAccess extends Located {
  readonly kind: "path";
  readonly argument: Expression;
  readonly path: readonly Identifier[];
}
export interface Collate extends Located {
  readonly kind: "collate";
  readonly argument: Expression;
  readonly collation: QualifiedName;
}
/** `x AT TIME ZONE zone`; `AT LOCAL` has no zone. */
export interface AtTimeZone extends Located {
  readonly kind: "atTimeZone";
  readonly argument: Expression;
  readonly zone?: Expression;
}

export interface OrderItem extends Located {
  readonly expression: Expression;
  readonly direction?: "asc" | "desc";
  readonly nulls?: "first" | "last";
  readonly using?: string;
}

export interface WindowName extends Located {
  readonly kind: "windowName";
  readonly name: Identifier;
}
export interface WindowSpecification extends Located {
  readonly kind: "window";
  readonly base?: Identifier;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: WindowFrame;
}
export interface WindowFrame {
  readonly unit: "rows" | "range" | "groups";
  readonly start: FrameBound;
  readonly end?: FrameBound;
  readonly exclude?: "current row" | "group" | "ties" | "no others";
}
export interface FrameBound {
  readonly kind: "unboundedPreceding" | "preceding" | "currentRow" | "following" | "unboundedFollowing";
  readonly offset?: Expression;
}

// --- Queries ------------------------------------------------------------------------------------

/**
 * A full query: WITH, body, ORDER BY, LIMIT.
 *
 * @internal
 */
export interface Query extends Located {
  readonly kind: "query";
  readonly with?: With;
  readonly body: QueryBody;
  readonly orderBy?: readonly OrderItem[] | "all";
  readonly limit?: Expression | "all";
  readonly offset?: Expression;
  /** FETCH FIRST n ROWS. */
  readonly fetch?: { readonly count?: Expression; readonly withTies: boolean };
  /** FOR UPDATE and the like: accepted and without effect, for a statement sees one version anyway. */
  readonly locks?: readonly {
    readonly mode: string;
    readonly of: readonly QualifiedName[];
    readonly wait?: string;
  }[];
  /** Written in parentheses. */
  readonly parenthesized?: boolean;
}
export type QueryBody = Select | SetOperation | Values | Query;

export interface Select extends Located {
  readonly kind: "select";
  /** `true` for DISTINCT, the expressions for DISTINCT ON. */
  readonly distinct?: true | readonly Expression[];
  readonly items: readonly SelectItem[];
  readonly from: readonly TableReference[];
  readonly where?: Expression;
  readonly groupBy?: GroupBy;
  readonly having?: Expression;
  readonly windows?: readonly { readonly name: Identifier; readonly specification: WindowSpecification }[];
  readonly qualify?: Expression;
  readonly into?: QualifiedName;
}
export interface SelectItem extends Located {
  readonly expression: Expression;
  readonly alias?: Identifier;
}
export interface GroupBy {
  readonly distinct?: boolean;
  /** GROUP BY ALL. */
  readonly all?: boolean;
  readonly items: readonly GroupItem[];
}
export type GroupItem =
  | (Located & { readonly kind: "expression"; readonly expression: Expression })
  | (Located & { readonly kind: "rollup" | "cube"; readonly items: readonly Expression[] })
  | (Located & { readonly kind: "sets"; readonly items: readonly GroupItem[] })
  | (Located & { readonly kind: "empty" });
export interface SetOperation extends Located {
  readonly kind: "setOperation";
  readonly operator: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly byName?: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}
export interface Values extends Located {
  readonly kind: "values";
  readonly rows: readonly (readonly Expression[])[];
}
export interface With {
  readonly recursive: boolean;
  readonly tables: readonly CommonTable[];
}
/** One CTE. */
export interface CommonTable extends Located {
  readonly name: Identifier;
  readonly columns?: readonly Identifier[];
  readonly materialized?: boolean;
  readonly statement: Query | Insert | Update | Delete | Merge;
  readonly search?: {
    readonly depthFirst: boolean;
    readonly by: readonly Identifier[];
    readonly set: Identifier;
  };
  readonly cycle?: {
    readonly columns: readonly Identifier[];
    readonly set: Identifier;
    readonly to?: Expression;
    readonly otherwise?: Expression;
    readonly using: Identifier;
  };
}

/** `t AS name (columns)`, or with types for functions that return records. */
export interface TableAlias extends Located {
  readonly name: Identifier;
  readonly columns?: readonly Identifier[];
  readonly types?: readonly ColumnType[];
}
export interface ColumnType {
  readonly name: Identifier;
  readonly type: TypeName;
}
export interface TableSample {
  readonly method?: string;
  readonly arguments: readonly Expression[];
  readonly unit?: "rows" | "percent";
  readonly seed?: Expression;
}
interface TableReferenceBase extends Located {
  readonly alias?: TableAlias;
  readonly sample?: TableSample;
}
export type TableReference = NamedTable | DerivedTable | TableFunction | JoinedTable | PivotedTable;
export interface NamedTable extends TableReferenceBase {
  readonly kind: "table";
  readonly name: QualifiedName;
  readonly only?: boolean;
  /** AT VERSION: as it was then. */
  readonly version?: number;
}
export interface DerivedTable extends TableReferenceBase {
  readonly kind: "derived";
  readonly query: Query;
  readonly lateral?: boolean;
}
/** `generate_series(1, 10)`, `ROWS FROM (...)`, `TABLE(f())`. */
export interface TableFunction extends TableReferenceBase {
  readonly kind: "tableFunction";
  readonly calls: readonly { readonly call: Expression; readonly types?: readonly ColumnType[] }[];
  readonly rowsFrom?: boolean;
  readonly lateral?: boolean;
  readonly ordinality?: boolean;
}
export interface JoinedTable extends TableReferenceBase {
  readonly kind: "join";
  readonly type: "inner" | "left" | "right" | "full" | "cross" | "semi" | "anti";
  readonly natural?: boolean;
  readonly asof?: boolean;
  readonly left: TableReference;
  readonly right: TableReference;
  readonly on?: Expression;
  readonly using?: readonly Identifier[];
  readonly usingAlias?: Identifier;
  /** MATCH_CONDITION of Snowflake's ASOF JOIN. */
  readonly match?: Expression;
}
export interface PivotedTable extends TableReferenceBase {
  readonly kind: "pivot";
  readonly table: TableReference;
  readonly aggregates: readonly SelectItem[];
  readonly column: QualifiedName;
  readonly values: readonly SelectItem[];
}

// --- Statements ---------------------------------------------------------------------------------

/**
 * Any statement.
 *
 * @internal
 */
export type Statement =
  | Query
  | Insert
  | Update
  | Delete
  | Merge
  | CreateTable
  | CreateTableAs
  | AlterTable
  | CreateView
  | AlterView
  | CreateMaterializedView
  | RefreshMaterializedView
  | CreateIndex
  | Drop
  | Truncate
  | Copy
  | Explain
  | Show
  | Describe
  | SetVariable
  | Begin
  | Commit
  | Rollback
  | Savepoint
  | Analyze
  | CreateDynamicTable
  | AlterDynamicTable
  | Comment;

/**
 * What may stand where a query can.
 *
 * @internal
 */
export type DataStatement = Query | Insert | Update | Delete | Merge;

export interface Assignment extends Located {
  /** More than one for `(a, b) = (...)`. */
  readonly columns: readonly QualifiedName[];
  /** Written as a list although it has one column: `(a) = ROW(1)`. */
  readonly parenthesized?: boolean;
  readonly value: Expression;
}
export interface OnConflict extends Located {
  readonly target?: readonly Expression[];
  readonly targetWhere?: Expression;
  readonly constraint?: Identifier;
  readonly action:
    | { readonly kind: "nothing" }
    | { readonly kind: "update"; readonly set: readonly Assignment[]; readonly where?: Expression };
}
export interface Insert extends Located {
  readonly kind: "insert";
  readonly with?: With;
  readonly table: QualifiedName;
  readonly alias?: Identifier;
  readonly columns?: readonly Identifier[];
  /** Absent for DEFAULT VALUES. A VALUES list is a query whose body is `values`. */
  readonly query?: Query;
  readonly overriding?: "system" | "user";
  readonly onConflict?: OnConflict;
  /** `INSERT OR REPLACE | IGNORE`. */
  readonly or?: "replace" | "ignore";
  readonly returning?: readonly SelectItem[];
}
export interface Update extends Located {
  readonly kind: "update";
  readonly with?: With;
  readonly table: NamedTable;
  readonly set: readonly Assignment[];
  readonly from?: readonly TableReference[];
  readonly where?: Expression;
  readonly returning?: readonly SelectItem[];
}
export interface Delete extends Located {
  readonly kind: "delete";
  readonly with?: With;
  readonly table: NamedTable;
  readonly using?: readonly TableReference[];
  readonly where?: Expression;
  readonly returning?: readonly SelectItem[];
}
export type MergeAction =
  | { readonly kind: "delete" }
  | { readonly kind: "nothing" }
  | { readonly kind: "update"; readonly set: readonly Assignment[] }
  /** Without `values`: DEFAULT VALUES. */
  | {
    readonly kind: "insert";
    readonly columns?: readonly Identifier[];
    readonly values?: readonly Expression[];
  };
export interface Merge extends Located {
  readonly kind: "merge";
  readonly with?: With;
  readonly table: NamedTable;
  readonly source: TableReference;
  readonly on: Expression;
  readonly whens: readonly {
    readonly matched: boolean;
    /** For NOT MATCHED: BY TARGET (the default) or BY SOURCE. */
    readonly by?: "source" | "target";
    readonly condition?: Expression;
    readonly action: MergeAction;
  }[];
  readonly returning?: readonly SelectItem[];
}

export interface ColumnDefinition extends Located {
  readonly name: Identifier;
  /** Absent only in column lists of CREATE TABLE AS and dynamic tables. */
  readonly type?: TypeName;
  readonly constraints: readonly Constraint[];
  readonly collation?: QualifiedName;
}
/** A column or table constraint; `columns` is given for table constraints. */
export type Constraint =
  & Located
  & {
    readonly name?: Identifier;
    readonly deferrable?: boolean;
    /** INITIALLY DEFERRED (true) or INITIALLY IMMEDIATE (false), when written. */
    readonly initiallyDeferred?: boolean;
  }
  & (
    | { readonly kind: "notNull" }
    | { readonly kind: "null" }
    | { readonly kind: "primaryKey"; readonly columns?: readonly Identifier[] }
    | {
      readonly kind: "unique";
      readonly columns?: readonly Identifier[];
      readonly nullsNotDistinct?: boolean;
    }
    | { readonly kind: "check"; readonly expression: Expression }
    | { readonly kind: "default"; readonly expression: Expression }
    | { readonly kind: "generated"; readonly expression: Expression; readonly stored: boolean }
    | { readonly kind: "identity"; readonly always: boolean }
    | {
      readonly kind: "references";
      readonly columns?: readonly Identifier[];
      readonly table: QualifiedName;
      readonly targetColumns?: readonly Identifier[];
      readonly onDelete?: string;
      readonly onUpdate?: string;
    }
  );
/** `WITH (name = value)` and other property lists. A bare word is a string. */
export interface Property extends Located {
  readonly name: string;
  readonly value?: PropertyValue;
}
export type PropertyValue = string | number | boolean | Expression | readonly PropertyValue[];

/** What LIKE copies besides names, types and NOT NULL. The engine has nothing for those after `identity`. */
export type LikePart =
  | "all"
  | "defaults"
  | "constraints"
  | "indexes"
  | "generated"
  | "identity"
  | "comments"
  | "compression"
  | "statistics"
  | "storage";
export interface LikeOption {
  readonly part: LikePart;
  readonly including: boolean;
}
export interface CreateTable extends Located {
  readonly kind: "createTable";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly Constraint[];
  readonly like?: QualifiedName;
  /** INCLUDING and EXCLUDING after LIKE; the last word on a part counts. */
  readonly likeOptions?: readonly LikeOption[];
  readonly properties: readonly Property[];
}
export interface CreateTableAs extends Located {
  readonly kind: "createTableAs";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly columns?: readonly Identifier[];
  readonly query: Query;
  readonly withData: boolean;
  readonly properties: readonly Property[];
}
export type AlterTableAction =
  | { readonly kind: "addColumn"; readonly column: ColumnDefinition; readonly ifNotExists: boolean }
  | {
    readonly kind: "dropColumn";
    readonly name: Identifier;
    readonly ifExists: boolean;
    readonly cascade: boolean;
  }
  | { readonly kind: "renameColumn"; readonly name: Identifier; readonly to: Identifier }
  | { readonly kind: "renameTable"; readonly to: Identifier }
  | {
    readonly kind: "setType";
    readonly name: Identifier;
    readonly type: TypeName;
    readonly using?: Expression;
  }
  | { readonly kind: "setDefault"; readonly name: Identifier; readonly expression: Expression }
  | { readonly kind: "dropDefault"; readonly name: Identifier }
  | { readonly kind: "setNotNull"; readonly name: Identifier }
  | { readonly kind: "dropNotNull"; readonly name: Identifier }
  | { readonly kind: "addConstraint"; readonly constraint: Constraint }
  | {
    readonly kind: "dropConstraint";
    readonly name: Identifier;
    readonly ifExists: boolean;
    readonly cascade: boolean;
  }
  | { readonly kind: "renameConstraint"; readonly name: Identifier; readonly to: Identifier }
  | { readonly kind: "setProperties"; readonly properties: readonly Property[] };
export interface AlterTable extends Located {
  readonly kind: "alterTable";
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly actions: readonly AlterTableAction[];
}
export interface CreateView extends Located {
  readonly kind: "createView";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly recursive: boolean;
  readonly columns?: readonly Identifier[];
  readonly query: Query;
  readonly properties: readonly Property[];
  readonly checkOption?: "local" | "cascaded";
}
export interface AlterView extends Located {
  readonly kind: "alterView";
  readonly materialized: boolean;
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly action:
    | { readonly kind: "rename"; readonly to: Identifier }
    | { readonly kind: "renameColumn"; readonly name: Identifier; readonly to: Identifier }
    | { readonly kind: "setProperties"; readonly properties: readonly Property[] };
}
export interface CreateMaterializedView extends Located {
  readonly kind: "createMaterializedView";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly columns?: readonly Identifier[];
  readonly properties: readonly Property[];
  readonly query: Query;
  readonly withData: boolean;
}
export interface RefreshMaterializedView extends Located {
  readonly kind: "refreshMaterializedView";
  readonly name: QualifiedName;
  readonly concurrently: boolean;
  readonly withData: boolean;
}
export interface CreateIndex extends Located {
  readonly kind: "createIndex";
  readonly name?: QualifiedName;
  readonly unique: boolean;
  readonly ifNotExists: boolean;
  readonly concurrently: boolean;
  readonly table: QualifiedName;
  /** `hash` or `btree`. */
  readonly method?: string;
  readonly items: readonly OrderItem[];
  readonly include?: readonly Identifier[];
  readonly nullsNotDistinct?: boolean;
  readonly where?: Expression;
}
export interface Drop extends Located {
  readonly kind: "drop";
  readonly object: "table" | "view" | "materialized view" | "index" | "dynamic table" | "schema";
  readonly names: readonly QualifiedName[];
  readonly ifExists: boolean;
  readonly behavior: "cascade" | "restrict";
}
export interface Truncate extends Located {
  readonly kind: "truncate";
  readonly tables: readonly QualifiedName[];
  /** RESTART IDENTITY. */
  readonly restartIdentity?: boolean;
  readonly cascade: boolean;
}
export interface Copy extends Located {
  readonly kind: "copy";
  readonly direction: "from" | "to";
  /** A table with optional columns, or a query (TO only). */
  readonly source:
    | { readonly kind: "table"; readonly name: QualifiedName; readonly columns?: readonly Identifier[] }
    | { readonly kind: "query"; readonly query: DataStatement };
  /** A file name, or the standard streams. */
  readonly file: string | "stdin" | "stdout";
  readonly options: readonly Property[];
  readonly where?: Expression;
}
export interface Explain extends Located {
  readonly kind: "explain";
  readonly analyze: boolean;
  readonly options: readonly Property[];
  readonly statement: Statement;
}
export interface Show extends Located {
  readonly kind: "show";
  /** `tables`, `views`, `materialized views`, `dynamic tables`, `columns`, `indexes`, `all`, or a setting. */
  readonly subject: string;
  /** What it is IN: a schema, a database, a table. */
  readonly name?: QualifiedName;
  /** `account`, `schema`, `database`, `table` or `view`, when written after IN. */
  readonly scope?: string;
  readonly terse?: boolean;
  readonly like?: string;
  readonly startsWith?: string;
  readonly limit?: number;
}
export interface Describe extends Located {
  readonly kind: "describe";
  readonly name?: QualifiedName;
  readonly query?: Query;
}
export interface SetVariable extends Located {
  readonly kind: "set";
  /** `timezone` for SET TIME ZONE, `transaction` for SET TRANSACTION (its modes are the value), `all` for RESET ALL. */
  readonly name: string;
  /** Absent for RESET and SET ... TO DEFAULT. */
  readonly value?: PropertyValue;
  readonly local: boolean;
}
export interface Begin extends Located {
  readonly kind: "begin";
  readonly modes: readonly string[];
}
export interface Commit extends Located {
  readonly kind: "commit";
}
export interface Rollback extends Located {
  readonly kind: "rollback";
  readonly savepoint?: Identifier;
}
export interface Savepoint extends Located {
  readonly kind: "savepoint";
  readonly name: Identifier;
  readonly release: boolean;
}
export interface Analyze extends Located {
  readonly kind: "analyze";
  readonly table?: QualifiedName;
  readonly columns?: readonly Identifier[];
}
/** Snowflake's CREATE DYNAMIC TABLE: parsed here, carried out by a plugin. */
export interface CreateDynamicTable extends Located {
  readonly kind: "createDynamicTable";
  readonly name: QualifiedName;
  readonly orReplace: boolean;
  /** CREATE OR ALTER. */
  readonly orAlter?: boolean;
  readonly ifNotExists: boolean;
  readonly transient: boolean;
  readonly columns?: readonly ColumnDefinition[];
  /** TARGET_LAG (or LAG), WAREHOUSE, REFRESH_MODE, INITIALIZE, CLUSTER BY, ... with lower-case names. */
  readonly properties: readonly Property[];
  readonly query: Query;
}
export interface AlterDynamicTable extends Located {
  readonly kind: "alterDynamicTable";
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly action:
    | { readonly kind: "suspend" | "resume"; readonly recluster?: boolean }
    /** `also` are the further tables of a list. */
    | { readonly kind: "refresh"; readonly also?: readonly QualifiedName[] }
    | { readonly kind: "rename"; readonly to: Identifier }
    | { readonly kind: "swap"; readonly with: QualifiedName }
    | { readonly kind: "setProperties"; readonly properties: readonly Property[] }
    | { readonly kind: "unsetProperties"; readonly names: readonly string[] };
}
export interface Comment extends Located {
  readonly kind: "comment";
  readonly object: "table" | "column" | "view" | "materialized view" | "index";
  readonly name: QualifiedName;
  readonly text: string | null;
}
