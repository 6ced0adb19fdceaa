/**
 * Choice of an overload: which signature a call with given argument types means.
 *
 * PostgreSQL's procedure (its manual, chapter "Type Conversion"): candidates are the signatures that every
 * argument reaches by an implicit cast; then the best match in exact types wins, then preferred types, then
 * untyped literals are decided by category, and at last an untyped literal takes the type of its neighbours.
 * DECIMAL reaching NUMERIC counts nearly as exact, for both are one type in PostgreSQL.
 * O(signatures * arguments).
 *
 * @module
 */
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  INTEGER,
  INTERVAL,
  JSON_TYPE,
  NULL_TYPE,
  NUMERIC,
  REAL,
  SMALLINT,
  type SqlType,
  type SqlTypeKind,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../storage/sql_type.ts";
import type { TypePattern } from "./function.ts";
import {
  asDecimal,
  categoryOf,
  commonTypeOf,
  isImplicitKind,
  isNumber,
  isPreferred,
  type TypeCategory,
  typeOrText,
} from "./coercion.ts";

/** What all signatures have in common. */
export interface SignatureShape {
  readonly parameters: readonly TypePattern[];
  readonly variadic?: boolean;
  readonly optional?: number;
}

/** The signature that a call means, and the exact types its arguments must be cast to. */
export interface SignatureChoice<Signature> {
  readonly signature: Signature;
  readonly parameterTypes: readonly SqlType[];
}

interface Candidate<Signature> {
  readonly signature: Signature;
  /** One pattern per argument. */
  readonly patterns: readonly TypePattern[];
}

/** The type that an untyped literal takes for a parameter of the kind. */
const KIND_TYPES: Readonly<Record<SqlTypeKind, SqlType>> = {
  boolean: BOOLEAN,
  smallint: SMALLINT,
  integer: INTEGER,
  bigint: BIGINT,
  decimal: NUMERIC,
  numeric: NUMERIC,
  real: REAL,
  double: DOUBLE,
  text: TEXT,
  date: DATE,
  time: TIME,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  interval: INTERVAL,
  json: JSON_TYPE,
  array: arrayType(TEXT),
  null: NULL_TYPE,
};

/**
 * Chooses among `signatures`. Gives `"none"` when no signature takes the arguments and `"ambiguous"` when
 * several do equally well. `operator` applies the rule that one untyped operand has the type of the other.
 */
export function chooseSignature<Signature extends SignatureShape>(
  signatures: readonly Signature[],
  types: readonly SqlType[],
  operator = false,
): SignatureChoice<Signature> | "none" | "ambiguous" {
  let candidates = candidatesFor(signatures, types, operator);
  if (candidates.length === 0) return "none";
  if (operator && types.length === 2) {
    const assumed = sameForUnknown(types);
    const exact = assumed === undefined ? [] : candidates.filter((one) => isExact(one, assumed));
    if (exact.length > 0 && assumed !== undefined) return chosen(exact[0]!, assumed);
  }
  if (operator) candidates = withoutGuessedArrays(candidates, types);
  candidates = best(candidates, (one) => exactScore(one, types));
  candidates = best(candidates, (one) => preferredScore(one, types));
  if (candidates.length > 1) candidates = byUnknownCategory(candidates, types);
  if (candidates.length > 1) {
    const assumed = sameForUnknown(types);
    const exact = assumed === undefined ? [] : candidates.filter((one) => isExact(one, assumed));
    if (exact.length === 1) candidates = exact;
  }
  return candidates.length === 1 ? chosen(candidates[0]!, types) : "ambiguous";
}

function candidatesFor<Signature extends SignatureShape>(
  signatures: readonly Signature[],
  types: readonly SqlType[],
  operator: boolean,
): Candidate<Signature>[] {
  const result: Candidate<Signature>[] = [];
  for (const signature of signatures) {
    const patterns = patternsFor(signature, types.length);
    if (patterns === undefined) continue;
    const accepts = patterns.every((pattern, i) => acceptsType(pattern, types[i]!, operator));
    if (accepts && polymorphicType(patterns, types) !== undefined) result.push({ signature, patterns });
  }
  return result;
}

function patternsFor(signature: SignatureShape, count: number): readonly TypePattern[] | undefined {
  const { parameters, variadic = false, optional = 0 } = signature;
  const last = parameters.at(-1);
  const required = parameters.length - optional - (variadic ? 1 : 0);
  if (count < required || (!variadic && count > parameters.length)) return undefined;
  if (count <= parameters.length || last === undefined) return parameters.slice(0, count);
  return [...parameters, ...Array<TypePattern>(count - parameters.length).fill(last)];
}

function acceptsType(pattern: TypePattern, type: SqlType, operator: boolean): boolean {
  switch (pattern) {
    // `text || any` is no way to join an array to a text.
    case "any":
      return !operator || type.kind !== "array";
    case "anyelement":
      return true;
    case "anyarray":
      return type.kind === "array" || type.kind === "null";
    case "number":
      return isNumber(type) || type.kind === "null";
    default:
      return isImplicitKind(type.kind, pattern);
  }
}

/** The type that `anyelement` stands for; `null` where the patterns have none, undefined on a conflict. */
function polymorphicType(patterns: readonly TypePattern[], types: readonly SqlType[]): SqlType | undefined {
  const elements: SqlType[] = [];
  patterns.forEach((pattern, i) => {
    const type = types[i]!;
    if (pattern === "anyelement") elements.push(type);
    else if (pattern === "anyarray" && type.kind === "array") elements.push(type.element);
  });
  return commonTypeOf(elements);
}

