/**
 * Cuts SQL text into tokens after PostgreSQL's lexical rules.
 *
 * Strings (`'..'`, `E'..'`, `B'..'`, `X'..'`, `U&'..'`, `$tag$..$tag$`), quoted names, nested comments, numbers
 * with underscores and radix prefixes, and multi-character operators. One pass over the characters, linear.
 *
 * @module
 */
import { limitError, syntaxError } from "./sql_error.ts";
import type { Token, TokenType } from "./token.ts";

const OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };
const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?)/y;
const ESCAPE_CODE = /(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$/y;

function isOperatorCharacter(character: string | undefined): boolean {
  return character !== undefined && OPERATOR_CHARACTERS.includes(character);
}
function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}
function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code) || code === 36;
}
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff;
}

/** The tokens of `sql`, ending in one of type `end`. */
export function lex(sql: string, tokenCountMax: number): Token[] {
  return new Lexer(sql, tokenCountMax).run();
}

/** State of one pass. Invariant: everything before `#at` is in `#tokens` or is space. */
class Lexer {
  readonly #sql: string;
  readonly #tokenCountMax: number;
  readonly #tokens: Token[] = [];
  #at = 0;
  /** A line break was passed since the last token: adjacent strings then join. */
  #newline = false;

  constructor(sql: string, tokenCountMax: number) {
    this.#sql = sql;
    this.#tokenCountMax = tokenCountMax;
  }

