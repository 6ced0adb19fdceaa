/**
 * Random aggregate and window calls as SQL text, deterministic: what depends on the order of rows sorts them
 * totally.
 *
 * @module
 */
import type { SeededRandom } from "../../src/base/random.ts";
import type { ExpressionWriter } from "./random_expression.ts";
import type { Family } from "./random_table.ts";

/** What calls are made from. */
export interface CallSite {
  readonly random: SeededRandom;
  /** Writes arguments: expressions over the rows. */
  readonly rows: ExpressionWriter;
  /** Expressions that together tell any two rows apart, or the rows are alike. */
  readonly totalOrder: readonly string[];
  /** Allow FILTER and DISTINCT. */
  readonly plain?: boolean;
}

type CallWriter = (site: CallSite, depth: number) => string;

function direction(random: SeededRandom): string {
  return random.pick(["", "", " ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
}

function filter({ random, rows }: CallSite, depth: number): string {
  return random.next() < 0.15 ? ` FILTER (WHERE ${rows.write("boolean", Math.min(depth, 1))})` : "";
}

function distinct({ random }: CallSite): string {
  return random.next() < 0.2 ? "DISTINCT " : "";
}

/** `name([DISTINCT] argument) [FILTER]`. */
function simple(names: readonly string[], family: Family): CallWriter {
  return (site, depth) =>
    `${site.random.pick(names)}(${distinct(site)}${site.rows.write(family, depth)})${filter(site, depth)}`;
}

/** A call whose result depends on the order of its input: sorted by its argument. */
function listed(name: string, family: Family, rest = ""): CallWriter {
  return (site, depth) => {
    const argument = site.rows.write(family, depth);
    const cast = rest === "" ? argument : `CAST(${argument} AS TEXT)`;
    return `${name}(${distinct(site)}${cast}${rest} ORDER BY ${cast}${direction(site.random)})${
      filter(site, depth)
    }`;
  };
}

function ordered(name: string, family: Family): CallWriter {
  return (site, depth) => {
    const argument = family === "whole"
      ? `${site.rows.write(family, depth)}`
      : site.rows.write(family, depth);
    const fraction = site.random.pick(["0", "0.25", "0.5", "0.9", "1"]);
    const direct = name === "mode" ? "" : fraction;
    return `${name}(${direct}) WITHIN GROUP (ORDER BY ${argument}${site.random.pick(["", " DESC"])})`;
  };
}

const COUNTS: readonly CallWriter[] = [
  (site, depth) => `count(*)${filter(site, depth)}`,
  (site, depth) => `count(*)${filter(site, depth)}`,
  (site, depth) =>
    `count(${distinct(site)}${site.rows.write(site.rows.family(), depth)})${filter(site, depth)}`,
];

/** Aggregates by the family of their result. */
const AGGREGATES: Readonly<Record<Family, readonly CallWriter[]>> = {
  whole: [
    ...COUNTS,
    simple(["min", "max"], "whole"),
    simple(["min", "max"], "whole"),
    simple(["bit_and", "bit_or", "bit_xor"], "whole"),
    ordered("percentile_disc", "whole"),
    ordered("mode", "whole"),
  ],
  decimal: [
    simple(["sum", "avg"], "whole"),
    simple(["sum", "avg", "min", "max"], "decimal"),
    simple(["sum"], "whole"),
    simple(["var_pop", "var_samp", "stddev", "stddev_pop"], "whole"),
    simple(["var_pop", "stddev_samp"], "decimal"),
  ],
  double: [
    simple(["sum", "avg", "min", "max"], "double"),
    simple(["min", "max", "avg"], "double"),
    ordered("percentile_cont", "double"),
    (site, depth) =>
      `${site.random.pick(["corr", "covar_pop", "regr_slope", "regr_count"])}(${
        site.rows.write("whole", Math.min(depth, 1))
      }, ${site.rows.write("whole", Math.min(depth, 1))})::DOUBLE PRECISION`,
  ],
  text: [simple(["min", "max"], "text"), listed("string_agg", "text", ", '|'"), ordered("mode", "text")],
  boolean: [
    simple(["bool_and", "bool_or", "every"], "boolean"),
    (site, depth) => `(${COUNTS[0]!(site, depth)} > ${site.random.integer(0, 5)})`,
  ],
  date: [simple(["min", "max"], "date"), ordered("percentile_disc", "date")],
  time: [simple(["min", "max"], "time")],
  timestamp: [simple(["min", "max"], "timestamp")],
  interval: [simple(["min", "max", "sum", "avg"], "interval")],
  json: [
    (site, depth) => {
      const argument = site.rows.write("whole", depth);
      return `jsonb_agg(${argument} ORDER BY ${argument}${direction(site.random)})${filter(site, depth)}`;
    },
  ],
  wholes: [
    (site, depth) => {
      const argument = `CAST(${site.rows.write("whole", depth)} % 1000 AS INTEGER)`;
      return `array_agg(${distinct(site)}${argument} ORDER BY ${argument}${direction(site.random)})${
        filter(site, depth)
      }`;
    },
    (site, depth) => {
      const order = site.totalOrder.map((one) => one + direction(site.random)).join(", ");
      return `array_agg(CAST(${site.rows.write("whole", depth)} % 1000 AS INTEGER)${
        order === "" ? "" : ` ORDER BY ${order}`
      })`;
    },
  ],
  texts: [
    (site, depth) => {
      const argument = `CAST(${site.rows.write("text", depth)} AS TEXT)`;
      return `array_agg(${distinct(site)}${argument} ORDER BY ${argument}${direction(site.random)})`;
    },
  ],
};

/** An aggregate call with a result of `family`. */
export function randomAggregate(site: CallSite, family: Family, depth: number): string {
  return site.random.pick(AGGREGATES[family])(site, depth);
}

/** How a window function takes the order of its rows. */
type OrderNeed = "total" | "peers" | "none";

interface WindowForm {
  readonly need: OrderNeed;
  readonly framed: boolean;
  readonly write: CallWriter;
}

function neighbour(family: Family): WindowForm {
  return {
    need: "total",
    framed: false,
    write: ({ random, rows }, depth) => {
      const value = rows.write(family, depth);
      const offset = random.pick([
        "",
        `, ${random.integer(0, 3)}`,
        `, ${random.integer(1, 2)}, ${rows.literal(family)}`,
      ]);
      return `${random.pick(["lag", "lead"])}(${value}${offset})`;
    },
  };
}

function inFrame(family: Family): WindowForm {
  return {
    need: "total",
    framed: true,
    write: ({ random, rows }, depth) => {
      const value = rows.write(family, depth);
      return random.pick([
        `first_value(${value})`,
        `last_value(${value})`,
        `nth_value(${value}, ${random.integer(1, 3)})`,
      ]);
    },
  };
}

function overFrame(names: readonly string[], family: Family): WindowForm {
  return {
    need: "none",
    framed: true,
    write: (site, depth) =>
      `${site.random.pick(names)}(${site.rows.write(family, depth)})${filter(site, depth)}`,
  };
}

function ranking(names: readonly string[], need: OrderNeed): WindowForm {
  return { need, framed: false, write: ({ random }) => `${random.pick(names)}()` };
}

const WINDOWS: Readonly<Partial<Record<Family, readonly WindowForm[]>>> = {
  whole: [
    ranking(["row_number"], "total"),
    ranking(["rank", "dense_rank"], "peers"),
    { need: "total", framed: false, write: ({ random }) => `ntile(${random.integer(1, 5)})` },
    { need: "none", framed: true, write: (site, depth) => `count(*)${filter(site, depth)}` },
    overFrame(["count", "min", "max"], "whole"),
    neighbour("whole"),
    inFrame("whole"),
  ],
  decimal: [
    overFrame(["sum", "avg"], "whole"),
    overFrame(["sum", "avg", "min", "max"], "decimal"),
    neighbour("decimal"),
  ],
  double: [
    ranking(["percent_rank", "cume_dist"], "peers"),
    overFrame(["sum", "avg", "min", "max"], "double"),
    inFrame("double"),
  ],
  text: [neighbour("text"), inFrame("text"), overFrame(["min", "max"], "text")],
  boolean: [overFrame(["bool_and", "bool_or"], "boolean"), inFrame("boolean")],
  date: [neighbour("date"), overFrame(["min", "max"], "date"), inFrame("date")],
  timestamp: [neighbour("timestamp"), overFrame(["max", "min"], "timestamp")],
  interval: [overFrame(["sum"], "interval")],
};

const EXCLUDES = [
  "",
  "",
  "",
  "",
  " EXCLUDE CURRENT ROW",
  " EXCLUDE GROUP",
  " EXCLUDE TIES",
  " EXCLUDE NO OTHERS",
] as const;

function bound(
  random: SeededRandom,
  offset: () => string,
  start: boolean,
): readonly [place: number, text: string] {
  return random.pick<() => readonly [number, string]>([
    () => start ? [0, "UNBOUNDED PRECEDING"] : [4, "UNBOUNDED FOLLOWING"],
    () => [1, `${offset()} PRECEDING`],
    () => [2, "CURRENT ROW"],
    () => [3, `${offset()} FOLLOWING`],
  ])();
}

function frame(random: SeededRandom, unit: string, offset: () => string): string {
  const start = bound(random, offset, true);
  const end = bound(random, offset, false);
  if (start[0] > end[0]) return frame(random, unit, offset);
  const exclude = random.pick(EXCLUDES);
  if (random.next() < 0.15 && start[0] <= 2) return ` ${unit} ${start[1]}${exclude}`;
  return ` ${unit} BETWEEN ${start[1]} AND ${end[1]}${exclude}`;
}

/** A window specification in parentheses. */
function windowText(site: CallSite, form: WindowForm): string {
  const { random, rows, totalOrder } = site;
  const partition = random.next() < 0.55
    ? `PARTITION BY ${rows.leaf(random.pick(["whole", "text", "boolean"]))}`
    : "";
  const keys: string[] = [];
  const count = random.integer(form.need === "peers" ? 1 : 0, 2);
  for (let i = 0; i < count; i++) keys.push(rows.leaf(rows.family()) + direction(random));
  const unit = random.pick(["ROWS", "RANGE", "GROUPS"]);
  const framed = form.framed && random.next() < 0.6;
  let text = "";
  const total = totalOrder.map((one) => one + direction(random));
  if (framed && unit === "RANGE" && random.next() < 0.6) {
    const family = random.pick(["whole", "date", "timestamp", "decimal"] as const);
    const time = family === "date" || family === "timestamp";
    const offset = () =>
      time
        ? random.pick(["INTERVAL '1 day'", "INTERVAL '1 month'", "INTERVAL '36:00:00'"])
        : String(random.integer(0, 3));
    text = form.need === "none"
      ? `ORDER BY ${rows.leaf(family)}${direction(random)}${frame(random, unit, offset)}`
      : `ORDER BY ${[...keys, ...total].join(", ")}`;
  } else if (framed) {
    const needsTotal = unit === "ROWS" || form.need === "total";
    const order = needsTotal ? [...keys, ...total] : keys;
    if (order.length === 0) return `(${partition})`;
    // RANGE with several keys takes no offsets.
    const offset = () => String(random.integer(0, 3));
    const bounds = unit === "RANGE"
      ? random.pick([" RANGE UNBOUNDED PRECEDING", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"])
      : frame(random, unit, offset);
    text = `ORDER BY ${order.join(", ")}${bounds}`;
  } else {
    const order = form.need === "total" ? [...keys, ...total] : keys;
    text = order.length === 0 ? "" : `ORDER BY ${order.join(", ")}`;
  }
  return `(${[partition, text].filter((part) => part !== "").join(" ")})`;
}

/** A window call with a result of `family`, or none. `named` may give the window a name in WINDOW. */
export function randomWindow(
  site: CallSite,
  family: Family,
  depth: number,
  named: (specification: string) => string,
): string | undefined {
  const forms = WINDOWS[family];
  if (forms === undefined) return undefined;
  const form = site.random.pick(forms);
  const specification = windowText(site, form);
  return `${form.write(site, Math.min(depth, 1))} OVER ${
    site.random.next() < 0.15 ? named(specification) : specification
  }`;
}
