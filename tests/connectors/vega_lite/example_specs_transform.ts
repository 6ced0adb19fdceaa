/**
 * Example specs: filters, expressions and the other transforms.
 *
 * @module
 */
import { examples, type ExampleSpec } from "./example_spec.ts";

const cars = { name: "cars" };
const stocks = { name: "stocks" };
const weather = { name: "seattle-weather" };
const barley = { name: "barley" };
const movies = { name: "movies" };

const counted = (filter: unknown, data: unknown = cars, field = "Origin") => ({
  data,
  transform: [{ filter }],
  mark: "bar",
  encoding: { x: { field, type: "nominal" }, y: { aggregate: "count" } },
});

const FILTERS: Readonly<Record<string, unknown>> = {
  "an expression": "datum.Horsepower > 100",
  "null below a number": "datum.Miles_per_Gallon < 20",
  "null above a number": "datum.Miles_per_Gallon >= 20",
  "equal texts": "datum.Origin === 'Japan'",
  "unequal texts": "datum['Origin'] != \"Japan\"",
  "not null": "datum.Miles_per_Gallon !== null && isValid(datum.Horsepower)",
  "arithmetic": "(datum.Horsepower + 10) * 2 / 3 % 50 > 20",
  "functions": "round(datum.Acceleration) === 15 || floor(sqrt(datum.Weight_in_lbs)) > 60",
  "a conditional": "datum.Cylinders > 4 ? datum.Horsepower > 150 : datum.Horsepower > 80",
  "texts": "indexof(lower(datum.Name), 'ford') >= 0 || length(datum.Name) > 20",
  "parts of a text": "substring(datum.Name, 0, 3) == 'bui'",
  "parts of a time": "year(datum.Year) >= 1975 && month(datum.Year) == 0",
  "a list": "indexof([3, 5, 8], datum.Cylinders) != -1",
  "a range function": "inrange(datum.Horsepower, [90, 110])",
  "equal": { field: "Origin", equal: "USA" },
  "less": { field: "Horsepower", lt: 75 },
  "at most": { field: "Horsepower", lte: 75 },
  "greater": { field: "Miles_per_Gallon", gt: 30 },
  "at least": { field: "Miles_per_Gallon", gte: 30 },
  "a range": { field: "Weight_in_lbs", range: [2000, 3000] },
  "a range that is open below": { field: "Weight_in_lbs", range: [null, 2500] },
  "one of": { field: "Cylinders", oneOf: [3, 5, 6] },
  "valid": { field: "Horsepower", valid: true },
  "not valid": { field: "Miles_per_Gallon", valid: false },
  "and, or, not": {
    and: [
      { or: [{ field: "Origin", equal: "USA" }, "datum.Cylinders < 5"] },
      { not: { field: "Horsepower", gt: 150 } },
    ],
  },
  "a time unit": { field: "Year", timeUnit: "year", range: [1973, 1976] },
  "a time unit equal": { field: "Year", timeUnit: "year", equal: 1980 },
  "a date": { field: "Year", gte: { year: 1978, month: "jan", date: 1 } },
};

/** See the module header. */
export const FILTER_SPECS: readonly ExampleSpec[] = [
  ...Object.entries(FILTERS).map(([name, filter]): ExampleSpec => ({
    name: `filter by ${name}`,
    spec: counted(filter),
  })),
  ...examples({
    "filter by months": counted({ field: "date", timeUnit: "month", oneOf: [1, 2, 12] }, weather, "weather"),
    "filter by a fixed parameter": {
      ...counted("datum.Horsepower > power && datum.Origin != place"),
      params: [{ name: "power", value: 100 }, { name: "place", value: "Japan" }],
    },
    "filter by times": {
      ...counted("datum.Year < datetime(1974, 0, 1)"),
      encoding: { x: { field: "Year", timeUnit: "year" }, y: { aggregate: "count" } },
    },
    "filter by a boolean": counted("!datum.big || datum.size > 5", { name: "events" }, "kind"),
    "filters one after the other": {
      data: movies,
      transform: [{ filter: "datum['IMDB Rating'] != null" }, { filter: { field: "US Gross", gt: 1e6 } }],
      mark: "bar",
      encoding: { y: { field: "Major Genre" }, x: { aggregate: "mean", field: "IMDB Rating" } },
    },
  }),
];

