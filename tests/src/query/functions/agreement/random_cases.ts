/**
 * Random numbers, dates and intervals through the functions whose results depend on every digit.
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the cases.
 *
 * @module
 */
import { SeededRandom } from "../../../../../src/base/random.ts";
import type { AgreementCase } from "./agreement_case.ts";

/** The seed of the cases. */
export const RANDOM_SEED: number = Number(Deno.env.get("LIVEVIEW_SEED") ?? 4711);
const RUNS = 60 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

const random = new SeededRandom(RANDOM_SEED);

function digits(count: number): string {
  return Array.from({ length: count }, () => random.integer(0, 9)).join("");
}

function numeric(signed = true): string {
  const sign = signed && random.next() < 0.3 ? "-" : "";
  const fraction = random.next() < 0.3
    ? ""
    : `.${"0".repeat(random.integer(0, 3))}${digits(random.integer(1, 12))}`;
  return `${sign}${digits(random.integer(1, 14))}${fraction}::numeric`;
}

function double(): string {
  const text = String((random.next() - 0.5) * 10 ** random.integer(-20, 20));
  return `${random.next() < 0.2 ? Math.round(Number(text)) : text}::float8`;
}

function interval(): string {
  const part = (range: number): number => random.integer(-range, range);
  return `${part(30)} mons ${part(60)} days ${part(200000)}.${digits(random.integer(1, 6))} s::interval`;
}

function timestamp(): string {
  const date = new Date(random.integer(-5e12, 5e12)).toISOString().slice(0, 19).replace("T", " ");
  return `${date}.${digits(random.integer(1, 6))}::timestamp`;
}

function repeat(make: () => AgreementCase): AgreementCase[] {
  return Array.from({ length: RUNS }, make);
}

function infix(family: string, name: string, left: () => string, right: () => string): AgreementCase[] {
  return repeat(() => ({ family, name, args: [left(), right()], sql: `$1 ${name} $2` }));
}

function call(family: string, name: string, ...parts: readonly (() => string)[]): AgreementCase[] {
  return repeat(() => ({ family, name, args: parts.map((part) => part()) }));
}

const small = (): string => `${random.integer(-3, 12)}.${digits(random.integer(1, 4))}::numeric`;
const positive = (): string => numeric(false);
const field = (): string =>
  `${random.pick(["year", "quarter", "month", "week", "day", "hour", "minute", "second", "decade"])}::text`;

/** Random cases. */
export const RANDOM_CASES: readonly AgreementCase[] = [
  ...["+", "-", "*", "/", "%"].flatMap((name) => infix("random numerics", name, numeric, numeric)),
  ...["sqrt", "ln"].flatMap((name) => call("random numerics", name, positive)),
  ...call("random numerics", "exp", small),
  ...call("random numerics", "log", positive, positive),
  ...call("random numerics", "power", () => `${random.integer(0, 20)}.${digits(3)}::numeric`, small),
  ...call("random numerics", "round", numeric, () => `${random.integer(-4, 8)}::integer`),
  ...["+", "*", "/"].flatMap((name) => infix("random doubles", name, double, double)),
  ...["text", "numeric", "real", "decimal(20,3)"].flatMap((type) =>
    repeat(() => ({ family: "random doubles", name: `cast ${type}`, args: [double()], sql: `$1::${type}` }))
  ),
  ...call(
    "random doubles",
    "to_char",
    double,
    () => `${random.pick(["FM999999.99", "S99999.999", "9.999EEEE"])}::text`,
  ),
  ...["+", "-"].flatMap((name) => infix("random times", name, timestamp, interval)),
  ...infix("random times", "-", timestamp, timestamp),
  ...call("random times", "age", timestamp, timestamp),
  ...call("random times", "date_trunc", field, timestamp),
  ...call("random times", "date_trunc", field, interval),
  ...infix("random times", "*", interval, () => `${(random.next() * 10 - 5).toFixed(3)}::float8`),
  ...infix("random times", "/", interval, () => `${(random.next() * 10 + 0.5).toFixed(2)}::float8`),
  ...["justify_hours", "justify_days", "justify_interval"].flatMap((name) =>
    call("random times", name, interval)
  ),
];
