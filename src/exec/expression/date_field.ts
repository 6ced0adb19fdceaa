/**
 * EXTRACT, DATE_PART and DATE_TRUNC of timestamps, a chunk at a time, for a field that is a literal.
 *
 * What stays row by row: fields that need exact fractions as NUMERIC, units longer than a year, and chunks with
 * timestamps far from today. NUMERIC results are objects, so
 * those of small whole numbers are made once and shared.
 *
 * @module
 */
import type { DateField } from "../../query/functions/date_parts.ts";
import { fieldOf } from "../../query/functions/date_parts.ts";
import { MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "../../query/functions/calendar.ts";
import { numericFromWhole } from "../../query/functions/numeric_value.ts";
import { type TimeZone, timeZone, UTC } from "../../query/functions/time_zone.ts";
import type { Datum, Numeric, SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import {
  dayFields,
  daysOfTimestamps,
  fractionalSeconds,
  instantsOfLocal,
  localTimestamps,
  shiftBack,
  timesOfTimestamps,
  truncateToDays,
  truncateToTime,
  wholeTimeFields,
} from "../kernels/date_fields.ts";
import type { DenseVector } from "../vector_build.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";

/** The node of a call on timestamps that has kernels. */
export function compileDateField(
  name: string,
  args: readonly ScalarNode[],
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const [field, moment, ...rest] = args;
  if (typeof field?.constant !== "string" || moment === undefined || rest.length > 0) return undefined;
  const zone = zoneOf(moment.type, rowFunction.context.timeZone);
  const known = fieldOf(field.constant);
  if (zone === undefined || known === undefined) return undefined;
  const parts = { field: known, fieldNode: field, moment, zone, rowFunction };
  if (name === "date_trunc") {
    return TRUNCATED.has(known) ? new DateTruncNode(parts) : undefined;
  }
  if (name !== "extract" && name !== "date_part") return undefined;
  const numeric = name === "extract";
  if (WHOLE_TIMES.has(known) || WHOLE_DAYS.has(known)) return new DateFieldNode(parts, numeric);
  return SECOND_UNITS[known] !== undefined && !numeric ? new DateFieldNode(parts, false) : undefined;
}

/** The zone that local times of `type` are in; a TIMESTAMP is a local time already. */
function zoneOf(type: SqlType, session: string): TimeZone | undefined {
  if (type.kind === "timestamp") return UTC;
  if (type.kind !== "timestamptz") return undefined;
  return session.toUpperCase() === "UTC" ? UTC : timeZone(session);
}

const WHOLE_TIMES: ReadonlySet<DateField> = new Set(["hour", "minute", "microseconds"]);
const WHOLE_DAYS: ReadonlySet<DateField> = new Set([
  ...["day", "week", "month", "quarter", "year", "decade", "century", "millennium"] as const,
  ...["dow", "isodow", "doy", "isoyear"] as const,
]);
/** Microseconds of one, for fields of the second. */
const SECOND_UNITS: Readonly<Partial<Record<DateField, number>>> = { second: 1_000_000, milliseconds: 1000 };
const TIME_UNITS: Readonly<Partial<Record<DateField, number>>> = {
  milliseconds: 1000,
  second: MICROS_PER_SECOND,
  minute: MICROS_PER_MINUTE,
  hour: MICROS_PER_HOUR,
};
const TRUNCATED: ReadonlySet<DateField> = new Set([
  ...["milliseconds", "second", "minute", "hour"] as const,
  ...["day", "week", "month", "quarter", "year", "isoyear"] as const,
]);

interface DateParts {
  readonly field: DateField;
  /** The argument that names the field, for the row-wise way. */
  readonly fieldNode: ScalarNode;
  readonly moment: ScalarNode;
  readonly zone: TimeZone;
  readonly rowFunction: RowFunction;
}

/** What both nodes share: the traits, and the row-wise way for chunks that kernels refuse. */
abstract class DateNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  protected readonly parts: DateParts;
  protected days: Int32Array = new Int32Array(0);
  protected micros: Float64Array = new Float64Array(0);
  #local = new Float64Array(0);

  constructor(parts: DateParts) {
    const traits = traitsOf([parts.moment], !parts.rowFunction.total);
    this.type = parts.rowFunction.context.resultType;
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
    this.parts = parts;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const vector = this.parts.moment.evaluate(chunk);
    if (this.days.length < size) {
      this.days = new Int32Array(size);
      this.micros = new Float64Array(size);
    }
    const result = vector.kind === "f64" ? this.compute(vector.values, vector.nulls, size) : null;
    return result ?? callRows(this.parts.rowFunction, [this.parts.fieldNode.evaluate(chunk), vector], size);
  }

  protected localTimes(values: Float64Array, size: number): Float64Array {
    const { zone } = this.parts;
    if (zone === UTC) return values;
    if (this.#local.length < size) this.#local = new Float64Array(size);
    localTimestamps(values, size, zone, this.#local);
    return this.#local;
  }

  /** The vector of timestamps `values`; null when the kernels do not take them. */
  protected abstract compute(
    values: Float64Array,
    nulls: Uint8Array | null,
    size: number,
  ): DenseVector | null;
}

class DateTruncNode extends DateNode {
  #dates = new Int32Array(0);

  protected compute(values: Float64Array, nulls: Uint8Array | null, size: number): DenseVector | null {
    const { field, zone } = this.parts;
    const out = this.micros;
    const unit = TIME_UNITS[field];
    const local = this.localTimes(values, size);
    if (unit !== undefined) {
      if (!truncateToTime(local, size, unit, out)) return null;
      if (zone !== UTC) shiftBack(values, local, size, out);
    } else {
      if (!daysOfTimestamps(local, size, this.days)) return null;
      if (this.#dates.length < size) this.#dates = new Int32Array(size);
      truncateToDays(field, this.days, size, out, this.#dates);
      if (zone !== UTC) instantsOfLocal(out, size, zone);
    }
    return { kind: "f64", values: out, nulls };
  }
}

class DateFieldNode extends DateNode {
  readonly #numeric: boolean;
  #whole = new Int32Array(0);

  /** `numeric`: the result is NUMERIC, else DOUBLE PRECISION. */
  constructor(parts: DateParts, numeric: boolean) {
    super(parts);
    this.#numeric = numeric;
  }

  protected compute(values: Float64Array, nulls: Uint8Array | null, size: number): DenseVector | null {
    const { field } = this.parts;
    if (this.#whole.length < size) this.#whole = new Int32Array(size);
    const whole = this.#whole;
    const { days, micros } = this;
    const local = this.localTimes(values, size);
    if (!daysOfTimestamps(local, size, days)) return null;
    const unit = SECOND_UNITS[field];
    if (unit !== undefined) {
      timesOfTimestamps(local, days, size, micros);
      fractionalSeconds(micros, size, unit, micros);
      return { kind: "f64", values: micros, nulls };
    }
    if (field === "hour" || field === "minute" || field === "microseconds") {
      timesOfTimestamps(local, days, size, micros);
      wholeTimeFields(field, micros, size, whole);
    } else {
      dayFields(field, days, size, whole);
    }
    if (this.#numeric) return { kind: "object", values: wholeNumerics(whole, nulls, size), nulls };
    micros.set(whole.subarray(0, size));
    return { kind: "f64", values: micros, nulls };
  }
}

/** NUMERICs of 0 to 9999, which nearly all fields are. */
const SMALL_NUMERICS: Numeric[] = [];
const SMALL_MAX = 9999;

function wholeNumerics(values: Int32Array, nulls: Uint8Array | null, size: number): Datum[] {
  if (SMALL_NUMERICS.length === 0) {
    for (let value = 0; value <= SMALL_MAX; value++) SMALL_NUMERICS.push(numericFromWhole(value));
  }
  const out = new Array<Datum>(size);
  for (let i = 0; i < size; i++) {
    const value = values[i]!;
    out[i] = value >= 0 && value <= SMALL_MAX ? SMALL_NUMERICS[value]! : numericFromWhole(value);
  }
  if (nulls !== null) { for (let i = 0; i < size; i++) if (nulls[i] === 1) out[i] = null; }
  return out;
}
