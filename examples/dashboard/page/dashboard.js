/**
 * The page: three live charts, four figures and a table, each a query that the server keeps up to date.
 *
 * A chart is sent to the server as a spec over the view; it comes back with aggregated rows and the queries behind
 * them, which the page subscribes to.
 */
import { createClient } from "liveviewdb";
import { drawLeadingNations, drawOrderSizes, drawRevenueByMinute } from "./live_charts.js";
import { titleCase } from "./text.js";

const client = createClient(location.origin);
const element = (id) => document.getElementById(id);

const FIGURES = `
  SELECT count(*) AS orders, sum(price) AS revenue, avg(price) AS mean, max(price) AS largest,
    count(*) FILTER (WHERE status = 'O') AS open,
    count(*) FILTER (WHERE placed_at > now() - INTERVAL '1 minute') AS rate
  FROM recent_orders`;
const LATEST = `
  SELECT order_key, placed_at, nation, segment, priority, price
  FROM recent_orders ORDER BY placed_at DESC, order_key DESC LIMIT 8`;

const whole = new Intl.NumberFormat("en-US");
const money = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 0,
});
const millions = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  notation: "compact",
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const percent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });
const clockTime = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });

const state = { paused: false, charts: [], waiting: new Set() };

/** Runs `draw` with the next frame, once however often it is asked for; later when the page is paused. */
function schedule(draw) {
  state.waiting.add(draw);
  if (state.paused || state.waiting.size > 1) return;
  requestAnimationFrame(drawWaiting);
}

function drawWaiting() {
  if (state.paused) return;
  const waiting = [...state.waiting];
  state.waiting.clear();
  for (const draw of waiting) draw();
}

function follow(sql, draw) {
  const live = client.live(sql, { onStatus: showStatus });
  const rows = live.rows();
  const drawRows = () => draw(rows.rows);
  rows.subscribe(() => schedule(drawRows));
  return rows;
}

function showFigures([figures]) {
  if (figures === undefined) return;
  const { orders, revenue, mean, largest, open, rate } = figures;
  element("orders").textContent = whole.format(orders);
  element("rate").textContent = whole.format(rate);
  element("revenue").textContent = millions.format(revenue ?? 0);
  element("mean").textContent = money.format(mean ?? 0);
  element("largest").textContent = money.format(largest ?? 0);
  element("open").textContent = whole.format(open);
  element("share").textContent = percent.format(orders === 0 ? 0 : open / orders);
}

let shown = new Set();

function showLatest(rows) {
  const sorted = rows.toSorted((a, b) => b.placed_at - a.placed_at || b.order_key - a.order_key);
  const first = shown.size === 0;
  element("latest").replaceChildren(...sorted.map((row) => {
    const line = document.createElement("tr");
    if (!first && !shown.has(row.order_key)) line.className = "new";
    line.dataset.order = row.order_key;
    const cells = [
      row.order_key,
      clockTime.format(row.placed_at),
      titleCase(row.nation),
      titleCase(row.segment),
      titleCase(row.priority.replace(/^\d-/, "")),
      money.format(row.price),
    ];
    cells.forEach((text, i) => {
      const cell = line.insertCell();
      cell.textContent = text;
      if (i === cells.length - 1) cell.className = "number";
    });
    return line;
  }));
  const newest = sorted[0];
  if (newest !== undefined && !shown.has(newest.order_key) && !first) {
    element("lag").textContent = Math.max(0, Date.now() - newest.placed_at.getTime());
  }
  shown = new Set(sorted.map((row) => row.order_key));
}

const STATUS = {
  connecting: ["connecting", "Connecting"],
  live: ["live", "Live"],
  reconnecting: ["lost", "Reconnecting"],
  failed: ["lost", "Failed"],
  ended: ["lost", "Ended"],
};

function showStatus(status) {
  const [key, text] = STATUS[status];
  const output = element("status");
  output.dataset.state = state.paused && key === "live" ? "paused" : key;
  output.textContent = state.paused && key === "live" ? "Paused" : text;
}

function togglePause() {
  state.paused = !state.paused;
  const button = element("pause");
  button.setAttribute("aria-pressed", String(state.paused));
  button.firstElementChild.textContent = state.paused ? "Resume" : "Pause";
  showStatus("live");
  if (!state.paused) drawWaiting();
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color("ink"),
    soft: color("soft"),
    line: color("line"),
    card: color("card"),
    font: style.fontFamily,
    narrow: innerWidth < 520,
    series: [1, 2, 3, 4, 5].map((i) => color(`series-${i}`)),
  };
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  element("theme").firstElementChild.textContent = name === "dark" ? "Light" : "Dark";
}

async function toggleTheme() {
  const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", name);
  setTheme(name);
  await drawCharts();
}

async function drawCharts() {
  await Promise.all(state.charts.splice(0).map((chart) => chart.close()));
  const parts = { client, schedule, theme: theme(), onStatus: showStatus };
  state.charts = await Promise.all([
    drawRevenueByMinute(element("chart-revenue"), parts),
    drawLeadingNations(element("chart-nations"), parts),
    drawOrderSizes(element("chart-sizes"), parts),
  ]);
}

element("pause").addEventListener("click", togglePause);
element("theme").addEventListener("click", toggleTheme);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "p") togglePause();
  if (event.key === "d") toggleTheme();
});

const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
setTheme(localStorage.getItem("theme") ?? preferred);
follow(FIGURES, showFigures);
follow(LATEST, showLatest);
await drawCharts();
document.documentElement.dataset.ready = "yes";
