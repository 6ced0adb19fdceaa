import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createClient } from "../../../connectors/client/client.ts";
import { openSurvey, type Survey } from "../../../examples/custom_metric/survey.ts";
import { LiveViewError } from "../../../mod.ts";

const SCORES = "SELECT product, nps FROM score ORDER BY product";

async function scores({ db }: Survey): Promise<unknown[][]> {
  return (await db.query(SCORES)).rows();
}

describe("the net promoter score", () => {
  it("is the promoters less the detractors, in percent", async () => {
    const { db } = await openSurvey();
    const result = await db.query(
      "SELECT nps(v), nps(v) FILTER (WHERE v > 8), nps(NULL::int) FROM (VALUES (10), (9), (8), (0)) AS t(v)",
    );
    assertEquals(result.rows(), [[25, 100, null]]);
    await db.close();
  });

  it("is maintained by what changes", async () => {
    const survey = await openSurvey();
    const { db } = survey;
    assertEquals(db.plugins.materializedViews.status("score").refreshMode, "incremental");
    assertEquals(await scores(survey), [["kettle", 25], ["toaster", -50]]);
    await db.query("UPDATE answer SET score = 10 WHERE product = 'toaster' AND score = 6");
    assertEquals(await scores(survey), [["kettle", 25], ["toaster", 50]]);
    await db.query("DELETE FROM answer WHERE score = 10");
    assertEquals(await scores(survey), [["kettle", 0], ["toaster", 0]]);
    const direct = await db.query("SELECT product, nps(score) FROM answer GROUP BY product ORDER BY product");
    assertEquals(direct.rows(), await scores(survey));
    await db.close();
  });

  it("is served over HTTP, live", async () => {
    const { db, app } = await openSurvey();
    const client = createClient("http://localhost", { fetch: async (request) => await app.fetch(request) });
    const changes = client.live("score")[Symbol.asyncIterator]();
    assertEquals((await changes.next()).value?.inserted.length, 2);
    await client.ingest("answer", [{ product: "toaster", score: 10 }]);
    assertEquals((await changes.next()).value?.inserted, [{ product: "toaster", nps: 0, answers: 3 }]);
    await changes.return?.();
    await db.close();
  });

  it("refuses answers that are none, and the commit with them", async () => {
    const survey = await openSurvey();
    const error = await assertRejects(
      () => survey.db.insert("answer", { product: "kettle", score: 11 }),
      LiveViewError,
    );
    assertEquals((error.cause as LiveViewError | undefined)?.code ?? error.code, "invalid-value");
    assertEquals(await scores(survey), [["kettle", 25], ["toaster", -50]]);
    await survey.db.close();
  });
});
