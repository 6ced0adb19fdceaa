/**
 * The dashboard in a real browser: `deno task test:browser`. Needs Chromium, at `LIVEVIEW_CHROMIUM` or where Debian
 * installs it. Screenshots are kept in `.cache/screenshots`.
 *
 * @module
 */
/// <reference lib="dom" />
import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";

const ROOT = join(import.meta.dirname!, "../..");
const SCREENSHOTS = join(ROOT, ".cache/screenshots");
const CHROMIUM = [process.env["LIVEVIEW_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/google-chrome"];

const LOAD_MS_MAX = 3_000;
const CHANGE_MS_MAX = 500;

/** What Chromium itself writes when a server is not there. */
const CONNECTION_LOST =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/;

interface Served {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

let port = 0;
let served: Served;
let browser: Browser;
let page: Page;
const consoleErrors: string[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new TypeError("no port is free");
  return address.port;
}

/** Starts the dashboard in a process of its own; resolves when it answers. */
async function serve(...args: string[]): Promise<Served> {
  const command = ["run", "-A", "--no-check", "examples/dashboard/main.ts", "--port", String(port), ...args];
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on("data", (text) => String(text).includes("open") && resolve());
    child.once("exit", (code) => reject(new TypeError(`the dashboard ended with ${code}`)));
  });
  return { child, exited };
}

async function stop({ child, exited }: Served, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  child.kill(signal);
  await exited;
}

interface Figures {
  readonly orders: number;
  readonly open: number;
}

/** What the page shows. */
async function shownFigures(): Promise<Figures> {
  const [orders, open] = await Promise.all(["#orders", "#open"].map((id) => page.textContent(id)));
  return { orders: Number(orders!.replaceAll(",", "")), open: Number(open!.replaceAll(",", "")) };
}

/** What the server answers. */
async function askedFigures(): Promise<Figures> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      sql: "SELECT count(*) AS orders, count(*) FILTER (WHERE status = 'O') AS open FROM recent_orders",
    }),
  });
  return (await response.json()).rows[0];
}

/** Old orders leave by the clock, so both are asked until they meet. */
async function figuresMeet(): Promise<{ shown: Figures; asked: Figures }> {
  let last = { shown: await shownFigures(), asked: await askedFigures() };
  for (let i = 0; i < 40 && JSON.stringify(last.shown) !== JSON.stringify(last.asked); i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    last = { shown: await shownFigures(), asked: await askedFigures() };
  }
  return last;
}

/** Ingests one order in the page, and waits for its row: milliseconds from the request on. */
function placeOrder(key: number): Promise<number> {
  return page.evaluate(async (key) => {
    const shown = new Promise<number>((resolve) => {
      const observer = new MutationObserver(() => {
        if (document.querySelector(`tr[data-order="${key}"]`) === null) return;
        observer.disconnect();
        resolve(performance.now());
      });
      observer.observe(document.getElementById("latest")!, { childList: true });
    });
    const from = performance.now();
    const now = new Date().toISOString();
    const order = {
      o_orderkey: key,
      o_custkey: 1,
      o_orderstatus: "O",
      o_totalprice: 123456.78,
      o_orderdate: now.slice(0, 10),
      o_orderpriority: "1-URGENT",
      o_clerk: "Clerk#000000001",
      o_shippriority: 0,
      o_comment: "",
      placed_at: now,
    };
    const response = await fetch("/v1/ingest/orders", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([order]),
    });
    if (!response.ok) throw new TypeError(await response.text());
    return await shown - from;
  }, key);
}

function marks(selector: string): Promise<number> {
  return page.locator(selector).count();
}

describe("the dashboard in a browser", () => {
  before(async () => {
    const executablePath = CHROMIUM.find((path) => path !== undefined && existsSync(path));
    assert(executablePath !== undefined, "no Chromium: apt-get install chromium, or set LIVEVIEW_CHROMIUM");
    mkdirSync(SCREENSHOTS, { recursive: true });
    port = await freePort();
    served = await serve("--rate", "6");
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 1180 }, colorScheme: "light" });
    page.on("console", (message) => message.type() === "error" && consoleErrors.push(message.text()));
    page.on("pageerror", (error) => consoleErrors.push(String(error)));
  });

  after(async () => {
    await browser?.close();
    if (served !== undefined) await stop(served);
  });

  it("draws the three charts from live data within three seconds", async () => {
    const from = performance.now();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForSelector("html[data-ready]");
    const loadMs = performance.now() - from;
    console.log(`loaded in ${Math.round(loadMs)} ms`);
    assert(loadMs < LOAD_MS_MAX, `loaded in ${loadMs} ms`);
    await page.waitForSelector("#latest tr:nth-child(8)");
    assert(await marks("#chart-revenue svg path") > 100);
    assert(await marks("#chart-nations svg path") >= 10);
    assert(await marks("#chart-sizes svg rect") > 20);
    assertEquals(await page.textContent("#status"), "Live");
    await page.screenshot({ path: join(SCREENSHOTS, "dashboard_light.png") });
  });

  it("shows a change within half a second of its ingest", async () => {
    const times: number[] = [];
    for (let key = 900_000_001; key <= 900_000_010; key++) times.push(await placeOrder(key));
    console.log(`from ingest to screen: ${times.map(Math.round).join(", ")} ms`);
    assert(Math.max(...times) < CHANGE_MS_MAX, `${times} ms`);
  });

  it("is used by keyboard: pause and theme", async () => {
    await page.keyboard.press("p");
    assertEquals(await page.getAttribute("#pause", "aria-pressed"), "true");
    const { orders } = await shownFigures();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assertEquals((await shownFigures()).orders, orders);
    await page.keyboard.press("p");
    await page.keyboard.press("d");
    await page.waitForSelector("html[data-theme=dark] #chart-revenue svg");
    await page.waitForSelector("#chart-sizes svg rect");
    await new Promise((resolve) => setTimeout(resolve, 800));
    await page.screenshot({ path: join(SCREENSHOTS, "dashboard_dark.png") });
    await page.keyboard.press("Tab");
    assertEquals(await page.evaluate(() => document.activeElement!.className), "skip");
  });

  it("fits a small screen without scrolling sideways", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { width, scrolled } = await page.evaluate(() => ({
      width: innerWidth,
      scrolled: document.documentElement.scrollWidth,
    }));
    assertEquals(scrolled, width);
    await page.screenshot({ path: join(SCREENSHOTS, "dashboard_small.png"), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 1180 });
  });

  it("writes nothing to the console", () => {
    assertEquals(consoleErrors, []);
  });

  it("survives a restart of the server without a missing or doubled change", async () => {
    await stop(served, "SIGKILL");
    await page.waitForSelector("#status[data-state=lost]");
    served = await serve("--rate", "0", "--seed", "2");
    await page.waitForSelector("#status[data-state=live]", { timeout: 30_000 });
    const after = await figuresMeet();
    assertEquals(after.shown, after.asked);
    const before = await askedFigures();
    for (let key = 800_000_001; key <= 800_000_020; key++) await placeOrder(key);
    const end = await figuresMeet();
    assertEquals(end.shown, end.asked);
    assert(end.asked.orders > before.orders);
    assertEquals(consoleErrors.filter((text) => !CONNECTION_LOST.test(text)), []);
  });
});
