/**
 * A survey whose score is kept up to date and served over HTTP.
 *
 * @module
 */
import { liveviewApp } from "../../connectors/hono/app.ts";
import { createDatabase, type Database, materializedViews } from "../../mod.ts";
import { netPromoterScores } from "./net_promoter_score.ts";

/** The plugins of the survey. */
type SurveyPlugins = readonly [ReturnType<typeof materializedViews>, ReturnType<typeof netPromoterScores>];

/** A database with some answers, and its app. */
export interface Survey {
  /** Answers in the table `answer`, their score by product in the view `score`. */
  readonly db: Database<SurveyPlugins>;
  /** Serves it; anyone may send answers. */
  readonly app: ReturnType<typeof liveviewApp>;
}

/** Opens the survey. */
export async function openSurvey(): Promise<Survey> {
  const db = createDatabase({ plugins: [materializedViews(), netPromoterScores()] });
  await db.exec(`
    CREATE TABLE answer (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product TEXT, score INTEGER);
    CREATE MATERIALIZED VIEW score AS
      SELECT product, nps(score) AS nps, count(*) AS answers FROM answer GROUP BY product;
  `);
  await db.insert("answer", {
    product: ["kettle", "kettle", "kettle", "kettle", "toaster", "toaster"],
    score: [10, 9, 7, 3, 8, 6],
  });
  return { db, app: liveviewApp(db, { anonymous: "write" }) };
}
