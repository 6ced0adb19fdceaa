/**
 * Where peers differ on purpose, each with its reason. A difference that no entry matches is a bug.
 *
 * @module
 */
import { isDataFailure, type Outcome, type PeerName } from "./query_peer.ts";
import { compareRows, type Rows } from "./result_comparison.ts";

/** What a rule may look at. */
export interface ObservedDifference {
  readonly peer: Exclude<PeerName, "engine">;
  readonly features: ReadonlySet<string>;
  readonly sql: string;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** A known difference. */
export interface DialectDifference {
  readonly id: string;
  readonly peer: ObservedDifference["peer"];
  readonly reason: string;
  readonly matches: (difference: ObservedDifference) => boolean;
}

function failed(outcome: Outcome, pattern: RegExp): boolean {
  return outcome.kind === "failure" && pattern.test(outcome.message);
}

/** Whether a value of a result looks like this. */
function shows(outcome: Outcome, pattern: RegExp): boolean {
  return outcome.kind === "rows" && outcome.rows.some((row) => row.some((cell) => pattern.test(cell ?? "")));
}

function withoutBlanks(rows: Rows): Rows {
  return { ...rows, rows: rows.rows.map((row) => row.map((cell) => cell?.replaceAll(" ", "") ?? null)) };
}

/** We accept the query, and the other refuses with a message. */
function onlyTheyFail(pattern: RegExp): DialectDifference["matches"] {
  return ({ ours, theirs }) =>
    (ours.kind !== "failure" || isDataFailure(ours.class)) && failed(theirs, pattern);
}

const NULL_ARGUMENT_REASON =
  "a strict call with an argument that folds to NULL is NULL, and its other arguments are not computed";

/** We show nothing but NULL, and the other fails on the data. */
function onlyNulls({ ours, theirs }: ObservedDifference): boolean {
  return ours.kind === "rows" && ours.rows.every((row) => row.every((cell) => cell === null)) &&
    theirs.kind === "failure" && isDataFailure(theirs.class);
}

const INTERVAL_RANGE = /Interval out of range/;
const INTERVAL_REASON =
  "the time of an interval is a double of microseconds: beyond 285 years it is refused, also as a constant";
const OPERAND_REASON =
  "the operand of IN, ANY and ALL is computed for every row; others leave it where the subquery is empty";

/** We fail on the data, the other does not, and an operand stands before a subquery. */
function failsBesideSubquery({ ours, theirs, features }: ObservedDifference): boolean {
  return ours.kind === "failure" && isDataFailure(ours.class) && theirs.kind === "rows" &&
    ["inQuery", "quantifiedQuery any", "quantifiedQuery all"]
      .some((feature) => features.has(feature));
}

const EAGER_REASON =
  "a subquery that depends on no row is computed once and first; others compute it when a row asks for it";

/** We fail on the data, the other does not, and every scalar subquery stands for itself. */
function failsInSubquery({ ours, theirs, features }: ObservedDifference): boolean {
  return ours.kind === "failure" && isDataFailure(ours.class) && theirs.kind === "rows" &&
    features.has("subquery") && !features.has("correlated subquery");
}

/** We fail on the data, the other does not, and NULL is written somewhere. */
function failsBesideNull({ ours, theirs, features }: ObservedDifference): boolean {
  return ours.kind === "failure" && isDataFailure(ours.class) && theirs.kind === "rows" &&
    features.has("null");
}

const MICROSECONDS = /Timestamp cannot keep its microseconds/;
const ROW_ORDER = /A subquery in a row that is compared by order is not supported/;
const MICROSECONDS_REASON =
  "a timestamp is a double of microseconds: outside of the years 1684 to 2255 only what it holds exactly is kept";
const ROW_ORDER_REASON = "the order of rows repeats their values, and a subquery is planned once";

/** All of them. */
export const DIALECT_DIFFERENCES: readonly DialectDifference[] = [
  {
    id: "timestamp-microseconds",
    peer: "postgres",
    reason: MICROSECONDS_REASON,
    matches: ({ ours }) => failed(ours, MICROSECONDS),
  },
  {
    id: "timestamp-microseconds",
    peer: "duckdb",
    reason: MICROSECONDS_REASON,
    matches: ({ ours }) => failed(ours, MICROSECONDS),
  },
  {
    id: "timestamp-microseconds",
    peer: "reference",
    reason:
      "the executor computes arguments for rows whose values nobody takes: of lag, of unnested subqueries",
    matches: ({ ours }) => failed(ours, MICROSECONDS),
  },
  {
    id: "interval-range",
    peer: "postgres",
    reason: INTERVAL_REASON,
    matches: ({ ours }) => failed(ours, INTERVAL_RANGE),
  },
  {
    id: "empty-subquery-operand",
    peer: "postgres",
    reason: OPERAND_REASON,
    matches: failsBesideSubquery,
  },
  {
    id: "interval-range",
    peer: "reference",
    reason: INTERVAL_REASON,
    matches: ({ ours }) => failed(ours, INTERVAL_RANGE),
  },
  {
    id: "empty-subquery-operand",
    peer: "reference",
    reason: OPERAND_REASON,
    matches: failsBesideSubquery,
  },
  {
    id: "eager-subquery",
    peer: "postgres",
    reason: EAGER_REASON,
    matches: failsInSubquery,
  },
  {
    id: "eager-subquery",
    peer: "reference",
    reason: EAGER_REASON,
    matches: failsInSubquery,
  },
  {
    id: "sharp-s",
    peer: "postgres",
    reason: "the capital of ß is ß, as in PostgreSQL's C.UTF-8; the C library of the embedded build has ẞ",
    matches: ({ ours, theirs }) => shows(ours, /ß/) && shows(theirs, /ẞ/),
  },
  {
    id: "null-argument-computed",
    peer: "postgres",
    reason:
      "a strict call with a NULL argument computes its other arguments, unless the NULL was folded before",
    matches: failsBesideNull,
  },
  {
    id: "null-argument-computed",
    peer: "reference",
    reason:
      "a strict call with a NULL argument computes its other arguments, unless the NULL was folded before",
    matches: failsBesideNull,
  },
  {
    id: "row-order-subquery",
    peer: "postgres",
    reason: ROW_ORDER_REASON,
    matches: ({ ours }) => failed(ours, ROW_ORDER),
  },
  {
    id: "row-order-subquery",
    peer: "duckdb",
    reason: ROW_ORDER_REASON,
    matches: ({ ours }) => failed(ours, ROW_ORDER),
  },
  {
    id: "polymorphic-unknown",
    peer: "postgres",
    reason: "an untyped literal or NULL is TEXT where a function takes any type; PostgreSQL wants a cast",
    matches: onlyTheyFail(/^42804 could not determine polymorphic type because input has type unknown/),
  },
  {
    id: "gcd-smallint",
    peer: "postgres",
    reason: "PostgreSQL has gcd and lcm for INTEGER, BIGINT and NUMERIC, and does not choose for SMALLINT",
    matches: onlyTheyFail(/^42725 function (gcd|lcm)\(smallint, smallint\) is not unique/),
  },
  {
    id: "varchar-array",
    peer: "postgres",
    reason: "VARCHAR(n)[] and TEXT[] are one type to us; PostgreSQL has no operators between them",
    matches: onlyTheyFail(
      /^42883 operator does not exist: (text\[\] \S+ character varying\[\]|character varying\[\] \S+ text\[\])/,
    ),
  },
  {
    id: "double-underflow",
    peer: "postgres",
    reason: "a DOUBLE that becomes too small is 0, as IEEE 754 says; PostgreSQL raises an error",
    matches: onlyTheyFail(/^22003 value out of range: underflow/),
  },
  {
    id: "double-modulo",
    peer: "postgres",
    reason: "% takes a DOUBLE; PostgreSQL has it for exact numbers only",
    matches: onlyTheyFail(
      /^42883 operator does not exist: (double precision % |\w+ % double precision)/,
    ),
  },
  {
    id: "interval-representative",
    peer: "postgres",
    reason: "1 month equals 30 days: DISTINCT keeps either, and their sums and means look different",
    matches: ({ ours, theirs, features }) =>
      ours.kind === "rows" && theirs.kind === "rows" && ours.types.includes("interval") &&
      features.has("aggregate distinct") && (features.has("call avg") || features.has("call sum")),
  },
  {
    id: "percentile-infinity",
    peer: "postgres",
    reason:
      "between two equal infinities percentile_cont is that infinity; PostgreSQL's interpolation gives NaN",
    matches: ({ ours, theirs, features }) =>
      features.has("call percentile_cont") && shows(ours, /^-?Infinity$/) && shows(theirs, /^NaN$/),
  },
  {
    id: "constant-folding",
    peer: "postgres",
    reason: "PostgreSQL computes constants while it plans, and meets their errors although there is no row",
    matches: ({ ours, theirs }) =>
      ours.kind === "rows" && ours.rows.length === 0 && theirs.kind === "failure" &&
      isDataFailure(theirs.class),
  },
  {
    id: "null-argument",
    peer: "postgres",
    reason: NULL_ARGUMENT_REASON,
    matches: onlyNulls,
  },
  {
    id: "null-argument",
    peer: "reference",
    reason: NULL_ARGUMENT_REASON,
    matches: onlyNulls,
  },
  {
    id: "grouping-outer-column",
    peer: "postgres",
    reason: "a column of an enclosing query that is grouped by is a grouping expression to us",
    matches: onlyTheyFail(
      /^42803 (arguments to GROUPING must be grouping expressions|grouping operations are not allowed in FROM)/,
    ),
  },
  {
    id: "duckdb-row-comparison",
    peer: "duckdb",
    reason: "DuckDB compares rows as structs, in which NULL is a value",
    matches: ({ ours, theirs, features }) =>
      ours.kind === "rows" && theirs.kind === "rows" && features.has("row"),
  },
  {
    id: "duckdb-list-text",
    peer: "duckdb",
    reason: "DuckDB reads lists in brackets, we read and write PostgreSQL's braces",
    matches: onlyTheyFail(
      /^Conversion Error: Type VARCHAR with value '\{.*' can't be cast to the destination type/s,
    ),
  },
  {
    id: "duckdb-empty-split",
    peer: "duckdb",
    reason: "an empty text has no parts; DuckDB's string_to_array gives one empty part",
    matches: ({ ours, theirs, features }) =>
      features.has("call string_to_array") && shows(ours, /^\{\}$/) && shows(theirs, /""/),
  },
  {
    id: "duckdb-json-text",
    peer: "duckdb",
    reason: "DuckDB writes JSON without blanks",
    matches: ({ ours, theirs }) =>
      ours.kind === "rows" && theirs.kind === "rows" && shows(ours, /[[{].*[:,] /) &&
      compareRows(withoutBlanks(ours), withoutBlanks(theirs), {
          ordered: false,
          exact: false,
          representatives: true,
        }) === undefined,
  },
  {
    id: "duckdb-json-concatenation",
    peer: "duckdb",
    reason: "DuckDB concatenates JSON as text",
    matches: onlyTheyFail(/Malformed JSON at byte \d+ of input: unexpected content after document/),
  },
  {
    id: "duckdb-time-interval",
    peer: "duckdb",
    reason: "DuckDB has no cast from TIME to INTERVAL",
    matches: onlyTheyFail(/Unimplemented type for cast \(TIME -> INTERVAL\)/),
  },
  {
    id: "duckdb-negative-shift",
    peer: "duckdb",
    reason: "DuckDB refuses to shift a negative number left",
    matches: onlyTheyFail(/Cannot left-shift negative number/),
  },
];

/** The entry that explains a difference. */
export function explain(difference: ObservedDifference): DialectDifference | undefined {
  return DIALECT_DIFFERENCES.find((entry) => entry.peer === difference.peer && entry.matches(difference));
}
