/**
 * ETags of answers: what they are an answer to, and of which version.
 *
 * ```
 * W/"<instance>.<version>-<catalogue>-<question>"
 * ```
 *
 * `version` is that of the newest change among the tables that the query reads, so a commit elsewhere keeps the
 * tag; `question` is a hash of statement, parameters, format and whose answer it is, so that a tag of one caller
 * or format never stands for another's. Weak, since compression changes the bytes.
 *
 * @module
 */
import type { StatementReads } from "../../../src/kernel/statement_reads.ts";
import type { AppContext } from "../app_context.ts";

/** The tag of an answer to `question`. */
export function entityTag(context: AppContext, reads: StatementReads, question: string): string {
  return `W/"${context.stamp(reads.version)}-${reads.catalogVersion}-${hashText(question)}"`;
}

/** True when `header`, an `If-None-Match`, names `tag`. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const strong = tag.slice(2);
  return header.split(",").some((part) => {
    const candidate = part.trim();
    return candidate === "*" || candidate === tag || candidate === strong;
  });
}

/** 53 bits of `text` in base 36 (cyrb53, bryc). For telling texts apart, not for secrets. */
export function hashText(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
