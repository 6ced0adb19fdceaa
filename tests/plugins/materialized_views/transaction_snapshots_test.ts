import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase, materializedViews } from "../../../mod.ts";

const VIEWS = `
  CREATE MATERIALIZED VIEW daily AS SELECT k, sum(v) AS s FROM t GROUP BY k;
  CREATE MATERIALIZED VIEW part WITH (refresh = 'manual') AS SELECT id, k FROM t WHERE v = 1;
  CREATE MATERIALIZED VIEW recomputed WITH (refresh = 'manual') AS SELECT random() AS r FROM t`;

describe("views", () => {
  it("leave no snapshot open, which would make later writes copy what they touch", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER)");
    await db.insert("t", Array.from({ length: 1000 }, (_, id) => ({ id, k: id % 7, v: id % 3 })));
    const before = db.memory().tables.find(({ name }) => name === "t")!.bytes;
    await db.exec(VIEWS);
    for (const name of ["daily", "part", "recomputed"]) {
      await db.plugins.materializedViews.refresh(name, { full: true });
    }
    await db.update("t", Array.from({ length: 1000 }, (_, id) => ({ id, k: (id + 1) % 7, v: (id + 1) % 3 })));
    assertEquals(db.memory().tables.find(({ name }) => name === "t")!.bytes, before);
  });
});
