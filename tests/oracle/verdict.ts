/**
 * The judgement of one query: what the engine said, held against what each oracle said.
 *
 * Errors: where the reference engine and PostgreSQL compute an answer, so must we. Where both fail on the data,
 * we may skip the failing expression (it was not needed, or not reached), unless the query is so simple that
 * nothing can be skipped (`strict`).
 *
 * @module
 */
import type { Query } from "../../src/query/ast.ts";
import { explain, type ObservedDifference } from "./dialect_differences.ts";
import { isDataFailure, type Outcome, type PeerName } from "./query_peer.ts";
import { featuresOf, hasRepresentatives, isTotallyOrdered } from "./query_shape.ts";
import { compareRows, compareTypes } from "./result_comparison.ts";

/** The outcomes of one query, by peer. */
export type Outcomes = Readonly<Partial<Record<PeerName, Outcome>>> & { readonly engine: Outcome };

/** A difference between the engine and an oracle. */
export interface Difference {
  readonly peer: PeerName;
  /** Short and the same for differences that look alike. */
  readonly cause: string;
  readonly detail: string;
  /** The id of the entry in dialect_differences.ts that explains it, or `evaluation-order`. */
  readonly explanation?: string;
}

/** Judges a query. `strict`: the same error is expected wherever PostgreSQL fails. */
export function judge(query: Query, sql: string, outcomes: Outcomes, strict: boolean): readonly Difference[] {
  const { engine } = outcomes;
  if (engine.kind === "failure" && engine.class === "crash") {
    return [{ peer: "engine", cause: `crash: ${firstLine(engine.message)}`, detail: engine.message }];
  }
  const differences: Difference[] = [];
  const { postgres } = outcomes;
  // PostgreSQL is judged first: where it agrees, its semantics settle what others say.
  const peers: readonly ObservedDifference["peer"][] = ["postgres", "reference", "duckdb"];
  for (const peer of peers) {
    const theirs = outcomes[peer];
    if (theirs === undefined || theirs.kind === "refused") continue;
    const found = compareOutcomes(query, engine, theirs, peer, outcomes, strict);
    if (found === undefined) continue;
    const agreed = postgres !== undefined && postgres.kind !== "refused" &&
      !differences.some((difference) => difference.peer === "postgres");
    const explanation = explain({ peer, features: featuresOf(query), sql, ours: engine, theirs })?.id ??
      (agreed ? settledByPostgres(peer, engine, theirs) : undefined) ?? found.explanation;
    differences.push(explanation === undefined ? found : { ...found, explanation });
  }
  return differences;
}

/** What a difference means when PostgreSQL says the same as we. */
function settledByPostgres(
  peer: ObservedDifference["peer"],
  engine: Outcome,
  theirs: Outcome,
): string | undefined {
  if (peer === "duckdb") return "postgres-decides";
  // The naive engine computes what both optimizers skip, such as the arguments of a call with a NULL.
  const skipped = theirs.kind === "failure" && isDataFailure(theirs.class) && engine.kind === "rows";
  return peer === "reference" && skipped ? "evaluation-order" : undefined;
}

function compareOutcomes(
  query: Query,
  engine: Outcome,
  theirs: Exclude<Outcome, { kind: "refused" }>,
  peer: ObservedDifference["peer"],
  outcomes: Outcomes,
  strict: boolean,
): Difference | undefined {
  if (engine.kind === "refused") return undefined;
  if (engine.kind === "rows" && theirs.kind === "rows") {
    const strictness = {
      ordered: isTotallyOrdered(query),
      exact: peer === "reference",
      representatives: hasRepresentatives(query),
    };
    const detail = compareRows(engine, theirs, strictness) ??
      (peer === "postgres" ? compareTypes(engine, theirs) : undefined);
    if (detail === undefined) return undefined;
    return { peer, cause: `result: ${detail.replace(/[^a-z ]+.*/s, "")}`, detail };
  }
  return compareFailures(query, engine, theirs, peer, outcomes, strict);
}

function compareFailures(
  query: Query,
  engine: Exclude<Outcome, { kind: "refused" }>,
  theirs: Exclude<Outcome, { kind: "refused" }>,
  peer: ObservedDifference["peer"],
  outcomes: Outcomes,
  strict: boolean,
): Difference | undefined {
  const ours = engine.kind === "failure" ? engine.class : undefined;
  const other = theirs.kind === "failure" ? theirs.class : undefined;
  if (ours === "limit" || other === "limit") return undefined;
  const show = (outcome: Outcome) => outcome.kind === "failure" ? outcome.message : outcome.kind;
  const detail = `${firstLine(show(engine))}, expected ${firstLine(show(theirs))}`;
  if (ours !== undefined && other !== undefined) {
    const compatible = ours === other || (isDataFailure(ours) && isDataFailure(other));
    return compatible
      ? undefined
      : { peer, cause: `error class: ${ours}, not ${other}: ${general(show(engine))}`, detail };
  }
  if (ours !== undefined) {
    // Another oracle that fails on the data, too, shows that the data cannot be computed with.
    const failing = [outcomes.reference, outcomes.postgres].some((one) =>
      one?.kind === "failure" && isDataFailure(one.class)
    );
    const explained = isDataFailure(ours) && failing;
    return {
      peer,
      cause: `error: ${general(show(engine))}`,
      detail,
      ...(explained ? { explanation: "evaluation-order" } : {}),
    };
  }
  // We gave an answer: then another engine must have met the same error, or the query may skip expressions.
  const others = [outcomes.reference, outcomes.postgres].filter((one) => one !== theirs);
  const confirmed = canSkip(query) ||
    others.some((one) => one?.kind === "failure" && isDataFailure(one.class)) ||
    (peer === "reference" && others.every((one) => one === undefined || one.kind === "refused"));
  const skipped = other !== undefined && isDataFailure(other) && confirmed && (!strict || canSkip(query));
  return {
    peer,
    cause: `no error: ${other}: ${general(show(theirs))}`,
    detail,
    ...(skipped ? { explanation: "evaluation-order" } : {}),
  };
}

const SKIPPING: readonly string[] = [
  "case",
  "null",
  "and",
  "or",
  "call coalesce",
  "call nullif",
  "inList",
  "is",
];

/** Whether a query holds what need not be evaluated for every row, or folds to NULL. */
function canSkip(query: Query): boolean {
  const features = featuresOf(query);
  return SKIPPING.some((feature) => features.has(feature));
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}

/** A message without its values. */
function general(message: string): string {
  return firstLine(message).replace(/["'`].*?["'`]/g, "_").replace(/-?\d[\d.]*/g, "0").slice(0, 120);
}
