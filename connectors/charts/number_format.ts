/**
 * How the numbers of a column are written: whole, with decimals, as money, as a share.
 *
 * The format is data in the two forms that chart libraries read: a d3-format specifier (Vega, Plot) and the options
 * of `Intl.NumberFormat`. No currency is guessed from values, only from a name that says it (`price_usd`).
 *
 * @module
 */
import type { ChartColumn } from "./chart_kind.ts";

/**
 * `ratio` is 0.25 shown as 25%, `percent` is 25 shown as 25%.
 */
export type NumberFormatKind = "integer" | "decimal" | "money" | "ratio" | "percent";

/** See the module header. */
export interface NumberFormat {
  readonly kind: NumberFormatKind;
  /** Digits after the point. */
  readonly digits: number;
  /** For d3-format: `,.2f`. */
  readonly d3: string;
  /** For `Intl.NumberFormat`. */
  readonly intl: Readonly<Record<string, string | number>>;
  /** Stands after the number, where the number alone does not say it: `%`. */
  readonly suffix: string;
}

const MONEY_NAME =
  /price|cost|revenue|amount|amt|sales|spend|budget|profit|margin|salary|income|payment|balance|acctbal|turnover|fee|(^|_)(usd|eur|chf|gbp)$/i;
const COUNT_NAME = /count|qty|quantity|(^|_)(n|cnt|num|orders|items|units|rows)(_|$)/i;
const RATIO_NAME =
  /ratio|share|rate|discount|(^|_)tax$|fraction|probability|proportion|pct|percent|conversion/i;
const PERCENT_NAME = /pct|percent/i;
const CURRENCY = /(?:^|_)(usd|eur|chf|gbp)$/i;

/** Digits after the point that are worth reading when the type does not say. */
const DIGITS_MAX = 3;

/** A number, or the number in a text that was too long for a double; `undefined` for everything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isNaN(value) ? undefined : value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string" || !/^-?(\d|Infinity)/.test(value)) return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** The format of a measure. */
export function numberFormat(
  { name, type }: ChartColumn,
  values: readonly unknown[],
  extent?: readonly [number, number],
): NumberFormat {
  const whole = type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint" ||
    (type.kind === "decimal" && type.scale === 0) ||
    (extent !== undefined && values.every((value) => Number.isInteger(numberOf(value) ?? 0)));
  const [low, high] = extent ?? [0, 0];
  if (RATIO_NAME.test(name) && extent !== undefined) {
    if (low >= -1 && high <= 1 && !(whole && PERCENT_NAME.test(name))) return formatOf("ratio", 1);
    if (PERCENT_NAME.test(name)) return formatOf("percent", whole ? 0 : 1);
  }
  if (MONEY_NAME.test(name) && !COUNT_NAME.test(name)) {
    return formatOf("money", whole || Math.max(-low, high) >= 1e5 ? 0 : 2, CURRENCY.exec(name)?.[1]);
  }
  if (whole) return formatOf("integer", 0);
  const digits = type.kind === "decimal" ? Math.min(type.scale, DIGITS_MAX) : usefulDigits(low, high);
  return formatOf("decimal", digits);
}

/** Three to four digits in all. */
function usefulDigits(low: number, high: number): number {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (!(size > 0) || !Number.isFinite(size)) return 2;
  return Math.min(DIGITS_MAX, Math.max(0, 3 - Math.floor(Math.log10(size)) - 1));
}

function formatOf(kind: NumberFormatKind, digits: number, currency?: string): NumberFormat {
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  switch (kind) {
    case "ratio":
      return {
        kind,
        digits,
        d3: `.${digits}%`,
        intl: { style: "percent", maximumFractionDigits: digits },
        suffix: "",
      };
    case "money": {
      const style: Readonly<Record<string, string>> = currency === undefined
        ? {}
        : { style: "currency", currency: currency.toUpperCase() };
      return { kind, digits, d3: `,.${digits}f`, intl: { ...style, ...fraction }, suffix: "" };
    }
    case "percent":
      return { kind, digits, d3: `,.${digits}f`, intl: fraction, suffix: "%" };
    default:
      return { kind, digits, d3: `,.${digits}f`, intl: fraction, suffix: "" };
  }
}
