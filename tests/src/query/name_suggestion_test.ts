import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { editDistance, nearestName, suggestion } from "../../../src/query/name_suggestion.ts";

describe("editDistance()", () => {
  it("counts a swap of neighbours as one edit", () => {
    assertEquals(editDistance("form", "from"), 1);
    assertEquals(editDistance("", "abc"), 3);
    assertEquals(editDistance("kitten", "sitting"), 3);
  });
});

describe("nearestName()", () => {
  it("finds a near name whatever its case", () => {
    assertEquals(nearestName("custmers", ["orders", "Customers"]), "Customers");
  });

  it("finds a name without its prefix", () => {
    assertEquals(nearestName("orderkey", ["l_orderkey", "l_partkey"]), "l_orderkey");
  });

  it("finds nothing far away", () => {
    assertEquals(nearestName("zebra", ["orders", "customers"]), undefined);
    assertEquals(suggestion("zebra", []), undefined);
  });
});
