/**
 * Example specs: stacks, orders, and compositions of views.
 *
 * @module
 */
import { examples, type ExampleSpec } from "./example_spec.ts";

const cars = { name: "cars" };
const barley = { name: "barley" };
const population = { name: "population" };
const stocks = { name: "stocks" };
const movies = { name: "movies" };
const weather = { name: "seattle-weather" };

const jobs = (stack: unknown, mark = "area") => ({
  data: { name: "unemployment-across-industries" },
  mark,
  encoding: {
    x: { field: "date", timeUnit: "yearmonth" },
    y: { aggregate: "sum", field: "count", stack },
    color: { field: "series" },
  },
});

/** See the module header. */
export const STACK_SPECS: readonly ExampleSpec[] = examples({
  "stacked areas": jobs("zero"),
  "areas of shares": jobs("normalize"),
  "a stream": jobs("center"),
  "areas above each other": jobs(null),
  "stacked bars": jobs(true, "bar"),
  "bars that lie": {
    data: barley,
    mark: "bar",
    encoding: { x: { aggregate: "sum", field: "yield" }, y: { field: "variety" }, color: { field: "site" } },
  },
  "bars side by side": {
    data: barley,
    mark: "bar",
    encoding: {
      x: { field: "site" },
      xOffset: { field: "year" },
      y: { aggregate: "mean", field: "yield" },
      color: { field: "year", type: "nominal" },
    },
  },
  "a pyramid": {
    data: population,
    transform: [
      { filter: "datum.year == 2000" },
      { calculate: "datum.sex == 2 ? 'Female' : 'Male'", as: "gender" },
      { calculate: "datum.sex == 2 ? -datum.people : datum.people", as: "signed" },
    ],
    mark: "bar",
    encoding: {
      y: { field: "age", type: "ordinal", sort: "descending" },
      x: { aggregate: "sum", field: "signed" },
      color: { field: "gender" },
    },
  },
  "texts on a stack": {
    data: barley,
    encoding: { y: { field: "variety" }, x: { aggregate: "sum", field: "yield", stack: "zero" } },
    layer: [
      { mark: "bar", encoding: { color: { field: "site" } } },
      { mark: "text", encoding: { detail: { field: "site" }, text: { aggregate: "sum", field: "yield" } } },
    ],
  },
});

const sorted = (sort: unknown) => ({
  data: movies,
  mark: "bar",
  encoding: {
    y: { field: "Major Genre", type: "nominal", sort },
    x: { aggregate: "mean", field: "IMDB Rating" },
    color: { aggregate: "count" },
  },
});

/** See the module header. */
export const SORT_SPECS: readonly ExampleSpec[] = examples({
  "by the other axis": sorted("x"),
  "by the other axis, greatest first": sorted("-x"),
  "by a colour": sorted({ encoding: "color", order: "descending" }),
  "by another field": sorted({ field: "US Gross", op: "median" }),
  "by a count": sorted({ op: "count", order: "descending" }),
  "by a list": {
    data: cars,
    mark: "bar",
    encoding: { x: { field: "Origin", sort: ["Japan", "USA", "Europe"] }, y: { aggregate: "count" } },
  },
  "descending": sorted("descending"),
  "the order of groups within stacks": {
    data: barley,
    mark: "bar",
    encoding: {
      x: { aggregate: "sum", field: "yield" },
      y: { field: "variety", sort: "-x" },
      color: { field: "site" },
      order: { field: "site", sort: "descending" },
    },
  },
  "sorted within facets": {
    data: barley,
    mark: "point",
    encoding: {
      row: { field: "site", sort: { field: "yield", op: "median", order: "descending" } },
      y: { field: "variety", sort: "-x" },
      x: { aggregate: "median", field: "yield" },
    },
  },
});

