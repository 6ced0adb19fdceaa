/**
 * The stack transform: each value starts where the one before it in its group ended.
 *
 * ```
 * zero       values above and below zero stack apart
 * normalize  sizes are shares of the group's total of absolute values
 * center     absolute values, each group centred in the greatest total
 * ```
 *
 * @module
 */
import { call, literal, type Scalar } from "../../src/query/builder.ts";
import { DOUBLE } from "../../src/storage/sql_type.ts";
import { choose } from "../charts/bin.ts";
import { columnNamed, over, type QueryPipeline, type WindowOptions } from "../charts/query_pipeline.ts";
import { cast } from "../charts/time_unit.ts";
import { columnOfField } from "./field_name.ts";
import { type Located, pointer, stringAt, stringsAt, unsupported } from "./spec_shape.ts";
import { sortKeys } from "./transform_window.ts";

/** Adds start and end of each row in its stack. */
export function stackTransform(pipeline: QueryPipeline, { spec, path }: Located): QueryPipeline {
  const at = pointer(path, "stack");
  const field = columnOfField(stringAt(spec, "stack", path), at);
  const value = call("coalesce", cast(pipeline.column(field, at), "double precision"), 0);
  const partitionBy = stringsAt(spec, "groupby", path).map((group, i) => {
    const name = columnOfField(group, pointer(path, "groupby", i));
    pipeline.column(name, pointer(path, "groupby", i));
    return name;
  });
  const orderBy = sortKeys(pipeline, spec["sort"], pointer(path, "sort"));
  if (orderBy.length === 0) {
    throw unsupported(pointer(path, "sort"), "Rows of a table have no order: give the stack a sort");
  }
  const as = typeof spec["as"] === "string" ? [spec["as"], `${spec["as"]}_end`] : stringsAt(spec, "as", path);
  const [start, end] = as;
  if (start === undefined || end === undefined) {
    throw unsupported(pointer(path, "as"), "A stack has a start and an end");
  }
  const offset = spec["offset"] ?? "zero";
  const [size, side, before, total, most] = ["size", "side", "before", "total", "most"]
    .map((name) => `__stack_${name}`) as [string, string, string, string, string];
  const item = (name: string, scalar: Scalar) => ({ name, value: scalar, type: DOUBLE });
  const group = { partitionBy };
  const running = (partition: readonly string[]): WindowOptions => ({
    partitionBy: partition,
    orderBy,
    rows: [null, 0],
  });
  const names = pipeline.columns?.map(({ name }) => name).filter((name) => name !== start && name !== end);
  const finish = (done: QueryPipeline) => names === undefined ? done : done.select([...names, start, end]);

  if (offset === "zero") {
    const sides = pipeline.derive([
      item(size, value),
      item(side, choose([[value.lt(0), literal(-1)]], literal(1))),
    ]);
    const stacked = sides.window([
      item(end, over(call("sum", columnNamed(size)), running([...partitionBy, side]))),
    ]);
    return finish(stacked.derive([item(start, columnNamed(end).minus(columnNamed(size)))]));
  }
  if (offset !== "normalize" && offset !== "center") {
    throw unsupported(pointer(path, "offset"), `There is no offset ${JSON.stringify(offset)}`);
  }
  const sized = pipeline.derive([item(size, call("abs", value))]).window([
    item(before, over(call("sum", columnNamed(size)), running(partitionBy))),
    item(total, over(call("sum", columnNamed(size)), group)),
  ]);
  const from = columnNamed(before).minus(columnNamed(size));
  if (offset === "normalize") {
    const whole = call("nullif", columnNamed(total), 0);
    return finish(
      sized.derive([item(start, from.dividedBy(whole)), item(end, columnNamed(before).dividedBy(whole))]),
    );
  }
  const centred = sized.window([item(most, over(call("max", columnNamed(total)), {}))]);
  const shift = columnNamed(most).minus(columnNamed(total)).dividedBy(2);
  return finish(centred.derive([item(start, from.plus(shift)), item(end, columnNamed(before).plus(shift))]));
}
