/**
 * A script cut into its statements, as it is typed: what is complete, and what still waits for more lines.
 *
 * Semicolons count only outside of quotes, dollar quotes and comments.
 *
 * @module
 */

/** What keeps a statement open: a quote, a comment, or just the missing semicolon. */
export type OpenPart = "'" | '"' | "$" | "/*" | ";" | "";

/** The statements of a text. */
export interface SplitScript {
  /** Without their semicolons; none is blank. */
  readonly statements: readonly string[];
  /** What follows the last semicolon. */
  readonly rest: string;
  /** Why `rest` is open; empty when it is blank. */
  readonly open: OpenPart;
}

/** Cuts `text`. */
export function splitStatements(text: string): SplitScript {
  const statements: string[] = [];
  let from = 0;
  let open: OpenPart = "";
  for (let p = 0; p < text.length;) {
    if (text[p] === ";") {
      if (hasContent(text.slice(from, p))) statements.push(text.slice(from, p).trim());
      from = ++p;
      continue;
    }
    const part = quotedPart(text, p);
    p = part.end;
    if (!part.closed) open = part.open;
  }
  const rest = text.slice(from);
  if (open === "" && hasContent(rest)) open = ";";
  return { statements, rest, open };
}

interface QuotedPart {
  readonly end: number;
  readonly closed: boolean;
  readonly open: OpenPart;
}

/** The quote or comment that begins at `p`, or the one character there. */
function quotedPart(text: string, p: number): QuotedPart {
  const character = text[p]!;
  if (character === "'" || character === '"') {
    const escapes = character === "'" && /(^|[^\p{L}\p{N}_])[eE]$/u.test(text.slice(Math.max(0, p - 2), p));
    return untilQuote(text, p, character, escapes);
  }
  if (text.startsWith("--", p)) {
    const end = text.indexOf("\n", p);
    return { end: end < 0 ? text.length : end, closed: true, open: "" };
  }
  if (text.startsWith("/*", p)) return untilCommentEnd(text, p);
  const tag = character === "$"
    ? /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(text.slice(p, p + 80))?.[0]
    : undefined;
  if (tag === undefined) return { end: p + 1, closed: true, open: "" };
  const end = text.indexOf(tag, p + tag.length);
  return end < 0
    ? { end: text.length, closed: false, open: "$" }
    : { end: end + tag.length, closed: true, open: "" };
}

function untilQuote(text: string, start: number, quote: "'" | '"', escapes: boolean): QuotedPart {
  for (let p = start + 1; p < text.length; p++) {
    if (escapes && text[p] === "\\") p++;
    else if (text[p] === quote) {
      if (text[p + 1] !== quote) return { end: p + 1, closed: true, open: "" };
      p++;
    }
  }
  return { end: text.length, closed: false, open: quote };
}

/** Comments nest, as in PostgreSQL. */
function untilCommentEnd(text: string, start: number): QuotedPart {
  let depth = 0;
  for (let p = start; p < text.length; p++) {
    if (text.startsWith("/*", p)) {
      depth++;
      p++;
    } else if (text.startsWith("*/", p)) {
      p++;
      if (--depth === 0) return { end: p + 1, closed: true, open: "" };
    }
  }
  return { end: text.length, closed: false, open: "/*" };
}

/** True when there is more than blanks and comments. */
function hasContent(text: string): boolean {
  for (let p = 0; p < text.length;) {
    if (/\s/.test(text[p]!)) p++;
    else if (text.startsWith("--", p) || text.startsWith("/*", p)) p = quotedPart(text, p).end;
    else return true;
  }
  return false;
}
