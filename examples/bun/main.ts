/**
 * A live database on Bun, with WebSockets: `bun install && bun examples/bun/main.ts`. `PORT` sets the port.
 *
 * Bun serves what a module exports as default: a handler of requests and one of sockets.
 *
 * @module
 */
import process from "node:process";
import { liveviewApp } from "../../connectors/hono/app.ts";
import { bunServer, bunSockets } from "../../connectors/hono/runtime/bun.ts";
import { createDatabase, materializedViews } from "../../mod.ts";

const db = createDatabase({ plugins: [materializedViews()] });
await db.exec(`
  CREATE TABLE vote (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, choice TEXT NOT NULL);
  CREATE MATERIALIZED VIEW result AS SELECT choice, count(*) AS votes FROM vote GROUP BY choice;
`);

const server = bunServer(liveviewApp(db, { sockets: bunSockets, anonymous: "write" }));

export default { ...server, port: Number(process.env.PORT ?? 8000) };
