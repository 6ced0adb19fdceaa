import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import {
  applyRowChange,
  compareValues,
  mergeRowChanges,
  rowKey,
} from "../../../connectors/charts/live_rows.ts";

const ORDER = { orderBy: [{ column: "t" }] };

describe("applyRowChange()", () => {
  it("puts rows where their order wants them", () => {
    const rows = [{ t: 1, v: 1 }, { t: 3, v: 3 }];
    const change = { inserted: [{ t: 2, v: 2 }, { t: 0, v: 0 }], deleted: [{ t: 3, v: 3 }] };
    assertEquals(applyRowChange(rows, change, ORDER).map(({ v }) => v), [0, 1, 2]);
  });

  it("takes one of equal rows away for each deleted one", () => {
    const rows = [{ t: 1 }, { t: 1 }, { t: 1 }];
    assertEquals(applyRowChange(rows, { inserted: [], deleted: [{ t: 1 }, { t: 1 }] }).length, 1);
  });

  it("finds rows by objects, dates and missing values", () => {
    const rows = () => [{ k: { lo: 1 }, t: new Date(0) }, { k: null, t: null }, { k: { lo: 2 }, t: null }];
    const [first, second] = rows();
    assertEquals(applyRowChange(rows(), { inserted: [], deleted: [first!, second!] }).length, 1);
  });

  it("replaces everything by a snapshot", () => {
    const change = { snapshot: true, inserted: [{ t: 2 }, { t: 1 }], deleted: [] };
    assertEquals(applyRowChange([{ t: 9 }], change, ORDER), [{ t: 1 }, { t: 2 }]);
  });

  it("sorts downwards where it is told", () => {
    const change = { inserted: [{ t: 2 }], deleted: [] };
    assertEquals(
      applyRowChange([{ t: 3 }, { t: 1 }], change, { orderBy: [{ column: "t", descending: true }] }),
      [
        { t: 3 },
        { t: 2 },
        { t: 1 },
      ],
    );
  });
});

describe("applyRowChange() without an order", () => {
  it("leaves a row in its place when its other values change", () => {
    const rows = [{ k: "a", v: 1 }, { k: "b", v: 2 }, { k: "c", v: 3 }];
    const change = {
      inserted: [{ k: "d", v: 4 }, { k: "b", v: 9 }],
      deleted: [{ k: "b", v: 2 }, { k: "c", v: 3 }],
    };
    assertEquals(applyRowChange(rows, change, { key: ["k"] }), [
      { k: "a", v: 1 },
      { k: "b", v: 9 },
      { k: "d", v: 4 },
    ]);
  });

  it("appends without a key", () => {
    assertEquals(applyRowChange([{ k: 1 }, { k: 2 }], { inserted: [{ k: 3 }], deleted: [{ k: 1 }] }), [
      { k: 2 },
      { k: 3 },
    ]);
  });
});

describe("mergeRowChanges()", () => {
  it("leaves out rows that came and went, whatever the order", () => {
    const merged = mergeRowChanges([
      { inserted: [{ t: 1 }, { t: 2 }, { t: 2 }], deleted: [{ t: 9 }] },
      { inserted: [{ t: 9 }], deleted: [{ t: 1 }, { t: 2 }, { t: 7 }] },
    ]);
    assertEquals(merged, { snapshot: false, inserted: [{ t: 2 }], deleted: [{ t: 7 }] });
  });

  it("begins with the last contents", () => {
    const merged = mergeRowChanges([
      { inserted: [], deleted: [{ t: 5 }] },
      { snapshot: true, inserted: [{ t: 1 }, { t: 2 }], deleted: [] },
      { inserted: [{ t: 3 }], deleted: [{ t: 1 }] },
    ]);
    assertEquals(merged, { snapshot: true, inserted: [{ t: 2 }, { t: 3 }], deleted: [] });
    assertEquals(mergeRowChanges([]), { snapshot: false, inserted: [], deleted: [] });
  });
});

describe("rowKey()", () => {
  it("does not depend on the order of columns", () => {
    assertEquals(rowKey({ a: 1, b: undefined }), rowKey({ b: null, a: 1 }));
  });
});

describe("compareValues()", () => {
  it("sorts as the engine does", () => {
    const values = [null, NaN, 2, "Infinity", 1, "9007199254740993", -1];
    assertEquals([...values].sort(compareValues), [-1, 1, 2, "9007199254740993", "Infinity", NaN, null]);
  });

  it("sorts texts by code points", () => {
    assertEquals(["\u{1F600}", "\uFF5E", "a"].sort(compareValues), ["a", "\uFF5E", "\u{1F600}"]);
  });
});