/** Types where every untyped argument takes the one type that all typed arguments have. */
function sameForUnknown(types: readonly SqlType[]): readonly SqlType[] | undefined {
  const known = types.filter((type) => type.kind !== "null");
  const [first] = known;
  if (first === undefined || known.length === types.length) return undefined;
  if (known.some((type) => type.kind !== first.kind)) return undefined;
  const assumed = first.kind === "text" ? TEXT : first;
  return types.map((type) => type.kind === "null" ? assumed : type);
}

function isExact<Signature>(candidate: Candidate<Signature>, types: readonly SqlType[]): boolean {
  return candidate.patterns.every((pattern, i) => {
    const type = types[i]!;
    return pattern === type.kind || pattern === "anyelement" || (pattern === "number" && isNumber(type)) ||
      (pattern === "anyarray" && type.kind === "array");
  });
}

function best<Item>(items: readonly Item[], score: (item: Item) => number): Item[] {
  let top = -Infinity;
  let result: Item[] = [];
  for (const item of items) {
    const own = score(item);
    if (own > top) {
      top = own;
      result = [];
    }
    if (own === top) result.push(item);
  }
  return result;
}

/** Points for how near a pattern is to a known type; an exact kind outweighs all others together. */
const NEARNESS = { exact: 1000, number: 10, numeric: 8, integer: 5, anyelement: 2, any: 1 } as const;

function exactScore<Signature>(candidate: Candidate<Signature>, types: readonly SqlType[]): number {
  let score = 0;
  candidate.patterns.forEach((pattern, i) => {
    const { kind } = types[i]!;
    if (kind === "null") return;
    if (pattern === kind || (pattern === "anyarray" && kind === "array")) score += NEARNESS.exact;
    else if (pattern === "number") score += NEARNESS.number;
    else if (kind === "decimal" && pattern === "numeric") score += NEARNESS.numeric;
    else if (kind === "smallint" && pattern === "integer") score += NEARNESS.integer;
    else if (pattern === "anyelement") score += NEARNESS.anyelement;
    else if (!isKind(pattern)) score += NEARNESS.any;
  });
  return score;
}

function preferredScore<Signature>(candidate: Candidate<Signature>, types: readonly SqlType[]): number {
  let score = 0;
  candidate.patterns.forEach((pattern, i) => {
    const { kind } = types[i]!;
    if (kind !== "null" && kind !== pattern && isKind(pattern) && isPreferred(pattern)) score++;
  });
  return score;
}

function isKind(pattern: TypePattern): pattern is SqlTypeKind {
  return pattern !== "any" && pattern !== "anyelement" && pattern !== "anyarray" && pattern !== "number";
}

function patternCategory(pattern: TypePattern): TypeCategory {
  if (isKind(pattern)) return categoryOf(pattern);
  return pattern === "number" ? "number" : pattern === "anyarray" ? "array" : "string";
}

/** `'n' || 1.5` joins texts: an untyped operand is an array only next to one. */
function withoutGuessedArrays<Signature>(
  candidates: readonly Candidate<Signature>[],
  types: readonly SqlType[],
): Candidate<Signature>[] {
  const hasArray = types.some((type) => type.kind === "array");
  const left = candidates.filter((one) =>
    hasArray || !one.patterns.some((pattern, i) => pattern === "anyarray" && types[i]!.kind === "null")
  );
  return left.length === 0 ? [...candidates] : left;
}

/** Text wins for an untyped literal; else the category that all candidates agree on, then its preferred type. */
function byUnknownCategory<Signature>(
  candidates: readonly Candidate<Signature>[],
  types: readonly SqlType[],
): Candidate<Signature>[] {
  let left = [...candidates];
  for (let i = 0; i < types.length && left.length > 1; i++) {
    if (types[i]!.kind !== "null") continue;
    const categories = new Set(left.map((one) => patternCategory(one.patterns[i]!)));
    const category = categories.has("string")
      ? "string"
      : categories.size === 1
      ? [...categories][0]
      : undefined;
    if (category === undefined) continue;
    left = left.filter((one) => patternCategory(one.patterns[i]!) === category);
    left = best(left, (one) => {
      const pattern = one.patterns[i]!;
      return isKind(pattern) && isPreferred(pattern) ? 1 : 0;
    });
  }
  return left;
}

function chosen<Signature>(
  candidate: Candidate<Signature>,
  types: readonly SqlType[],
): SignatureChoice<Signature> {
  const { signature, patterns } = candidate;
  const element = typeOrText(polymorphicType(patterns, types) ?? TEXT);
  const number = types.find((type, i) => patterns[i] === "number" && type.kind !== "null") ?? DOUBLE;
  const parameterTypes = patterns.map((pattern, i) => parameterType(pattern, types[i]!, { element, number }));
  return { signature, parameterTypes };
}

/** What the patterns that stand for several types stand for in a call. */
interface Stands {
  readonly element: SqlType;
  readonly number: SqlType;
}

function parameterType(pattern: TypePattern, type: SqlType, { element, number }: Stands): SqlType {
  switch (pattern) {
    case "any":
      return typeOrText(type);
    case "number":
      return type.kind === "null" ? number : type;
    case "anyelement":
      return element;
    case "anyarray":
      return arrayType(element);
    case "decimal":
      return type.kind === "null" ? KIND_TYPES.decimal : asDecimal(type);
    default:
      return type.kind === pattern ? type : KIND_TYPES[pattern];
  }
}
