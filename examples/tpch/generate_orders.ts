/**
 * Orders and, order by order, their one to seven line items.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clause 4.2.3.
 *
 * @module
 */

import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { codes, lengthRange, numbers, TextWriter } from "./batch_writer.ts";
import {
  INSTRUCTIONS,
  LINE_STATUSES,
  ORDER_STATUSES,
  PRIORITIES,
  RETURN_FLAGS,
  SHIP_MODES,
} from "./distributions.ts";
import { retailPrice } from "./generate_part.ts";
import { MOST_LINES, orderKey } from "./order_keys.ts";
import { draw, jump, skip, startStreams, STREAM } from "./random_stream.ts";
import { supplierOfPart, SUPPLIERS_PER_PART, type TpchRowCounts } from "./tables.ts";

/** The first order date, 1992-01-01. */
export const FIRST_ORDER_DAY = 8035;
/** The last order date, 1998-08-02: 151 days before the last day of the data. */
export const LAST_ORDER_DAY = 10_440;

// 1995-06-17, which decides what has been shipped and received (clause 4.2.2.12).
const CURRENT_DAY = 9298;
const CLERKS_PER_SCALE_FACTOR = 1000;
// Customers whose key is divisible by this have no orders.
const CUSTOMERS_WITHOUT_ORDERS = 3;
const ORDER_COMMENT = lengthRange(49);
const LINE_COMMENT = lengthRange(27);
const CLERK_LENGTH = 15;
const CLERK_NAME = new TextEncoder().encode("Clerk#");

const STATUS_F = ORDER_STATUSES.indexOf("F");
const STATUS_O = ORDER_STATUSES.indexOf("O");
const STATUS_P = ORDER_STATUSES.indexOf("P");
const RETURN_N = RETURN_FLAGS.indexOf("N");
const LINE_F = LINE_STATUSES.indexOf("F");
const LINE_O = LINE_STATUSES.indexOf("O");

// The streams that move by one per order.
const ORDER_STREAMS: readonly number[] = [
  STREAM.orderClerk,
  STREAM.orderDate,
  STREAM.orderPriority,
  STREAM.orderCustomer,
  STREAM.orderLineCount,
];
// The streams that move by seven per order.
const LINE_STREAMS: readonly number[] = [
  STREAM.lineQuantity,
  STREAM.lineDiscount,
  STREAM.lineTax,
  STREAM.lineInstruct,
  STREAM.lineShipMode,
  STREAM.linePart,
  STREAM.lineSupplier,
  STREAM.lineShipDate,
  STREAM.lineCommitDate,
  STREAM.lineReceiptDate,
  STREAM.lineReturnFlag,
];

/** What the generator of orders has to know. */
export interface OrderSettings {
  readonly pool: Uint8Array;
  readonly scaleFactor: number;
  readonly counts: TpchRowCounts;
  /** Days added to all dates. */
  readonly dayShift: number;
  /** The most orders that one call of `next` may ask for. */
  readonly batchOrders: number;
}

/** A batch of orders and the batch of their line items. */
export interface OrderBatches {
  readonly orders: ColumnBatch;
  readonly lineitem: ColumnBatch;
}

/** Generates orders and line items batch by batch. */
export class OrderGenerator {
  readonly #settings: OrderSettings;
  readonly #streams = startStreams();
  readonly #clerks: number;
  readonly #orderKeys: Int32Array;
  readonly #customers: Int32Array;
  readonly #statuses: Uint8Array;
  readonly #totals: Int32Array;
  readonly #orderDays: Int32Array;
  readonly #priorities: Uint8Array;
  readonly #clerkNames: TextWriter;
  readonly #orderComments: TextWriter;
  readonly #lineOrders: Int32Array;
  readonly #parts: Int32Array;
  readonly #suppliers: Int32Array;
  readonly #lineNumbers: Int32Array;
  readonly #quantities: Int32Array;
  readonly #prices: Int32Array;
  readonly #discounts: Int32Array;
  readonly #taxes: Int32Array;
  readonly #returnFlags: Uint8Array;
  readonly #lineStatuses: Uint8Array;
  readonly #shipDays: Int32Array;
  readonly #commitDays: Int32Array;
  readonly #receiptDays: Int32Array;
  readonly #instructions: Uint8Array;
  readonly #shipModes: Uint8Array;
  readonly #lineComments: TextWriter;
  #shippedLines = 0;
  #lines = 0;

