/**
 * The fuzzing loop: random schemas, random queries, every peer, one judgement each.
 *
 * A case is a seed: the seed makes the schema, the rows and the queries, so a case is replayed by its number.
 *
 * @module
 */
import { systemClock } from "../../src/base/clock.ts";
import { SeededRandom } from "../../src/base/random.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseStatement } from "../../src/sql/parse.ts";
import { EnginePeer, ReferencePeer } from "./engine_peer.ts";
import { brokenRelation } from "./metamorphic.ts";
import type { PeerName, QueryPeer } from "./query_peer.ts";
import { featuresOf, isDeterministic } from "./query_shape.ts";
import { type QueryProfile, QueryWriter } from "./random_query.ts";
import { type RandomTable, randomTable } from "./random_table.ts";
import { ourText } from "./reproduction.ts";
import { type Difference, judge, type Outcomes } from "./verdict.ts";

/** A schema with its queries. */
export interface FuzzCase {
  readonly seed: number;
  readonly tables: readonly RandomTable[];
  readonly queries: readonly FuzzQuery[];
  /** Queries written, of which those with one answer are kept. */
  readonly writtenCount: number;
}

/** A query as text and tree. */
export interface FuzzQuery {
  readonly sql: string;
  readonly query: Query;
  /** An error in one engine must be an error in the other. */
  readonly strict: boolean;
}

const TABLE_NAMES = ["alpha", "beta", "gamma"] as const;

/** The case of a seed. */
export function fuzzCase(seed: number, queryCount: number): FuzzCase {
  const random = new SeededRandom(seed);
  const large = random.next() < 0.04;
  const extremes = random.next() < 0.25;
  const tables = TABLE_NAMES.slice(0, random.integer(1, 3)).map((name, i) =>
    randomTable(random, name, {
      extremes,
      columnsMax: 7,
      rowsMax: large && i === 0 ? 5000 : random.pick([3, 8, 8, 14]),
    })
  );
  const queries: FuzzQuery[] = [];
  for (let i = 0; i < queryCount; i++) {
    const risky = random.next() < 0.12;
    const profile: QueryProfile = { extremes, large, risky, beyondPostgres: random.next() < 0.05 };
    const sql = new QueryWriter(random, tables, profile).write();
    const query = parseStatement(sql);
    if (query.kind !== "query") throw new TypeError(`Not a query: ${sql}`);
    if (isDeterministic(query)) queries.push({ sql, query, strict: risky && !sql.includes("SELECT", 8) });
  }
  return { seed, tables, queries, writtenCount: queryCount };
}

/** What a run found. */
export interface FuzzReport {
  queryCount: number;
  /** Queries written, those that are not deterministic included. */
  attemptCount: number;
  /** Queries for which the metamorphic relations were asked. */
  relationCount: number;
  /** Queries that an oracle answered with rows, and agreed. */
  readonly agreed: Map<PeerName, number>;
  readonly refused: Map<string, number>;
  readonly failures: Map<string, number>;
  /** By the id of the explanation. */
  readonly explained: Map<string, number>;
  readonly explainedCauses: Map<string, number>;
  /** By feature: queries that use it and that the engine answered with rows. */
  readonly features: Map<string, number>;
  /** By cause. */
  readonly unexplained: Map<string, FuzzFinding[]>;
}

/** A difference and where it was found. */
export interface FuzzFinding {
  readonly seed: number;
  readonly index: number;
  readonly sql: string;
  readonly difference: Difference;
}

/** An empty report. */
export function newReport(): FuzzReport {
  return {
    queryCount: 0,
    attemptCount: 0,
    relationCount: 0,
    agreed: new Map(),
    refused: new Map(),
    failures: new Map(),
    explained: new Map(),
    explainedCauses: new Map(),
    features: new Map(),
    unexplained: new Map(),
  };
}

/** The engine and the oracles. */
export interface Oracles {
  readonly engine: QueryPeer;
  readonly peers: readonly QueryPeer[];
}

/** Starts the engine and the named oracles. */
export async function startOracles(names: readonly PeerName[]): Promise<Oracles> {
  const peers: QueryPeer[] = [];
  for (const name of names) {
    if (name === "reference") peers.push(new ReferencePeer());
    // Loaded on demand: the native and WebAssembly modules take seconds.
    if (name === "postgres") peers.push(await (await import("./postgres_peer.ts")).PostgresPeer.start());
    if (name === "duckdb") peers.push(await (await import("./duckdb_peer.ts")).DuckDbPeer.start());
  }
  return { engine: new EnginePeer(), peers };
}

