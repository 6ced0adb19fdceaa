/**
 * bool_and, bool_or, every, and the bit aggregates. Booleans are counted, bits counted each, so that rows
 * can be removed.
 *
 * @module
 */
import { BOOLEAN, type Datum } from "../../storage/sql_type.ts";
import type { AggregateDefinition, CallContext } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { asWhole, wholeFromBigint } from "./datum.ts";

class Ballot {
  yes = 0;
  no = 0;
}

function boolean(name: string, decide: (state: Ballot) => boolean): AggregateDefinition {
  const change = (state: Ballot, value: Datum | undefined, sign: 1 | -1): void => {
    if (value === true) state.yes += sign;
    else if (value === false) state.no += sign;
  };
  return aggregate<Ballot>({
    name,
    signatures: [{ parameters: ["boolean"], returns: BOOLEAN }],
    init: () => new Ballot(),
    add: (state, [value]) => change(state, value, 1),
    remove: (state, [value]) => change(state, value, -1),
    merge: (state, other) => {
      state.yes += other.yes;
      state.no += other.no;
    },
    value: (state) => state.yes + state.no === 0 ? null : decide(state),
  });
}

class BitCounts {
  count = 0;
  /** How many values have bit i set. */
  readonly bits: Float64Array = new Float64Array(64);

  change(value: Datum | undefined, sign: 1 | -1): void {
    if (value === null || value === undefined) return;
    this.count += sign;
    let rest = BigInt.asUintN(64, BigInt(asWhole(value)));
    for (let i = 0; rest !== 0n; i++, rest >>= 1n) {
      if ((rest & 1n) === 1n) this.bits[i]! += sign;
    }
  }
}

function bits(name: string, isSet: (ones: number, count: number) => boolean): AggregateDefinition {
  return aggregate<BitCounts>({
    name,
    signatures: (["smallint", "integer", "bigint"] as const).map((kind) => ({
      parameters: [kind],
      returns: { kind },
    })),
    init: () => new BitCounts(),
    add: (state, [value]) => state.change(value, 1),
    remove: (state, [value]) => state.change(value, -1),
    merge: (state, other) => {
      state.count += other.count;
      for (let i = 0; i < 64; i++) state.bits[i]! += other.bits[i]!;
    },
    value: (state: BitCounts, _context: CallContext) => {
      if (state.count === 0) return null;
      let result = 0n;
      for (let i = 0; i < 64; i++) {
        if (isSet(state.bits[i]!, state.count)) result |= 1n << BigInt(i);
      }
      return wholeFromBigint(BigInt.asIntN(64, result));
    },
  });
}

/** Boolean and bit aggregates. */
export const BOOLEAN_AGGREGATES: readonly AggregateDefinition[] = [
  boolean("bool_and", (state) => state.no === 0),
  boolean("every", (state) => state.no === 0),
  boolean("booland_agg", (state) => state.no === 0),
  boolean("bool_or", (state) => state.yes > 0),
  boolean("boolor_agg", (state) => state.yes > 0),
  bits("bit_and", (ones, count) => ones === count),
  bits("bit_or", (ones) => ones > 0),
  bits("bit_xor", (ones) => ones % 2 === 1),
];
