/**
 * Layers: the encoding that they share.
 *
 * @module
 */
import { isSpec, type Spec } from "./spec_shape.ts";

/** The encoding of a view in a layer with an encoding of its own: fields of the view win, part by part. */
export function mergedEncoding(outer: Spec | undefined, own: unknown): Spec | undefined {
  const inner = isSpec(own) ? own : undefined;
  if (outer === undefined) return inner;
  const merged: Record<string, unknown> = { ...outer };
  for (const [channel, def] of Object.entries(inner ?? {})) {
    const around = outer[channel];
    const inherits = isSpec(def) && isSpec(around) &&
      (def["field"] !== undefined || def["datum"] !== undefined ||
        def["aggregate"] !== undefined);
    Object.defineProperty(merged, channel, {
      value: inherits ? { ...around, ...def } : def,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return merged;
}
