/**
 * New rows for the stream of random changes: customers, suppliers and parts that the generated data does not
 * have, in the value sets of the specification.
 *
 * @module
 */

import type { SeededRandom } from "../../src/base/random.ts";
import type { TpchRow } from "./batch_rows.ts";
import { BRANDS, COLORS, CONTAINERS, MANUFACTURERS, NATIONS, PART_TYPES, SEGMENTS } from "./distributions.ts";
import { retailPrice } from "./generate_part.ts";

const decoder = new TextDecoder();

/** A customer with the given key. */
export function newCustomer(random: SeededRandom, pool: Uint8Array, key: number): TpchRow {
  const nation = random.integer(0, NATIONS.length - 1);
  return {
    c_custkey: key,
    c_name: `Customer#${String(key).padStart(9, "0")}`,
    c_address: randomText(random, pool, 10, 40),
    c_nationkey: nation,
    c_phone: randomPhone(random, nation),
    c_acctbal: randomBalance(random),
    c_mktsegment: random.pick(SEGMENTS),
    c_comment: randomText(random, pool, 29, 116),
  };
}

/** A supplier with the given key. */
export function newSupplier(random: SeededRandom, pool: Uint8Array, key: number): TpchRow {
  const nation = random.integer(0, NATIONS.length - 1);
  return {
    s_suppkey: key,
    s_name: `Supplier#${String(key).padStart(9, "0")}`,
    s_address: randomText(random, pool, 10, 40),
    s_nationkey: nation,
    s_phone: randomPhone(random, nation),
    s_acctbal: randomBalance(random),
    s_comment: randomText(random, pool, 25, 100),
  };
}

/** A part with the given key. */
export function newPart(random: SeededRandom, pool: Uint8Array, key: number): TpchRow {
  const brand = random.integer(0, BRANDS.length - 1);
  return {
    p_partkey: key,
    p_name: Array.from({ length: 5 }, () => random.pick(COLORS)).join(" "),
    p_mfgr: MANUFACTURERS[Math.floor(brand / 5)]!,
    p_brand: BRANDS[brand]!,
    p_type: random.pick(PART_TYPES),
    p_size: random.integer(1, 50),
    p_container: random.pick(CONTAINERS),
    p_retailprice: retailPrice(key) / 100,
    p_comment: randomText(random, pool, 5, 22),
  };
}

/** What a row of partsupp has beside its key. */
export function newSupply(random: SeededRandom, pool: Uint8Array): TpchRow {
  return {
    ps_availqty: random.integer(1, 9999),
    ps_supplycost: random.integer(100, 100_000) / 100,
    ps_comment: randomText(random, pool, 49, 198),
  };
}

/** An account balance. */
export function randomBalance(random: SeededRandom): number {
  return random.integer(-99_999, 999_999) / 100;
}

/** A slice of the text pool. */
export function randomText(
  random: SeededRandom,
  pool: Uint8Array,
  shortest: number,
  longest: number,
): string {
  const length = random.integer(shortest, longest);
  const from = random.integer(0, pool.length - length);
  return decoder.decode(pool.subarray(from, from + length));
}

function randomPhone(random: SeededRandom, nation: number): string {
  const parts = [random.integer(100, 999), random.integer(100, 999), random.integer(1000, 9999)];
  return [10 + nation, ...parts].join("-");
}
