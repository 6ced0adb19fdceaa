/**
 * A metric of one's own: the net promoter score, as an aggregate of SQL.
 *
 * Answers to "how likely is it that you recommend us" go from 0 to 10. Who says 9 or 10 promotes, who says 6 or less
 * detracts; the score is the share of the first less that of the second, in percent. With `remove` a maintained view
 * follows a change in O(1), with `merge` partial scores can be put together.
 *
 * @module
 */
import { type AggregateDefinition, aggregates, definePlugin, type Plugin, QueryError } from "../../mod.ts";

/** What a group has to remember. */
interface ScoreState {
  promoters: number;
  detractors: number;
  count: number;
}

const MAX = 10;
const PROMOTER = 9;
const DETRACTOR = 6;

/** `nps(score)`: from -100 to 100; NULL for no answers. */
export const netPromoterScore: AggregateDefinition<ScoreState> = {
  name: "nps",
  signatures: [{ parameters: ["integer"], returns: { kind: "double" } }],
  init: () => ({ promoters: 0, detractors: 0, count: 0 }),
  add: (state, [score]) => count(state, score, 1),
  remove: (state, [score]) => count(state, score, -1),
  merge: (state, other) => {
    state.promoters += other.promoters;
    state.detractors += other.detractors;
    state.count += other.count;
  },
  value: ({ promoters, detractors, count }) => count === 0 ? null : 100 * (promoters - detractors) / count,
};

function count(state: ScoreState, value: unknown, weight: 1 | -1): void {
  if (value === null || value === undefined) return;
  const score = Number(value);
  if (score < 0 || score > MAX) {
    throw new QueryError("invalid-value", `nps takes scores from 0 to ${MAX}: received ${score}`, {
      details: { score },
      hint: "filter other answers out before",
    });
  }
  state.count += weight;
  if (score >= PROMOTER) state.promoters += weight;
  if (score <= DETRACTOR) state.detractors += weight;
}

/** The plugin that brings it. */
export function netPromoterScores(): Plugin<"netPromoterScores", Record<never, never>> {
  return definePlugin({
    name: "netPromoterScores",
    setup: () => ({ api: {}, provides: [aggregates.of(netPromoterScore)] }),
  });
}
