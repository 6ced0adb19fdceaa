/**
 * What all parts of the compiler share: the catalogue, and the list of what was left out.
 *
 * @module
 */
import type { ChartCatalog, UnsupportedPart } from "../charts/chart_kind.ts";

/** See the module header. */
export interface CompileScope {
  readonly catalog: ChartCatalog;
  readonly unsupported: UnsupportedPart[];
}

/** Notes a part that is left out. */
export function leaveOut({ unsupported }: CompileScope, path: string, reason: string): void {
  unsupported.push({ path, reason });
}