/** See the module header. */
export const COMPOSITION_SPECS: readonly ExampleSpec[] = [
  ...examples({
    "rows and columns": {
      data: cars,
      mark: "bar",
      encoding: {
        row: { field: "Origin" },
        column: { field: "Cylinders", type: "ordinal" },
        x: { bin: { maxbins: 5 }, field: "Horsepower" },
        y: { aggregate: "count" },
      },
    },
    "a wrapped facet": {
      data: barley,
      mark: "bar",
      encoding: {
        facet: { field: "site", columns: 2 },
        y: { field: "variety" },
        x: { aggregate: "sum", field: "yield" },
      },
    },
    "facets by time": {
      data: weather,
      mark: "bar",
      encoding: {
        row: { field: "date", timeUnit: "year" },
        x: { field: "date", timeUnit: "month", type: "ordinal" },
        y: { aggregate: "mean", field: "precipitation" },
      },
    },
    "a facet around a view": {
      data: cars,
      facet: { row: { field: "Origin" } },
      spec: {
        mark: "line",
        encoding: { x: { field: "Year", timeUnit: "year" }, y: { aggregate: "mean", field: "Horsepower" } },
      },
    },
    "a facet around layers": {
      data: cars,
      facet: { column: { field: "Origin" } },
      spec: {
        layer: [
          {
            mark: "bar",
            encoding: {
              x: { field: "Cylinders", type: "ordinal" },
              y: { aggregate: "mean", field: "Horsepower" },
            },
          },
          { mark: "rule", encoding: { y: { aggregate: "max", field: "Horsepower" } } },
        ],
      },
    },
    "a facet around raw and aggregated layers": {
      data: barley,
      facet: { field: "site" },
      columns: 3,
      spec: {
        encoding: { y: { field: "variety" } },
        layer: [
          { mark: "point", encoding: { x: { field: "yield", type: "quantitative" } } },
          { mark: "tick", encoding: { x: { aggregate: "mean", field: "yield" } } },
        ],
      },
    },
    "a facet that is binned": {
      data: cars,
      facet: { row: { field: "Horsepower", bin: { maxbins: 4 } } },
      spec: { mark: "bar", encoding: { x: { field: "Origin" }, y: { aggregate: "count" } } },
    },
    "layers with one encoding": {
      data: stocks,
      encoding: { x: { field: "date", timeUnit: "year" } },
      layer: [
        {
          mark: "area",
          encoding: { y: { aggregate: "min", field: "price" }, y2: { aggregate: "max", field: "price" } },
        },
        { mark: "line", encoding: { y: { aggregate: "mean", field: "price" } } },
      ],
    },
    "raw points below a mean": {
      data: cars,
      layer: [
        {
          mark: "point",
          encoding: {
            x: { field: "Cylinders", type: "ordinal" },
            y: { field: "Horsepower", type: "quantitative" },
          },
        },
        {
          mark: "tick",
          encoding: {
            x: { field: "Cylinders", type: "ordinal" },
            y: { aggregate: "mean", field: "Horsepower" },
          },
        },
      ],
    },
    "a written title in one layer": {
      data: cars,
      layer: [
        {
          mark: "bar",
          encoding: { x: { field: "Origin" }, y: { aggregate: "mean", field: "Horsepower", title: "Power" } },
        },
        { mark: "rule", encoding: { y: { aggregate: "mean", field: "Horsepower" } } },
      ],
    },
    "two axes": {
      data: weather,
      encoding: { x: { field: "date", timeUnit: "month" } },
      layer: [
        { mark: "bar", encoding: { y: { aggregate: "mean", field: "precipitation" } } },
        { mark: "line", encoding: { y: { aggregate: "mean", field: "temp_max" } } },
      ],
      resolve: { scale: { y: "independent" } },
    },
    "layers of filtered bins": {
      data: cars,
      layer: [
        { mark: "bar", encoding: { x: { bin: true, field: "Horsepower" }, y: { aggregate: "count" } } },
        {
          transform: [{ filter: "datum.Origin === 'Japan'" }],
          mark: { type: "bar", color: "firebrick" },
          encoding: { x: { bin: true, field: "Horsepower" }, y: { aggregate: "count" } },
        },
      ],
    },
    "layers in layers": {
      data: cars,
      layer: [
        {
          layer: [{
            mark: "bar",
            encoding: { x: { field: "Origin" }, y: { aggregate: "mean", field: "Weight_in_lbs" } },
          }],
        },
        {
          mark: "text",
          encoding: {
            x: { field: "Origin" },
            y: { aggregate: "mean", field: "Weight_in_lbs" },
            text: { aggregate: "count" },
          },
        },
      ],
    },
    "views side by side": {
      hconcat: [
        { data: cars, mark: "bar", encoding: { x: { field: "Origin" }, y: { aggregate: "count" } } },
        {
          data: barley,
          mark: "bar",
          encoding: { y: { field: "site" }, x: { aggregate: "mean", field: "yield" } },
        },
      ],
    },
    "views that share data and transforms": {
      data: movies,
      transform: [{ filter: "datum['IMDB Rating'] > 5" }],
      vconcat: [
        { mark: "bar", encoding: { x: { bin: true, field: "IMDB Rating" }, y: { aggregate: "count" } } },
        {
          transform: [{ filter: { field: "US Gross", gt: 1e7 } }],
          mark: "bar",
          encoding: { y: { field: "Major Genre" }, x: { aggregate: "mean", field: "US Gross" } },
        },
      ],
    },
    "views in a grid": {
      data: cars,
      columns: 2,
      concat: ["Horsepower", "Acceleration", "Displacement"].map((field) => ({
        mark: "bar",
        encoding: { x: { field: "Origin" }, y: { aggregate: "median", field } },
      })),
    },
    "repeated views": {
      data: cars,
      repeat: ["Horsepower", "Miles_per_Gallon"],
      columns: 2,
      spec: {
        mark: "bar",
        encoding: { x: { field: { repeat: "repeat" }, bin: true }, y: { aggregate: "count" } },
      },
    },
    "repeated rows and columns": {
      data: cars,
      repeat: { row: ["Horsepower", "Acceleration"], column: ["Origin", "Cylinders"] },
      spec: {
        mark: "bar",
        encoding: {
          x: { field: { repeat: "column" }, type: "nominal" },
          y: { aggregate: "mean", field: { repeat: "row" } },
        },
      },
    },
    "repeated layers": {
      data: movies,
      repeat: { layer: ["US Gross", "Worldwide Gross"] },
      spec: {
        mark: "line",
        encoding: {
          x: { bin: true, field: "IMDB Rating" },
          y: { aggregate: "mean", field: { repeat: "layer" }, title: "Gross" },
          color: { datum: { repeat: "layer" }, type: "nominal" },
        },
      },
    },
    "a query as data": {
      data: { sql: 'SELECT "Origin", "Horsepower" FROM cars WHERE "Cylinders" = 4' },
      mark: "bar",
      encoding: { x: { field: "Origin" }, y: { aggregate: "mean", field: "Horsepower" } },
    },
    "a file named like a table": {
      data: { url: "https://example.com/data/cars.json?v=2" },
      mark: "bar",
      encoding: { x: { field: "Origin" }, y: { aggregate: "mean", field: "Horsepower" } },
    },
    "raw points": {
      data: cars,
      mark: "point",
      encoding: {
        x: { field: "Horsepower", type: "quantitative" },
        y: { field: "Miles_per_Gallon", type: "quantitative" },
        color: { field: "Origin" },
      },
    },
    "missing combinations are imputed": {
      data: barley,
      mark: "line",
      encoding: {
        x: { field: "variety" },
        y: { aggregate: "sum", field: "yield", impute: { value: 0 } },
        color: { field: "site" },
      },
    },
    "a selection in a condition": {
      data: cars,
      params: [{ name: "pick", select: { type: "point", encodings: ["x"] } }],
      mark: "bar",
      encoding: {
        x: { field: "Origin" },
        y: { aggregate: "count" },
        opacity: { condition: { param: "pick", value: 1 }, value: 0.3 },
      },
    },
  }),
];

