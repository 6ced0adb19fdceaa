/**
 * What the circuits of views run with.
 *
 * @module
 */
import { InvariantError } from "../../src/base/error.ts";
import type { CircuitEnvironment } from "../../src/circuit/compile_circuit.ts";
import { LiveTables } from "../../src/circuit/live_tables.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";

/** See the module header. */
export function circuitEnvironment(host: PluginHost): CircuitEnvironment {
  return {
    execution: {
      ...host.environment(() => {
        throw new InvariantError("invariant", "A circuit reads tables through its epochs");
      }),
      // A row that goes must have the values with which it came.
      refusesMovingText: true,
    },
    tables: new LiveTables(host.store),
    isDeterministic: (scalar) => host.isImmutable(scalar),
  };
}