  /** `skippedOrders` orders of the streams are left out: those before the first one wanted. */
  constructor(settings: OrderSettings, skippedOrders = 0) {
    this.#settings = settings;
    this.#clerks = Math.max(
      CLERKS_PER_SCALE_FACTOR,
      Math.floor(CLERKS_PER_SCALE_FACTOR * settings.scaleFactor),
    );
    for (const stream of ORDER_STREAMS) jump(this.#streams, stream, skippedOrders);
    jump(this.#streams, STREAM.orderComment, 2 * skippedOrders);
    for (const stream of LINE_STREAMS) jump(this.#streams, stream, MOST_LINES * skippedOrders);
    jump(this.#streams, STREAM.lineComment, 2 * MOST_LINES * skippedOrders);

    const orders = settings.batchOrders;
    this.#orderKeys = new Int32Array(orders);
    this.#customers = new Int32Array(orders);
    this.#statuses = new Uint8Array(orders);
    this.#totals = new Int32Array(orders);
    this.#orderDays = new Int32Array(orders);
    this.#priorities = new Uint8Array(orders);
    this.#clerkNames = new TextWriter(orders, CLERK_LENGTH);
    this.#orderComments = new TextWriter(orders, ORDER_COMMENT.longest);
    const lines = orders * MOST_LINES;
    this.#lineOrders = new Int32Array(lines);
    this.#parts = new Int32Array(lines);
    this.#suppliers = new Int32Array(lines);
    this.#lineNumbers = new Int32Array(lines);
    this.#quantities = new Int32Array(lines);
    this.#prices = new Int32Array(lines);
    this.#discounts = new Int32Array(lines);
    this.#taxes = new Int32Array(lines);
    this.#returnFlags = new Uint8Array(lines);
    this.#lineStatuses = new Uint8Array(lines);
    this.#shipDays = new Int32Array(lines);
    this.#commitDays = new Int32Array(lines);
    this.#receiptDays = new Int32Array(lines);
    this.#instructions = new Uint8Array(lines);
    this.#shipModes = new Uint8Array(lines);
    this.#lineComments = new TextWriter(lines, LINE_COMMENT.longest);
  }

  /** The next `count` orders, with the keys of the places from `firstPlace` on in a segment. */
  next(firstPlace: number, count: number, segment = 0): OrderBatches {
    this.#lines = 0;
    for (let row = 0; row < count; row++) this.#addOrder(row, orderKey(firstPlace + row, segment));
    return { orders: this.#orderBatch(count), lineitem: this.#lineBatch(this.#lines) };
  }

  #addOrder(row: number, key: number): void {
    const streams = this.#streams;
    const { pool, dayShift } = this.#settings;
    this.#orderKeys[row] = key;
    this.#customers[row] = this.#drawCustomer();
    const day = draw(streams, STREAM.orderDate, FIRST_ORDER_DAY, LAST_ORDER_DAY - FIRST_ORDER_DAY + 1);
    this.#orderDays[row] = day + dayShift;
    this.#priorities[row] = draw(streams, STREAM.orderPriority, 0, PRIORITIES.length);
    this.#clerkNames.add(CLERK_NAME, 0, CLERK_NAME.length);
    this.#clerkNames.addNumber(draw(streams, STREAM.orderClerk, 1, this.#clerks), 9);
    this.#clerkNames.endRow();
    this.#orderComments.addText(pool, streams, STREAM.orderComment, ORDER_COMMENT);
    this.#orderComments.endRow();

    const lines = draw(streams, STREAM.orderLineCount, 1, MOST_LINES);
    let total = 0;
    let returned = 0;
    this.#shippedLines = 0;
    for (let number = 1; number <= lines; number++) {
      const line = this.#lines++;
      this.#lineOrders[line] = key;
      this.#lineNumbers[line] = number;
      total += this.#addSale(line);
      returned += this.#addDelivery(line, day);
    }
    this.#totals[row] = total;
    this.#statuses[row] = this.#shippedLines === 0
      ? STATUS_O
      : this.#shippedLines === lines
      ? STATUS_F
      : STATUS_P;
    for (const stream of LINE_STREAMS) {
      skip(streams, stream, MOST_LINES - (stream === STREAM.lineReturnFlag ? returned : lines));
    }
    skip(streams, STREAM.lineComment, 2 * (MOST_LINES - lines));
  }

  #drawCustomer(): number {
    const customers = this.#settings.counts.customer;
    let customer = draw(this.#streams, STREAM.orderCustomer, 1, customers);
    let step = 1;
    while (customer % CUSTOMERS_WITHOUT_ORDERS === 0) {
      customer = Math.min(customer + step, customers);
      step = -step;
    }
    return customer;
  }

  // Part, supplier, price; returns what the line adds to the total price of the order.
  #addSale(line: number): number {
    const streams = this.#streams;
    const { counts } = this.#settings;
    const quantity = draw(streams, STREAM.lineQuantity, 1, 50);
    const discount = draw(streams, STREAM.lineDiscount, 0, 11);
    const tax = draw(streams, STREAM.lineTax, 0, 9);
    const part = draw(streams, STREAM.linePart, 1, counts.part);
    const place = draw(streams, STREAM.lineSupplier, 0, SUPPLIERS_PER_PART);
    const price = quantity * retailPrice(part);
    this.#quantities[line] = 100 * quantity;
    this.#discounts[line] = discount;
    this.#taxes[line] = tax;
    this.#parts[line] = part;
    this.#suppliers[line] = supplierOfPart(part, place, counts.supplier);
    this.#prices[line] = price;
    const discounted = Math.floor(price * (100 - discount) / 100);
    return Math.floor(discounted * (100 + tax) / 100);
  }

  // Dates, flags, shipping; returns 1 if the return flag was drawn.
  #addDelivery(line: number, orderDay: number): number {
    const streams = this.#streams;
    const { pool, dayShift } = this.#settings;
    this.#instructions[line] = draw(streams, STREAM.lineInstruct, 0, INSTRUCTIONS.length);
    this.#shipModes[line] = draw(streams, STREAM.lineShipMode, 0, SHIP_MODES.length);
    this.#lineComments.addText(pool, streams, STREAM.lineComment, LINE_COMMENT);
    this.#lineComments.endRow();
    const shipDay = orderDay + draw(streams, STREAM.lineShipDate, 1, 121);
    const commitDay = orderDay + draw(streams, STREAM.lineCommitDate, 30, 61);
    const receiptDay = shipDay + draw(streams, STREAM.lineReceiptDate, 1, 30);
    this.#shipDays[line] = shipDay + dayShift;
    this.#commitDays[line] = commitDay + dayShift;
    this.#receiptDays[line] = receiptDay + dayShift;
    const shipped = shipDay <= CURRENT_DAY;
    if (shipped) this.#shippedLines++;
    this.#lineStatuses[line] = shipped ? LINE_F : LINE_O;
    const received = receiptDay <= CURRENT_DAY;
    this.#returnFlags[line] = received ? draw(streams, STREAM.lineReturnFlag, 0, 2) : RETURN_N;
    return received ? 1 : 0;
  }

  #orderBatch(rows: number): ColumnBatch {
    return {
      rowCount: rows,
      columns: {
        o_orderkey: numbers(this.#orderKeys, rows),
        o_custkey: numbers(this.#customers, rows),
        o_orderstatus: codes(this.#statuses, ORDER_STATUSES, rows),
        o_totalprice: numbers(this.#totals, rows),
        o_orderdate: numbers(this.#orderDays, rows),
        o_orderpriority: codes(this.#priorities, PRIORITIES, rows),
        o_clerk: this.#clerkNames.finish(),
        o_shippriority: { kind: "numbers", values: new Int32Array(rows) },
        o_comment: this.#orderComments.finish(),
      },
    };
  }

  #lineBatch(rows: number): ColumnBatch {
    return {
      rowCount: rows,
      columns: {
        l_orderkey: numbers(this.#lineOrders, rows),
        l_partkey: numbers(this.#parts, rows),
        l_suppkey: numbers(this.#suppliers, rows),
        l_linenumber: numbers(this.#lineNumbers, rows),
        l_quantity: numbers(this.#quantities, rows),
        l_extendedprice: numbers(this.#prices, rows),
        l_discount: numbers(this.#discounts, rows),
        l_tax: numbers(this.#taxes, rows),
        l_returnflag: codes(this.#returnFlags, RETURN_FLAGS, rows),
        l_linestatus: codes(this.#lineStatuses, LINE_STATUSES, rows),
        l_shipdate: numbers(this.#shipDays, rows),
        l_commitdate: numbers(this.#commitDays, rows),
        l_receiptdate: numbers(this.#receiptDays, rows),
        l_shipinstruct: codes(this.#instructions, INSTRUCTIONS, rows),
        l_shipmode: codes(this.#shipModes, SHIP_MODES, rows),
        l_comment: this.#lineComments.finish(),
      },
    };
  }
}
