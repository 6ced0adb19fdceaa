/**
 * What a refresh costs, learned from those that ran, and the choice that follows.
 *
 * | method | does | state |
 * |---|---|---|
 * | `incremental` | sends the changes through the operators | kept |
 * | `recompute` | runs the query on the tables, and writes what differs | given up |
 * | `rebuild` | starts the operators anew, and writes what differs | made |
 *
 * Milliseconds are learned per view: of `incremental` by the relation that changed most and the number of changed
 * rows, of the others by the rows of the sources. A {@linkcode CostCurve} has a smoothed point per size class and
 * goes straight between two of them. Beyond its points it is optimistic: what turns out dearer was tried once, and
 * an incremental run that has spent {@linkcode GIVE_UP} times a recomputation is given up. An estimate that keeps a
 * method from being tried fades, so that it is tried again.
 *
 * State that was given up has to be made again before changes can be applied. So it is given up, and made again, once
 * the refreshes have lost by having it, or by not having it, what that costs: the rule for renting skis, by which one
 * large change among small ones, and one slow run, do not take the state away. O(size classes).
 *
 * @module
 */

/** How a refresh brings a view up to date. */
export type RefreshMethod = "incremental" | "recompute" | "rebuild";

/** What a refresh is faced with. */
export interface RefreshWork {
  /** The table or view that changed most. */
  readonly relation: string;
  /** Changed rows of all sources. */
  readonly changedRows: number;
  /** Rows of all sources. */
  readonly sourceRows: number;
}

/** Milliseconds of each method. */
export type RefreshEstimates = Readonly<Record<RefreshMethod, number>>;

/** A choice, and why. */
export interface RefreshChoice {
  readonly method: RefreshMethod;
  /** Milliseconds that the changes are expected to cost. */
  readonly incrementalMs: number;
  /** Milliseconds of the cheapest way that reads all rows. */
  readonly fullMs: number;
}

/** What a view has. */
export interface RefreshState {
  /** The operators are there, and follow the version of the view. */
  readonly hasState: boolean;
  /** It can do without them for a while. */
  readonly mayDrop: boolean;
}

/** An incremental run that has cost this many recomputations is given up. */
export const GIVE_UP = 1.5;

/** Below this nothing is given up: clocks and pauses are not more exact. */
const GIVE_UP_MIN_MS = 10;
/** As above, where many runs have shown that changes of this size cost less than all rows: then it is a pause. */
const GIVE_UP_KNOWN_MS = 50;
/** What a choice against the incremental refresh must gain. */
const GAIN_MIN_MS = 0.5;
const GAIN_MIN = 1.1;

/** Of a new observation. */
const SMOOTHING = 0.4;
/** An observation counts at most as this many times what was expected: pauses are no cost of the view. */
const SPIKE = 2.5;
/** Observations after which a run that is given up may have been a pause. */
const WELL_KNOWN = 3;
/** What an estimate loses each time that it decides against a method: at least, and while it is young. */
const INCREMENTAL_FADING = { least: 0.04, first: 0.1 };
/** Less: to try it takes the state with it. */
const FULL_FADING = { least: 0.005, first: 0.05 };

/** Forced choices alike that are estimated once. */
const FORCED_COUNT = 16;

/** Before anything was observed. */
const INCREMENTAL_MS = 0.05;
const RECOMPUTE_MS = 0.2;
const REBUILD_MS = 0.3;
const REBUILD_MS_PER_ROW = 0.001;
/** Milliseconds against those of a rebuild: low, so that it is tried once where it may be worth it. */
const RECOMPUTE_SHARE = 0.2;
/** Lower, while changes are dear and it was not tried, but not beyond what is plausible. */
const SHARE_FADING = 0.97;
const SHARE_MIN = 0.05;
const INCREMENTAL_SHARE = 3;

interface CostPoint {
  rows: number;
  ms: number;
  observations: number;
}

/** Milliseconds by a number of rows: a smoothed point for every factor of four. */
export class CostCurve {
  readonly #fixedMs: number;
  readonly #points = new Map<number, CostPoint>();

  /** `fixedMs` is what no rows are expected to cost. */
  constructor(fixedMs: number) {
    this.#fixedMs = fixedMs;
  }

  /** Whether anything was observed. */
  get isEmpty(): boolean {
    return this.#points.size === 0;
  }