/** Ends all of them. */
export async function closeOracles({ engine, peers }: Oracles): Promise<void> {
  await engine.close();
  for (const peer of peers) await peer.close();
}

/** Runs a query everywhere; undefined when it is too large to judge. */
export async function runQuery({ engine, peers }: Oracles, query: Query): Promise<Outcomes | undefined> {
  const outcomes: Partial<Record<PeerName, Outcomes["engine"]>> = {};
  for (const peer of peers) {
    const startMs = systemClock.monotonic();
    const outcome = await peer.run(query);
    warnIfSlow(peer.name, startMs, query);
    // The reference engine comes first: what is too large for it, nobody else gets.
    if (peer.name === "reference" && outcome.kind === "failure" && outcome.class === "limit") {
      return undefined;
    }
    outcomes[peer.name] = outcome;
  }
  const startMs = systemClock.monotonic();
  const ours = await engine.run(query);
  warnIfSlow("engine", startMs, query);
  return { ...outcomes, engine: ours };
}

const SLOW_MS = 4000;

function warnIfSlow(peer: PeerName, startMs: number, query: Query): void {
  const ms = systemClock.monotonic() - startMs;
  if (ms > SLOW_MS) console.warn(`Slow: ${peer} took ${Math.round(ms)} ms for ${ourText(query)}`);
}

/** A query's outcomes and what is wrong with them. */
export interface Examination {
  readonly outcomes: Outcomes;
  readonly differences: readonly Difference[];
  /** Whether the metamorphic relations could be asked. */
  readonly related: boolean;
}

/** Runs a query everywhere and judges it; undefined when it is too large to judge. */
export async function examine(
  oracles: Oracles,
  query: Query,
  strict: boolean,
): Promise<Examination | undefined> {
  const outcomes = await runQuery(oracles, query);
  if (outcomes === undefined) return undefined;
  const differences = [...judge(query, ourText(query), outcomes, strict)];
  const related = outcomes.engine.kind === "rows" && query.body.kind === "select" &&
    query.body.where !== undefined;
  const broken = related ? await brokenRelation(oracles.engine, query) : undefined;
  if (broken !== undefined) {
    differences.push({ peer: "engine", cause: `relation ${broken.relation}`, detail: broken.detail });
  }
  return { outcomes, differences, related };
}

/** Runs a case and adds what it finds to the report. */
export async function runCase(oracles: Oracles, fuzz: FuzzCase, report: FuzzReport): Promise<void> {
  for (const peer of [oracles.engine, ...oracles.peers]) await peer.load(fuzz.tables);
  report.attemptCount += fuzz.writtenCount;
  for (const [index, { query, sql, strict }] of fuzz.queries.entries()) {
    const examination = await examine(oracles, query, strict);
    if (examination === undefined) {
      increment(report.refused, "reference: too large");
      continue;
    }
    report.queryCount++;
    if (examination.related) report.relationCount++;
    record(report, { seed: fuzz.seed, index, sql }, query, examination);
  }
}

function record(
  report: FuzzReport,
  place: Omit<FuzzFinding, "difference">,
  query: Query,
  { outcomes, differences }: Examination,
): void {
  if (outcomes.engine.kind === "rows") {
    for (const feature of featuresOf(query)) increment(report.features, feature);
  } else if (outcomes.engine.kind === "failure") increment(report.failures, outcomes.engine.class);
  const peers: readonly PeerName[] = ["reference", "postgres", "duckdb"];
  for (const name of peers) {
    const outcome = outcomes[name];
    if (outcome?.kind === "refused") {
      increment(report.refused, `${name}: ${outcome.reason.replace(/[\d"'].*/s, "").slice(0, 70)}`);
    } else if (outcome !== undefined && !differences.some(({ peer }) => peer === name)) {
      increment(report.agreed, name);
    }
  }
  for (const difference of differences) {
    if (difference.explanation !== undefined) {
      const id = `${difference.peer}: ${difference.explanation}`;
      increment(report.explained, id);
      increment(report.explainedCauses, `${id}: ${difference.cause}`);
      continue;
    }
    const cause = `${difference.peer}: ${difference.cause}`;
    const findings = report.unexplained.get(cause) ?? [];
    findings.push({ ...place, difference });
    report.unexplained.set(cause, findings);
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
