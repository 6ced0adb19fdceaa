import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  CostCurve,
  RefreshCost,
  type RefreshWork,
} from "../../../plugins/materialized_views/refresh_cost.ts";

const MS_PER_ROW = 0.001;
const FADING = { least: 0.02, first: 0.1 };

function work(changedRows: number, sourceRows = 100_000, relation = "t"): RefreshWork {
  return { relation, changedRows, sourceRows };
}

/** Costs of a view over 100,000 rows: 50 ms to recompute, 100 to rebuild. */
function learned(): RefreshCost {
  const cost = new RefreshCost();
  cost.observe("rebuild", work(0), 100);
  cost.observe("recompute", work(0), 50);
  return cost;
}

const STATE = { hasState: true, mayDrop: true };
const NO_STATE = { hasState: false, mayDrop: true };

describe("CostCurve", () => {
  it("expects a fixed cost and a cost a row before anything was observed", () => {
    const curve = new CostCurve(0.5);
    assertEquals(curve.isEmpty, true);
    assertEquals(curve.msPerRow, undefined);
    assertEquals(curve.estimate(1_000, MS_PER_ROW), 1.5);
  });

  it("goes straight between two sizes", () => {
    const curve = new CostCurve(0);
    curve.observe(100, 1);
    curve.observe(10_000, 100);
    assertEquals(curve.estimate(5_050, MS_PER_ROW), 50.5);
    assertEquals(curve.msPerRow, 0.01);
  });

  it("is optimistic beyond the sizes that it knows", () => {
    const curve = new CostCurve(0.25);
    curve.observe(10, 1);
    assertEquals(curve.estimate(1_010, MS_PER_ROW), 2);
    assertEquals(curve.estimate(5, MS_PER_ROW), 0.75);
  });

  it("smooths, and takes a pause for a fraction of its length", () => {
    const curve = new CostCurve(0);
    curve.observe(100, 10);
    curve.observe(100, 20);
    assertEquals(curve.estimate(100, MS_PER_ROW), 14);
    curve.observe(100, 10_000);
    assert(curve.estimate(100, MS_PER_ROW) < 40);
  });

  it("learns nothing from a clock that stands still", () => {
    const curve = new CostCurve(0);
    curve.observe(100, 0);
    assertEquals(curve.isEmpty, true);
  });

  it("raises to what a run took at least, and fades when it is not tested", () => {
    const curve = new CostCurve(0);
    curve.fade(100, FADING);
    curve.raise(100, 10);
    curve.raise(100, 5);
    assertEquals(curve.estimate(100, MS_PER_ROW), 10);
    curve.fade(100, FADING);
    assertEquals(curve.estimate(100, MS_PER_ROW), 9.5);
    for (let i = 0; i < 100; i++) curve.observe(100, 10);
    curve.fade(100, FADING);
    assert(Math.abs(curve.estimate(100, MS_PER_ROW) - 9.8) < 1e-9);
  });
});

describe("CostCurve.raise()", () => {
  it("takes one run that was given up among many others for a pause", () => {
    const curve = new CostCurve(0);
    for (let i = 0; i < 3; i++) curve.observe(100, 1);
    curve.raise(100, 50);
    assert(curve.estimate(100, MS_PER_ROW) < 3);
    curve.raise(100, 0.5);
    for (let i = 0; i < 10; i++) curve.raise(100, 50);
    assert(curve.estimate(100, MS_PER_ROW) > 25);
  });
});

