/**
 * The three charts as specs over the view `recent_orders`. Each names the view and says how to aggregate; the engine
 * does it, and keeps the aggregated rows up to date.
 */

/** Vega-Lite: revenue by minute, stacked by market segment. */
export function bars(theme) {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { name: "recent_orders" },
    width: "container",
    height: "container",
    autosize: { type: "fit", contains: "padding" },
    mark: { type: "bar", cornerRadius: 1 },
    encoding: {
      x: {
        field: "placed_at",
        timeUnit: "yearmonthdatehoursminutes",
        axis: { title: null, format: "%H:%M", grid: false, tickCount: 8 },
      },
      y: {
        field: "price",
        aggregate: "sum",
        axis: { title: null, format: "$~s", tickCount: 5, domain: false, ticks: false },
      },
      color: {
        field: "segment",
        scale: { range: theme.series },
        legend: {
          title: null,
          columns: theme.narrow ? 3 : 5,
          orient: "top",
          symbolType: "square",
          labelExpr: "slice(datum.label, 0, 1) + lower(slice(datum.label, 1))",
        },
      },
      tooltip: [
        { field: "placed_at", timeUnit: "yearmonthdatehoursminutes", title: "Minute", format: "%H:%M" },
        { field: "segment", title: "Segment" },
        { field: "price", aggregate: "sum", title: "Revenue", format: "$,.0f" },
      ],
    },
    config: {
      background: "transparent",
      font: theme.font,
      view: { stroke: null },
      axis: { labelColor: theme.soft, gridColor: theme.line, domainColor: theme.line, tickColor: theme.line },
      legend: { labelColor: theme.ink, labelFontSize: 12 },
    },
  };
}

/** ECharts: revenue of the ten leading nations; bars move past each other. */
export function leaders(theme) {
  return {
    dataset: { id: "leading", source: "recent_orders" },
    textStyle: { fontFamily: theme.font, color: theme.ink },
    grid: { left: 12, right: 70, top: 6, bottom: 4, containLabel: true },
    xAxis: {
      type: "value",
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: "category",
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: theme.ink },
    },
    tooltip: { trigger: "item" },
    series: [{
      id: "revenue",
      type: "bar",
      encode: { x: "sum(price)", y: "nation", order: "-x", limit: 10 },
      barCategoryGap: "34%",
      itemStyle: { color: theme.series[0], borderRadius: [0, 3, 3, 0] },
      label: { show: true, position: "right", color: theme.soft, valueAnimation: true },
    }],
    animationDuration: 0,
    animationDurationUpdate: 400,
  };
}

/** Observable Plot: how large orders are, by priority. */
export function histogram(theme) {
  return {
    marks: [
      {
        mark: "rectY",
        data: "recent_orders",
        options: { x: "price", fill: "priority", insetLeft: 0.5, insetRight: 0.5 },
        transform: { binX: { y: "count", thresholds: 24 } },
      },
      { mark: "ruleY", data: [0] },
    ],
    style: { fontFamily: theme.font, fontSize: "12px", color: theme.soft, background: "transparent" },
    marginLeft: 44,
    marginRight: 12,
    x: { label: null, tickFormat: "$~s", ticks: 6 },
    y: { label: null, grid: true, ticks: 5 },
    color: { range: theme.series, legend: true },
  };
}
