/**
 * The handlers of all loaded plugins, in list order, resolved once when the database is created.
 *
 * A hook that no plugin handles costs one property read and a length check.
 *
 * @module
 */
import { LiveViewError, PluginError } from "../base/error.ts";
import type { KernelHooks } from "./hooks.ts";
import type { ApisOf, Contribution, ExtensionPoint, HookName, Plugin, PluginInstance } from "./plugin.ts";
import type { PluginHost } from "./plugin_host.ts";

type OfKind<Kind extends string> = {
  [Name in HookName]: KernelHooks[Name] extends { readonly kind: Kind } ? Name : never;
}[HookName];

interface Entry {
  readonly plugin: string;
  readonly handler: (...args: readonly unknown[]) => unknown;
}

// One row per hook: leaving a hook out does not compile.
const NO_HANDLERS: Readonly<Record<HookName, readonly Entry[]>> = {
  statement: [],
  rewritePlan: [],
  answerQuery: [],
  freshness: [],
  admitTask: [],
  commitDelta: [],
  published: [],
  dependents: [],
  dropDependents: [],
  catalogChange: [],
  subscribe: [],
  explainPlan: [],
  collectMetrics: [],
};

/** See the module header. */
export class HookTable<const Plugins extends readonly Plugin[]> {
  readonly apis: ApisOf<Plugins>;
  readonly contributions: readonly Contribution[];
  readonly #entries: Readonly<Record<HookName, readonly Entry[]>>;
  readonly #instances: readonly PluginInstance<unknown>[];

  constructor(plugins: Plugins, host: PluginHost) {
    const apis: Record<string, unknown> = {};
    const entries: Record<HookName, readonly Entry[]> = { ...NO_HANDLERS };
    const contributions: Contribution[] = [];
    const instances: PluginInstance<unknown>[] = [];
    for (const plugin of plugins) {
      checkOrder(plugin, apis);
      const instance = setUp(plugin, host);
      apis[plugin.name] = instance.api;
      instances.push(instance);
      contributions.push(...instance.provides ?? []);
      for (const [hook, handler] of Object.entries(instance.hooks ?? {})) {
        if (!Object.hasOwn(NO_HANDLERS, hook)) {
          throw new PluginError("plugin-failed", `Plugin "${plugin.name}" handles unknown hook "${hook}"`, {
            details: { plugin: plugin.name, hook },
            hint: `hooks are ${Object.keys(NO_HANDLERS).join(", ")}`,
          });
        }
        // Object.entries loses the key type; the check above restores what the compiler knew.
        const name = hook as HookName;
        entries[name] = [...entries[name], { plugin: plugin.name, handler: handler as Entry["handler"] }];
      }
    }
    // Built from the very list that ApisOf describes.
    this.apis = Object.freeze(apis) as ApisOf<Plugins>;
    this.contributions = contributions;
    this.#entries = Object.freeze(entries);
    this.#instances = instances;
  }

  /** True when some plugin handles `name`: lets the kernel skip work that only handlers need. */
  handles(name: HookName): boolean {
    return this.#entries[name].length > 0;
  }

  notify<Name extends OfKind<"notify">>(name: Name, ...args: KernelHooks[Name]["args"]): void {
    const entries = this.#entries[name];
    for (let i = 0; i < entries.length; i++) call(entries[i]!, name, args);
  }

  first<Name extends OfKind<"first">>(
    name: Name,
    ...args: KernelHooks[Name]["args"]
  ): KernelHooks[Name]["result"] | undefined {
    for (const entry of this.#entries[name]) {
      const result = call(entry, name, args);
      // The handler's type was checked against the hook when the plugin was written.
      if (result !== undefined) return result as KernelHooks[Name]["result"];
    }
    return undefined;
  }

  waterfall<Name extends OfKind<"waterfall">>(
    name: Name,
    value: KernelHooks[Name]["value"],
    ...args: KernelHooks[Name]["args"]
  ): KernelHooks[Name]["value"] {
    let current: unknown = value;
    for (const entry of this.#entries[name]) current = call(entry, name, [current, ...args]);
    // Each handler returns the hook's value type.
    return current as KernelHooks[Name]["value"];
  }

  /** The values that plugins added to `point`, in plugin order. */
  values<Value>(point: ExtensionPoint<Value>): readonly Value[] {
    return point.select(this.contributions);
  }

  /** Closes the plugins, last loaded first. */
  close(): void {
    for (const instance of [...this.#instances].reverse()) instance.close?.();
  }
}

function checkOrder(plugin: Plugin, loaded: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(loaded, plugin.name)) {
    throw new PluginError("plugin-duplicate", `Plugin "${plugin.name}" is loaded twice`, {
      details: { plugin: plugin.name },
      hint: "list each plugin once",
    });
  }
  for (const needed of plugin.needs ?? []) {
    if (Object.hasOwn(loaded, needed)) continue;
    throw new PluginError(
      "plugin-missing",
      `Plugin "${plugin.name}" needs "${needed}", which is not loaded before it`,
      {
        details: { plugin: plugin.name, needs: needed },
        hint: `put ${needed}() before ${plugin.name}() in plugins`,
      },
    );
  }
}

function setUp(plugin: Plugin, host: PluginHost): PluginInstance<unknown> {
  try {
    return plugin.setup(host);
  } catch (cause) {
    throw new PluginError("plugin-failed", `Plugin "${plugin.name}" failed to set up: ${messageOf(cause)}`, {
      details: { plugin: plugin.name, hook: "setup" },
      cause,
    });
  }
}

function call(entry: Entry, hook: HookName, args: readonly unknown[]): unknown {
  try {
    return entry.handler(...args);
  } catch (cause) {
    // What a plugin reports in the engine's own terms (a limit, a constraint) is for the caller as it is.
    if (cause instanceof LiveViewError) throw cause;
    throw new PluginError(
      "plugin-failed",
      `Plugin "${entry.plugin}" failed in hook "${hook}": ${messageOf(cause)}`,
      {
        details: { plugin: entry.plugin, hook },
        cause,
      },
    );
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
