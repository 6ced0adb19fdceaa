/**
 * Writes `gather.gen.ts`: loops over stored numbers, one function per typed-array kind, because a loop that
 * sees five kinds runs three times slower than one that sees a single kind.
 *
 * Run it with `deno run --allow-write=src/storage src/storage/gather_generator.ts`; a test checks that the
 * written file is current.
 *
 * @module
 */

const STORED_KINDS: readonly string[] = ["Uint8", "Int8", "Uint16", "Int16", "Int32", "Float64"];
const INTEGER_KINDS: readonly string[] = STORED_KINDS.slice(0, 5);
const INPUT_KINDS: readonly string[] = [...STORED_KINDS, "Uint32", "Float32"];

const HEADER = `/**
 * Loops over stored numbers, one per typed-array kind. Written by gather_generator.ts; do not edit.
 *
 * @module
 */
// deno-fmt-ignore-file
import type { Bounds } from "./zone_map.ts";
`;

/** The text of `gather.gen.ts`. */
export function generateGather(): string {
  const parts = [HEADER];
  for (const source of STORED_KINDS) {
    for (const target of targetsOf(source)) {
      parts.push(gatherSegment(source, target));
    }
    parts.push(lowerBound(source));
    parts.push(scatterSegment(source));
  }
  for (const source of INPUT_KINDS) parts.push(measureBounds(source));
  return parts.join("\n");
}

function targetsOf(source: string): string[] {
  const targets = ["Float64"];
  if (INTEGER_KINDS.includes(source)) targets.push("Int32");
  if (source === "Uint8") targets.push("Uint8");
  return targets;
}

function gatherSegment(source: string, target: string): string {
  return `/** into[i] = values[rows[i] & 0xffff] for \`from\` <= i < \`to\`. */
export function gather${source}To${target}(values: ${source}Array, rows: Int32Array, from: number, to: number, into: ${target}Array): void {
  for (let i = from; i < to; i++) into[i] = values[rows[i] & 0xffff];
}
`;
}

function scatterSegment(target: string): string {
  return `/** into[rows[i] & 0xffff] = values[i] for \`from\` <= i < \`to\`. */
export function scatterTo${target}(values: Float64Array, rows: Int32Array, from: number, to: number, into: ${target}Array): void {
  for (let i = from; i < to; i++) into[rows[i] & 0xffff] = values[i];
}
`;
}

function lowerBound(source: string): string {
  return `/** The first index in [from, to) whose value is not below \`key\`, in ascending values. */
export function lowerBound${source}(values: ${source}Array, from: number, to: number, key: number): number {
  while (from < to) {
    const middle = from + to >>> 1;
    if (values[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
`;
}

function measureBounds(source: string): string {
  const float = source.startsWith("Float");
  return `/** Widens \`bounds\` by values \`from\` to \`to\`, those under a NULL excepted. */
export function measure${source}(values: ${source}Array, nulls: Uint8Array | null, from: number, to: number, bounds: Bounds): void {
  let { low, high, monotone${float ? ", hasNaN, hasFraction" : ""} } = bounds;
  let last = -Infinity;
  for (let i = from; i < to; i++) {
    if (nulls !== null && nulls[i] !== 0) {
      monotone = false;
      continue;
    }
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    ${float ? "if (!(value >= last)) monotone = false;" : "if (value < last) monotone = false;"}
${
    float
      ? "    if (value !== value) hasNaN = true;\n    else if (Math.trunc(value) !== value) hasFraction = true;\n"
      : ""
  }    last = value;
  }
  bounds.low = low;
  bounds.high = high;
  bounds.monotone = monotone;
${float ? "  bounds.hasNaN = hasNaN;\n  bounds.hasFraction = hasFraction;\n" : ""}}
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("./gather.gen.ts", import.meta.url), generateGather());
}
