/**
 * The HTTP adapter under load: cached tiles at a fixed rate, and NDJSON ingest.
 *
 * The server is a process of its own, so that its processor time can be told; the load comes at fixed times,
 * whether or not earlier requests were answered, so that waiting counts. In process the same requests show what the
 * handler alone costs.
 *
 * ```
 * deno task bench:http [--seconds 10] [--rate 2000] [--rows 1000000]
 * ```
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { liveviewApp } from "../connectors/hono/app.ts";
import { createDatabase, materializedViews, systemClock } from "../mod.ts";
import { option } from "./measurement.ts";

/** One line of the table. */
export interface HttpFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** How much is done. */
export interface HttpLoad {
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly rows: number;
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

const TILES = Array.from({ length: 20 }, (_, i) =>
  `/v1/query?sql=${
    encodeURIComponent(
      `SELECT day, region, sum(amount) AS total, count(*) AS sales FROM sale WHERE store % 20 = ${i}
       GROUP BY day, region ORDER BY day, region LIMIT 100`,
    )
  }`);

/** Connections that share the load. */
const CONNECTIONS = 32;
const ROWS_PER_CHUNK = 500;

/** The app that is measured: 100,000 sales, a view over them, an empty table to ingest into. */
export async function benchApp(saleCount = 100_000) {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`
    CREATE TABLE sale (id INTEGER PRIMARY KEY, day DATE, region TEXT, store INTEGER, amount DECIMAL(10,2));
    CREATE TABLE event (id BIGINT, at TIMESTAMP, kind TEXT, region TEXT, value DOUBLE, price DECIMAL(10,2));
  `);
  const index = Array.from({ length: saleCount }, (_, i) => i);
  await db.insert("sale", {
    id: index,
    day: index.map((i) =>
      `2024-${String(1 + i % 12).padStart(2, "0")}-${String(1 + i % 28).padStart(2, "0")}`
    ),
    region: index.map((i) => `region ${i % 7}`),
    store: index.map((i) => i % 200),
    amount: index.map((i) => (i % 9999) / 100),
  });
  return liveviewApp(db, { anonymous: "admin" });
}

/** NDJSON rows in chunks, made while they are sent. */
function eventStream(rows: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const chunk = (from: number, count: number) => {
    let text = "";
    for (let i = from; i < from + count; i++) {
      text +=
        `{"id":${i},"at":"2024-05-01T12:00:${String(i % 60).padStart(2, "0")}.000Z","kind":"kind ${
          i % 12
        }",` +
        `"region":"region ${i % 7}","value":${i / 8},"price":${(i % 9999) / 100}}\n`;
    }
    return encoder.encode(text);
  };
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= rows) return controller.close();
      const count = Math.min(ROWS_PER_CHUNK, rows - sent);
      controller.enqueue(chunk(sent, count));
      sent += count;
    },
  });
}

/** Sends `rows` rows; gives seconds. */
async function ingest(send: Send, rows: number): Promise<number> {
  const start = systemClock.monotonic();
  const answer = await send("/v1/ingest/event", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: eventStream(rows),
    duplex: "half",
  } as RequestInit);
  const report = await answer.json();
  if (report.rows !== rows) throw new RangeError(`${report.rows} of ${rows} rows: ${JSON.stringify(report)}`);
  return (systemClock.monotonic() - start) / 1000;
}

/** Tiles and ingest without a network. */
export async function inProcess(load: HttpLoad): Promise<HttpFigure[]> {
  const app = await benchApp();
  const send: Send = async (path, init) => await app.fetch(new Request(`http://localhost${path}`, init));
  const tags = await Promise.all(TILES.map(async (tile) => (await send(tile)).headers.get("etag") ?? ""));
  const requests = Math.max(TILES.length, Math.round(load.ratePerSecond * load.seconds / 2));
  const perSecond = async (status: number, headers: (i: number) => HeadersInit): Promise<number> => {
    const start = systemClock.monotonic();
    for (let i = 0; i < requests; i++) {
      const answer = await send(TILES[i % TILES.length]!, { headers: headers(i % TILES.length) });
      await answer.arrayBuffer();
      if (answer.status !== status) throw new RangeError(`status ${answer.status}`);
    }
    return requests / (systemClock.monotonic() - start) * 1000;
  };
  await perSecond(200, () => ({}));
  const cached = await perSecond(200, () => ({}));
  const unchanged = await perSecond(304, (i) => ({ "if-none-match": tags[i]! }));
  await ingest(send, Math.min(load.rows, 20_000));
  const seconds = await ingest(send, load.rows);
  return [
    { name: "in process: cached tiles", value: cached, unit: "requests/s" },
    { name: "in process: unchanged tiles (304)", value: unchanged, unit: "requests/s" },
    { name: "in process: NDJSON ingest", value: load.rows / seconds, unit: "rows/s" },
  ];
}

