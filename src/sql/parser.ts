/**
 * The parser's state: a cursor over the tokens, and the small moves that every statement family is made of.
 *
 * Families are stand-alone functions that take the parser; they reach each other through {@linkcode Rules},
 * so that no two files import each other. A failed parse is run once more with a trace at the failing
 * offset: every `is..` test then notes what it asked for, which makes the list of expected tokens free for
 * texts that parse.
 *
 * @module
 */
import type {
  Expression,
  Identifier,
  Located,
  QualifiedName,
  Query,
  Statement,
  TypeName,
} from "../query/ast.ts";
import { JOIN_WORDS, RESERVED } from "./keywords.ts";
import { limitError, syntaxError } from "./sql_error.ts";
import type { Token } from "./token.ts";

/** A node under construction: the same shape, writable. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Limits; each has an error code of its own. */
export interface ParseOptions {
  /** Most UTF-16 units of a text; no limit by default. */
  readonly characterCountMax?: number;
  /** Most tokens in a text; 200,000. */
  readonly tokenCountMax?: number;
  /** Deepest nesting of expressions, queries and table references; 300. */
  readonly depthMax?: number;
  /** Most operators in a row at one level; 4,000. */
  readonly chainLengthMax?: number;
}

/** The entry of each family that another family needs. */
export interface Rules {
  readonly expression: (parser: Parser, power: number) => Expression;
  readonly query: (parser: Parser) => Query;
  readonly statement: (parser: Parser) => Statement;
  readonly type: (parser: Parser) => TypeName;
}

/** Notes what the parser asked for at one offset. */
export interface Trace {
  readonly at: number;
  readonly expected: Set<string>;
}

/** What a {@linkcode Parser} is made from. */
export interface ParserInput {
  readonly sql: string;
  readonly tokens: readonly Token[];
  readonly rules: Rules;
  readonly options: ParseOptions;
  readonly trace?: Trace | undefined;
}

/** The words of the phrases of the grammar, which are few. */
const PHRASES = new Map<string, readonly string[]>();

function wordsOf(phrase: string): readonly string[] {
  let words = PHRASES.get(phrase);
  if (words === undefined) PHRASES.set(phrase, words = phrase.split(" "));
  return words;
}

const DEPTH_MAX = 300;
const CHAIN_LENGTH_MAX = 4_000;

/** A cursor over tokens. Invariant: `token` is `tokens[index]`, and the last token is `end`. */
export class Parser {
  readonly sql: string;
  readonly depthMax: number;
  readonly chainLengthMax: number;
  /** The current token. */
  token: Token;
  /** Counts brackets in which `a:b` is a slice and not a path. */
  bracketDepth = 0;
  readonly #tokens: readonly Token[];
  readonly #last: Token;
  readonly #rules: Rules;
  readonly #trace: Trace | undefined;
  #index = 0;
  #depth = 0;
  /** A phrase that began at token `start` and broke off at token `at`; a failure at `start` is reported there. */
  #broken = { start: -1, at: -1, expected: "" };

  constructor(input: ParserInput) {
    this.sql = input.sql;
    this.#tokens = input.tokens;
    this.#rules = input.rules;
    this.#trace = input.trace;
    this.depthMax = input.options.depthMax ?? DEPTH_MAX;
    this.chainLengthMax = input.options.chainLengthMax ?? CHAIN_LENGTH_MAX;
    const end: Token = { type: "end", from: input.sql.length, to: input.sql.length, value: "" };
    this.token = input.tokens[0] ?? end;
    this.#last = input.tokens.at(-1) ?? end;
  }

  // The cursor.

