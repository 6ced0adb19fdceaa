/**
 * The conformance suite of the HTTP adapter against a server of a runtime. Each `*_http_test.ts` beside it is one runtime.
 *
 * @module
 */
import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ConformanceCase, Fetch } from "../connectors/hono/conformance/fixture.ts";
import type { RunningServer } from "./server/running_server.ts";

const FOLDER = join(import.meta.dirname!, "../connectors/hono/conformance");

interface Suite {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}

/** Every list of cases in the folder of the suite. */
async function suites(): Promise<readonly Suite[]> {
  const found: Suite[] = [];
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith("_cases.ts")).sort()) {
    const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(FOLDER, file)).href);
    for (const [name, cases] of Object.entries(exported)) {
      // What is exported from these files under such a name is a list of cases.
      if (name.endsWith("Cases")) found.push({ name, cases: cases as readonly ConformanceCase[] });
    }
  }
  return found;
}

const SUITES = await suites();

/** A runtime that npx has to bring first takes its time. */
const START_MS = 120_000;

/** What a runtime has beside HTTP. */
export interface RuntimeAbilities {
  /** Opens WebSockets without a package of the caller's; true by default. */
  readonly sockets?: boolean;
}

/** Registers the suite; the server is started before it and ended after it. */
export function httpSuite(
  runtime: string,
  start: () => Promise<RunningServer>,
  { sockets = true }: RuntimeAbilities = {},
): void {
  describe(`HTTP on ${runtime}`, () => {
    let server: RunningServer | undefined;
    before(async () => {
      server = await start();
    }, { timeout: START_MS });
    after(() => server?.close());
    const fetchPath: Fetch = (path, init) => {
      if (server === undefined) throw new Error(`${runtime} did not start`);
      return fetch(server.url + path, init);
    };
    for (const { name, cases } of SUITES) {
      for (const one of cases) it(`${name}: ${one.name}`, () => one.run(fetchPath));
    }
    if (sockets) {
      it("opens a WebSocket and sends a snapshot", async () => {
        const message = await firstMessage(`${server?.url}/v1/socket`, {
          type: "subscribe",
          id: "1",
          sql: "SELECT count(*) AS n FROM other",
        });
        assertEquals([message.type, message.id], ["snapshot", "1"]);
      });
    }
  });
}

/** What comes back for `message` on a new socket. */
async function firstMessage(url: string, message: object): Promise<Readonly<Record<string, unknown>>> {
  const socket = new WebSocket(url.replace(/^http/, "ws"));
  const answer = await new Promise<string>((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onclose = ({ code }) => reject(new Error(`the socket was closed: ${code}`));
  });
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return JSON.parse(answer);
}
