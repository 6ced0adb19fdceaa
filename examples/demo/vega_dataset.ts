/**
 * The files of the package vega-datasets, which holds real data for examples: flights, airports, weather.
 *
 * @module
 */

/** The file `name` in the data folder of the package. */
export async function vegaDataset(name: string): Promise<URL> {
  // The import makes the runtime fetch the package; its own code only lists addresses.
  await import("vega-datasets");
  return new URL(`../data/${name}`, import.meta.resolve("vega-datasets"));
}
