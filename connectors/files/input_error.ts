/**
 * Errors in files: each names the file and the place in it.
 *
 * @module
 */
import { type ErrorOptions, LiveViewError, SchemaError } from "../../src/base/error.ts";

/** A place in a file, as far as the format knows it. */
export interface InputPlace {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** Number of the character in the line, from 1, in UTF-16 units. */
  readonly character?: number;
  /** Name of the column. */
  readonly column?: string;
  /** Path in a JSON document: `$[3].price`. */
  readonly path?: string;
  /** From 0, in the file. */
  readonly byteOffset?: number;
  /** Number of the data row, from 1. */
  readonly row?: number;
}

/** An `invalid-input` error: `Cannot read people.csv, line 3, column age: ...`. */
export function inputError(place: InputPlace, problem: string, options: ErrorOptions = {}): SchemaError {
  const parts = [place.file];
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.character !== undefined) parts.push(`column ${place.character}`);
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  if (place.path !== undefined) parts.push(place.path);
  if (place.column !== undefined) parts.push(`column ${place.column}`);
  if (place.byteOffset !== undefined) parts.push(`byte ${place.byteOffset}`);
  return new SchemaError("invalid-input", `Cannot read ${parts.join(", ")}: ${problem}`, {
    ...options,
    details: { ...place, ...options.details },
  });
}

/** The first sentence of any thrown value, for use within another message. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof LiveViewError && cause.hint !== undefined) {
    return cause.message.slice(0, -(cause.hint.length + 3));
  }
  return cause instanceof Error ? cause.message : String(cause);
}

/** True when the error says that a value did not fit a type that was inferred from a sample. */
export function isInferenceMisfit(error: unknown): boolean {
  return error instanceof SchemaError && error.code === "invalid-input" && error.details.inferred === true;
}

/** A value as a message shows it: quoted, and cut when long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
