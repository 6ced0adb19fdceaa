/**
 * One function a chart: asks the server to compile the spec, draws the rows that come with it, and follows the
 * queries behind it.
 */
import { bars, histogram, leaders } from "./charts.js";
import { init as initECharts } from "echarts";
import { mergeRowChanges } from "liveviewdb/charts";
import { echartsPatch } from "liveviewdb/echarts";
import { plotAfter, plotFromJson } from "liveviewdb/observable_plot";
import { changesetColumns, vegaChangeset } from "liveviewdb/vega_lite";
import * as Plot from "@observablehq/plot";
import { changeset, parse, View } from "vega";
import { compile } from "vega-lite";
import { titleCase } from "./text.js";

const compactMoney = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  notation: "compact",
  maximumFractionDigits: 1,
  minimumFractionDigits: 1,
});

/** The height of Plot's legend, in pixels. */
const LEGEND_HEIGHT = 36;

/** All rows as one change, which puts them into the order of the chart. */
function contents(rows) {
  return { snapshot: true, inserted: rows.rows.map(asJson), deleted: [] };
}

/** The row with texts for dates, as charts take them. */
function asJson(row) {
  return JSON.parse(JSON.stringify(row));
}

/** The spec with rows, and the queries that give them. */
async function compileChart(kind, spec) {
  const response = await fetch(`/v1/charts/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ spec }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

/** Vega-Lite: changes go into the running view as changesets. */
export async function drawRevenueByMinute(place, { client, schedule, theme, onStatus }) {
  const { spec, datasets } = await compileChart("vega-lite", bars(theme));
  const view = new View(parse(compile(spec).spec), { renderer: "svg", container: place, hover: true });
  await view.runAsync();
  const connections = datasets.map(({ name, sql }) => {
    const rows = client.live(sql, { onStatus }).rows();
    const columns = changesetColumns(spec, name);
    const waiting = [];
    const run = () => {
      view.change(name, vegaChangeset(changeset, mergeRowChanges(waiting.splice(0)), columns)).runAsync();
    };
    rows.subscribe(({ snapshot, inserted, deleted }) => {
      waiting.push({ snapshot, inserted: inserted.map(asJson), deleted: deleted.map(asJson) });
      schedule(run);
    });
    return rows;
  });
  const resizing = new ResizeObserver(() => view.resize().runAsync());
  resizing.observe(place);
  return closer(connections, () => {
    resizing.disconnect();
    view.finalize();
  });
}

/** ECharts: changes become patches for `setOption`, which moves the bars. */
export async function drawLeadingNations(place, { client, schedule, theme, onStatus }) {
  const { spec, datasets } = await compileChart("echarts", leaders(theme));
  const chart = initECharts(place, null, { renderer: "svg" });
  chart.setOption(spec);
  // A spec is JSON; functions are the page's.
  const money = ({ data }) => compactMoney.format(data["sum(price)"]);
  chart.setOption({
    series: [{ id: "revenue", label: { formatter: money } }],
    yAxis: { axisLabel: { formatter: titleCase } },
    tooltip: { valueFormatter: (value) => compactMoney.format(value) },
  });
  const connections = datasets.map(({ name, sql }) => {
    const rows = client.live(sql, { onStatus }).rows();
    const draw = () => chart.setOption(echartsPatch(spec, contents(rows), name));
    rows.subscribe(() => schedule(draw));
    return rows;
  });
  const resizing = new ResizeObserver(() => chart.resize());
  resizing.observe(place);
  return closer(connections, () => {
    resizing.disconnect();
    chart.dispose();
  });
}

/** Observable Plot: a new drawing for every change. */
export async function drawOrderSizes(place, { client, schedule, theme, onStatus }) {
  const { spec, datasets } = await compileChart("observable-plot", histogram(theme));
  const rowsOf = new Map();
  const draw = () => {
    let filled = spec;
    for (const [name, rows] of rowsOf) filled = plotAfter(filled, contents(rows), name);
    const size = { width: place.clientWidth, height: place.clientHeight - LEGEND_HEIGHT };
    place.replaceChildren(Plot.plot({ ...plotFromJson(filled, Plot), ...size }));
  };
  for (const { name, sql } of datasets) {
    const rows = client.live(sql, { onStatus }).rows();
    rowsOf.set(name, rows);
    rows.subscribe(() => schedule(draw));
  }
  await Promise.all([...rowsOf.values()].map((rows) => rows.ready));
  draw();
  const resizing = new ResizeObserver(() => schedule(draw));
  resizing.observe(place);
  return closer([...rowsOf.values()], () => {
    resizing.disconnect();
    place.replaceChildren();
  });
}

function closer(connections, dispose) {
  return {
    async close() {
      await Promise.all(connections.map((rows) => rows.close()));
      dispose();
    },
  };
}
