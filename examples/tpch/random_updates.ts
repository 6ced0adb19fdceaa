/**
 * A stream of random changes to a TPC-H database, for tests and demonstrations of live views: orders come and
 * go with their line items, balances, prices and stocks move, and now and then there is a new customer,
 * supplier or part.
 *
 * Applied in order to the generated database, every change is valid: it meets rows that exist, uses keys that
 * are free, and inserts parents first and deletes them last. Regions and nations are only updated. The new
 * orders have keys of their own (segment 3), so RF1 may run beside the stream; RF2 may not, for it deletes
 * orders that the stream goes on to change.
 *
 * @module
 */

import { SeededRandom } from "../../src/base/random.ts";
import { rowsOfBatch, type TpchRow } from "./batch_rows.ts";
import {
  INSTRUCTIONS,
  NATIONS,
  ORDER_STATUSES,
  PRIORITIES,
  REGIONS,
  RETURN_FLAGS,
  SEGMENTS,
  SHIP_MODES,
} from "./distributions.ts";
import { dayShiftOf } from "./generate.ts";
import { OrderGenerator } from "./generate_orders.ts";
import { lineCount, orderKey } from "./order_keys.ts";
import { newCustomer, newPart, newSupplier, newSupply, randomBalance, randomText } from "./random_rows.ts";
import type { RefreshOptions } from "./refresh.ts";
import {
  supplierOfPart,
  SUPPLIERS_PER_PART,
  type TpchRowCounts,
  tpchRowCounts,
  type TpchTable,
} from "./tables.ts";
import { textPool } from "./text_pool.ts";

/** One change of one row, in the values of {@linkcode rowsOfBatch}. */
export type TpchChange =
  | { readonly kind: "insert"; readonly table: TpchTable; readonly row: TpchRow }
  | { readonly kind: "update"; readonly table: TpchTable; readonly key: TpchRow; readonly set: TpchRow }
  | { readonly kind: "delete"; readonly table: TpchTable; readonly key: TpchRow };

/** An endless stream of changes to the database of `options`; the same `seed` gives the same stream. */
export function randomUpdates(
  seed: number,
  options: RefreshOptions,
): Generator<TpchChange, never, undefined> {
  return new ChangeSource(seed, options).changes();
}

interface LiveOrder {
  readonly key: number;
  readonly lines: number;
}

const CHANGE_SEGMENT = 3;
const ORDERS_AT_ONCE = 64;

class ChangeSource {
  readonly #random: SeededRandom;
  readonly #pool: Uint8Array;
  readonly #counts: TpchRowCounts;
  readonly #orders: OrderGenerator;
  readonly #deletedPlaces = new Set<number>();
  readonly #newOrders: LiveOrder[] = [];
  readonly #newCustomers: number[] = [];
  readonly #newSuppliers: number[] = [];
  readonly #newParts: number[] = [];
  #coming: { order: TpchRow; lines: TpchRow[] }[] = [];
  #ordersMade = 0;
  #nextCustomer: number;
  #nextSupplier: number;
  #nextPart: number;

