/**
 * Texts with their statements, least recently used first: a text is parsed once and kept.
 *
 * @module
 */
import type { Statement } from "../query/ast.ts";
import { parseStatements } from "../sql/parse.ts";
import { type Limits, parseLimits, withoutStackOverflow } from "./limits.ts";

/** See the module header. */
export class ParsedStatements {
  readonly #limits: Limits;
  readonly #entries = new Map<string, readonly Statement[]>();

  /** At most `limits.planCacheMax` texts are kept. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  #parse(sql: string): readonly Statement[] {
    try {
      return parseStatements(sql, parseLimits(this.#limits));
    } catch (error) {
      throw withoutStackOverflow(error);
    }
  }

  /** The statements of `sql`. Throws what parsing it throws. */
  get(sql: string): readonly Statement[] {
    const known = this.#entries.get(sql);
    if (known !== undefined) {
      // Re-inserting keeps the map in order of use.
      this.#entries.delete(sql);
      this.#entries.set(sql, known);
      return known;
    }
    const statements = this.#parse(sql);
    this.#entries.set(sql, statements);
    if (this.#entries.size > this.#limits.planCacheMax) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    return statements;
  }
}
