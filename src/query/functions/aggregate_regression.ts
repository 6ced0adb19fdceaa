/**
 * Correlation, covariance and linear regression of pairs of doubles.
 *
 * All come from exact moments, so they are independent of the order of rows and can be maintained.
 *
 * @module
 */
import { BIGINT, type Datum, DOUBLE, type SqlType } from "../../storage/sql_type.ts";
import type { AggregateDefinition } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { DoubleMoments } from "./aggregate_state.ts";
import { numberToDouble } from "./compare.ts";
import { argumentType } from "./datum.ts";

interface Pairs {
  readonly typeY: SqlType;
  readonly typeX: SqlType;
  readonly moments: DoubleMoments;
}

/** `f(y, x)`: rows with a NULL in either do not count; NULL for fewer than `least` rows. */
function pairs(
  name: string,
  least: number,
  value: (moments: DoubleMoments) => number | null,
): AggregateDefinition {
  const change = (state: Pairs, args: readonly Datum[], sign: 1 | -1): void => {
    const [y = null, x = null] = args;
    if (y === null || x === null) return;
    state.moments.change(numberToDouble(x, state.typeX), numberToDouble(y, state.typeY), sign);
  };
  return aggregate<Pairs>({
    name,
    signatures: [{ parameters: ["number", "number"], returns: name === "regr_count" ? BIGINT : DOUBLE }],
    init: (context) => ({
      typeY: argumentType(context, 0),
      typeX: argumentType(context, 1),
      moments: new DoubleMoments(),
    }),
    add: (state, args) => change(state, args, 1),
    remove: (state, args) => change(state, args, -1),
    merge: (state, other) => state.moments.merge(other.moments),
    value: (state) => state.moments.count < least ? null : value(state.moments),
  });
}

function correlation(moments: DoubleMoments): number | null {
  const sxx = moments.sxx();
  const syy = moments.syy();
  if (sxx === 0 || syy === 0) return null;
  const product = sxx * syy;
  const root = product > 0 && Number.isFinite(product) ? Math.sqrt(product) : Math.sqrt(sxx) * Math.sqrt(syy);
  return Math.max(-1, Math.min(moments.sxy() / root, 1));
}

function slope(moments: DoubleMoments): number | null {
  const sxx = moments.sxx();
  return sxx === 0 ? null : moments.sxy() / sxx;
}

function intercept(moments: DoubleMoments): number | null {
  const sxx = moments.sxx();
  if (sxx === 0) return null;
  return moments.averageY() - moments.averageX() * moments.sxy() / sxx;
}

function determination(moments: DoubleMoments): number | null {
  const sxx = moments.sxx();
  const syy = moments.syy();
  if (sxx === 0) return null;
  if (syy === 0) return 1;
  const sxy = moments.sxy();
  return (sxy * sxy) / (sxx * syy);
}

/** Aggregates over pairs, first y, then x. */
export const REGRESSION_AGGREGATES: readonly AggregateDefinition[] = [
  pairs("corr", 1, correlation),
  pairs("covar_pop", 1, (moments) => moments.sxy(moments.count)),
  pairs("covar_samp", 2, (moments) => moments.sxy(moments.count - 1)),
  pairs("regr_count", 0, (moments) => moments.count),
  pairs("regr_avgx", 1, (moments) => moments.averageX()),
  pairs("regr_avgy", 1, (moments) => moments.averageY()),
  pairs("regr_sxx", 1, (moments) => moments.sxx()),
  pairs("regr_syy", 1, (moments) => moments.syy()),
  pairs("regr_sxy", 1, (moments) => moments.sxy()),
  pairs("regr_slope", 1, slope),
  pairs("regr_intercept", 1, intercept),
  pairs("regr_r2", 1, determination),
];
