/**
 * Example specs: time units and bins in encodings and transforms.
 *
 * @module
 */
import { examples, type ExampleSpec } from "./example_spec.ts";

const weather = { name: "seattle-weather" };
const stocks = { name: "stocks" };
const movies = { name: "movies" };
const cars = { name: "cars" };
const events = { name: "events" };

const DATE_UNITS = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "dayofyear",
  "date",
  "yearquarter",
  "yearmonth",
  "yearmonthdate",
  "yearweek",
  "yeardayofyear",
  "monthdate",
  "utcyearmonth",
  "utcmonth",
];
const CLOCK_UNITS = [
  "hours",
  "minutes",
  "seconds",
  "yearmonthdatehours",
  "yearmonthdatehoursminutes",
  "monthdatehours",
  "dayhours",
  "hoursminutes",
  "minutesseconds",
  "yearweekday",
  "weekdayhours",
  "utchours",
];

/** See the module header. */
export const TIME_SPECS: readonly ExampleSpec[] = [
  ...DATE_UNITS.map((timeUnit): ExampleSpec => ({
    name: `time unit ${timeUnit} of dates`,
    spec: {
      data: weather,
      mark: "line",
      encoding: { x: { field: "date", timeUnit }, y: { aggregate: "mean", field: "temp_max" } },
    },
  })),
  ...CLOCK_UNITS.map((timeUnit): ExampleSpec => ({
    name: `time unit ${timeUnit} of timestamps`,
    spec: {
      data: events,
      mark: "bar",
      encoding: { x: { field: "at", timeUnit }, y: { aggregate: "sum", field: "size" } },
    },
  })),
  ...examples({
    "steps of a time unit": {
      data: events,
      mark: "bar",
      encoding: {
        x: { field: "at", timeUnit: { unit: "hoursminutes", step: 15 } },
        y: { aggregate: "count" },
      },
    },
    "ordinal months": {
      data: weather,
      mark: "bar",
      encoding: {
        x: { field: "date", timeUnit: "month", type: "ordinal" },
        y: { aggregate: "count" },
        color: { field: "weather", type: "nominal" },
      },
    },
    "a calendar of days": {
      data: weather,
      mark: "rect",
      encoding: {
        x: { field: "date", timeUnit: "date", type: "ordinal" },
        y: { field: "date", timeUnit: "month", type: "ordinal" },
        color: { aggregate: "max", field: "temp_max" },
      },
    },
    "years in colours": {
      data: weather,
      mark: "line",
      encoding: {
        x: { field: "date", timeUnit: "month" },
        y: { aggregate: "mean", field: "wind" },
        color: { field: "date", timeUnit: "year", type: "nominal" },
      },
    },
    "units in UTC by option": {
      data: stocks,
      mark: "area",
      encoding: {
        x: { field: "date", timeUnit: { unit: "yearmonth", utc: true } },
        y: { aggregate: "sum", field: "price" },
      },
    },
    "a time unit as transform": {
      data: stocks,
      transform: [
        { timeUnit: "yearquarter", field: "date", as: "quarter" },
        { aggregate: [{ op: "mean", field: "price", as: "price" }], groupby: ["quarter", "symbol"] },
      ],
      mark: "line",
      encoding: {
        x: { field: "quarter", type: "temporal" },
        y: { field: "price", type: "quantitative" },
        color: { field: "symbol" },
      },
    },
    "a band in the middle": {
      data: stocks,
      mark: { type: "bar", width: { band: 0.5 } },
      encoding: {
        x: { field: "date", timeUnit: "yearmonth", bandPosition: 0.5 },
        y: { aggregate: "mean", field: "price" },
      },
    },
  }),
];

const bar = (bin: unknown, field = "IMDB Rating") => ({
  data: movies,
  mark: "bar",
  encoding: { x: { bin, field, type: "quantitative" }, y: { aggregate: "count" } },
});

/** See the module header. */
export const BIN_SPECS: readonly ExampleSpec[] = examples({
  "bins by default": bar(true),
  "at most 20 bins": bar({ maxbins: 20 }),
  "at most 37 bins": bar({ maxbins: 37 }, "Running Time min"),
  "bins of one step": bar({ step: 0.5 }),
  "bins in an extent": bar({ extent: [2, 8] }),
  "bins that are not nice": bar({ nice: false, maxbins: 7 }),
  "bins from an anchor": bar({ maxbins: 10, anchor: 0.3 }),
  "bins of base 2": bar({ base: 2, maxbins: 12 }, "US Gross"),
  "bins of given steps": bar({ steps: [1, 2, 5, 10, 25], maxbins: 15 }, "Running Time min"),
  "bins of a least step": bar({ minstep: 30, maxbins: 30 }, "Running Time min"),
  "bins that divide by 4 and 2": bar({ divide: [4, 2], maxbins: 9 }, "Rotten Tomatoes Rating"),
  "bins of large numbers": bar(true, "Worldwide Gross"),
  "ordinal bins": {
    data: movies,
    mark: "bar",
    encoding: { x: { bin: true, field: "IMDB Rating", type: "ordinal" }, y: { aggregate: "count" } },
  },
  "ordinal bins by count": {
    data: movies,
    mark: "bar",
    encoding: {
      x: { bin: true, field: "IMDB Rating", type: "ordinal", sort: { op: "count", order: "descending" } },
      y: { aggregate: "count" },
    },
  },
  "bins on both axes": {
    data: movies,
    mark: "rect",
    encoding: {
      x: { bin: { maxbins: 30 }, field: "IMDB Rating" },
      y: { bin: { maxbins: 20 }, field: "Rotten Tomatoes Rating" },
      color: { aggregate: "count" },
    },
  },
  "bins in the middle of points": {
    data: movies,
    mark: "circle",
    encoding: {
      x: { bin: true, field: "IMDB Rating" },
      y: { bin: true, field: "Rotten Tomatoes Rating" },
      size: { aggregate: "count" },
    },
  },
  "bins in colours": {
    data: cars,
    mark: "bar",
    encoding: {
      x: { field: "Origin" },
      y: { aggregate: "count" },
      color: { bin: true, field: "Horsepower" },
    },
  },
  "bins in sizes and rows": {
    data: cars,
    mark: "point",
    encoding: {
      row: { bin: { maxbins: 3 }, field: "Weight_in_lbs" },
      x: { aggregate: "mean", field: "Acceleration" },
      size: { bin: true, field: "Displacement" },
    },
  },
  "lines over bins": {
    data: cars,
    mark: "line",
    encoding: { x: { bin: true, field: "Horsepower" }, y: { aggregate: "mean", field: "Miles_per_Gallon" } },
  },
  "stacked bins": {
    data: cars,
    mark: "bar",
    encoding: {
      x: { bin: true, field: "Horsepower" },
      y: { aggregate: "count" },
      color: { field: "Origin" },
    },
  },
  "a bin as transform": {
    data: cars,
    transform: [{ bin: { maxbins: 5 }, field: "Horsepower", as: "power" }],
    mark: "bar",
    encoding: {
      x: { field: "power", bin: { binned: true, step: 50 } },
      x2: { field: "power_end" },
      y: { aggregate: "count" },
    },
  },
  "a bin as transform with both names": {
    data: cars,
    transform: [
      { bin: true, field: "Acceleration", as: ["from", "to"] },
      { aggregate: [{ op: "count", as: "n" }], groupby: ["from", "to"] },
    ],
    mark: "bar",
    encoding: {
      x: { field: "from", bin: "binned" },
      x2: { field: "to" },
      y: { field: "n", type: "quantitative" },
    },
  },
});
