import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createDatabase, type LineageEdge, materializedViews, SchemaError } from "../../../mod.ts";

function texts(edges: readonly LineageEdge[]): string[] {
  return edges.map(({ source, reader }) => `${source} > ${reader}`).sort();
}

describe("lineage()", () => {
  it("follows plain and materialized views both ways, at any depth", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec(`
      CREATE TABLE orders (id INTEGER, customer INTEGER); CREATE TABLE customer (id INTEGER);
      CREATE VIEW named AS SELECT o.id FROM orders o JOIN customer c ON c.id = o.customer;
      CREATE MATERIALIZED VIEW daily AS SELECT count(*) AS n FROM named;
      CREATE MATERIALIZED VIEW weekly AS SELECT n FROM daily`);
    const { name, upstream, downstream } = db.lineage("daily");
    assertEquals(name, "daily");
    assertEquals(texts(upstream), [
      "customer > daily",
      "customer > named",
      "named > daily",
      "orders > daily",
      "orders > named",
    ]);
    assertEquals(texts(downstream), ["daily > weekly"]);
    assertEquals(db.lineage("orders").upstream, []);
    assertEquals(texts(db.lineage("orders").downstream), [
      "daily > weekly",
      "named > daily",
      "orders > daily",
      "orders > named",
    ]);
  });

  it("names what is not there", async () => {
    await using db = createDatabase();
    assertThrows(() => db.lineage("nothing"), SchemaError, "nothing");
  });
});
