/**
 * PostgreSQL's advanced regular expressions as JavaScript's, compiled once per pattern and flags.
 *
 * The dialects agree on most syntax; what differs is rewritten token by token: POSIX classes such as
 * `[[:alpha:]]`, the anchors `\A \Z \m \M \y \Y`, word-boundary brackets, `\a \B \e` escapes, director
 * prefixes `***=` and embedded options `(?i)`. Without newline options `.` and `[^x]` match newlines and
 * `^ $` match only at the ends of the text, as in PostgreSQL.
 *
 * One difference stays: PostgreSQL takes the longest match of alternatives, JavaScript the first that
 * matches. Alternatives that are plain texts are therefore tried longest first.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";

interface RegexOptions {
  ignoreCase: boolean;
  /** `^` and `$` match at newlines. */
  lineAnchors: boolean;
  /** `.` and negated brackets do not match newlines. */
  lineStops: boolean;
  expanded: boolean;
  literal: boolean;
}

function invalidRegex(pattern: string, why: string): QueryError {
  return new QueryError(
    "invalid-value",
    `Invalid regular expression: ${why}: received ${JSON.stringify(pattern)}`,
    {
      details: { pattern },
      hint: "escape special characters with a backslash",
    },
  );
}

function applyFlag(options: RegexOptions, flag: string): boolean {
  switch (flag) {
    case "i":
      options.ignoreCase = true;
      return true;
    case "c":
      options.ignoreCase = false;
      return true;
    case "m":
    case "n":
      options.lineAnchors = options.lineStops = true;
      return true;
    case "p":
      options.lineStops = true;
      options.lineAnchors = false;
      return true;
    case "s":
      options.lineAnchors = options.lineStops = false;
      return true;
    case "w":
      options.lineAnchors = true;
      options.lineStops = false;
      return true;
    case "x":
      options.expanded = true;
      return true;
    case "t":
      options.expanded = false;
      return true;
    case "q":
      options.literal = true;
      return true;
    case "b":
    case "e":
      return true;
    default:
      return false;
  }
}

const CLASS_NAMES: Readonly<Record<string, string>> = {
  alpha: "\\p{L}",
  alnum: "\\p{L}\\p{N}",
  digit: "0-9",
  lower: "\\p{Ll}",
  upper: "\\p{Lu}",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  cntrl: "\\0-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
  graph: "!-~\\p{L}\\p{N}",
  print: " -~\\p{L}\\p{N}",
  word: "\\p{L}\\p{N}_",
};

const WORD = "[\\p{L}\\p{N}_]";
const WORD_START = `(?<!${WORD})(?=${WORD})`;
const WORD_END = `(?<=${WORD})(?!${WORD})`;

/** Escapes outside of brackets that JavaScript writes otherwise. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: "(?<![\\s\\S])",
  Z: "(?![\\s\\S])",
  m: WORD_START,
  M: WORD_END,
  y: `(?:${WORD_START}|${WORD_END})`,
  Y: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  d: "[0-9]",
  D: "[^0-9]",
  w: WORD,
  W: "[^\\p{L}\\p{N}_]",
  s: "\\s",
  S: "\\S",
};

/** Escapes for single characters, inside and outside of brackets. */
const CHARACTER_ESCAPES: Readonly<Record<string, string>> = {
  a: "\\x07",
  b: "\\x08",
  B: "\\\\",
  e: "\\x1b",
  f: "\\f",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  v: "\\v",
};

const BRACKET_CLASSES: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "\\p{L}\\p{N}_",
  s: "\\s",
  D: "\\D",
  S: "\\S",
  W: "\\P{L}",
};

