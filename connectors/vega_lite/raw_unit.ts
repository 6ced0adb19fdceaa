/**
 * A view that shows raw rows, or whose work has to be done in the browser: the columns that it reads.
 *
 * A column counts as read when its name occurs as a word in some text of the view. That is more than needed now
 * and then, and never less: expressions may reach a column in many ways.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { isSpec, type Spec } from "./spec_shape.ts";
import { type EncodingField, encodingFields, fieldColumn } from "./encoding_field.ts";
import type { UnitQuery } from "./aggregate_unit.ts";
import { pointer } from "./spec_shape.ts";
import type { TransformedRows } from "./transform.ts";

/** The query of the raw rows of a view; `context` is all that may name columns. */
export function rawUnit(unit: Spec, rows: TransformedRows, context: readonly unknown[]): UnitQuery {
  const { pipeline } = rows;
  const texts = textsOf([unit, ...context]);
  const whole = texts.some((text) => text === "data" || /\bdatum\s*(?![\s.[\w])/.test(text));
  const { columns } = pipeline;
  const read = columns?.map(({ name }) => name).filter((name) =>
    whole || texts.some((text) => mentions(text, name))
  );
  return {
    rows: { ...rows, pipeline: read === undefined ? pipeline : pipeline.select(read) },
    hidden: new Set(),
    measures: new Set(),
    mark: unit["mark"],
    added: {},
    change: () => new Map<EncodingField, Spec>(),
  };
}

/**
 * Checks that plain fields of an encoding are columns.
 *
 * @throws {QueryError} `unknown-column`
 */
export function requireFields(unit: Spec, { pipeline }: TransformedRows, path: string): void {
  const encoding = isSpec(unit["encoding"]) ? unit["encoding"] : {};
  for (const field of encodingFields(encoding, pointer(path, "encoding"))) {
    if (typeof field.def["field"] !== "string") continue;
    try {
      pipeline.column(fieldColumn(field), pointer(field.path, "field"));
    } catch (error) {
      // A path into a nested value is for the browser.
      if (!(error instanceof QueryError) || error.code !== "unsupported") throw error;
    }
  }
}

/** True when `name` stands in `text` as a word of its own. */
function mentions(text: string, name: string): boolean {
  const isWord = (char: string | undefined) => char !== undefined && /\w/.test(char);
  for (let i = text.indexOf(name); i >= 0; i = text.indexOf(name, i + 1)) {
    if (!isWord(text[i - 1]) && !isWord(text[i + name.length])) return true;
  }
  return false;
}

/** All texts in `value`, escapes of field names removed. */
function textsOf(value: unknown): readonly string[] {
  const found: string[] = [];
  const open: unknown[] = [value];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node === "string") found.push(node, node.replaceAll("\\", ""));
    else if (typeof node === "object" && node !== null) {
      open.push(...Object.values(node).filter((item) => item !== undefined));
    }
  }
  return found;
}
