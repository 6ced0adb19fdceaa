/**
 * LIKE patterns that can be tested on UTF-8 bytes: those without `_`.
 *
 * @module
 */
import type { Scalar } from "../../query/plan.ts";
import { bytePart, type BytePattern } from "../kernels/byte_search.ts";
import type { NodeCompiler } from "./scalar_node.ts";

/** A test of the text of a column. */
export interface TextPattern {
  readonly pattern: BytePattern;
  readonly negated: boolean;
}

const LIKE_NAMES: ReadonlyMap<string, boolean> = new Map([
  ["like", false],
  ["~~", false],
  ["not like", true],
  ["!~~", true],
]);
const PREFIX_NAMES: ReadonlySet<string> = new Set(["starts_with", "^@", "startswith"]);
const ENCODER: TextEncoder = new TextEncoder();
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The pattern of `column LIKE constant` and the like; undefined for any other condition. */
export function textPattern(scalar: Scalar, compiler: NodeCompiler): TextPattern | undefined {
  if (scalar.kind === "not") {
    const inner = textPattern(scalar.argument, compiler);
    return inner === undefined ? undefined : { pattern: inner.pattern, negated: !inner.negated };
  }
  if (scalar.kind !== "call" || scalar.arguments[0]?.kind !== "column") return undefined;
  const constants = scalar.arguments.slice(1).map((one) => compiler.compile(one).constant);
  const [text, escape = "\\"] = constants;
  if (typeof text !== "string" || typeof escape !== "string") return undefined;
  if (PREFIX_NAMES.has(scalar.name)) {
    return {
      pattern: { start: ENCODER.encode(text), middle: [], end: NO_BYTES, whole: false },
      negated: false,
    };
  }
  const negated = LIKE_NAMES.get(scalar.name);
  if (negated === undefined) return undefined;
  const pattern = likePattern(text, escape);
  return pattern === undefined ? undefined : { pattern, negated };
}

/** The pattern that is one text. */
export function wholePattern(text: string): BytePattern {
  return { start: ENCODER.encode(text), middle: [], end: NO_BYTES, whole: true };
}

/** The pattern of LIKE; undefined when it has a `_`, or is an error. */
function likePattern(pattern: string, escape: string): BytePattern | undefined {
  const parts = [""];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    let character = characters[i]!;
    if (character === escape) {
      i++;
      if (i === characters.length) return undefined;
      character = characters[i]!;
    } else if (character === "_") {
      return undefined;
    } else if (character === "%") {
      parts.push("");
      continue;
    }
    parts[parts.length - 1] += character;
  }
  const [start, ...others] = parts;
  const end = others.pop();
  if (end === undefined) return wholePattern(start!);
  const middle = others.filter((part) => part !== "").map((part) => bytePart(ENCODER.encode(part)));
  return { start: ENCODER.encode(start), middle, end: ENCODER.encode(end), whole: false };
}