function literalCharacter(character: string): string {
  // Unicode expressions take an escaped hyphen in brackets only, and a bare one outside of them only.
  if (character === "-") return "\\x2d";
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

class Translator {
  readonly #pattern: string;
  readonly #options: RegexOptions;
  readonly #characters: readonly string[];
  #at = 0;
  #groups = 0;

  constructor(pattern: string, options: RegexOptions) {
    this.#pattern = pattern;
    this.#options = options;
    this.#characters = Array.from(pattern);
  }

  #fail(why: string): never {
    throw invalidRegex(this.#pattern, why);
  }

  #startsWith(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.#characters[this.#at + i] !== text[i]) return false;
    }
    return true;
  }

  translate(): string {
    const source = this.#alternatives();
    if (this.#at < this.#characters.length) this.#fail("parentheses are not balanced");
    return source;
  }

  /** Branches up to a closing parenthesis or the end. */
  #alternatives(): string {
    const branches: { source: string; plain: boolean }[] = [];
    do branches.push(this.#branch()); while (this.#characters[this.#at] === "|" && this.#at++ >= 0);
    if (branches.length > 1 && branches.every((branch) => branch.plain)) {
      branches.sort((a, b) => b.source.length - a.source.length);
    }
    return branches.map((branch) => branch.source).join("|");
  }

  #branch(): { source: string; plain: boolean } {
    let source = "";
    let plain = true;
    while (this.#at < this.#characters.length) {
      const character = this.#characters[this.#at]!;
      if (character === "|" || character === ")") break;
      if (this.#options.expanded && this.#skipExpanded(character)) continue;
      const atom = this.#atom(character);
      const quantifier = this.#quantifier();
      plain &&= quantifier === "" && /[^\\^$.()[]/.test(character) && character !== "(";
      source += atom + quantifier;
    }
    return { source, plain };
  }

  #skipExpanded(character: string): boolean {
    if (/\s/.test(character)) {
      this.#at++;
      return true;
    }
    if (character !== "#") return false;
    while (this.#at < this.#characters.length && this.#characters[this.#at] !== "\n") this.#at++;
    return true;
  }

  #atom(character: string): string {
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#bracket();
      case "\\":
        this.#at++;
        return this.#escape();
      case ".":
        this.#at++;
        return this.#options.lineStops ? "[^\\n]" : "[\\s\\S]";
      case "^":
        this.#at++;
        return this.#options.lineAnchors ? "(?<=^|\\n)" : "(?<![\\s\\S])";
      case "$":
        this.#at++;
        return this.#options.lineAnchors ? "(?=\\n|(?![\\s\\S]))" : "(?![\\s\\S])";
      case "*":
      case "+":
      case "?":
        return this.#fail("a quantifier has nothing to repeat");
      default:
        this.#at++;
        return literalCharacter(character);
    }
  }

  #quantifier(): string {
    const character = this.#characters[this.#at];
    let quantifier = "";
    if (character === "*" || character === "+" || character === "?") {
      quantifier = character;
      this.#at++;
    } else if (character === "{" && /\d/.test(this.#characters[this.#at + 1] ?? "")) {
      const close = this.#characters.indexOf("}", this.#at);
      quantifier = this.#characters.slice(this.#at, close + 1).join("");
      const bounds = /^\{(\d+)(?:,(\d*))?\}$/.exec(quantifier);
      if (bounds === null || Number(bounds[1]) > 255 || Number(bounds[2] ?? 0) > 255) {
        this.#fail("invalid repetition count");
      }
      this.#at = close + 1;
    } else {
      return "";
    }
    if (this.#characters[this.#at] === "?") {
      this.#at++;
      quantifier += "?";
    }
    if (/^[*+]$/.test(this.#characters[this.#at] ?? "")) this.#fail("a quantifier has nothing to repeat");
    return quantifier;
  }

  #group(): string {
    this.#at++;
    let open = "(";
    for (const prefix of ["?:", "?=", "?!", "?<=", "?<!"]) {
      if (this.#startsWith(prefix)) {
        open += prefix;
        this.#at += prefix.length;
        break;
      }
    }
    if (open === "(") {
      if (this.#characters[this.#at] === "?") this.#fail("invalid use of ? after a parenthesis");
      this.#groups++;
    }
    const body = this.#alternatives();
    if (this.#characters[this.#at] !== ")") this.#fail("parentheses are not balanced");
    this.#at++;
    return `${open}${body})`;
  }

  #escape(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) this.#fail("it ends with a backslash");
    const known = ESCAPES[character];
    if (known !== undefined) {
      this.#at++;
      return known;
    }
    if (/[1-9]/.test(character)) {
      const digits = /^\d+/.exec(this.#characters.slice(this.#at, this.#at + 3).join(""))![0];
      const group = Number(digits) <= Math.max(9, this.#groups) ? digits : character;
      this.#at += group.length;
      // A following digit must not join the reference.
      return `(?:\\${group})`;
    }
    return this.#characterEscape();
  }

  /** An escape for one character; the backslash is consumed. */
  #characterEscape(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) this.#fail("it ends with a backslash");
    const rest = (length: number): string => this.#characters.slice(this.#at, this.#at + length).join("");
    switch (character) {
      case "u":
      case "U":
      case "x": {
        const length = character === "u" ? 4 : character === "U" ? 8 : 6;
        const hex = /^[\da-fA-F]+/.exec(rest(length))?.[0] ?? this.#fail("invalid escape");
        this.#at += hex.length;
        return `\\u{${hex.replace(/^0+(?=.)/, "")}}`;
      }
      case "c":
        return `\\x${(this.#characters[this.#at++]!.charCodeAt(0) & 31).toString(16).padStart(2, "0")}`;
      case "0":
        return "\\0";
    }
    const known = CHARACTER_ESCAPES[character];
    if (known !== undefined) return known;
    if (/[a-zA-Z\d]/.test(character)) this.#fail(`invalid escape \\${character}`);
    return literalCharacter(character);
  }

  #bracket(): string {
    if (this.#startsWith("[[:<:]]")) {
      this.#at += 7;
      return WORD_START;
    }
    if (this.#startsWith("[[:>:]]")) {
      this.#at += 7;
      return WORD_END;
    }
    this.#at++;
    let source = "[";
    const negated = this.#characters[this.#at] === "^";
    if (negated) {
      this.#at++;
      source += this.#options.lineStops ? "^\\n" : "^";
    }
    for (let first = true;; first = false) {
      const character = this.#characters[this.#at];
      if (character === undefined) this.#fail("brackets are not balanced");
      if (character === "]" && !first) break;
      source += this.#bracketItem(character);
    }
    this.#at++;
    return `${source}]`;
  }

  #bracketItem(character: string): string {
    if (character === "[") {
      const special = /^\[([:.=])(.*?)\1\]/.exec(this.#characters.slice(this.#at, this.#at + 20).join(""));
      if (special !== null) {
        this.#at += special[0].length;
        if (special[1] !== ":") return literalCharacter(special[2]!);
        return CLASS_NAMES[special[2]!] ?? this.#fail(`invalid character class ${special[2]}`);
      }
    }
    this.#at++;
    if (character === "\\") {
      const known = BRACKET_CLASSES[this.#characters[this.#at] ?? ""];
      if (known === undefined) return this.#characterEscape();
      this.#at++;
      return known;
    }
    if (character === "-") {
      const previous = this.#characters[this.#at - 2];
      const next = this.#characters[this.#at];
      const isEdge = previous === "[" || previous === "^" || next === "]";
      return isEdge ? "\\-" : "-";
    }
    return literalCharacter(character);
  }
}

const CACHE = new Map<string, RegExp>();
const CACHE_MAX = 1000;

/**
 * The regular expression of a PostgreSQL pattern. `flags` are PostgreSQL's; `g` has been handled by the
 * caller. The result has no state of its own unless `javascriptFlags` adds `g` or `y`.
 */
export function regexFromPostgres(pattern: string, flags: string, javascriptFlags = ""): RegExp {
  const key = `${flags}/${javascriptFlags}/${pattern}`;
  let regex = CACHE.get(key);
  if (regex === undefined) {
    regex = compile(pattern, flags, javascriptFlags);
    if (CACHE.size >= CACHE_MAX) CACHE.clear();
    CACHE.set(key, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

function compile(pattern: string, flags: string, javascriptFlags: string): RegExp {
  const options: RegexOptions = {
    ignoreCase: false,
    lineAnchors: false,
    lineStops: false,
    expanded: false,
    literal: false,
  };
  for (const flag of flags) {
    if (!applyFlag(options, flag)) {
      throw new QueryError("invalid-value", `Invalid regular expression option: received "${flag}"`, {
        details: { flag },
        hint: "the options are g, i, c, m, n, p, q, s, w and x",
      });
    }
  }
  let body = pattern;
  if (body.startsWith("***=")) {
    options.literal = true;
    body = body.slice(4);
  } else if (body.startsWith("***:")) {
    body = body.slice(4);
  }
  const embedded = options.literal ? null : /^\(\?([a-z]+)\)/.exec(body);
  if (embedded !== null) {
    for (const flag of embedded[1]!) {
      if (!applyFlag(options, flag)) throw invalidRegex(pattern, `invalid embedded option ${flag}`);
    }
    body = body.slice(embedded[0].length);
  }
  const source = options.literal
    ? Array.from(body, literalCharacter).join("")
    : new Translator(body, options).translate();
  try {
    return new RegExp(source, `u${options.ignoreCase ? "i" : ""}${javascriptFlags}`);
  } catch (cause) {
    throw invalidRegex(pattern, cause instanceof Error ? cause.message : String(cause));
  }
}