/** See the module header. */
export const TRANSFORM_SPECS: readonly ExampleSpec[] = examples({
  "calculate a number": {
    data: cars,
    transform: [{ calculate: "datum.Weight_in_lbs * 0.4536", as: "kg" }],
    mark: "bar",
    encoding: { x: { field: "Origin" }, y: { aggregate: "mean", field: "kg" } },
  },
  "calculate a text": {
    data: cars,
    transform: [{ calculate: "datum.Origin + ' ' + datum.Cylinders", as: "kind" }],
    mark: "bar",
    encoding: { y: { field: "kind" }, x: { aggregate: "count" } },
  },
  "calculate a class": {
    data: cars,
    transform: [{
      calculate: "if(datum.Horsepower > 150, 'strong', datum.Horsepower > 90 ? 'middle' : 'weak')",
      as: "class",
    }],
    mark: "bar",
    encoding: { x: { field: "class" }, y: { aggregate: "count" }, color: { field: "Origin" } },
  },
  "calculate a ratio with nulls": {
    data: movies,
    transform: [{ calculate: "datum['Worldwide Gross'] / datum['Production Budget']", as: "return" }],
    mark: "bar",
    encoding: { y: { field: "Major Genre" }, x: { aggregate: "median", field: "return" } },
  },
  "calculate from a calculation": {
    data: stocks,
    transform: [
      { calculate: "year(datum.date)", as: "year" },
      { calculate: "'y' + (datum.year % 100)", as: "label" },
    ],
    mark: "bar",
    encoding: { x: { field: "label" }, y: { aggregate: "max", field: "price" } },
  },
  "aggregate, then draw": {
    data: barley,
    transform: [{
      aggregate: [{ op: "mean", field: "yield", as: "mean" }, {
        op: "stdev",
        field: "yield",
        as: "deviation",
      }],
      groupby: ["variety"],
    }],
    mark: "point",
    encoding: {
      x: { field: "mean", type: "quantitative" },
      y: { field: "variety" },
      size: { field: "deviation", type: "quantitative" },
    },
  },
  "aggregate twice": {
    data: barley,
    transform: [{ aggregate: [{ op: "sum", field: "yield", as: "total" }], groupby: ["site", "year"] }],
    mark: "bar",
    encoding: { x: { field: "year" }, y: { aggregate: "max", field: "total" } },
  },
  "names of aggregates by default": {
    data: cars,
    transform: [{ aggregate: [{ op: "mean", field: "Horsepower" }, { op: "count" }], groupby: ["Origin"] }],
    mark: "bar",
    encoding: { x: { field: "Origin" }, y: { field: "mean_Horsepower", type: "quantitative" } },
  },
  "joinaggregate": {
    data: movies,
    transform: [
      { filter: "datum['IMDB Rating'] != null" },
      { joinaggregate: [{ op: "mean", field: "IMDB Rating", as: "average" }], groupby: ["Major Genre"] },
      { filter: "datum['IMDB Rating'] - datum.average > 2" },
    ],
    mark: "bar",
    encoding: { y: { field: "Major Genre" }, x: { aggregate: "count" } },
  },
  "joinaggregate of medians": {
    data: cars,
    transform: [
      { joinaggregate: [{ op: "median", field: "Horsepower", as: "middle" }], groupby: ["Origin"] },
      { calculate: "datum.Horsepower > datum.middle", as: "above" },
    ],
    mark: "bar",
    encoding: { x: { field: "Origin" }, y: { aggregate: "count" }, color: { field: "above" } },
  },
  "joinaggregate of all rows": {
    data: cars,
    transform: [
      { joinaggregate: [{ op: "count", as: "all" }] },
      { calculate: "1 / datum.all", as: "share" },
    ],
    mark: "bar",
    encoding: { x: { field: "Origin" }, y: { aggregate: "sum", field: "share" } },
  },
  "window ranks": {
    data: movies,
    transform: [
      {
        window: [{ op: "rank", as: "rank" }],
        sort: [{ field: "US Gross", order: "descending" }],
        groupby: ["Major Genre"],
      },
      { filter: "datum.rank <= 3" },
    ],
    mark: "bar",
    encoding: { y: { field: "Major Genre" }, x: { aggregate: "sum", field: "US Gross" } },
  },
  "window of running sums": {
    data: stocks,
    transform: [
      {
        window: [{ op: "sum", field: "price", as: "total" }],
        sort: [{ field: "date" }],
        groupby: ["symbol"],
      },
    ],
    mark: "line",
    encoding: {
      x: { field: "date", type: "temporal" },
      y: { field: "total", type: "quantitative" },
      color: { field: "symbol" },
    },
  },
  "window of moving means": {
    data: weather,
    transform: [{
      window: [{ op: "mean", field: "temp_max", as: "smooth" }],
      sort: [{ field: "date" }],
      frame: [-15, 15],
    }],
    mark: "line",
    encoding: { x: { field: "date", timeUnit: "yearmonth" }, y: { aggregate: "max", field: "smooth" } },
  },
  "window of neighbours": {
    data: stocks,
    transform: [
      {
        window: [
          { op: "lag", field: "price", param: 2, as: "before" },
          { op: "lead", field: "price", as: "after" },
          { op: "first_value", field: "price", as: "first" },
        ],
        sort: [{ field: "date" }],
        groupby: ["symbol"],
      },
      { calculate: "datum.price - datum.before + datum.after - datum.first", as: "change" },
    ],
    mark: "bar",
    encoding: { x: { field: "symbol" }, y: { aggregate: "sum", field: "change" } },
  },
  "window of other ranks": {
    data: cars,
    transform: [
      {
        window: [
          { op: "dense_rank", as: "dense" },
          { op: "percent_rank", as: "percent" },
          { op: "cume_dist", as: "share" },
          { op: "ntile", param: 4, as: "quarter" },
        ],
        sort: [{ field: "Weight_in_lbs" }],
      },
    ],
    mark: "bar",
    encoding: {
      x: { field: "quarter", type: "ordinal" },
      y: { aggregate: "mean", field: "share" },
      color: { aggregate: "mean", field: "percent", type: "quantitative" },
      tooltip: { aggregate: "max", field: "dense", type: "quantitative" },
    },
  },
  "running totals with peers": {
    data: cars,
    transform: [{ window: [{ op: "count", as: "n" }], sort: [{ field: "Acceleration" }] }],
    mark: "line",
    encoding: { x: { field: "Acceleration", type: "quantitative" }, y: { aggregate: "max", field: "n" } },
  },
  "stack from zero": {
    data: { name: "factors" },
    transform: [{ stack: "factor", groupby: ["kind"], sort: [{ field: "id" }], as: ["from", "to"] }],
    mark: "bar",
    encoding: {
      x: { field: "from", type: "quantitative" },
      x2: { field: "to" },
      y: { field: "kind" },
      color: { field: "id", type: "ordinal" },
    },
  },
  "stack of shares": {
    data: barley,
    transform: [
      { aggregate: [{ op: "sum", field: "yield", as: "yield" }], groupby: ["site", "variety"] },
      {
        stack: "yield",
        groupby: ["site"],
        sort: [{ field: "variety", order: "descending" }],
        offset: "normalize",
        as: ["from", "to"],
      },
    ],
    mark: "rect",
    encoding: {
      x: { field: "site" },
      y: { field: "from", type: "quantitative", scale: { domain: [0, 1] } },
      y2: { field: "to" },
      color: { field: "variety" },
    },
  },
  "stack in the middle": {
    data: barley,
    transform: [
      { aggregate: [{ op: "sum", field: "yield", as: "yield" }], groupby: ["site", "year"] },
      { stack: "yield", groupby: ["site"], sort: [{ field: "year" }], offset: "center", as: ["from", "to"] },
    ],
    mark: "bar",
    encoding: {
      y: { field: "site" },
      x: { field: "from", type: "quantitative" },
      x2: { field: "to" },
      color: { field: "year", type: "nominal" },
    },
  },
  "fold columns": {
    data: cars,
    transform: [{ fold: ["Horsepower", "Displacement"], as: ["what", "amount"] }],
    mark: "bar",
    encoding: { x: { field: "what" }, y: { aggregate: "mean", field: "amount" }, color: { field: "Origin" } },
  },
  "look a table up": {
    data: cars,
    transform: [{
      lookup: "Origin",
      from: { data: { name: "places" }, key: "place", fields: ["continent"] },
    }],
    mark: "bar",
    encoding: { x: { field: "continent" }, y: { aggregate: "count" } },
  },
  "look up under other names": {
    data: cars,
    transform: [
      {
        lookup: "Origin",
        from: { data: { name: "places" }, key: "place", fields: ["continent", "people"] },
        as: ["where", "who"],
      },
      { calculate: "datum.who / 1000", as: "who" },
    ],
    mark: "bar",
    encoding: { x: { field: "where" }, y: { aggregate: "sum", field: "who" } },
  },
});
