/**
 * Aggregates that keep all values, in the order in which rows come: string_agg, array_agg, json_agg, ...
 *
 * They have no `remove`: the engine keeps the rows of a group in order where it maintains them.
 *
 * @module
 */
import { arrayType, type Datum, JSON_TYPE, type SqlType, TEXT } from "../../storage/sql_type.ts";
import type { AggregateDefinition, CallContext } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { argumentType, asText } from "./datum.ts";
import { nullKey } from "./json.ts";
import { toJson } from "./json_convert.ts";
import { formatJson, jsonObject, type JsonValue } from "./json_value.ts";
import { firstKnown } from "./signature.ts";
import { formatDatum } from "./text_format.ts";

class Joined {
  parts: string[] = [];
  /** Delimiters that came with the rows; the first is not used. */
  delimiters: string[] = [];

  add(text: string, delimiter: string): void {
    this.parts.push(text);
    this.delimiters.push(delimiter);
  }

  text(): string | null {
    if (this.parts.length === 0) return null;
    let text = this.parts[0]!;
    for (let i = 1; i < this.parts.length; i++) text += this.delimiters[i]! + this.parts[i]!;
    return text;
  }
}

function textAggregate(name: string, empty: string | null): AggregateDefinition {
  return aggregate<Joined>({
    name,
    signatures: [
      { parameters: ["text", "text"], returns: TEXT },
      ...(name === "string_agg" ? [] : [{ parameters: ["text"] as const, returns: TEXT }]),
    ],
    init: () => new Joined(),
    add: (state, [value, delimiter]) => {
      if (value === null || value === undefined) return;
      state.add(asText(value), delimiter === null || delimiter === undefined ? "" : asText(delimiter));
    },
    merge: (state, other) => {
      other.parts.forEach((part, i) => state.add(part, other.delimiters[i]!));
    },
    value: (state) => state.text() ?? empty,
  });
}

interface List {
  readonly type: SqlType;
  readonly valueType: SqlType;
  readonly items: Datum[];
  readonly keys: string[];
  readonly context: CallContext;
}

function newList(context: CallContext): List {
  return {
    type: argumentType(context, 0),
    valueType: argumentType(context, 1),
    items: [],
    keys: [],
    context,
  };
}

/** `array_agg` of arrays makes one more dimension and keeps the type. */
function listType(types: readonly SqlType[]): SqlType {
  const type = firstKnown(types);
  return type.kind === "array" ? type : arrayType(type);
}

function listAggregate(
  name: string,
  returns: (types: readonly SqlType[]) => SqlType,
  value: (state: List) => Datum,
): AggregateDefinition {
  return aggregate<List>({
    name,
    signatures: [{ parameters: ["any"], returns }],
    init: newList,
    add: (state, [item = null]) => {
      state.items.push(item);
    },
    merge: (state, other) => {
      for (const item of other.items) state.items.push(item);
    },
    value: (state) => state.items.length === 0 ? null : value(state),
  });
}

function jsonList(state: List): Datum {
  return formatJson(state.items.map((item) => toJson(item, state.type, state.context)));
}

function objectAggregate(name: string): AggregateDefinition {
  return aggregate<List>({
    name,
    signatures: [{ parameters: ["any", "any"], returns: JSON_TYPE }],
    init: newList,
    add: (state, [key = null, value = null]) => {
      if (key === null) throw nullKey();
      state.keys.push(
        state.type.kind === "boolean" ? String(key) : formatDatum(key, state.type, state.context),
      );
      state.items.push(value);
    },
    merge: (state, other) => {
      for (const key of other.keys) state.keys.push(key);
      for (const item of other.items) state.items.push(item);
    },
    value: (state) => {
      if (state.keys.length === 0) return null;
      const entries = state.keys.map((key, i): [string, JsonValue] => [
        key,
        toJson(state.items[i]!, state.valueType, state.context),
      ]);
      return formatJson(jsonObject(entries));
    },
  });
}

const copy = (state: List): Datum => state.items.slice();
const json = (): SqlType => JSON_TYPE;

/** Aggregates that collect. */
export const LIST_AGGREGATES: readonly AggregateDefinition[] = [
  textAggregate("string_agg", null),
  // Snowflake's LISTAGG of no rows is an empty text.
  textAggregate("listagg", ""),
  textAggregate("group_concat", null),
  listAggregate("array_agg", listType, copy),
  listAggregate("list", listType, copy),
  listAggregate("json_agg", json, jsonList),
  listAggregate("jsonb_agg", json, jsonList),
  objectAggregate("json_object_agg"),
  objectAggregate("jsonb_object_agg"),
];