describe("RefreshCost", () => {
  it("prefers the changes when nothing is known", () => {
    assertEquals(new RefreshCost().choose(work(10), STATE).method, "incremental");
  });

  it("makes state again at once that was lost by an error", () => {
    const cost = new RefreshCost();
    cost.lost();
    assertEquals(cost.choose(work(10), NO_STATE).method, "rebuild");
  });

  it("takes a recomputation for a fifth of a rebuild until one was seen", () => {
    const cost = new RefreshCost();
    cost.observe("rebuild", work(0), 100);
    assertEquals(cost.estimates(work(1)).recompute, 20);
    cost.observe("recompute", work(0), 30);
    assertEquals(cost.estimates(work(1)).recompute, 30);
  });

  it("recomputes what has turned out to cost more by its changes", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 200);
    const { method, incrementalMs, fullMs } = cost.choose(work(50_000), STATE);
    assertEquals([method, incrementalMs, fullMs], ["recompute", 200, 50]);
    assertEquals(cost.choose(work(50), STATE).method, "incremental");
  });

  it("knows the cost of changes by relation", () => {
    const cost = learned();
    cost.observe("incremental", work(100, 100_000, "customer"), 200);
    assertEquals(cost.choose(work(100, 100_000, "customer"), STATE).method, "recompute");
    assertEquals(cost.choose(work(100, 100_000, "orders"), STATE).method, "incremental");
  });

  it("does not leave the changes for a gain that is noise", () => {
    const cost = new RefreshCost();
    cost.observe("rebuild", work(0, 100), 0.4);
    cost.observe("incremental", work(10, 100), 0.5);
    assertEquals(cost.choose(work(10, 100), STATE).method, "incremental");
  });

  it("keeps state that is worth more than one refresh loses by it", () => {
    const cost = learned();
    cost.observe("incremental", work(1_000), 80);
    // Each loses 30 ms, of 50 that it costs to make it again.
    const methods = [cost.choose(work(1_000), STATE).method, cost.choose(work(1_000), STATE).method];
    assertEquals(methods, ["incremental", "recompute"]);
  });

  it("makes state again once its lack has cost what making it costs", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 200);
    cost.observe("incremental", work(100), 10);
    assertEquals(cost.choose(work(50_000), STATE).method, "recompute");
    // Each of these loses 40 ms; a rebuild costs 50 more than a recomputation.
    assertEquals(cost.choose(work(100), NO_STATE).method, "recompute");
    assertEquals(cost.choose(work(100), NO_STATE).method, "rebuild");
  });

  it("does not make state again while only large changes come", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 200);
    assertEquals(cost.choose(work(50_000), STATE).method, "recompute");
    for (let i = 0; i < 8; i++) assertEquals(cost.choose(work(50_000), NO_STATE).method, "recompute");
  });

  it("tries again what it has avoided for long", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 200);
    let refreshes = 0;
    while (cost.choose(work(50_000), STATE).method !== "incremental" && refreshes < 1_000) refreshes++;
    assert(refreshes > 5 && refreshes < 100, `${refreshes}`);
  });

  it("tries all rows again when changes have been dear for long", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 40);
    let refreshes = 0;
    while (cost.choose(work(50_000), STATE).method === "incremental" && refreshes < 1_000) refreshes++;
    assert(refreshes > 5 && refreshes < 100, `${refreshes}`);
  });

  it("rebuilds what cannot be without state", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 500);
    const choice = cost.choose(work(50_000), { hasState: true, mayDrop: false });
    assertEquals([choice.method, choice.fullMs], ["rebuild", 100]);
  });

  it("tries a rebuild again where nothing else reads all rows", () => {
    const cost = learned();
    cost.observe("incremental", work(50_000), 80);
    let refreshes = 0;
    const state = { hasState: true, mayDrop: false };
    while (cost.choose(work(50_000), state).method === "incremental" && refreshes < 1_000) refreshes++;
    assert(refreshes > 3 && refreshes < 100, `${refreshes}`);
  });

  it("gives up after one and a half recomputations, and remembers it", () => {
    const cost = learned();
    assertEquals(cost.budgetMs(cost.choose(work(1_000), STATE), work(1_000)), 75);
    cost.gaveUp(work(1_000), 76);
    assertEquals(cost.estimates(work(1_000)).incremental, 76);
    assertEquals(cost.choose(work(1_000), NO_STATE).method, "recompute");
  });

  it("gives nothing up before the clock can tell", () => {
    const cost = new RefreshCost();
    assertEquals(cost.budgetMs(cost.forced("incremental", work(1, 1), true), work(1, 1)), 10);
    assertEquals(cost.forced("rebuild", work(1, 1), false).fullMs, cost.estimates(work(1, 1)).rebuild);
  });

  it("takes what is far from its many runs for a pause", () => {
    const cost = new RefreshCost();
    for (let i = 0; i < 3; i++) cost.observe("incremental", work(10, 100), 0.1);
    assertEquals(cost.budgetMs(cost.choose(work(10, 100), STATE), work(10, 100)), 50);
  });

  it("tries to recompute once where changes stay dear", () => {
    const cost = new RefreshCost();
    cost.observe("rebuild", work(0), 100);
    cost.observe("incremental", work(1_000), 10);
    let refreshes = 0;
    while (cost.choose(work(1_000), STATE).method === "incremental" && refreshes < 1_000) refreshes++;
    assert(refreshes > 5 && refreshes < 100, `${refreshes}`);
  });

  it("starts operators anew, that others wait for, when that is cheaper by far", () => {
    const cost = learned();
    assertEquals(cost.prefersRebuild(work(50_000)), false);
    cost.observe("incremental", work(50_000), 150);
    assertEquals(cost.prefersRebuild(work(50_000)), false);
    for (let i = 0; i < 5; i++) cost.observe("incremental", work(50_000), 600);
    assertEquals(cost.prefersRebuild(work(50_000)), true);
  });
});