  constructor(seed: number, options: RefreshOptions) {
    const { scaleFactor, shiftDatesTo } = options;
    const counts = tpchRowCounts(scaleFactor);
    this.#random = new SeededRandom(seed);
    this.#pool = textPool(options.textPoolBytes);
    this.#counts = counts;
    // Beyond the streams of the initial data and of all refresh sets.
    this.#orders = new OrderGenerator({
      pool: this.#pool,
      scaleFactor,
      counts,
      dayShift: dayShiftOf(shiftDatesTo),
      batchOrders: ORDERS_AT_ONCE,
    }, 2 * counts.orders);
    this.#nextCustomer = counts.customer + 1;
    this.#nextSupplier = counts.supplier + 1;
    this.#nextPart = counts.part + 1;
  }

  *changes(): Generator<TpchChange, never, undefined> {
    for (;;) {
      const dice = this.#random.integer(1, 100);
      if (dice <= 20) yield* this.#insertOrder();
      else if (dice <= 32) yield* this.#deleteOrder();
      else if (dice <= 58) yield this.#updateOrder();
      else if (dice <= 74) yield this.#updateSupply();
      else if (dice <= 90) yield this.#updateContact();
      else if (dice <= 93) yield this.#updatePart();
      else if (dice <= 95) yield* this.#changeCustomer();
      else if (dice <= 97) yield* this.#changeSupplier();
      else if (dice <= 99) yield* this.#changePart();
      else yield this.#updateReference();
    }
  }

  *#insertOrder(): Generator<TpchChange, void, undefined> {
    if (this.#coming.length === 0) this.#makeOrders();
    const { order, lines } = this.#coming.pop()!;
    this.#newOrders.push({ key: order.o_orderkey as number, lines: lines.length });
    yield { kind: "insert", table: "orders", row: order };
    for (const row of lines) yield { kind: "insert", table: "lineitem", row };
  }

  #makeOrders(): void {
    const batches = this.#orders.next(this.#ordersMade + 1, ORDERS_AT_ONCE, CHANGE_SEGMENT);
    this.#ordersMade += ORDERS_AT_ONCE;
    const lines = Map.groupBy(rowsOfBatch("lineitem", batches.lineitem), (line) => line.l_orderkey);
    this.#coming = rowsOfBatch("orders", batches.orders)
      .map((order) => ({ order, lines: lines.get(order.o_orderkey!) ?? [] }))
      .reverse();
  }

  *#deleteOrder(): Generator<TpchChange, void, undefined> {
    let order: LiveOrder;
    if (this.#newOrders.length > 0 && this.#random.next() < 0.5) {
      order = this.#newOrders.splice(this.#random.integer(0, this.#newOrders.length - 1), 1)[0]!;
    } else {
      // A tenth of the initial orders stay, so that there is always one to be found soon.
      if (this.#deletedPlaces.size > 0.9 * this.#counts.orders) return;
      const place = this.#initialPlace();
      this.#deletedPlaces.add(place);
      order = { key: orderKey(place, 0), lines: lineCount(place) };
    }
    for (let number = 1; number <= order.lines; number++) {
      yield { kind: "delete", table: "lineitem", key: { l_orderkey: order.key, l_linenumber: number } };
    }
    yield { kind: "delete", table: "orders", key: { o_orderkey: order.key } };
  }

  #updateOrder(): TpchChange {
    const order = this.#liveOrder();
    const random = this.#random;
    if (random.next() < 0.5) {
      const set = random.next() < 0.5 ? { o_orderstatus: random.pick(ORDER_STATUSES) } : {
        o_orderpriority: random.pick(PRIORITIES),
        o_totalprice: random.integer(90_000, 40_000_000) / 100,
      };
      return { kind: "update", table: "orders", key: { o_orderkey: order.key }, set };
    }
    const key = { l_orderkey: order.key, l_linenumber: random.integer(1, order.lines) };
    const set = random.next() < 0.5
      ? { l_quantity: random.integer(1, 50), l_discount: random.integer(0, 10) / 100 }
      : {
        l_returnflag: random.pick(RETURN_FLAGS),
        l_shipmode: random.pick(SHIP_MODES),
        l_shipinstruct: random.pick(INSTRUCTIONS),
      };
    return { kind: "update", table: "lineitem", key, set };
  }

  #updateSupply(): TpchChange {
    const part = this.#random.integer(1, this.#counts.part);
    const place = this.#random.integer(0, SUPPLIERS_PER_PART - 1);
    return {
      kind: "update",
      table: "partsupp",
      key: { ps_partkey: part, ps_suppkey: supplierOfPart(part, place, this.#counts.supplier) },
      set: {
        ps_availqty: this.#random.integer(1, 9999),
        ps_supplycost: this.#random.integer(100, 100_000) / 100,
      },
    };
  }

  #updateContact(): TpchChange {
    if (this.#random.next() < 0.25) {
      const key = { s_suppkey: this.#random.integer(1, this.#counts.supplier) };
      return { kind: "update", table: "supplier", key, set: { s_acctbal: randomBalance(this.#random) } };
    }
    const key = { c_custkey: this.#random.integer(1, this.#counts.customer) };
    const set = { c_acctbal: randomBalance(this.#random), c_mktsegment: this.#random.pick(SEGMENTS) };
    return { kind: "update", table: "customer", key, set };
  }

  #updatePart(): TpchChange {
    const key = { p_partkey: this.#random.integer(1, this.#counts.part) };
    const set = {
      p_retailprice: this.#random.integer(90_000, 210_000) / 100,
      p_size: this.#random.integer(1, 50),
    };
    return { kind: "update", table: "part", key, set };
  }

  #updateReference(): TpchChange {
    if (this.#random.next() < 0.2) {
      const key = { r_regionkey: this.#random.integer(0, REGIONS.length - 1) };
      return {
        kind: "update",
        table: "region",
        key,
        set: { r_comment: randomText(this.#random, this.#pool, 28, 115) },
      };
    }
    const key = { n_nationkey: this.#random.integer(0, NATIONS.length - 1) };
    return {
      kind: "update",
      table: "nation",
      key,
      set: { n_comment: randomText(this.#random, this.#pool, 28, 115) },
    };
  }

  *#changeCustomer(): Generator<TpchChange, void, undefined> {
    if (this.#newCustomers.length > 0 && this.#random.next() < 0.4) {
      yield { kind: "delete", table: "customer", key: { c_custkey: this.#newCustomers.pop()! } };
      return;
    }
    const key = this.#nextCustomer++;
    this.#newCustomers.push(key);
    const row = newCustomer(this.#random, this.#pool, key);
    yield { kind: "insert", table: "customer", row };
  }

  *#changeSupplier(): Generator<TpchChange, void, undefined> {
    if (this.#newSuppliers.length > 0 && this.#random.next() < 0.4) {
      yield { kind: "delete", table: "supplier", key: { s_suppkey: this.#newSuppliers.pop()! } };
      return;
    }
    const key = this.#nextSupplier++;
    this.#newSuppliers.push(key);
    const row = newSupplier(this.#random, this.#pool, key);
    yield { kind: "insert", table: "supplier", row };
  }

  *#changePart(): Generator<TpchChange, void, undefined> {
    const random = this.#random;
    const remove = this.#newParts.length > 0 && random.next() < 0.4;
    const part = remove ? this.#newParts.pop()! : this.#nextPart++;
    if (!remove) {
      this.#newParts.push(part);
      const row = newPart(this.#random, this.#pool, part);
      yield { kind: "insert", table: "part", row };
    }
    for (let place = 0; place < SUPPLIERS_PER_PART; place++) {
      // Neighbours, for the rule of the generated parts gives four different suppliers only to those.
      const key = { ps_partkey: part, ps_suppkey: (part + place) % this.#counts.supplier + 1 };
      if (remove) yield { kind: "delete", table: "partsupp", key };
      else yield { kind: "insert", table: "partsupp", row: { ...key, ...newSupply(random, this.#pool) } };
    }
    if (remove) yield { kind: "delete", table: "part", key: { p_partkey: part } };
  }

  #liveOrder(): LiveOrder {
    if (this.#newOrders.length > 0 && this.#random.next() < 0.3) return this.#random.pick(this.#newOrders);
    const place = this.#initialPlace();
    return { key: orderKey(place, 0), lines: lineCount(place) };
  }

  #initialPlace(): number {
    for (;;) {
      const place = this.#random.integer(1, this.#counts.orders);
      if (!this.#deletedPlaces.has(place)) return place;
    }
  }
}
