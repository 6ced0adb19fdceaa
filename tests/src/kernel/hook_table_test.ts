import { describe, it } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { LimitError, PluginError } from "../../../src/base/error.ts";
import { HookTable } from "../../../src/kernel/hook_table.ts";
import { definePlugin, ExtensionPoint, type Plugin } from "../../../src/kernel/plugin.ts";
import type { PluginHost } from "../../../src/kernel/plugin_host.ts";

// The plugins of these tests do not touch their host.
const HOST = {} as PluginHost;

function load<const Plugins extends readonly Plugin[]>(...plugins: Plugins): HookTable<Plugins> {
  return new HookTable(plugins, HOST);
}

describe("HookTable", () => {
  it("types the APIs by the plugin list", () => {
    const counter = definePlugin({ name: "counter", setup: () => ({ api: { next: () => 7 } }) });
    const table = load(counter);
    assertEquals(table.apis.counter.next(), 7);
    // @ts-expect-error a plugin that is not in the list has no API
    assertStrictEquals(table.apis.other, undefined);
  });

  it("refuses a handler that returns what the hook would drop", () => {
    definePlugin({
      name: "bad",
      // @ts-expect-error a waterfall handler must return the value
      setup: () => ({ api: {}, hooks: { dependents: () => 1 } }),
    });
  });

  it("gives the first answer of a first hook", () => {
    const silent = definePlugin({
      name: "silent",
      setup: () => ({ api: {}, hooks: { admitTask: () => undefined } }),
    });
    const loud = definePlugin({
      name: "loud",
      setup: () => ({ api: {}, hooks: { admitTask: () => ({ kind: "admit", priority: 3 } as const) } }),
    });
    const task = { name: "t", priority: 0, step: () => true };
    assertEquals(load(silent, loud).first("admitTask", task), { kind: "admit", priority: 3 });
    assertEquals(load(silent).first("admitTask", task), undefined);
  });

  it("hands a waterfall from plugin to plugin in list order", () => {
    const add = <Name extends string>(name: Name) =>
      definePlugin({
        name,
        setup: () => ({ api: {}, hooks: { dependents: (names: readonly string[]) => [...names, name] } }),
      });
    assertEquals(load(add("a"), add("b")).waterfall("dependents", [], "t", undefined), ["a", "b"]);
  });

  it("names plugin and hook when a handler throws, and keeps the cause", () => {
    const cause = new TypeError("boom");
    const broken = definePlugin({
      name: "broken",
      setup: () => ({
        api: {},
        hooks: {
          published: () => {
            throw cause;
          },
        },
      }),
    });
    const error = assertThrows(() => load(broken).notify("published", 1), PluginError, "broken");
    assertEquals(error.details, { plugin: "broken", hook: "published" });
    assertStrictEquals(error.cause, cause);
  });

  it("passes the engine's own errors through", () => {
    const limiting = definePlugin({
      name: "limiting",
      setup: () => ({
        api: {},
        hooks: {
          published: () => {
            throw new LimitError("memory-limit", "Full");
          },
        },
      }),
    });
    assertThrows(() => load(limiting).notify("published", 1), LimitError, "Full");
  });

  it("refuses a plugin that is loaded twice, or before one it needs", () => {
    const a = definePlugin({ name: "a", setup: () => ({ api: {} }) });
    const b = definePlugin({ name: "b", needs: ["a"], setup: () => ({ api: {} }) });
    assertThrows(() => load(a, a), PluginError, "twice");
    assertThrows(() => load(b, a), PluginError, `needs "a"`);
    load(a, b);
  });

  it("refuses an unknown hook", () => {
    const odd: Plugin = { name: "odd", setup: () => ({ api: {}, hooks: { nonsense: () => {} } as object }) };
    assertThrows(() => load(odd), PluginError, "nonsense");
  });

  it("collects the values of an extension point in plugin order", () => {
    const colours = new ExtensionPoint<string>("colours");
    const others = new ExtensionPoint<string>("others");
    const a = definePlugin({
      name: "a",
      setup: () => ({ api: {}, provides: [colours.of("red"), others.of("x")] }),
    });
    const b = definePlugin({ name: "b", setup: () => ({ api: {}, provides: [colours.of("blue")] }) });
    assertEquals(load(a, b).values(colours), ["red", "blue"]);
  });
});
