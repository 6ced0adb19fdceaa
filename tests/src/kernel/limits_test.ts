/**
 * Limits on the text of statements: each is an option, and its error names the option.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createDatabase, type ErrorCode, LimitError, type Limits } from "../../../mod.ts";

interface LimitCase {
  readonly option: keyof Limits;
  readonly limit: number;
  readonly within: string;
  readonly beyond: string;
  readonly code: ErrorCode;
}

const CASES: readonly LimitCase[] = [
  {
    option: "statementCharactersMax",
    limit: 20,
    within: "SELECT 'abcdefghijk'",
    beyond: "SELECT 'abcdefghijkl'",
    code: "token-limit",
  },
  {
    option: "statementTokensMax",
    limit: 4,
    within: "SELECT 1, 2",
    beyond: "SELECT 1, 2, 3",
    code: "token-limit",
  },
  {
    option: "statementDepthMax",
    limit: 5,
    within: "SELECT (1)",
    beyond: "SELECT (((((1)))))",
    code: "depth-limit",
  },
  {
    option: "statementOperatorsMax",
    limit: 2,
    within: "SELECT 1 + 1 + 1",
    beyond: "SELECT 1 + 1 + 1 + 1",
    code: "depth-limit",
  },
  {
    option: "statementOperatorsMax",
    limit: 1,
    within: "SELECT true AND true AND true AND true AND true",
    beyond: "SELECT true AND true AND true AND true AND true AND true",
    code: "depth-limit",
  },
  {
    option: "statementOperatorsMax",
    limit: 1,
    within: "SELECT 1 UNION SELECT 2",
    beyond: "SELECT 1 UNION SELECT 2 UNION SELECT 3",
    code: "depth-limit",
  },
];

describe("limits on statements", () => {
  for (const { option, limit, within, beyond, code } of CASES) {
    it(`${option} = ${limit} allows ${within} and refuses ${beyond}`, async () => {
      await using db = createDatabase({ limits: { [option]: limit } });
      await db.query(within);
      const error = await assertRejects(() => db.query(beyond), LimitError);
      assertEquals(error.code, code);
      assertStringIncludes(error.hint ?? "", option);
      assert(typeof error.details["limit"] === "number");
    });
  }

  it("end where the stack of the runtime does", async () => {
    await using db = createDatabase({ limits: { statementDepthMax: 1e6, statementOperatorsMax: 1e6 } });
    for (
      const sql of [
        `SELECT ${"abs(".repeat(30_000)}1${")".repeat(30_000)}`,
        `SELECT 1${" + 1".repeat(30_000)}`,
      ]
    ) {
      assertEquals((await assertRejects(() => db.query(sql), LimitError)).code, "depth-limit");
    }
    assertEquals((await db.query("SELECT 1 AS n")).column("n"), [1]);
  });

  it("can be raised", async () => {
    const depth = 400;
    const sql = `SELECT ${"(".repeat(depth)}1${" + 1)".repeat(depth)} AS n`;
    await using narrow = createDatabase();
    assertEquals((await assertRejects(() => narrow.query(sql), LimitError)).code, "depth-limit");
    await using wide = createDatabase({ limits: { statementDepthMax: 1000 } });
    assertEquals((await wide.query(sql)).column("n"), [1 + depth]);
  });
});
