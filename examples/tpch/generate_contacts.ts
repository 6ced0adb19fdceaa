/**
 * Suppliers and customers, and what they have in common: numbered names, random addresses, phone numbers that
 * begin with the country code of their nation.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clauses 4.2.2.7 (random v-strings), 4.2.2.9
 * (phone numbers), 4.2.3.
 *
 * @module
 */

import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { codes, lengthRange, numbers, TextWriter } from "./batch_writer.ts";
import { NATIONS, SEGMENTS } from "./distributions.ts";
import { draw, drawBits, skip, startStreams, STREAM } from "./random_stream.ts";

const encoder = new TextEncoder();

const ADDRESS = lengthRange(25);
const ADDRESS_DRAWS = 9;
const ADDRESS_LETTERS = encoder.encode("0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,");
const LOWEST_BALANCE = -99_999;
const BALANCE_RANGE = 1_099_999;
const LONGEST_NAME = 25;
const PHONE_LENGTH = 15;
const HYPHEN = 0x2d;

const SUPPLIER_NAME = encoder.encode("Supplier#");
const SUPPLIER_COMMENT = lengthRange(63);
// Ten suppliers in 10 000 have a remark in their comment, half of them a complaint (clause 4.2.3).
const REMARK_CHANCES = 10_000;
const REMARK_HITS = 10;
const REMARK_SUBJECT = encoder.encode("Customer ");
const COMPLAINT = encoder.encode("Complaints");
const RECOMMENDATION = encoder.encode("Recommends");
const REMARK_LENGTH = REMARK_SUBJECT.length + COMPLAINT.length;
const COMPLAINT_PERCENT = 50;

const CUSTOMER_NAME = encoder.encode("Customer#");
const CUSTOMER_COMMENT = lengthRange(73);

/** Generates suppliers in key order, batch by batch. */
export class SupplierGenerator {
  readonly #pool: Uint8Array;
  readonly #streams = startStreams();
  readonly #names: TextWriter;
  readonly #addresses: TextWriter;
  readonly #nations: Int32Array;
  readonly #phones: TextWriter;
  readonly #balances: Int32Array;
  readonly #comments: TextWriter;

  /** `batchRows` is the most that one call of {@linkcode next} may ask for. */
  constructor(pool: Uint8Array, batchRows: number) {
    this.#pool = pool;
    this.#names = new TextWriter(batchRows, LONGEST_NAME);
    this.#addresses = new TextWriter(batchRows, ADDRESS.longest);
    this.#nations = new Int32Array(batchRows);
    this.#phones = new TextWriter(batchRows, PHONE_LENGTH);
    this.#balances = new Int32Array(batchRows);
    this.#comments = new TextWriter(batchRows, SUPPLIER_COMMENT.longest);
  }

