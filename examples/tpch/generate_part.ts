/**
 * Parts and, part by part, their four suppliers.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clause 4.2.3.
 *
 * @module
 */

import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import { codes, lengthRange, numbers, TextWriter } from "./batch_writer.ts";
import { BRANDS, COLORS, CONTAINERS, MANUFACTURERS, PART_TYPES } from "./distributions.ts";
import { keysFrom } from "./generate_contacts.ts";
import { draw, jump, startStreams, STREAM } from "./random_stream.ts";
import { supplierOfPart, SUPPLIERS_PER_PART } from "./tables.ts";

const SPACE = 0x20;
const LONGEST_NAME = 55;
const NAME_WORDS = 5;
const PART_COMMENT = lengthRange(14);
const SUPPLY_COMMENT = lengthRange(124);

const COLOR_BYTES: readonly Uint8Array[] = COLORS.map((color) => new TextEncoder().encode(color));

/** `p_retailprice` in cents. */
export function retailPrice(partKey: number): number {
  return 90_000 + ((partKey / 10) | 0) % 20_001 + 100 * (partKey % 1000);
}

/** A batch of parts and the batch of their suppliers. */
export interface PartBatches {
  readonly part: ColumnBatch;
  readonly partsupp: ColumnBatch;
}

/** Generates parts in key order, batch by batch. */
export class PartGenerator {
  readonly #pool: Uint8Array;
  readonly #suppliers: number;
  readonly #streams = startStreams();
  readonly #order: Uint8Array = Uint8Array.from(COLORS.keys());
  readonly #names: TextWriter;
  readonly #manufacturers: Uint8Array;
  readonly #brands: Uint8Array;
  readonly #types: Uint8Array;
  readonly #sizes: Int32Array;
  readonly #containers: Uint8Array;
  readonly #prices: Int32Array;
  readonly #comments: TextWriter;
  readonly #supplyParts: Int32Array;
  readonly #supplySuppliers: Int32Array;
  readonly #supplyQuantities: Int32Array;
  readonly #supplyCosts: Int32Array;
  readonly #supplyComments: TextWriter;

  /** `batchParts` is the most that one call of {@linkcode next} may ask for. */
  constructor(pool: Uint8Array, suppliers: number, batchParts: number) {
    this.#pool = pool;
    this.#suppliers = suppliers;
    this.#names = new TextWriter(batchParts, LONGEST_NAME);
    this.#manufacturers = new Uint8Array(batchParts);
    this.#brands = new Uint8Array(batchParts);
    this.#types = new Uint8Array(batchParts);
    this.#sizes = new Int32Array(batchParts);
    this.#containers = new Uint8Array(batchParts);
    this.#prices = new Int32Array(batchParts);
    this.#comments = new TextWriter(batchParts, PART_COMMENT.longest);
    const supplies = batchParts * SUPPLIERS_PER_PART;
    this.#supplyParts = new Int32Array(supplies);
    this.#supplySuppliers = new Int32Array(supplies);
    this.#supplyQuantities = new Int32Array(supplies);
    this.#supplyCosts = new Int32Array(supplies);
    this.#supplyComments = new TextWriter(supplies, SUPPLY_COMMENT.longest);
  }

  /** The next `parts` parts, beginning with `firstKey`. */
  next(firstKey: number, parts: number): PartBatches {
    const streams = this.#streams;
    for (let row = 0; row < parts; row++) {
      const partKey = firstKey + row;
      this.#addName();
      const manufacturer = draw(streams, STREAM.partManufacturer, 0, MANUFACTURERS.length);
      this.#manufacturers[row] = manufacturer;
      this.#brands[row] = draw(streams, STREAM.partBrand, 5 * manufacturer, 5);
      this.#types[row] = draw(streams, STREAM.partType, 0, PART_TYPES.length);
      this.#sizes[row] = draw(streams, STREAM.partSize, 1, 50);
      this.#containers[row] = draw(streams, STREAM.partContainer, 0, CONTAINERS.length);
      this.#prices[row] = retailPrice(partKey);
      this.#comments.addText(this.#pool, streams, STREAM.partComment, PART_COMMENT);
      this.#comments.endRow();
      for (let place = 0; place < SUPPLIERS_PER_PART; place++) {
        this.#addSupply(row * SUPPLIERS_PER_PART + place, partKey, place);
      }
    }
    return {
      part: this.#partBatch(firstKey, parts),
      partsupp: this.#supplyBatch(parts * SUPPLIERS_PER_PART),
    };
  }

  // The name is the beginning of a random permutation of all colours, so the draws for the rest are left out.
  #addName(): void {
    const order = this.#order;
    for (let i = 0; i < order.length; i++) order[i] = i;
    for (let i = 0; i < NAME_WORDS; i++) {
      const other = draw(this.#streams, STREAM.partName, i, order.length - i);
      const color = order[other]!;
      order[other] = order[i]!;
      order[i] = color;
      if (i > 0) this.#names.addByte(SPACE);
      this.#names.add(COLOR_BYTES[color]!, 0, COLOR_BYTES[color]!.length);
    }
    this.#names.endRow();
    jump(this.#streams, STREAM.partName, order.length - NAME_WORDS);
  }

  #addSupply(row: number, partKey: number, place: number): void {
    const streams = this.#streams;
    this.#supplyParts[row] = partKey;
    this.#supplySuppliers[row] = supplierOfPart(partKey, place, this.#suppliers);
    this.#supplyQuantities[row] = draw(streams, STREAM.supplyQuantity, 1, 9999);
    this.#supplyCosts[row] = draw(streams, STREAM.supplyCost, 100, 99_901);
    this.#supplyComments.addText(this.#pool, streams, STREAM.supplyComment, SUPPLY_COMMENT);
    this.#supplyComments.endRow();
  }

  #partBatch(firstKey: number, rows: number): ColumnBatch {
    return {
      rowCount: rows,
      columns: {
        p_partkey: { kind: "numbers", values: keysFrom(firstKey, rows) },
        p_name: this.#names.finish(),
        p_mfgr: codes(this.#manufacturers, MANUFACTURERS, rows),
        p_brand: codes(this.#brands, BRANDS, rows),
        p_type: codes(this.#types, PART_TYPES, rows),
        p_size: numbers(this.#sizes, rows),
        p_container: codes(this.#containers, CONTAINERS, rows),
        p_retailprice: numbers(this.#prices, rows),
        p_comment: this.#comments.finish(),
      },
    };
  }

  #supplyBatch(rows: number): ColumnBatch {
    return {
      rowCount: rows,
      columns: {
        ps_partkey: numbers(this.#supplyParts, rows),
        ps_suppkey: numbers(this.#supplySuppliers, rows),
        ps_availqty: numbers(this.#supplyQuantities, rows),
        ps_supplycost: numbers(this.#supplyCosts, rows),
        ps_comment: this.#supplyComments.finish(),
      },
    };
  }
}
