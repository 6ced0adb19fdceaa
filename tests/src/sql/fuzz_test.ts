/**
 * Token-mutation fuzzing against PostgreSQL's grammar.
 *
 * A mutant is a statement of ours with one token dropped, doubled, swapped or replaced. Of those that
 * PostgreSQL rejects, at least 99 % must be rejected, and at least 96 % with the error at the same offset.
 * Mutants that are statements of our own extensions are no errors, and are excluded by what makes them so.
 *
 * @module
 */
import { assert } from "@std/assert";
import { describe, it } from "node:test";
import { LiveViewError, QueryError } from "../../../src/base/error.ts";
import { lex } from "../../../src/sql/lex.ts";
import { parseStatements } from "../../../src/sql/parse.ts";
import { judge } from "./postgres_oracle.ts";
import { STANDARD } from "./statements.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 20_260_921);
const MUTANT_COUNT = 6_000 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** A small generator of numbers in [0, 1); the seed is printed with the figures. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Statements with the texts of their tokens; what is not ASCII is left out, for offsets differ. */
const SOURCES = STANDARD.filter((sql) => /^[\x20-\x7e]*$/.test(sql)).map((sql) => {
  const tokens = lex(sql, 10_000).filter(({ type }) => type !== "end");
  return tokens.map(({ from, to }) => sql.slice(from, to));
});
const VOCABULARY = [...new Set(SOURCES.flat())];

function mutate(random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const tokens = [...pick(SOURCES)];
  const at = Math.floor(random() * tokens.length);
  switch (Math.floor(random() * 5)) {
    case 0:
      tokens.splice(at, 1);
      break;
    case 1:
      tokens.splice(at, 0, tokens[at] ?? "");
      break;
    case 2:
      tokens.splice(at, 2, tokens[at + 1] ?? "", tokens[at] ?? "");
      break;
    case 3:
      tokens[at] = pick(VOCABULARY);
      break;
    default:
      tokens.splice(at, 0, pick(VOCABULARY));
  }
  return tokens.join(" ") || "SELECT";
}

/** What of ours PostgreSQL does not have; a mutant that we accept and that has one of these is no finding. */
const EXTENSIONS: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ["QUALIFY", /\bQUALIFY\b/i],
  ["EXCEPT and EXCLUDE after a star", /\* \s*(EXCEPT|EXCLUDE|REPLACE|RENAME)\b/i],
  ["MINUS, ASOF, SEMI, ANTI", /\b(MINUS|ASOF|SEMI|ANTI)\b/i],
  ["GROUP BY ALL and ORDER BY ALL", /\b(GROUP|ORDER) BY ALL\b/i],
  ["LIMIT with a comma", /\bLIMIT\b.*,/i],
  ["null treatment", /\b(IGNORE|RESPECT) NULLS\b/i],
  ["SET TRANSACTION and SHOW of objects", /^(SHOW|DESC|DESCRIBE)\b/i],
  [
    "parentheses after CURRENT_TIMESTAMP",
    /\b(current_date|current_timestamp|localtime|localtimestamp|current_user|session_user)\s*\(/i,
  ],
  ["OR REPLACE and IF NOT EXISTS everywhere", /^CREATE (OR REPLACE|.*VIEW IF NOT EXISTS)/i],
  ["lists in brackets and subscripts of calls", /\[/],
  ["intervals without quotes", /\bINTERVAL \d/i],
];

/** Statements of PostgreSQL that are not planned: we reject them at their first words. */
const OUTSIDE =
  /^(FETCH|DO|CLOSE|DECLARE|MOVE|CALL|PREPARE|EXECUTE|GRANT|REVOKE|LOCK|CLUSTER|VACUUM|(CREATE|ALTER|DROP) (GROUP|USER))\b/i;

describe("parseStatements() on mutants that PostgreSQL rejects", () => {
  it("rejects 99 % and finds the same offset for 96 %", () => {
    const random = generator(SEED);
    const missed: string[] = [];
    const elsewhere: string[] = [];
    let rejected = 0;
    let invalid = 0;
    for (let i = 0; i < MUTANT_COUNT; i++) {
      const sql = mutate(random);
      const verdict = judge(sql);
      if (verdict.accepted || OUTSIDE.test(sql)) continue;
      const error = failure(sql);
      if (error === undefined && EXTENSIONS.some(([, pattern]) => pattern.test(sql))) continue;
      invalid++;
      if (error === undefined) missed.push(`${sql}\n    PostgreSQL: ${verdict.message}`);
      else {
        rejected++;
        if (error !== verdict.offset) {
          elsewhere.push(`${sql}\n    ${verdict.message} at ${verdict.offset}, here ${error}`);
        }
      }
    }
    const rejectedShare = rejected / invalid;
    const sameShare = (rejected - elsewhere.length) / rejected;
    const figures =
      `seed ${SEED}: ${invalid} invalid mutants, ${(rejectedShare * 100).toFixed(2)} % rejected, ` +
      `${(sameShare * 100).toFixed(2)} % at the same offset`;
    console.log(figures);
    if (Deno.env.get("LIVEVIEW_VERBOSE") !== undefined) console.log([...missed, "", ...elsewhere].join("\n"));
    assert(rejectedShare >= 0.99, `${figures}\n${missed.slice(0, 20).join("\n")}`);
    assert(sameShare >= 0.96, `${figures}\n${elsewhere.slice(0, 20).join("\n")}`);
  });
});

/** The offset of the error; only errors of ours with a place count as a rejection. */
function failure(sql: string): number | undefined {
  try {
    parseStatements(sql);
    return undefined;
  } catch (error) {
    if (!(error instanceof LiveViewError)) throw error;
    return error instanceof QueryError ? error.place?.from ?? -2 : -2;
  }
}
