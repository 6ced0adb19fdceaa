/**
 * Random calls of aggregates and of window functions over the rows of one table, each with one answer.
 *
 * @module
 */
import type { RandomTable } from "./random_table.ts";
import { COMPARABLE, NUMBERS, ViewWords } from "./view_words.ts";

/** See the module header. */
export abstract class ViewCalls extends ViewWords {
  protected call(table: RandomTable, alias: string): string {
    const number = `${alias}.${this.of(table, NUMBERS)}`;
    const whole = `${alias}.${this.of(table, ["whole"])}`;
    const text = `${alias}.${this.of(table, ["text"])}`;
    const comparable = `${alias}.${this.of(table, COMPARABLE)}`;
    const total = this.total(table, alias);
    const filterable = this.pick([
      "count(*)",
      `count(${alias}.${this.any(table)})`,
      `sum(${number})`,
      `avg(${number})`,
      `min(${comparable})`,
      `max(${comparable})`,
      `count(DISTINCT ${comparable})`,
      `sum(DISTINCT ${whole})`,
      `stddev_samp(${number})`,
      `var_pop(${whole})`,
      `corr(${whole}, ${number})`,
      `bool_or(${whole} > 2)`,
      `bit_xor(${whole})`,
      `string_agg(${text}, ',' ORDER BY ${text}, ${total})`,
      `array_agg(${whole} ORDER BY ${total})`,
      `max_by(${text}, (${table.keyed ? total : whole}))`,
      `percentile_cont(${this.pick([0, 0.25, 0.5, 0.9])}) WITHIN GROUP (ORDER BY ${whole})`,
      `percentile_disc(${this.pick([0.1, 0.5, 1])}) WITHIN GROUP (ORDER BY ${comparable})`,
      `mode() WITHIN GROUP (ORDER BY ${comparable})`,
      `median(${whole})`,
      `approx_count_distinct(${comparable})`,
    ]);
    // Ties of what is not a key would let any of their rows be the answer.
    const call = !table.keyed && filterable.startsWith("max_by") ? `max(${text})` : filterable;
    return this.chance(0.3) ? `${call} FILTER (WHERE ${this.rowCondition(table, alias)})` : call;
  }

  /** A window function over rows of `a`, in an order that makes it unique. */
  protected windowCall(table: RandomTable): string {
    const whole = `a.${this.of(table, ["whole"])}`;
    const value = `a.${this.of(table, COMPARABLE)}`;
    const number = `a.${this.of(table, NUMBERS)}`;
    const partition = this.chance(0.75) ? `PARTITION BY ${value} ` : "";
    const direction = this.pick(["", " DESC", " NULLS FIRST"]);
    const order = `ORDER BY ${whole}${direction}, ${this.total(table, "a")}`;
    const n = this.random.integer(0, 3);
    const frame = this.pick([
      "",
      `ROWS BETWEEN ${n} PRECEDING AND CURRENT ROW`,
      `ROWS BETWEEN ${n} PRECEDING AND ${this.random.integer(0, 2)} FOLLOWING`,
      "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
      `ROWS BETWEEN UNBOUNDED PRECEDING AND ${n} FOLLOWING`,
      `GROUPS BETWEEN ${n} PRECEDING AND CURRENT ROW`,
      "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
      `ROWS BETWEEN ${n} PRECEDING AND ${n} FOLLOWING EXCLUDE ${this.pick(["CURRENT ROW", "TIES", "GROUP"])}`,
    ]);
    const over = `OVER (${partition}${order} ${frame})`;
    return this.pick([
      `row_number() OVER (${partition}${order})`,
      `rank() OVER (${partition}ORDER BY ${whole}${direction})`,
      `dense_rank() OVER (${partition}ORDER BY ${whole}${direction})`,
      `percent_rank() OVER (${partition}ORDER BY ${whole})`,
      `cume_dist() OVER (${partition}ORDER BY ${whole})`,
      `ntile(${n + 1}) OVER (${partition}${order})`,
      `lag(${value}${this.pick(["", ", 2"])}) OVER (${partition}${order})`,
      `lead(${whole}, ${n}, 0) OVER (${partition}${order})`,
      `first_value(${value}) ${over}`,
      `last_value(${value}) ${over}`,
      `nth_value(${value}, 2) ${over}`,
      `sum(${number}) ${over}`,
      `avg(${whole}) ${over}`,
      `count(*) ${over}`,
      `min(${value}) ${over}`,
      `max(${whole}) FILTER (WHERE ${this.condition(table, "a")}) ${over}`,
      `sum(${whole}) OVER (${partition}ORDER BY ${whole} RANGE BETWEEN ${n} PRECEDING AND 1 FOLLOWING)`,
      `count(*) OVER (${partition})`,
      `sum(${number}) OVER (${partition}ORDER BY ${whole})`,
    ]);
  }
}
