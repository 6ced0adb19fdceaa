/**
 * substring and left with constant bounds, over strings at once.
 *
 * Positions count characters, and JavaScript's strings count UTF-16 units: the two agree as long as there is no
 * surrogate up to the end of the part. Rows where there is one take the function itself. Short ASCII parts, such as
 * area codes, come as codes of a dictionary. O(length of the part) a row.
 *
 * @module
 */
import { Dictionary } from "../../storage/dictionary.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Chunk, NullBytes } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { RowCallNode, type RowFunction } from "./row_call.ts";
import type { ScalarNode } from "./scalar_node.ts";

/** The node of such a call; undefined for any other. */
export function compileSubstring(
  name: string,
  args: readonly ScalarNode[],
  rowFunction: RowFunction,
): ScalarNode | undefined {
  const bounds = boundsOf(name, args.slice(1).map((node) => node.constant));
  return bounds === undefined ? undefined : new SubstringNode(rowFunction, args, bounds);
}

/** UTF-16 units [from, to) of a text without surrogates. */
interface Bounds {
  readonly from: number;
  readonly to: number;
}

function boundsOf(name: string, constants: readonly (Datum | undefined)[]): Bounds | undefined {
  if (!constants.every((value): value is number => typeof value === "number")) return undefined;
  const [first, second] = constants;
  if (name === "left") return first !== undefined && first >= 0 ? { from: 0, to: first } : undefined;
  if (name !== "substring" && name !== "substr") return undefined;
  if (first === undefined || second === undefined || first < 1 || second < 0) return undefined;
  return { from: first - 1, to: first - 1 + second };
}

/** Parts of up to so many ASCII characters are interned by a number of 7 bits a character. */
const INTERNED_LENGTH = 7;
/** Distinct parts beyond which they are not interned any more. */
const INTERNED_MAX = 4096;

/** A part of a text. */
class SubstringNode extends RowCallNode {
  readonly #argument: ScalarNode;
  readonly #function: RowFunction;
  readonly #constants: readonly Datum[];
  readonly #bounds: Bounds;
  /** Short parts, which tend to be few: `dictionary` code by characters. */
  readonly #codes = new Map<number, number>();
  readonly #dictionary = new Dictionary();

  constructor(rowFunction: RowFunction, args: readonly ScalarNode[], bounds: Bounds) {
    super(rowFunction, args);
    this.#argument = args[0]!;
    this.#function = rowFunction;
    this.#constants = args.slice(1).map((node) => node.constant ?? null);
    this.#bounds = bounds;
  }

  override evaluate(chunk: Chunk): DenseVector {
    const vector = this.#argument.evaluate(chunk);
    if (vector.kind !== "str") return super.evaluate(chunk);
    const { values, nulls } = vector;
    return this.#interned(values, nulls, chunk.size) ?? this.#parts(values, nulls, chunk.size);
  }

  /** The parts as codes of few distinct ones; undefined when they are long, many or not ASCII. */
  #interned(values: readonly string[], nulls: NullBytes, size: number): DenseVector | undefined {
    const { from, to } = this.#bounds;
    if (to - from > INTERNED_LENGTH || this.#dictionary.size > INTERNED_MAX) return undefined;
    const codes = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const text = values[i]!;
      const key = asciiKey(text, from, to);
      if (key < 0) return undefined;
      let code = this.#codes.get(key);
      if (code === undefined) {
        code = this.#dictionary.encode(text.substring(from, to));
        this.#codes.set(key, code);
      }
      codes[i] = code;
    }
    return { kind: "code", values: codes, dictionary: this.#dictionary, nulls };
  }

  #parts(values: readonly string[], nulls: NullBytes, size: number): DenseVector {
    const { from, to } = this.#bounds;
    const out = new Array<string>(size);
    for (let i = 0; i < size; i++) {
      const text = values[i]!;
      if (nulls !== null && nulls[i] === 1) out[i] = "";
      else out[i] = hasSurrogate(text, to) ? this.#one(text) : text.substring(from, to);
    }
    return { kind: "str", values: out, nulls };
  }

  #one(text: string): string {
    return String(this.#function.evaluate([text, ...this.#constants], this.#function.context));
  }
}

/** A number for the units [from, to) of `text`; -1 when one up to `to` is not ASCII. */
function asciiKey(text: string, from: number, to: number): number {
  const end = Math.min(to, text.length);
  let key = 1;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return -1;
    if (i >= from) key = key * 128 + unit;
  }
  return key;
}

/** Whether one of the first `count` units is half of a character. */
function hasSurrogate(text: string, count: number): boolean {
  const end = Math.min(count, text.length);
  for (let i = 0; i < end; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return true;
  return false;
}