  run(): Token[] {
    const length = this.#sql.length;
    for (this.#skipSpace(); this.#at < length; this.#skipSpace()) this.#next();
    this.#tokens.push({ type: "end", from: length, to: length, value: "" });
    return this.#tokens;
  }

  #fail(reason: string, from: number, to: number = this.#sql.length): never {
    throw syntaxError(this.#sql, { from, to }, reason, { hint: hintFor(reason) });
  }

  #push(type: TokenType, to: number, value: string, prefix?: "b" | "x"): void {
    const from = this.#at;
    if (this.#tokens.length >= this.#tokenCountMax) {
      const reason = `Statement is too long: more than ${this.#tokenCountMax} tokens`;
      throw limitError(this.#sql, { from, to }, reason, {
        code: "token-limit",
        limit: this.#tokenCountMax,
        option: "statementTokensMax",
      });
    }
    this.#tokens.push(prefix === undefined ? { type, from, to, value } : { type, from, to, value, prefix });
    this.#newline = false;
    this.#at = to;
  }

  #skipSpace(): void {
    const sql = this.#sql;
    for (;;) {
      const code = sql.charCodeAt(this.#at);
      if (isSpace(code)) {
        if (code === 10 || code === 13) this.#newline = true;
        this.#at++;
      } else if (code === 45 && sql.charCodeAt(this.#at + 1) === 45) {
        const end = sql.indexOf("\n", this.#at);
        this.#at = end < 0 ? sql.length : end;
      } else if (code === 47 && sql.charCodeAt(this.#at + 1) === 42) this.#skipComment();
      else return;
    }
  }

  #skipComment(): void {
    const delimiter = /\*\/|\/\*/g;
    delimiter.lastIndex = this.#at + 2;
    for (let depth = 1; depth > 0;) {
      const match = delimiter.exec(this.#sql);
      if (match === null) this.#fail("Unterminated comment", this.#at);
      depth += match[0] === "/*" ? 1 : -1;
    }
    this.#at = delimiter.lastIndex;
  }

  #next(): void {
    const sql = this.#sql;
    const at = this.#at;
    const code = sql.charCodeAt(at);
    const character = sql.charAt(at);
    if (isWordStart(code)) return this.#wordOrPrefixed(character);
    if (isDigit(code) || (character === "." && isDigit(sql.charCodeAt(at + 1)))) return this.#number();
    if (character === "'") return this.#plainString();
    if (character === '"') {
      const [to, value] = this.#quoted(at, '"', "quoted identifier");
      if (value === "") this.#fail("Empty quoted identifier", at, to);
      return this.#push("quoted", to, value);
    }
    if (character === "$" && this.#dollar()) return;
    if ("(),;[].".includes(character)) return this.#push("mark", at + 1, character);
    if (character === ":") {
      const after = sql.charAt(at + 1);
      const value = after === ":" || after === "=" ? character + after : character;
      return this.#push("mark", at + value.length, value);
    }
    if (isOperatorCharacter(character)) return this.#operator();
    this.#fail(`Unexpected character ${JSON.stringify(character)}`, at, at + 1);
  }

  #wordOrPrefixed(character: string): void {
    const sql = this.#sql;
    const at = this.#at;
    const after = sql[at + 1];
    if (after === "'") {
      const letter = character.toLowerCase();
      if (letter === "e") return this.#escapedString();
      if (letter === "b" || letter === "x" || letter === "n") {
        const [to, value] = this.#quoted(at + 1, "'", "string");
        return this.#push("string", to, value, letter === "n" ? undefined : letter);
      }
    }
    if ((character === "U" || character === "u") && after === "&") {
      const quote = sql[at + 2];
      if (quote === "'" || quote === '"') return this.#unicode(quote);
    }
    let to = at + 1;
    while (isWordPart(sql.charCodeAt(to))) to++;
    this.#push("word", to, sql.slice(at, to).toLowerCase());
  }

  #number(): void {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#sql)?.[0] ?? "";
    const to = this.#at + text.length;
    if (isWordStart(this.#sql.charCodeAt(to))) this.#fail("Trailing junk after number", this.#at, to + 1);
    this.#push("number", to, text);
  }

  /** Decodes from the opening quote at `from`; doubled quotes stand for one. */
  #quoted(from: number, quote: string, what: string): [to: number, value: string] {
    const sql = this.#sql;
    let value = "";
    for (let start = from + 1;;) {
      const end = sql.indexOf(quote, start);
      if (end < 0) this.#fail(`Unterminated ${what}`, this.#at);
      value += sql.slice(start, end);
      if (sql[end + 1] !== quote) return [end + 1, value];
      value += quote;
      start = end + 2;
    }
  }

  #plainString(): void {
    const from = this.#at;
    const [to, value] = this.#quoted(from, "'", "string");
    const last = this.#tokens.at(-1);
    if (this.#newline && last?.type === "string" && last.prefix === undefined) {
      this.#tokens.pop();
      this.#at = last.from;
      this.#push("string", to, last.value + value);
    } else this.#push("string", to, value);
  }

  #escapedString(): void {
    const sql = this.#sql;
    const parts: string[] = [];
    for (let at = this.#at + 2;;) {
      if (at >= sql.length) this.#fail("Unterminated string", this.#at);
      const character = sql.charAt(at);
      if (character === "\\") {
        const [length, decoded] = this.#escape(at + 1);
        parts.push(decoded);
        at += 1 + length;
      } else if (character === "'" && sql[at + 1] !== "'") {
        return this.#push("string", at + 1, parts.join(""));
      } else {
        parts.push(character);
        at += character === "'" ? 2 : 1;
      }
    }
  }

  #escape(at: number): [length: number, decoded: string] {
    ESCAPE_CODE.lastIndex = at;
    const match = ESCAPE_CODE.exec(this.#sql);
    if (match === null) {
      const character = this.#sql.charAt(at);
      return [character.length, ESCAPES[character] ?? character];
    }
    const octal = match[4];
    const code = parseInt(match[1] ?? match[2] ?? match[3] ?? octal ?? "", octal === undefined ? 16 : 8);
    if (code > 0x10ffff) this.#fail("Invalid Unicode escape", at - 1, at + match[0].length);
    return [match[0].length, String.fromCodePoint(code)];
  }

  #unicode(quote: "'" | '"'): void {
    const [to, raw] = this.#quoted(this.#at + 2, quote, quote === "'" ? "string" : "quoted identifier");
    const value = raw.replace(/\\(?:\\|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6}))/g, (all, short, long) => {
      if (all === "\\\\") return "\\";
      const code = parseInt(short ?? long, 16);
      if (code > 0x10ffff) this.#fail("Invalid Unicode escape", this.#at, to);
      return String.fromCodePoint(code);
    });
    this.#push(quote === "'" ? "string" : "quoted", to, value);
  }

  #dollar(): boolean {
    const sql = this.#sql;
    if (isDigit(sql.charCodeAt(this.#at + 1))) {
      let to = this.#at + 2;
      while (isDigit(sql.charCodeAt(to))) to++;
      if (isWordStart(sql.charCodeAt(to))) this.#fail("Trailing junk after parameter", this.#at, to + 1);
      this.#push("parameter", to, sql.slice(this.#at + 1, to));
      return true;
    }
    DOLLAR_TAG.lastIndex = this.#at;
    const tag = DOLLAR_TAG.exec(sql)?.[0];
    if (tag === undefined) return false;
    const start = this.#at + tag.length;
    const end = sql.indexOf(tag, start);
    if (end < 0) this.#fail("Unterminated dollar-quoted string", this.#at);
    this.#push("string", end + tag.length, sql.slice(start, end));
    return true;
  }

  #operator(): void {
    const sql = this.#sql;
    const at = this.#at;
    let to = at + 1;
    while (isOperatorCharacter(sql[to])) {
      const two = sql.slice(to, to + 2);
      if (two === "--" || two === "/*") break;
      to++;
    }
    // PostgreSQL: an operator may end in + or - only if it contains one of ~ ! @ # % ^ & | ` ?
    let value = sql.slice(at, to);
    while (value.length > 1 && /[+-]$/.test(value) && !/[~!@#%^&|`?]/.test(value)) value = value.slice(0, -1);
    this.#push("operator", at + value.length, value);
  }
}

/** The way out of what the lexer refuses. */
function hintFor(reason: string): string {
  if (reason.startsWith("Unterminated")) return "close it, or remove its beginning";
  if (reason.startsWith("Trailing junk")) return "put a blank or an operator between them";
  if (reason.startsWith("Invalid Unicode")) return "code points end at 10FFFF";
  return "remove it, or put it in quotes";
}
