import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { ZSet } from "../../../src/circuit/zset.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";

describe("ZSet", () => {
  it("has rows whose weights do not cancel out, and none of weight 0", () => {
    const set = new ZSet([INTEGER]);
    set.add([1], 2);
    set.add([2], 0);
    set.addAll([{ row: [1], weight: 1 }, { row: [3], weight: 1 }], -1);
    set.add([3], 1);
    assertEquals([...set], [{ row: [1], weight: 1 }]);
  });
});
