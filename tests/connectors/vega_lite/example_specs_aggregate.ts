/**
 * Example specs: aggregates in every channel, by every operation.
 *
 * @module
 */
import { examples, type ExampleSpec } from "./example_spec.ts";

const cars = { name: "cars" };
const barley = { name: "barley" };
const movies = { name: "movies" };

const OPERATIONS = [
  "count",
  "valid",
  "missing",
  "distinct",
  "sum",
  "mean",
  "average",
  "median",
  "q1",
  "q3",
  "min",
  "max",
  "stdev",
  "stdevp",
  "variance",
  "variancep",
  "stderr",
];

/** See the module header. */
export const AGGREGATE_SPECS: readonly ExampleSpec[] = [
  ...OPERATIONS.map((aggregate): ExampleSpec => ({
    name: `${aggregate} by group`,
    spec: {
      data: cars,
      mark: "bar",
      encoding: {
        x: { field: "Origin" },
        y: { aggregate, field: "Miles_per_Gallon", type: "quantitative" },
      },
    },
  })),
  {
    name: "product of small numbers",
    spec: {
      data: { name: "factors" },
      mark: "bar",
      encoding: { x: { field: "kind" }, y: { aggregate: "product", field: "factor" } },
    },
  },
  ...examples({
    "count without a field": {
      data: cars,
      mark: "bar",
      encoding: { y: { field: "Cylinders" }, x: { aggregate: "count" } },
    },
    "one number for all rows": {
      data: cars,
      mark: "bar",
      encoding: { x: { aggregate: "sum", field: "Horsepower" } },
    },
    "argmax gives the value beside the greatest": {
      data: movies,
      mark: "bar",
      encoding: {
        x: { aggregate: { argmax: "US Gross" }, field: "Production Budget", type: "quantitative" },
        y: { field: "Major Genre" },
      },
    },
    "argmin in a text": {
      data: cars,
      mark: "text",
      encoding: {
        x: { field: "Cylinders", type: "ordinal" },
        y: { aggregate: "min", field: "Weight_in_lbs" },
        text: { aggregate: { argmin: "Weight_in_lbs" }, field: "Name", type: "nominal" },
      },
    },
    "measures in size and colour": {
      data: barley,
      mark: "circle",
      encoding: {
        x: { field: "site" },
        y: { field: "variety" },
        size: { aggregate: "mean", field: "yield" },
        color: { aggregate: "max", field: "year", type: "quantitative" },
      },
    },
    "measures in opacity, shape by a group": {
      data: cars,
      mark: "point",
      encoding: {
        x: { aggregate: "mean", field: "Horsepower" },
        y: { aggregate: "mean", field: "Miles_per_Gallon" },
        shape: { field: "Origin" },
        opacity: { aggregate: "count" },
      },
    },
    "detail splits lines": {
      data: { name: "stocks" },
      mark: "line",
      encoding: {
        x: { field: "date", timeUnit: "year" },
        y: { aggregate: "mean", field: "price" },
        detail: { field: "symbol" },
      },
    },
    "several details": {
      data: barley,
      mark: "point",
      encoding: { x: { aggregate: "sum", field: "yield" }, detail: [{ field: "site" }, { field: "year" }] },
    },
    "tooltips and texts of measures": {
      data: cars,
      mark: "text",
      encoding: {
        y: { field: "Origin" },
        text: { aggregate: "mean", field: "Displacement", format: ".1f" },
        tooltip: [{ field: "Origin" }, { aggregate: "count" }],
      },
    },
    "a range between two measures": {
      data: barley,
      mark: "bar",
      encoding: {
        x: { aggregate: "min", field: "yield" },
        x2: { aggregate: "max", field: "yield" },
        y: { field: "variety" },
      },
    },
    "an area between two measures": {
      data: { name: "seattle-weather" },
      mark: "area",
      encoding: {
        x: { field: "date", timeUnit: "month" },
        y: { aggregate: "mean", field: "temp_max" },
        y2: { aggregate: "mean", field: "temp_min" },
      },
    },
    "points are opaque": {
      data: cars,
      mark: "tick",
      encoding: {
        x: { aggregate: "median", field: "Acceleration" },
        y: { field: "Cylinders", type: "ordinal" },
      },
    },
    "titles that are written stay": {
      data: cars,
      mark: "bar",
      encoding: {
        x: { field: "Origin", title: "Made in" },
        y: { aggregate: "mean", field: "Horsepower", axis: { title: "hp" } },
      },
    },
    "functional titles": {
      data: cars,
      mark: "bar",
      config: { fieldTitle: "functional" },
      encoding: {
        x: { field: "Origin" },
        y: { aggregate: "mean", field: "Horsepower" },
        color: { bin: true, field: "Displacement" },
        row: { field: "Year", timeUnit: "yearquarter" },
      },
    },
    "the title of counts": {
      data: cars,
      mark: "bar",
      config: { countTitle: "Cars" },
      encoding: { x: { field: "Origin" }, y: { aggregate: "count" } },
    },
    "the domain of raw values": {
      data: cars,
      mark: "point",
      encoding: {
        x: { field: "Origin" },
        y: { aggregate: "mean", field: "Horsepower", scale: { domain: "unaggregated" } },
      },
    },
    "raw domains by configuration": {
      data: cars,
      mark: "point",
      config: { scale: { useUnaggregatedDomain: true } },
      encoding: { x: { field: "Origin" }, y: { aggregate: "median", field: "Weight_in_lbs" } },
    },
    "a logarithmic scale": {
      data: movies,
      mark: "point",
      encoding: {
        x: { field: "MPAA Rating" },
        y: { aggregate: "mean", field: "US Gross", scale: { type: "log" } },
      },
    },
    "conditions on measures": {
      data: cars,
      mark: "bar",
      encoding: {
        x: { field: "Origin" },
        y: { aggregate: "mean", field: "Horsepower" },
        color: { condition: { test: "datum['mean_Horsepower'] > 100", value: "red" }, value: "gray" },
      },
    },
    "a condition with a field": {
      data: cars,
      mark: "bar",
      encoding: {
        x: { field: "Origin" },
        y: { aggregate: "count" },
        color: {
          condition: { test: "datum.Origin !== 'USA'", field: "Origin", type: "nominal" },
          value: "gray",
        },
      },
    },
    "dots are in no name": {
      data: { name: "dotted" },
      mark: "bar",
      encoding: { x: { field: "a\\.b" }, y: { aggregate: "sum", field: "[c.d]" } },
    },
    "null is a group": {
      data: movies,
      mark: "bar",
      encoding: { y: { field: "Creative Type" }, x: { aggregate: "mean", field: "IMDB Rating" } },
    },
    "an arc for each group": {
      data: cars,
      mark: "arc",
      encoding: { theta: { aggregate: "count" }, color: { field: "Origin" } },
    },
    "short types": {
      data: cars,
      mark: "bar",
      encoding: {
        x: { field: "Cylinders", type: "ordinal" },
        y: { aggregate: "count", type: "quantitative" },
      },
    },
  }),
];
