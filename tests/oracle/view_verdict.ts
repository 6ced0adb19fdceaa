/**
 * What a case of the view fuzzer gives, and how it ends early.
 *
 * @module
 */
import { isDataFailure, type Outcome } from "./query_peer.ts";

/** What a case gave. */
export type ViewVerdict =
  | {
    readonly kind: "agreed";
    readonly mode: string;
    readonly commitCount: number;
    /** Names of the operators that followed changes, and the decisions of refreshes. */
    readonly exercised: ReadonlySet<string>;
  }
  /** No verdict, for the query fails on the data, or one of two equal values may stand for both. */
  | { readonly kind: "skipped"; readonly reason: string }
  /** `cause`: what two cases with the same bug have in common. */
  | { readonly kind: "broken"; readonly cause: string; readonly detail: string };

/** Ends a case early. */
export class Verdict extends Error {
  readonly verdict: ViewVerdict;

  constructor(verdict: ViewVerdict) {
    super(verdict.kind);
    this.verdict = verdict;
  }
}

/** A view that cannot be made or followed: a failure on the data gives no verdict where parts may be skipped. */
export function refusal(
  what: string,
  failure: Extract<Outcome, { kind: "failure" }>,
): ViewVerdict {
  if (isDataFailure(failure.class) || failure.class === "limit") {
    return { kind: "skipped", reason: `${what}: ${general(failure.message)}` };
  }
  return { kind: "broken", cause: `${what}: ${general(failure.message)}`, detail: failure.message };
}

/** A message without its values. */
export function general(message: string): string {
  return message.split("\n")[0]!.replace(/["'`].*?["'`]/g, "_").replace(/-?\d[\d.]*/g, "0").slice(0, 120);
}
