/**
 * Literals to datums: numbers by the form they are written in, typed literals, intervals.
 *
 * A whole number is INTEGER, then BIGINT, then DECIMAL(p, 0), whichever first holds it; a number with a point
 * or an exponent is the narrowest DECIMAL. A string has the type `null` until its context decides.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import {
  BIGINT,
  type Datum,
  INTEGER,
  INTERVAL,
  NULL_TYPE,
  NUMERIC,
  type Numeric,
  type SqlType,
  TEXT,
  typeName,
} from "../storage/sql_type.ts";
import type { IntervalLiteral, NumberLiteral, Span, StringLiteral, TypedLiteral } from "./ast.ts";
import { at, unsupported, withSpan } from "./bind_context.ts";
import { decimalOrNumeric } from "./coercion.ts";
import { wholeFromBigint } from "./functions/datum.ts";
import { readsClock } from "./functions/date_text.ts";
import { parseInterval, restrictInterval } from "./functions/interval_text.ts";
import { digitCount, parseNumeric } from "./functions/numeric_value.ts";
import { castDatum } from "./functions/cast.ts";
import { parseDatum } from "./functions/text_format.ts";
import type { LiteralScalar, Scalar } from "./plan.ts";
import { resolveTypeName } from "./type_name.ts";

const INTEGER_MAX = 2147483647n;
const BIGINT_MAX = 9223372036854775807n;
const MICRO_DIGITS = 6;

/** A literal expression. */
export function literal(value: Datum, type: SqlType, span?: Span): LiteralScalar {
  return span === undefined ? { kind: "literal", value, type } : { kind: "literal", value, type, span };
}

/** A number as written; `negative` when a minus stands before it, so that -2147483648 is an INTEGER. */
export function bindNumber({ text, span }: NumberLiteral, negative = false): LiteralScalar {
  const value = withSpan(span, () => parseNumeric(negative ? `-${text}` : text));
  if (value === undefined) {
    throw new QueryError("invalid-value", `Not a number: received ${text}`, { details: at(span) });
  }
  return numericLiteral(value, /^[\d_]+$|^0[xob]/i.test(text), span);
}

/** Whether a whole number is in the range of a signed type with this greatest value. */
function isWithin(value: bigint, greatest: bigint): boolean {
  return value <= greatest && value >= -greatest - 1n;
}

/** The literal of an exact number; `whole` when it was written without point and exponent. */
export function numericLiteral(value: Numeric, whole: boolean, span?: Span): LiteralScalar {
  const { coefficient, scale } = value;
  if (value.special !== undefined) return literal(value, NUMERIC, span);
  const size = coefficient < 0n ? -coefficient : coefficient;
  if (whole && isWithin(coefficient, INTEGER_MAX)) return literal(Number(coefficient), INTEGER, span);
  if (whole && isWithin(coefficient, BIGINT_MAX)) return literal(wholeFromBigint(coefficient), BIGINT, span);
  const type = decimalOrNumeric(Math.max(digitCount(size), scale), scale);
  return literal(type.kind === "decimal" ? wholeFromBigint(coefficient) : value, type, span);
}

/** The exact number that an untyped literal reads as, if it does. */
export function decimalFromText(scalar: Scalar): LiteralScalar | undefined {
  if (scalar.kind !== "literal" || scalar.type.kind !== "null" || typeof scalar.value !== "string") {
    return undefined;
  }
  const value = parseNumeric(scalar.value);
  return value === undefined ? undefined : numericLiteral(value, false, scalar.span);
}

/** A string; its type is open. */
export function bindString({ value, prefix, span }: StringLiteral): LiteralScalar {
  if (prefix !== undefined) throw unsupported("A bit string", span, "write a number or a text");
  return literal(value, NULL_TYPE, span);
}

/** `DATE '2024-01-01'`. */
export function bindTyped({ type: written, value, span }: TypedLiteral): Scalar {
  return textLiteralAs({ text: value, type: resolveTypeName(written), span, explicit: true });
}

/** `INTERVAL '3' DAY`. */
export function bindInterval({ value, fields, precision, span }: IntervalLiteral): LiteralScalar {
  const interval = withSpan(span, () => parseInterval(value, fields));
  if (precision === undefined) return literal(interval, INTERVAL, span);
  const unit = 10 ** (MICRO_DIGITS - Math.min(precision, MICRO_DIGITS));
  const micros = Math.round(interval.micros / unit) * unit;
  return literal({ ...interval, micros }, INTERVAL, span);
}

/** An INTERVAL literal cut to the fields of the type that it is cast to. */
export function restricted(scalar: Scalar, fields: string | undefined): Scalar {
  if (fields === undefined || scalar.kind !== "literal" || scalar.type.kind !== "interval") return scalar;
  const { value } = scalar;
  if (value === null || typeof value !== "object" || !("months" in value)) return scalar;
  return literal(restrictInterval(value, fields), INTERVAL, scalar.span);
}

const WITH_ZONE = /\d:\d.*(?:z|utc|gmt|[+-]\d{1,2}(?::?\d{2}){0,2})\s*$/i;

/** Whether the text reads as the same value of the type at any time and in any session. */
function isConstantText(text: string, type: SqlType): boolean {
  switch (type.kind) {
    case "array":
      return isConstantText(text, type.element);
    case "timestamptz":
      return WITH_ZONE.test(text) && !readsClock(text);
    case "date":
    case "time":
    case "timestamp":
      return !readsClock(text);
    default:
      return true;
  }
}

/** A text to read as a value of a type. */
interface TextAs {
  readonly text: string;
  readonly type: SqlType;
  readonly span: Span | undefined;
  /** Cuts what is too long for VARCHAR(n), as a cast that the user wrote does. */
  readonly explicit: boolean;
}

/** The literal that the text reads as; a cast that waits where the value depends on clock or time zone. */
export function textLiteralAs({ text, type, span, explicit }: TextAs): Scalar {
  if (type.kind === "null") return literal(text, type, span);
  if (!isConstantText(text, type)) {
    const argument = literal(text, TEXT, span);
    return {
      kind: "cast",
      argument,
      type,
      tolerant: false,
      explicit,
      ...(span === undefined ? {} : { span }),
    };
  }
  const value = withSpan(
    span,
    () => type.kind === "text" ? castDatum(text, TEXT, type, explicit) : parseDatum(text, type),
  );
  return literal(value, type, span);
}

/** The value of a literal in another type, or undefined where only a run can tell or it does not fit. */
export function convertedLiteral(
  scalar: LiteralScalar,
  type: SqlType,
  explicit: boolean,
): LiteralScalar | undefined {
  const { value, span } = scalar;
  if (value === null) return literal(null, type, span);
  if (scalar.type.kind === "timestamptz" || type.kind === "timestamptz" || scalar.type.kind === "text") {
    return undefined;
  }
  try {
    return literal(castDatum(value, scalar.type, type, explicit), type, span);
  } catch (error) {
    // The error belongs to the run: the literal may stand in a branch that is never reached.
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** The name of the type for a message; an untyped literal is called so. */
export function typeText(type: SqlType): string {
  return type.kind === "null" ? "an untyped literal" : typeName(type);
}