  /** The next `rows` suppliers, beginning with `firstKey`. */
  next(firstKey: number, rows: number): ColumnBatch {
    const streams = this.#streams;
    for (let row = 0; row < rows; row++) {
      addName(this.#names, SUPPLIER_NAME, firstKey + row);
      addAddress(this.#addresses, streams, STREAM.supplierAddress);
      const nation = draw(streams, STREAM.supplierNation, 0, NATIONS.length);
      this.#nations[row] = nation;
      addPhone(this.#phones, nation, streams, STREAM.supplierPhone);
      this.#balances[row] = draw(streams, STREAM.supplierBalance, LOWEST_BALANCE, BALANCE_RANGE);
      this.#addComment();
    }
    return {
      rowCount: rows,
      columns: {
        s_suppkey: { kind: "numbers", values: keysFrom(firstKey, rows) },
        s_name: this.#names.finish(),
        s_address: this.#addresses.finish(),
        s_nationkey: numbers(this.#nations, rows),
        s_phone: this.#phones.finish(),
        s_acctbal: numbers(this.#balances, rows),
        s_comment: this.#comments.finish(),
      },
    };
  }

  #addComment(): void {
    const streams = this.#streams;
    const length = this.#comments.addText(this.#pool, streams, STREAM.supplierComment, SUPPLIER_COMMENT);
    // All four are drawn for every row, so that each stream moves by one.
    const chance = draw(streams, STREAM.remarkChance, 1, REMARK_CHANCES);
    const kind = draw(streams, STREAM.remarkKind, 0, 101);
    const gap = draw(streams, STREAM.remarkGap, 0, length - REMARK_LENGTH + 1);
    const place = draw(streams, STREAM.remarkPlace, 0, length - REMARK_LENGTH - gap + 1);
    if (chance <= REMARK_HITS) {
      this.#comments.overwrite(REMARK_SUBJECT, place);
      const remark = kind < COMPLAINT_PERCENT ? COMPLAINT : RECOMMENDATION;
      this.#comments.overwrite(remark, place + REMARK_SUBJECT.length + gap);
    }
    this.#comments.endRow();
  }
}

/** Generates customers in key order, batch by batch. */
export class CustomerGenerator {
  readonly #pool: Uint8Array;
  readonly #streams = startStreams();
  readonly #names: TextWriter;
  readonly #addresses: TextWriter;
  readonly #nations: Int32Array;
  readonly #phones: TextWriter;
  readonly #balances: Int32Array;
  readonly #segments: Uint8Array;
  readonly #comments: TextWriter;

  /** `batchRows` is the most that one call of {@linkcode next} may ask for. */
  constructor(pool: Uint8Array, batchRows: number) {
    this.#pool = pool;
    this.#names = new TextWriter(batchRows, LONGEST_NAME);
    this.#addresses = new TextWriter(batchRows, ADDRESS.longest);
    this.#nations = new Int32Array(batchRows);
    this.#phones = new TextWriter(batchRows, PHONE_LENGTH);
    this.#balances = new Int32Array(batchRows);
    this.#segments = new Uint8Array(batchRows);
    this.#comments = new TextWriter(batchRows, CUSTOMER_COMMENT.longest);
  }

  /** The next `rows` customers, beginning with `firstKey`. */
  next(firstKey: number, rows: number): ColumnBatch {
    const streams = this.#streams;
    for (let row = 0; row < rows; row++) {
      addName(this.#names, CUSTOMER_NAME, firstKey + row);
      addAddress(this.#addresses, streams, STREAM.customerAddress);
      const nation = draw(streams, STREAM.customerNation, 0, NATIONS.length);
      this.#nations[row] = nation;
      addPhone(this.#phones, nation, streams, STREAM.customerPhone);
      this.#balances[row] = draw(streams, STREAM.customerBalance, LOWEST_BALANCE, BALANCE_RANGE);
      this.#segments[row] = draw(streams, STREAM.customerSegment, 0, SEGMENTS.length);
      this.#comments.addText(this.#pool, streams, STREAM.customerComment, CUSTOMER_COMMENT);
      this.#comments.endRow();
    }
    return {
      rowCount: rows,
      columns: {
        c_custkey: { kind: "numbers", values: keysFrom(firstKey, rows) },
        c_name: this.#names.finish(),
        c_address: this.#addresses.finish(),
        c_nationkey: numbers(this.#nations, rows),
        c_phone: this.#phones.finish(),
        c_acctbal: numbers(this.#balances, rows),
        c_mktsegment: codes(this.#segments, SEGMENTS, rows),
        c_comment: this.#comments.finish(),
      },
    };
  }
}

/** The keys from `firstKey` on. */
export function keysFrom(firstKey: number, rows: number): Int32Array {
  const keys = new Int32Array(rows);
  for (let row = 0; row < rows; row++) keys[row] = firstKey + row;
  return keys;
}

function addName(names: TextWriter, prefix: Uint8Array, key: number): void {
  names.add(prefix, 0, prefix.length);
  names.addNumber(key, 9);
  names.endRow();
}

function addAddress(addresses: TextWriter, streams: Int32Array, stream: number): void {
  const length = draw(streams, stream, ADDRESS.shortest, ADDRESS.longest - ADDRESS.shortest + 1);
  let bits = 0;
  let draws = 1;
  for (let i = 0; i < length; i++) {
    // One draw has the 30 bits of five letters.
    if (i % 5 === 0) {
      bits = drawBits(streams, stream);
      draws++;
    }
    addresses.addByte(ADDRESS_LETTERS[bits & 63]!);
    bits >>>= 6;
  }
  addresses.endRow();
  skip(streams, stream, ADDRESS_DRAWS - draws);
}

function addPhone(phones: TextWriter, nation: number, streams: Int32Array, stream: number): void {
  phones.addNumber(10 + nation, 2);
  phones.addByte(HYPHEN);
  phones.addNumber(draw(streams, stream, 100, 900), 3);
  phones.addByte(HYPHEN);
  phones.addNumber(draw(streams, stream, 100, 900), 3);
  phones.addByte(HYPHEN);
  phones.addNumber(draw(streams, stream, 1000, 9000), 4);
  phones.endRow();
}