  /** Whether expected tokens are noted; callers skip costly notes otherwise. */
  get tracing(): boolean {
    return this.#trace !== undefined;
  }
  /** The position, for {@linkcode Parser.seek}. */
  get index(): number {
    return this.#index;
  }
  /** Whether the text is used up. */
  atEnd(): boolean {
    return this.token.type === "end";
  }
  /** Moves past the current token and returns it. */
  advance(): Token {
    const token = this.token;
    if (token.type !== "end") this.token = this.#tokens[++this.#index] ?? this.#last;
    return token;
  }
  /** Goes back to a position taken before. */
  seek(index: number): void {
    this.#index = index;
    this.token = this.#tokens[index] ?? this.#last;
  }
  /** The token `count` after the current one. */
  peek(count: number): Token {
    return this.#tokens[this.#index + count] ?? this.#last;
  }
  /** Notes that `what` could stand here. */
  want(what: string): void {
    if (this.#trace !== undefined && this.token.from === this.#trace.at) this.#trace.expected.add(what);
  }

  // Words, marks and operators.

  isWord(word: string): boolean {
    if (this.#trace !== undefined) this.want(word.toUpperCase());
    return this.token.type === "word" && this.token.value === word;
  }
  wordAt(count: number, word: string): boolean {
    const token = this.peek(count);
    return token.type === "word" && token.value === word;
  }
  /** Whether the token is a word that is not quoted, and one of `words`. */
  isOneOf(words: ReadonlySet<string>): boolean {
    if (this.#trace !== undefined) { for (const word of words) this.want(word.toUpperCase()); }
    return this.token.type === "word" && words.has(this.token.value);
  }
  take(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.advance();
    return true;
  }
  /** Takes a sequence of words, all or none. */
  takeAll(...words: readonly string[]): boolean {
    return this.#takePhrase(words);
  }
  #takePhrase(words: readonly string[]): boolean {
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? "";
      if (i === 0 ? this.isWord(word) : this.wordAt(i, word)) continue;
      if (i > 0) this.#breakOff(i, word.toUpperCase());
      return false;
    }
    for (let i = 0; i < words.length; i++) this.advance();
    return true;
  }
  #breakOff(count: number, expected: string): void {
    const at = this.#index + count;
    if (this.#trace !== undefined && this.peek(count).from === this.#trace.at) {
      this.#trace.expected.add(expected);
    }
    if (this.#broken.start !== this.#index || this.#broken.at < at) {
      this.#broken = { start: this.#index, at, expected };
    }
  }
  /** Takes the first of several word sequences (`"no action"`) that stands here. */
  takeAnyOf<const W extends string>(...phrases: readonly W[]): W | undefined {
    if (this.token.type !== "word" && this.#trace === undefined) return undefined;
    for (const phrase of phrases) if (this.#takePhrase(wordsOf(phrase))) return phrase;
    return undefined;
  }
  isMark(mark: string): boolean {
    if (this.#trace !== undefined) this.want(mark);
    return this.token.type === "mark" && this.token.value === mark;
  }
  markAt(count: number, mark: string): boolean {
    const token = this.peek(count);
    return token.type === "mark" && token.value === mark;
  }
  takeMark(mark: string): boolean {
    if (!this.isMark(mark)) return false;
    this.advance();
    return true;
  }
  isOperator(operator: string): boolean {
    if (this.#trace !== undefined) this.want(operator);
    return this.token.type === "operator" && this.token.value === operator;
  }
  operatorAt(count: number, operator: string): boolean {
    const token = this.peek(count);
    return token.type === "operator" && token.value === operator;
  }
  takeOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.advance();
    return true;
  }
  /** Whether the token `count` ahead is a word or a quoted name. */
  nameAt(count: number): boolean {
    const token = this.peek(count);
    return token.type === "word" || token.type === "quoted";
  }
  expectWords(...words: readonly string[]): void {
    for (const word of words) if (!this.take(word)) this.fail(word.toUpperCase());
  }
  expectMark(mark: string): void {
    if (!this.takeMark(mark)) this.fail(`"${mark}"`);
  }
  expectOperator(operator: string): void {
    if (!this.takeOperator(operator)) this.fail(`"${operator}"`);
  }

  // Failure.

  /** Throws: the current token cannot stand here. */
  fail(expected?: string): never {
    if (expected !== undefined) this.want(expected);
    const broken = this.#broken;
    if (broken.start === this.#index && broken.at > this.#index) {
      this.seek(broken.at);
      this.fail(broken.expected);
    }
    const { type, from, to } = this.token;
    const found = type === "end"
      ? "end of input"
      : JSON.stringify(this.sql.slice(from, Math.min(to, from + 40)));
    throw syntaxError(
      this.sql,
      { from, to },
      `Unexpected ${found}${expected === undefined ? "" : `, expected ${expected}`}`,
      { expected: expected === undefined ? [] : [expected] },
    );
  }
  /** Throws: the text is grammatical but `reason` stands against it. */
  reject(reason: string, at: { readonly from: number; readonly to: number } = this.token): never {
    throw syntaxError(this.sql, at, reason);
  }
  /** Throws when a chain of operators gets too long. */
  checkChain(length: number): void {
    if (length <= this.chainLengthMax) return;
    const reason = `Expression is too long: more than ${this.chainLengthMax} operators in a row`;
    throw limitError(this.sql, this.token, reason, {
      code: "depth-limit",
      limit: this.chainLengthMax,
      option: "statementOperatorsMax",
    });
  }

  // Nesting, lists and nodes.

  /** Runs a rule one level deeper. A failed parse leaves the depth as it is, for the parser ends with it. */
  deeper<R>(rule: (parser: Parser) => R): R {
    if (++this.#depth > this.depthMax) {
      const reason = `Statement nests deeper than ${this.depthMax} levels`;
      throw limitError(this.sql, this.token, reason, {
        code: "depth-limit",
        limit: this.depthMax,
        option: "statementDepthMax",
      });
    }
    const result = rule(this);
    this.#depth--;
    return result;
  }
  list<R>(rule: (parser: Parser) => R): R[] {
    const items = [rule(this)];
    while (this.takeMark(",")) items.push(rule(this));
    return items;
  }
  parenthesized<R>(rule: (parser: Parser) => R): R {
    this.expectMark("(");
    const result = rule(this);
    this.expectMark(")");
    return result;
  }
  parenthesizedList<R>(rule: (parser: Parser) => R): R[] {
    return this.parenthesized(() => this.list(rule));
  }
  /** Sets the span of a new node: from `from` to the end of the last token taken. */
  node<N extends Located>(from: number, node: N): N {
    const last = this.#tokens[this.#index - 1];
    (node as Draft<Located>).span = { from, to: last === undefined ? from : Math.max(from, last.to) };
    return node;
  }

  // Names.

  isName(): boolean {
    this.want("name");
    const { type, value } = this.token;
    return type === "quoted" || (type === "word" && !RESERVED.has(value) && !JOIN_WORDS.has(value));
  }
  identifier(what = "a name"): Identifier {
    if (!this.isName()) this.fail(what);
    return this.anyIdentifier();
  }
  /** A name that may also be a reserved word, as after AS or a dot. */
  anyIdentifier(): Identifier {
    const { type, value, from, to } = this.token;
    if (type !== "word" && type !== "quoted") this.fail("a name");
    this.advance();
    const span = { from, to };
    return type === "quoted" ? { name: value, quoted: true, span } : { name: value, span };
  }
  name(what = "a name"): QualifiedName {
    const parts = [this.identifier(what)];
    while (this.takeMark(".")) {
      parts.push(this.anyIdentifier());
    }
    return parts;
  }
  identifierList(): Identifier[] {
    return this.parenthesizedList((parser) => parser.identifier());
  }
  string(what = "a string"): string {
    if (this.token.type !== "string") this.fail(what);
    return this.advance().value;
  }

  // Rules of other families.

  expression(power = 0): Expression {
    return this.#rules.expression(this, power);
  }
  expressions(): Expression[] {
    return this.list((parser) => parser.expression());
  }
  query(): Query {
    return this.#rules.query(this);
  }
  statement(): Statement {
    return this.#rules.statement(this);
  }
  type(): TypeName {
    return this.#rules.type(this);
  }
}