  /** Whether runs of this size have been seen so often that one more is no news. */
  isWellKnown(rows: number): boolean {
    return (this.#points.get(sizeClass(rows))?.observations ?? 0) >= WELL_KNOWN;
  }

  /** Milliseconds for `rows`; `msPerRow` is expected where nothing near was observed. */
  estimate(rows: number, msPerRow: number): number {
    let below: CostPoint | undefined;
    let above: CostPoint | undefined;
    for (const point of this.#points.values()) {
      if (point.rows <= rows) {
        if (below === undefined || point.rows > below.rows) below = point;
      } else if (above === undefined || point.rows < above.rows) above = point;
    }
    if (below !== undefined && above !== undefined) {
      return below.ms + (above.ms - below.ms) * (rows - below.rows) / (above.rows - below.rows);
    }
    if (below !== undefined) {
      return below.ms + (rows - below.rows) * Math.min(msPerRow, below.ms / Math.max(1, below.rows));
    }
    if (above !== undefined) return Math.min(above.ms, this.#fixedMs + above.ms * rows / above.rows);
    return this.#fixedMs + rows * msPerRow;
  }

  /** Milliseconds a row at the largest size observed; undefined before. */
  get msPerRow(): number | undefined {
    let last: CostPoint | undefined;
    for (const point of this.#points.values()) if (last === undefined || point.rows > last.rows) last = point;
    return last === undefined || last.rows === 0 ? undefined : last.ms / last.rows;
  }

  /** It took `ms` for `rows`; a clock that did not move tells nothing. */
  observe(rows: number, ms: number): void {
    if (ms <= 0) return;
    const point = this.#points.get(sizeClass(rows));
    if (point === undefined) {
      this.#points.set(sizeClass(rows), { rows, ms, observations: 1 });
      return;
    }
    point.rows += SMOOTHING * (rows - point.rows);
    point.ms += SMOOTHING * (Math.min(ms, SPIKE * point.ms) - point.ms);
    point.observations++;
  }

  /** It takes at least `ms` for `rows`; to what is known well this is one observation more. */
  raise(rows: number, ms: number): void {
    const point = this.#points.get(sizeClass(rows));
    if (point === undefined || !this.isWellKnown(rows)) {
      const { ms: known = 0, observations = 0 } = point ?? {};
      this.#points.set(sizeClass(rows), { rows, ms: Math.max(known, ms), observations: observations + 1 });
    } else if (ms > point.ms) this.observe(rows, ms);
  }

  /** The estimate for `rows` was not tested. */
  fade(rows: number, { least, first }: { readonly least: number; readonly first: number }): void {
    const point = this.#points.get(sizeClass(rows));
    if (point !== undefined) point.ms *= 1 - Math.max(least, first / point.observations);
  }
}

/** See the module header. */
export class RefreshCost {
  readonly #incremental = new Map<string, CostCurve>();
  readonly #recompute = new CostCurve(RECOMPUTE_MS);
  readonly #rebuild = new CostCurve(REBUILD_MS);
  /** Of a recomputation against a rebuild, until one was seen. */
  #recomputeShare = RECOMPUTE_SHARE;
  /** The last choice that was forced, for what, and how often it has been given since. */
  #forced:
    | { readonly choice: RefreshChoice; readonly work: RefreshWork; readonly mayDrop: boolean }
    | undefined;
  #forcedCount = 0;
  /** What the refreshes have lost by having state, or by having none: then infinite when that was no choice. */
  #regretMs = 0;

  /** Milliseconds of each method. */
  estimates({ relation, changedRows, sourceRows }: RefreshWork): RefreshEstimates {
    const msPerRow = this.#rebuild.msPerRow ?? REBUILD_MS_PER_ROW;
    const rebuild = this.#rebuild.estimate(sourceRows, msPerRow);
    const recompute = this.#recompute.isEmpty && !this.#rebuild.isEmpty
      ? rebuild * this.#recomputeShare
      : this.#recompute.estimate(sourceRows, msPerRow * this.#recomputeShare);
    const curve = this.#incremental.get(relation);
    const incremental = curve === undefined
      ? INCREMENTAL_MS + changedRows * msPerRow * INCREMENTAL_SHARE
      : curve.estimate(changedRows, msPerRow * INCREMENTAL_SHARE);
    return { incremental, recompute, rebuild };
  }

  /** The cheapest way, in the long run. */
  choose(work: RefreshWork, { hasState, mayDrop }: RefreshState): RefreshChoice {
    const { incremental, recompute, rebuild } = this.estimates(work);
    const fullMs = mayDrop ? Math.min(recompute, rebuild) : rebuild;
    const gain = incremental - fullMs;
    const isGain = gain > GAIN_MIN_MS && incremental > fullMs * GAIN_MIN;
    const choice = (method: RefreshMethod): RefreshChoice => ({ method, incrementalMs: incremental, fullMs });
    const switchMs = mayDrop ? Math.max(0, rebuild - recompute) : 0;
    this.#regretMs = Math.max(0, this.#regretMs + (hasState ? gain : -gain));
    if (hasState && (!isGain || this.#regretMs < switchMs)) {
      if (incremental > GAIN_MIN_MS) this.#fadeFull(work, mayDrop);
      return choice("incremental");
    }
    if (!hasState && this.#regretMs >= switchMs) return choice("rebuild");
    if (gain > 0) this.#incremental.get(work.relation)?.fade(work.changedRows, INCREMENTAL_FADING);
    else this.#rebuild.fade(work.sourceRows, FULL_FADING);
    if (hasState) this.#regretMs = 0;
    return choice(mayDrop ? "recompute" : "rebuild");
  }

  /** The estimates for a way that is given: for a few refreshes alike in a row those of the first one. */
  forced(method: RefreshMethod, work: RefreshWork, mayDrop: boolean): RefreshChoice {
    const last = this.#forced;
    if (
      last !== undefined && --this.#forcedCount > 0 && last.choice.method === method &&
      last.mayDrop === mayDrop &&
      isAlike(work, last.work)
    ) return last.choice;
    const { incremental, recompute, rebuild } = this.estimates(work);
    const fullMs = mayDrop ? Math.min(recompute, rebuild) : rebuild;
    const choice = { method, incrementalMs: incremental, fullMs };
    this.#forced = { choice, work, mayDrop };
    this.#forcedCount = FORCED_COUNT;
    return choice;
  }

  /** Whether starting anew is cheaper, by far, than changes that others wait for too. */
  prefersRebuild(work: RefreshWork): boolean {
    if (this.#rebuild.isEmpty || this.#incremental.get(work.relation) === undefined) return false;
    const { incremental, rebuild } = this.estimates(work);
    if (incremental < 2 * rebuild || incremental - rebuild < 10 * GAIN_MIN_MS) return false;
    this.#incremental.get(work.relation)?.fade(work.changedRows, INCREMENTAL_FADING);
    return true;
  }

  /** Milliseconds after which an incremental run is given up. */
  budgetMs({ fullMs }: RefreshChoice, { relation, changedRows }: RefreshWork): number {
    const isKnown = this.#incremental.get(relation)?.isWellKnown(changedRows) ?? false;
    return Math.max(isKnown ? GIVE_UP_KNOWN_MS : GIVE_UP_MIN_MS, fullMs * GIVE_UP);
  }

  /** A refresh took `ms`. */
  observe(method: RefreshMethod, work: RefreshWork, ms: number): void {
    switch (method) {
      case "incremental":
        return this.#curveOf(work).observe(work.changedRows, ms);
      case "recompute":
        return this.#recompute.observe(work.sourceRows, ms);
      case "rebuild":
        this.#regretMs = 0;
        return this.#rebuild.observe(work.sourceRows, ms);
    }
  }

  /** An incremental run was given up after `ms`, and its state with it. */
  gaveUp(work: RefreshWork, ms: number): void {
    this.#curveOf(work).raise(work.changedRows, ms);
    this.#regretMs = 0;
  }

  /** The state was lost, and is to be made again at once. */
  lost(): void {
    this.#regretMs = Infinity;
  }

  #fadeFull({ sourceRows }: RefreshWork, mayDrop: boolean): void {
    if (!mayDrop) this.#rebuild.fade(sourceRows, FULL_FADING);
    else if (this.#recompute.isEmpty) {
      this.#recomputeShare = Math.max(SHARE_MIN, this.#recomputeShare * SHARE_FADING);
    } else this.#recompute.fade(sourceRows, FULL_FADING);
  }

  #curveOf({ relation }: RefreshWork): CostCurve {
    let curve = this.#incremental.get(relation);
    if (curve === undefined) this.#incremental.set(relation, curve = new CostCurve(INCREMENTAL_MS));
    return curve;
  }
}

/** Whether there are as many changes, to about as many rows. */
function isAlike(a: RefreshWork, b: RefreshWork): boolean {
  return a.changedRows === b.changedRows && a.relation === b.relation &&
    Math.abs(a.sourceRows - b.sourceRows) * 64 <= b.sourceRows;
}

function sizeClass(rows: number): number {
  return Math.floor(Math.log2(rows + 1) / 2);
}
