/**
 * Encoder of key columns of doubles that tells -0 from 0.
 *
 * | code | value |
 * |---|---|
 * | 0 | NULL |
 * | 1 | -0 |
 * | c + 1 | what another encoder gives the code c |
 *
 * @module
 */
import type { Vector } from "../storage/vector.ts";
import type { KeyEncoder } from "./key_table_encoder.ts";
import type { DenseVector } from "./vector_build.ts";

/** See the module header. */
export class MinusZeroEncoder implements KeyEncoder {
  readonly #inner: KeyEncoder;

  constructor(inner: KeyEncoder) {
    this.#inner = inner;
  }

  get range(): number {
    return this.#inner.range + 1;
  }

  get memoryBytes(): number {
    return this.#inner.memoryBytes;
  }

  encode(vector: DenseVector, size: number, codes: Int32Array): boolean {
    if (!this.#inner.encode(vector, size, codes)) return false;
    shift(vector, size, codes);
    return true;
  }

  find(vector: DenseVector, size: number, codes: Int32Array): void {
    this.#inner.find(vector, size, codes);
    shift(vector, size, codes);
  }

  widened(vector: DenseVector, size: number, codes: Int32Array, count: number): KeyEncoder {
    // The successor of an encoder of numbers keeps the codes.
    return new MinusZeroEncoder(this.#inner.widened(vector, size, codes, count));
  }

  decode(codes: Int32Array, count: number): Vector {
    const inner = new Int32Array(count);
    for (let i = 0; i < count; i++) inner[i] = codes[i]! <= 1 ? 0 : codes[i]! - 1;
    const decoded = this.#inner.decode(inner, count);
    if (decoded.kind !== "f64") return decoded;
    let { nulls } = decoded;
    for (let i = 0; i < count; i++) {
      if (codes[i] !== 1) continue;
      nulls ??= new Uint8Array(count);
      nulls[i] = 0;
      decoded.values[i] = -0;
    }
    return { kind: "f64", values: decoded.values, nulls };
  }
}

function shift(vector: DenseVector, size: number, codes: Int32Array): void {
  for (let i = 0; i < size; i++) if (codes[i]! > 0) codes[i]!++;
  if (vector.kind !== "f64") return;
  const { values, nulls } = vector;
  for (let i = 0; i < size; i++) {
    if (values[i] === 0 && 1 / values[i]! < 0 && (nulls === null || nulls[i] === 0)) codes[i] = 1;
  }
}