/** Serves until the parent ends. */
async function serve(): Promise<void> {
  const app = await benchApp();
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`port ${port}`) },
    (request, info) => request.url.endsWith("/cpu") ? Response.json(cpuSeconds()) : app.fetch(request, info),
  );
}

/** Tiles at a fixed rate and ingest, to a server in a process of its own. */
export async function overHttp(load: HttpLoad): Promise<HttpFigure[]> {
  const child = spawn(Deno.execPath(), [
    "run",
    "-A",
    "--no-check",
    new URL(import.meta.url).pathname,
    "--serve",
  ], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.on("data", (data) => {
        const found = /port (\d+)/.exec(String(data));
        if (found !== null) resolve(found[1]!);
      });
      child.on("exit", (code) => reject(new RangeError(`server ended with ${code}`)));
    });
    const send: Send = (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
    return [...await tilesAtRate(send, Number(port), load), ...await ingestOverHttp(send, load)];
  } finally {
    child.kill();
  }
}

async function cpuSeconds(send: Send): Promise<number> {
  return await (await send("/cpu")).json();
}

/** One connection that is kept open: a client that costs as little as possible beside the server. */
class KeptConnection {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(1 << 16);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<KeptConnection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return new KeptConnection(connection);
  }

  /** Waits for the whole answer, which must be 200 with a length. */
  async get(path: string): Promise<void> {
    await this.#connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
    let missing = Infinity;
    let head = "";
    while (missing > 0) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) throw new RangeError("the server closed the connection");
      if (missing !== Infinity) {
        missing -= count;
        continue;
      }
      head += new TextDecoder("latin1").decode(this.#buffer.subarray(0, count));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      if (!head.startsWith("HTTP/1.1 200") || length === undefined) throw new RangeError(head.slice(0, 200));
      missing = Number(length) - (head.length - end - 4);
    }
  }

  close(): void {
    this.#connection.close();
  }
}

async function tilesAtRate(
  send: Send,
  port: number,
  { seconds, ratePerSecond }: HttpLoad,
): Promise<HttpFigure[]> {
  for (const tile of TILES) await (await send(tile)).arrayBuffer();
  await fixedRate(port, ratePerSecond / 2, Math.min(1, seconds));
  const cpu = await cpuSeconds(send);
  const { latenciesMs, elapsedS } = await fixedRate(port, ratePerSecond, seconds);
  const used = await cpuSeconds(send) - cpu;
  const rank = (share: number) =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(share * latenciesMs.length))]!;
  return [
    { name: "cached tiles, answered", value: latenciesMs.length / elapsedS, unit: "requests/s" },
    { name: "cached tiles, p50", value: rank(0.5), unit: "ms" },
    { name: "cached tiles, p99", value: rank(0.99), unit: "ms" },
    { name: "cached tiles, max", value: rank(1), unit: "ms" },
    { name: "cached tiles, server processor", value: used / elapsedS * 100, unit: "% of a core" },
  ];
}

/** Requests at fixed times; latencies count from when each was due. */
async function fixedRate(port: number, ratePerSecond: number, seconds: number) {
  const count = Math.max(1, Math.round(ratePerSecond * seconds));
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => KeptConnection.open(port)));
  const latenciesMs: number[] = [];
  const start = systemClock.monotonic();
  let next = 0;
  await Promise.all(connections.map(async (connection) => {
    for (let i = next++; i < count; i = next++) {
      const due = start + i * 1000 / ratePerSecond;
      const wait = due - systemClock.monotonic();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await connection.get(TILES[i % TILES.length]!);
      latenciesMs.push(systemClock.monotonic() - due);
    }
    connection.close();
  }));
  latenciesMs.sort((a, b) => a - b);
  return { latenciesMs, elapsedS: (systemClock.monotonic() - start) / 1000 };
}

async function ingestOverHttp(send: Send, { rows }: HttpLoad): Promise<HttpFigure[]> {
  await ingest(send, Math.min(rows, 20_000));
  const cpu = await cpuSeconds(send);
  const seconds = await ingest(send, rows);
  const used = await cpuSeconds(send) - cpu;
  return [
    { name: "NDJSON ingest", value: rows / seconds, unit: "rows/s" },
    { name: "NDJSON ingest, by processor time of the server", value: rows / used, unit: "rows/s of a core" },
  ];
}

if (import.meta.main) {
  if (process.argv.includes("--serve")) await serve();
  else {
    const load: HttpLoad = {
      seconds: Number(option("seconds", "10")),
      ratePerSecond: Number(option("rate", "2000")),
      rows: Number(option("rows", "1000000")),
    };
    for (const { name, value, unit } of [...await inProcess(load), ...await overHttp(load)]) {
      console.log(`${name.padEnd(48)} ${value.toFixed(value < 100 ? 2 : 0).padStart(10)} ${unit}`);
    }
  }
}
