/**
 * Options of bins in a spec.
 *
 * @module
 */
import type { BinOptions } from "../charts/bin.ts";
import { isSpec, itemsOf, pointer, type Spec, unsupported } from "./spec_shape.ts";

/** True for `true` and options: the data is to be binned. False for `"binned"` and `{ binned: true }`. */
export function isBinning(bin: unknown): boolean {
  return bin === true || (isSpec(bin) && bin["binned"] !== true);
}

const NUMBERS = ["maxbins", "base", "step", "minstep", "anchor"] as const;
const LISTS = ["divide", "steps"] as const;

/**
 * Reads the options of a bin.
 *
 * @throws {QueryError} `unsupported`
 */
export function readBinOptions(spec: Spec, path: string): BinOptions {
  const options: { -readonly [Key in keyof BinOptions]: BinOptions[Key] } = {};
  for (const key of NUMBERS) {
    const value = spec[key];
    if (value === undefined) continue;
    const positive = key === "anchor" || key === "minstep" || (typeof value === "number" && value > 0);
    if (typeof value !== "number" || !Number.isFinite(value) || !positive) {
      throw unsupported(pointer(path, key), `"${key}" is no positive number`);
    }
    options[key] = value;
  }
  for (const key of LISTS) {
    if (spec[key] !== undefined) options[key] = numbers(spec[key], pointer(path, key));
  }
  if (spec["extent"] !== undefined) {
    const [low, high] = numbers(spec["extent"], pointer(path, "extent"));
    if (low === undefined || high === undefined || !(low < high)) {
      throw unsupported(pointer(path, "extent"), "An extent is a smaller and a greater number");
    }
    options.extent = [low, high];
  }
  if (typeof spec["nice"] === "boolean") options.nice = spec["nice"];
  return options;
}

function numbers(value: unknown, path: string): readonly number[] {
  const items = itemsOf(value);
  if (items.length === 0 || !items.every((item) => typeof item === "number" && Number.isFinite(item))) {
    throw unsupported(path, "A list of numbers is wanted; a selection is made in the browser");
  }
  // Every item was checked.
  return items as readonly number[];
}
