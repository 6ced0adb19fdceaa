/**
 * The syntax of Vega's expression language: JavaScript expressions without assignments, functions and objects.
 *
 * A Pratt parser over a lexer of one regular expression; linear in the text, with limits on its length and depth.
 *
 * @module
 */
import { unsupported } from "./spec_shape.ts";

/** A parsed expression. */
export type VegaExpression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "member"; readonly object: VegaExpression; readonly property: string | number }
  | { readonly kind: "unary"; readonly operator: string; readonly argument: VegaExpression }
  | {
    readonly kind: "binary";
    readonly operator: string;
    readonly left: VegaExpression;
    readonly right: VegaExpression;
  }
  | {
    readonly kind: "conditional";
    readonly test: VegaExpression;
    readonly then: VegaExpression;
    readonly otherwise: VegaExpression;
  }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly VegaExpression[] }
  | { readonly kind: "array"; readonly items: readonly VegaExpression[] };

const TEXT_MAX = 5_000;
const DEPTH_MAX = 60;

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_$][\w$]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:()[\],.]))/y;

const POWERS: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "===": 3,
  "!==": 3,
  "<": 4,
  ">": 4,
  "<=": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};

interface Token {
  readonly kind: "number" | "name" | "string" | "symbol";
  readonly text: string;
}

/**
 * Parses `text`.
 *
 * @throws {QueryError} `unsupported` with `path`
 */
export function parseExpression(text: string, path: string): VegaExpression {
  return new ExpressionParser(tokenize(text, path), path).parse();
}

function tokenize(text: string, path: string): readonly Token[] {
  if (text.length > TEXT_MAX) {
    throw unsupported(path, `The expression has ${text.length} characters, more than ${TEXT_MAX}`);
  }
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) {
      throw unsupported(
        path,
        `The expression has a part that is not understood: ${trimmed.slice(from, from + 20)}`,
      );
    }
    const [, number, name, string, symbol] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (string !== undefined) tokens.push({ kind: "string", text: unescapeText(string.slice(1, -1)) });
    else tokens.push({ kind: "symbol", text: symbol! });
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" };

function unescapeText(text: string): string {
  return text.replace(/\\(u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|.)/gs, (_, char: string, unicode, hex) => {
    const code: string | undefined = unicode ?? hex;
    return code === undefined ? ESCAPES[char] ?? char : String.fromCharCode(parseInt(code, 16));
  });
}

class ExpressionParser {
  readonly #tokens: readonly Token[];
  readonly #path: string;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], path: string) {
    this.#tokens = tokens;
    this.#path = path;
  }

  parse(): VegaExpression {
    const expression = this.#conditional();
    if (this.#next < this.#tokens.length) throw this.#unexpected();
    return expression;
  }

  #conditional(): VegaExpression {
    if (++this.#depth > DEPTH_MAX) {
      throw unsupported(this.#path, `The expression nests deeper than ${DEPTH_MAX} levels`);
    }
    const test = this.#binary(1);
    let result = test;
    if (this.#take("?")) {
      const then = this.#conditional();
      this.#expect(":");
      result = { kind: "conditional", test, then, otherwise: this.#conditional() };
    }
    this.#depth--;
    return result;
  }

  #binary(power: number): VegaExpression {
    let left = this.#unary();
    for (;;) {
      const token = this.#tokens[this.#next];
      const own = token?.kind === "symbol" ? POWERS[token.text] : undefined;
      if (token === undefined || own === undefined || own < power) return left;
      this.#next++;
      left = { kind: "binary", operator: token.text, left, right: this.#binary(own + 1) };
    }
  }

  #unary(): VegaExpression {
    for (const operator of ["!", "-", "+"]) {
      if (!this.#take(operator)) continue;
      if (++this.#depth > DEPTH_MAX) {
        throw unsupported(this.#path, `The expression nests deeper than ${DEPTH_MAX} levels`);
      }
      const argument = this.#unary();
      this.#depth--;
      return { kind: "unary", operator, argument };
    }
    return this.#postfix(this.#primary());
  }

  #postfix(expression: VegaExpression): VegaExpression {
    for (let object = expression;;) {
      if (this.#take(".")) {
        object = { kind: "member", object, property: this.#word() };
      } else if (this.#take("[")) {
        const key = this.#conditional();
        this.#expect("]");
        if (key.kind !== "literal" || (typeof key.value !== "string" && typeof key.value !== "number")) {
          throw unsupported(this.#path, "Only a fixed name can stand in brackets");
        }
        object = { kind: "member", object, property: key.value };
      } else {
        return object;
      }
    }
  }

  #primary(): VegaExpression {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw unsupported(this.#path, "The expression ends too early");
    switch (token.kind) {
      case "number":
        return { kind: "literal", value: Number(token.text) };
      case "string":
        return { kind: "literal", value: token.text };
      case "name":
        return this.#named(token.text);
      case "symbol":
        if (token.text === "(") {
          const inner = this.#conditional();
          this.#expect(")");
          return inner;
        }
        if (token.text === "[") return { kind: "array", items: this.#list("]") };
        this.#next--;
        throw this.#unexpected();
    }
  }

  #named(name: string): VegaExpression {
    if (this.#take("(")) return { kind: "call", name, arguments: this.#list(")") };
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
    if (name === "null" || name === "undefined") return { kind: "literal", value: null };
    return { kind: "name", name };
  }

  #list(end: string): readonly VegaExpression[] {
    const items: VegaExpression[] = [];
    if (this.#take(end)) return items;
    do items.push(this.#conditional()); while (this.#take(","));
    this.#expect(end);
    return items;
  }

  #word(): string {
    const token = this.#tokens[this.#next++];
    if (token?.kind === "name") return token.text;
    this.#next--;
    throw this.#unexpected();
  }

  #take(symbol: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "symbol" || token.text !== symbol) return false;
    this.#next++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#unexpected();
  }

  #unexpected(): Error {
    const token = this.#tokens[this.#next];
    return unsupported(
      this.#path,
      token === undefined
        ? "The expression ends too early"
        : `The expression has an unexpected ${token.text}`,
    );
  }
}
