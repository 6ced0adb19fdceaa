/**
 * Aggregates that pick one of the values: min, max, first, last, any_value, arg_min, arg_max.
 *
 * They have no `remove`: when the picked row goes, the engine looks for the next one.
 *
 * @module
 */
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { AggregateDefinition, CallContext } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { compareDatums } from "./compare.ts";
import { argumentType } from "./datum.ts";
import { firstKnown } from "./signature.ts";

class Picked {
  readonly type: SqlType;
  readonly valueType: SqlType;
  /** The value to return. */
  value: Datum = null;
  /** The value that decides. */
  key: Datum = null;
  found = false;

  constructor(context: CallContext, keyIndex: number) {
    this.type = argumentType(context, keyIndex);
    this.valueType = argumentType(context, 0);
  }

  offer(value: Datum, key: Datum, sign: 1 | -1): void {
    if (this.found && sign * compareDatums(key, this.key, this.type) <= 0) return;
    this.found = true;
    this.value = value;
    this.key = key;
  }
}

/** min and max; of equal values the first stays. */
function extreme(name: string, sign: 1 | -1): AggregateDefinition {
  return aggregate<Picked>({
    name,
    signatures: [{ parameters: ["anyelement"], returns: firstKnown }],
    init: (context) => new Picked(context, 0),
    add: (state, [value = null]) => {
      if (value !== null) state.offer(value, value, sign);
    },
    merge: (state, other) => {
      if (other.found) state.offer(other.value, other.key, sign);
    },
    value: (state) => state.value,
  });
}

/**
 * The value of the row with the least or greatest key, of several the least value, whatever the order of rows;
 * rows with a NULL key do not count.
 */
function extremeBy(name: string, sign: 1 | -1): AggregateDefinition {
  const offer = (state: Picked, value: Datum, key: Datum): void => {
    const order = state.found ? sign * compareDatums(key, state.key, state.type) : 1;
    if (order > 0 || (order === 0 && compareDatums(value, state.value, state.valueType) < 0)) {
      state.found = true;
      state.value = value;
      state.key = key;
    }
  };
  return aggregate<Picked>({
    name,
    signatures: [{ parameters: ["any", "any"], returns: ([type]) => type! }],
    init: (context) => new Picked(context, 1),
    add: (state, [value = null, key = null]) => {
      if (key !== null) offer(state, value, key);
    },
    merge: (state, other) => {
      if (other.found) offer(state, other.value, other.key);
    },
    value: (state) => state.value,
  });
}

interface Position {
  value: Datum;
  found: boolean;
}

function positional(name: string, options: { last: boolean; skipNulls: boolean }): AggregateDefinition {
  const offer = (state: Position, value: Datum): void => {
    if ((options.skipNulls && value === null) || (state.found && !options.last)) return;
    state.found = true;
    state.value = value;
  };
  return aggregate<Position>({
    name,
    signatures: [{ parameters: ["any"], returns: firstKnown }],
    init: () => ({ value: null, found: false }),
    add: (state, [value = null]) => offer(state, value),
    merge: (state, other) => {
      if (other.found) offer(state, other.value);
    },
    value: (state) => state.value,
  });
}

/** Aggregates that pick a value. */
export const EXTREME_AGGREGATES: readonly AggregateDefinition[] = [
  extreme("min", -1),
  extreme("max", 1),
  extremeBy("min_by", -1),
  extremeBy("max_by", 1),
  extremeBy("arg_min", -1),
  extremeBy("arg_max", 1),
  positional("any_value", { last: false, skipNulls: true }),
  positional("first", { last: false, skipNulls: false }),
  positional("last", { last: true, skipNulls: false }),
];