/** Specs of which a part stays with the browser; they draw the same all the same. */
export const PARTIAL_SPECS: readonly ExampleSpec[] = [
  {
    name: "a selection that filters",
    spec: {
      data: cars,
      vconcat: [
        {
          params: [{ name: "brush", select: { type: "interval", encodings: ["x"] } }],
          mark: "bar",
          encoding: { x: { field: "Year", timeUnit: "year" }, y: { aggregate: "count" } },
        },
        {
          transform: [{ filter: { param: "brush" } }],
          mark: "bar",
          encoding: { x: { field: "Origin" }, y: { aggregate: "count" } },
        },
      ],
    },
    left: ["/vconcat/0/params", "/vconcat/1/transform/0/filter"],
  },
  {
    name: "a regression after a filter",
    spec: {
      data: cars,
      transform: [{ filter: "datum.Cylinders == 4" }, { regression: "Miles_per_Gallon", on: "Horsepower" }],
      mark: "line",
      encoding: {
        x: { field: "Horsepower", type: "quantitative" },
        y: { field: "Miles_per_Gallon", type: "quantitative" },
      },
    },
    left: ["/transform/1"],
  },
  {
    name: "a pivot",
    spec: {
      data: stocks,
      transform: [{ filter: "year(datum.date) == 2005" }, {
        pivot: "symbol",
        value: "price",
        groupby: ["date"],
      }],
      mark: "line",
      encoding: { x: { field: "date", type: "temporal" }, y: { field: "AAPL", type: "quantitative" } },
    },
    left: ["/transform/1"],
  },
  {
    name: "a box plot",
    spec: {
      data: cars,
      mark: "boxplot",
      encoding: { x: { field: "Origin" }, y: { field: "Horsepower", type: "quantitative" } },
    },
    left: ["/mark"],
  },
  {
    name: "bars of error",
    spec: {
      data: barley,
      mark: { type: "errorbar", extent: "stdev" },
      encoding: { x: { field: "yield", type: "quantitative" }, y: { field: "variety" } },
    },
    left: ["/mark"],
  },
  {
    name: "a control for a parameter",
    spec: {
      data: cars,
      params: [{ name: "power", value: 100, bind: { input: "range", min: 0, max: 200 } }],
      transform: [{ filter: "datum.Horsepower > power" }],
      mark: "bar",
      encoding: { x: { field: "Origin" }, y: { aggregate: "count" } },
    },
    left: ["/transform/0/filter"],
  },
  {
    name: "a regular expression",
    spec: {
      data: cars,
      transform: [{ filter: "test(regexp('^ford'), datum.Name)" }],
      mark: "bar",
      encoding: { x: { field: "Cylinders" }, y: { aggregate: "count" } },
    },
    left: ["/transform/0/filter"],
  },
  {
    name: "a window without an order",
    spec: {
      data: cars,
      transform: [{ window: [{ op: "row_number", as: "n" }] }, { filter: "datum.n < 0" }],
      mark: "bar",
      encoding: { x: { field: "Cylinders" }, y: { aggregate: "count" } },
    },
    left: ["/transform/0/sort"],
  },
  {
    name: "imputed rows",
    spec: {
      data: barley,
      transform: [{ impute: "yield", key: "variety", value: 0, groupby: ["site"] }],
      mark: "bar",
      encoding: { x: { field: "site" }, y: { aggregate: "sum", field: "yield" } },
    },
    left: ["/transform/0"],
  },
];
