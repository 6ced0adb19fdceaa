/**
 * The second part of the demo: a materialized view that follows a stream of changes, and the proof that it did.
 *
 * ```text
 * order stream ─ transactions ─► tables ─ inside the commit ─► view ─ subscription ─► board
 * ```
 *
 * @module
 */
import { countText, durationText } from "../../connectors/shell/measure_text.ts";
import type { Clock } from "../../src/base/clock.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { LiveBoard, type RevenueRow, rowText, type StreamFacts } from "./live_board.ts";
import { applyChanges, orderStream } from "./order_stream.ts";
import type { Page } from "./page.ts";
import { SCALE_FACTOR } from "./tpch_answers.ts";

/** A database of any plugins, with materialized views among them. */
export type LiveDatabase = Database<readonly Plugin[]>;

/** The query of the view. */
export const REVENUE_QUERY = `\
SELECT n_name AS nation, o_orderdate AS day,
  count(*) AS lines, sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem
JOIN orders ON o_orderkey = l_orderkey
JOIN customer ON c_custkey = o_custkey
JOIN nation ON n_nationkey = c_nationkey
GROUP BY n_name, o_orderdate`;

/** How long and how fast the stream runs. */
export interface StreamSettings {
  readonly durationMs: number;
  readonly changesPerSecond: number;
}

const SETTINGS: StreamSettings = { durationMs: 6000, changesPerSecond: 4000 };
const COMMIT_CHANGES = 100;
const DAY_MS = 86_400_000;
const SEED = 1;

/** Creates the view, streams into it, and checks it. */
export async function followOrders(
  db: LiveDatabase,
  page: Page,
  clock: Clock,
  settings: StreamSettings = SETTINGS,
): Promise<void> {
  const { changesPerSecond } = settings;
  page.heading(
    "A live view",
    `Revenue by nation and day, kept up to date inside every commit; ${
      countText(changesPerSecond)
    } changes a second`,
  );
  page.line(page.style.dim("CREATE MATERIALIZED VIEW revenue AS"));
  for (const line of REVENUE_QUERY.split("\n")) page.line(page.style.dim(line));
  page.line();
  const startMs = clock.monotonic();
  await db.exec(`CREATE MATERIALIZED VIEW revenue AS ${REVENUE_QUERY}`);
  const { rowCount } = await db.query("SELECT nation FROM revenue");
  page.line(`${countText(rowCount)} rows in ${durationText(clock.monotonic() - startMs)}`);
  page.line();
  page.line("New orders are placed today. The nations with the highest revenue today:");
  page.line();

  const today = Math.floor(clock.now() / DAY_MS);
  const board = new LiveBoard(page, today * DAY_MS);
  const ending = new AbortController();
  const reading = read(db, board, ending.signal);
  const facts = await stream({ db, board, clock, today, settings });
  // Gives the subscription its last change.
  await pause(0);
  ending.abort();
  await reading;
  page.line();
  page.line(
    `${durationText(facts.busyMs / facts.commits)} for a commit of ${COMMIT_CHANGES} changes, view included`,
  );
  page.line();
  await verify(db, page, board, clock);
}

interface StreamParts {
  readonly db: LiveDatabase;
  readonly board: LiveBoard;
  readonly clock: Clock;
  readonly today: number;
  readonly settings: StreamSettings;
}

/** Commits changes at the wanted rate until the time is over. */
async function stream(parts: StreamParts): Promise<StreamFacts & { readonly busyMs: number }> {
  const { db, board, clock, today, settings } = parts;
  const source = orderStream({ seed: SEED, scaleFactor: SCALE_FACTOR, today });
  const startMs = clock.monotonic();
  let changes = 0;
  let commits = 0;
  let busyMs = 0;
  for (;;) {
    const elapsedMs = clock.monotonic() - startMs;
    board.draw({ elapsedMs, changes, commits });
    if (elapsedMs >= settings.durationMs) return { elapsedMs, changes, commits, busyMs };
    const due = Math.floor(elapsedMs / 1000 * settings.changesPerSecond);
    while (changes + COMMIT_CHANGES <= due) {
      const batch = [...take(source, COMMIT_CHANGES)];
      const commitMs = clock.monotonic();
      await db.transaction((transaction) => applyChanges(transaction, batch));
      busyMs += clock.monotonic() - commitMs;
      changes += batch.length;
      commits++;
    }
    await pause(50);
  }
}

function* take<Item>(source: Iterator<Item>, count: number): Generator<Item, void, undefined> {
  for (let i = 0; i < count; i++) {
    const next = source.next();
    if (next.done === true) return;
    yield next.value;
  }
}

async function read(db: LiveDatabase, board: LiveBoard, signal: AbortSignal): Promise<void> {
  for await (const change of db.subscribe("revenue", { signal })) board.apply(change);
}

/** The view against its query over the changed tables, and the sum of all changes against the view. */
async function verify(db: LiveDatabase, page: Page, board: LiveBoard, clock: Clock): Promise<void> {
  const startMs = clock.monotonic();
  const recomputed = await db.query(REVENUE_QUERY);
  const recomputeMs = clock.monotonic() - startMs;
  const differing = await db.query(`
    (SELECT * FROM revenue EXCEPT ALL (${REVENUE_QUERY}))
    UNION ALL
    ((${REVENUE_QUERY}) EXCEPT ALL SELECT * FROM revenue)`);
  const view = await db.query("SELECT nation, day, lines, revenue FROM revenue");
  const same = differing.rowCount === 0 && view.rowCount === recomputed.rowCount;
  page.check(
    same,
    same
      ? `the view equals its query, recomputed from the tables: ${countText(view.rowCount)} rows, ${
        durationText(recomputeMs)
      }`
      : `the view differs from its query in ${countText(differing.rowCount)} rows`,
  );
  // The columns are those of RevenueRow.
  const rows = (view.objects() as unknown as RevenueRow[]).map(rowText).sort();
  const received = board.contents();
  const added = rows.length === received.length && rows.every((row, i) => row === received[i]);
  page.check(added, `the changes that a subscriber received ${added ? "" : "do not "}add up to the view`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
