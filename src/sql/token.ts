/**
 * The tokens that the lexer cuts and the parser reads.
 *
 * Keywords are plain words here: SQL's keywords are contextual (`LAG` is a property and a function), so only
 * the parser can tell.
 *
 * @module
 */

/** What a token is. `mark` is punctuation, including `::`, `:=` and `:`. */
export type TokenType = "word" | "quoted" | "number" | "string" | "parameter" | "operator" | "mark" | "end";

/** One token with its place in the text (UTF-16 offsets, half open). */
export interface Token {
  readonly type: TokenType;
  readonly from: number;
  readonly to: number;
  /** Words are folded to lower case; strings and quoted names are decoded. */
  readonly value: string;
  /** `b` or `x` before a bit string. */
  readonly prefix?: "b" | "x";
}
