/**
 * Where peers differ on purpose, each with its reason. A difference that no entry matches is a bug.
 *
 * @module
 */
import type { Outcome, PeerName } from "./query_peer.ts";

/** What a rule may look at. */
export interface ObservedDifference {
  readonly peer: Exclude<PeerName, "engine">;
  readonly features: ReadonlySet<string>;
  readonly sql: string;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** A known difference. */
export interface DialectDifference {
  readonly id: string;
  readonly peer: ObservedDifference["peer"];
  readonly reason: string;
  readonly matches: (difference: ObservedDifference) => boolean;
}

function failed(outcome: Outcome, pattern: RegExp): boolean {
  return outcome.kind === "failure" && pattern.test(outcome.message);
}

/** All of them. */
export const DIALECT_DIFFERENCES: readonly DialectDifference[] = [
  {
    id: "postgres-stricter-types",
    peer: "postgres",
    reason:
      "PostgreSQL rejects the statement for its types or its form; we accept more, such as QUALIFY and casts",
    matches: ({ ours, theirs }) =>
      ours.kind === "rows" && theirs.kind === "failure" && theirs.class === "statement",
  },
];

/** The entry that explains a difference. */
export function explain(difference: ObservedDifference): DialectDifference | undefined {
  return DIALECT_DIFFERENCES.find((entry) => entry.peer === difference.peer && entry.matches(difference));
}

/** Whether an outcome is a failure whose message matches. */
export { failed };
