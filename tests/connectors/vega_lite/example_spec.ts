/**
 * A spec to be drawn twice: by Vega-Lite from raw rows, and from what the engine gives.
 *
 * @module
 */

/** See the module header. */
export interface ExampleSpec {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Paths that the compiler leaves to the browser. */
  readonly left?: readonly string[];
}

/** Names specs by the keys of an object. */
export function examples(specs: Readonly<Record<string, ExampleSpec["spec"]>>): readonly ExampleSpec[] {
  return Object.entries(specs).map(([name, spec]) => ({ name, spec }));
}
