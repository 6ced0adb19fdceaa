/**
 * The edge example on this machine: `deno run -A --no-check examples/edge/main.ts [port]`.
 *
 * @module
 */
import process from "node:process";
import { startLocalWorker } from "./local_worker.ts";

const { url } = await startLocalWorker({ port: Number(process.argv[2] ?? 8787), folder: ".liveview_edge" });
console.log(`Databases are at ${url}/<name>/v1, as in

  curl ${url}/shop/v1/query --json '{"sql": "CREATE TABLE sale (region TEXT, price DECIMAL(15,2))", "write": true}'
  curl ${url}/shop/v1/query --json '{"sql": "INSERT INTO sale VALUES (\\'north\\', 9.5)", "write": true}'
  curl -N '${url}/shop/v1/live?sql=SELECT+region,+sum(price)+AS+revenue+FROM+sale+GROUP+BY+region'

Their snapshots are in the folder .liveview_edge; stop with Ctrl-C, start again, and the rows are there.`);
