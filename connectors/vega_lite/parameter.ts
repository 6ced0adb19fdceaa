/**
 * Parameters of a spec: those that nothing can change are constants, and selections that data depend on keep the
 * views around them on raw rows.
 *
 * @module
 */
import { isSpec, itemsOf, type Spec } from "./spec_shape.ts";

/** Parameters with a value and no control. */
export function fixedParameters(root: Spec): ReadonlyMap<string, unknown> {
  const fixed = new Map<string, unknown>();
  for (const param of itemsOf(root["params"])) {
    if (!isSpec(param) || typeof param["name"] !== "string" || param["value"] === undefined) continue;
    if (param["bind"] === undefined && param["select"] === undefined && param["expr"] === undefined) {
      fixed.set(param["name"], param["value"]);
    }
  }
  return fixed;
}

/** Selections by which rows are filtered, looked up, binned or scaled: all uses but in conditions of encodings. */
export function selectionsOfData(root: Spec): ReadonlySet<string> {
  const found = new Set<string>();
  const open: { readonly value: unknown; readonly data: boolean }[] = [{ value: root, data: false }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, data } = node;
    if (isSpec(value) && data && typeof value["param"] === "string") found.add(value["param"]);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      open.push({ value: item, data: data || key === "transform" || key === "bin" });
    }
  }
  return found;
}
