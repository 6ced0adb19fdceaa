/**
 * Plugins: what one is, how its hooks are typed, and the points where it may add values.
 *
 * The kind of a hook stands in its type, so a handler that returns what its kind would drop does not
 * compile. An extension point is a value: a plugin can define one of its own, and types flow without module
 * augmentation. Hooks run in the control plane, once per query or per commit, never per row.
 *
 * @module
 */
import type { KernelHooks } from "./hooks.ts";
import type { PluginHost } from "./plugin_host.ts";

/** Every handler runs, in plugin order. Return values are not read. */
export interface Notify<Args extends readonly unknown[]> {
  /** Tells the kinds of hooks apart. */
  readonly kind: "notify";
  /** What a handler is called with. */
  readonly args: Args;
}

/** Handlers run in plugin order until one returns other than `undefined`. */
export interface First<Args extends readonly unknown[], Result> {
  /** Tells the kinds of hooks apart. */
  readonly kind: "first";
  /** What a handler is called with. */
  readonly args: Args;
  /** What a handler answers, when it does. */
  readonly result: Result;
}

/** Each handler receives the value that the handler before it returned. */
export interface Waterfall<Value, Args extends readonly unknown[] = []> {
  /** Tells the kinds of hooks apart. */
  readonly kind: "waterfall";
  /** What a handler is called with, after the value. */
  readonly args: Args;
  /** What passes from handler to handler. */
  readonly value: Value;
}

/** The function a plugin supplies for a hook of type `Hook`. */
export type Handler<Hook> = Hook extends Notify<infer Args> ? (...args: Args) => void
  : Hook extends First<infer Args, infer Result> ? (...args: Args) => Result | undefined
  : Hook extends Waterfall<infer Value, infer Args> ? (value: Value, ...args: Args) => Value
  : never;

/** The names of the kernel's hooks. */
export type HookName = keyof KernelHooks;

/** The handlers of one plugin. */
export type PluginHooks = { readonly [Name in HookName]?: Handler<KernelHooks[Name]> };

/** A value that a plugin contributes to an {@linkcode ExtensionPoint}. */
export interface Contribution {
  /** The key of the extension point. */
  readonly point: symbol;
  /** What it adds: of the type of the extension point. */
  readonly value: unknown;
}

/**
 * A named place where any number of plugins add values of one type.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { ExtensionPoint } from "./plugin.ts";
 *
 * const greetings = new ExtensionPoint<string>("greetings");
 * const contribution = greetings.of("hello");
 * assert(contribution.value === "hello");
 * ```
 */
export class ExtensionPoint<Value> {
  /** For messages and debugging; two points of one name stay two. */
  readonly name: string;
  readonly #key: symbol;

  /** Makes a point that no other has. */
  constructor(name: string) {
    this.name = name;
    this.#key = Symbol(name);
  }

  /** One contribution, for `provides` of a plugin. */
  of(value: Value): Contribution {
    return { point: this.#key, value };
  }

  /** The values among `contributions` that belong here, in order. */
  select(contributions: readonly Contribution[]): readonly Value[] {
    return contributions
      .filter((contribution) => contribution.point === this.#key)
      // Only `of` makes contributions with this key, and it takes a Value.
      .map((contribution) => contribution.value as Value);
  }
}

/** What a plugin hands the kernel when it is set up. */
export interface PluginInstance<Api> {
  /** The typed surface for users: `db.plugins.<name>`. */
  readonly api: Api;
  /** The handlers, by name of the hook. */
  readonly hooks?: PluginHooks;
  /** What it adds to extension points. */
  readonly provides?: readonly Contribution[];
  /** Called once, when the database closes. */
  close?(): void;
}

/** A plugin: a name, the plugins it needs before it, and its set-up. */
export interface Plugin<Name extends string = string, Api = unknown> {
  /** The key under `db.plugins`; one plugin a name. */
  readonly name: Name;
  /** Plugins that must come earlier in the list. Missing ones fail the load by name. */
  readonly needs?: readonly string[];
  /** Called once, while the database is created, in list order. */
  setup(host: PluginHost): PluginInstance<Api>;
}

/**
 * Declares a plugin; the name is inferred as a literal and the API from `setup`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { definePlugin } from "./plugin.ts";
 *
 * const counter = definePlugin({ name: "counter", setup: () => ({ api: { next: () => 1 } }) });
 * assert(counter.name === "counter");
 * ```
 */
export function definePlugin<const Name extends string, Api>(plugin: Plugin<Name, Api>): Plugin<Name, Api> {
  return plugin;
}

/** `{ materializedViews: ViewsApi, ... }` from the plugin list. */
export type ApisOf<Plugins extends readonly Plugin[]> = {
  readonly [P in Plugins[number] as P["name"]]: P extends Plugin<string, infer Api> ? Api : never;
};
