/**
 * Arrow IPC for results and ingest, as an option of the app.
 *
 * @module
 */
import { readArrow } from "../arrow/read_arrow.ts";
import { writeArrow } from "../arrow/write_arrow.ts";
import type { ArrowFormat } from "./app_options.ts";

/** For the option `arrow`. */
export const arrowFormat: ArrowFormat = {
  read: (bytes) => readArrow(bytes),
  write: (result) => writeArrow(result),
};
