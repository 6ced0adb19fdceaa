import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock, systemClock } from "../../../src/base/clock.ts";
import { LimitError } from "../../../src/base/error.ts";
import { Scheduler } from "../../../src/scheduler/scheduler.ts";
import type { Task } from "../../../src/scheduler/task.ts";

/** A task of `steps` steps, each taking `stepMs` of the manual clock, that logs its name. */
function steps(
  clock: ManualClock,
  log: string[],
  name: string,
  count: number,
  rest: Partial<Task> = {},
): Task {
  let left = count;
  return {
    name,
    priority: 0,
    step: () => {
      log.push(name);
      clock.advance(1);
      return --left === 0;
    },
    ...rest,
  };
}

describe("Scheduler", () => {
  it("finishes a short task without a turn of the event loop", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.reject(new Error("must not yield")) });
    await scheduler.run(steps(clock, log, "a", 1));
    assertEquals(log, ["a"]);
  });

  it("lets tasks of equal priority take turns", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.resolve() });
    await Promise.all([scheduler.run(steps(clock, log, "a", 3)), scheduler.run(steps(clock, log, "b", 3))]);
    assertEquals(log.slice(0, 1), ["a"]);
    assertEquals(log.slice(1).join(""), "baba" + "b");
  });

  it("runs the higher priority first", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.resolve() });
    await Promise.all([
      scheduler.run(steps(clock, log, "low", 3)),
      scheduler.run(steps(clock, log, "high", 3, { priority: 5 })),
    ]);
    assertEquals(log.join(" "), "low high high high low low");
  });

  it("stops a task at its deadline", async () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.resolve() });
    const error = await assertRejects(
      () => scheduler.run(steps(clock, [], "slow", 1000, { deadlineMs: 10 })),
      LimitError,
    );
    assertEquals(error.code, "deadline-exceeded");
    assertEquals(clock.monotonic(), 10);
  });

  it("stops an aborted task within 10 ms and closes it", async () => {
    const scheduler = new Scheduler({ clock: systemClock });
    const controller = new AbortController();
    let closed = false;
    let abortedAt = 0;
    setTimeout(() => {
      abortedAt = performance.now();
      controller.abort();
    }, 20);
    const task: Task = {
      name: "endless",
      priority: 0,
      signal: controller.signal,
      step: () => {
        const end = performance.now() + 0.5;
        while (performance.now() < end);
        return false;
      },
      close: () => closed = true,
    };
    const error = await assertRejects(() => scheduler.run(task), LimitError);
    assertEquals(error.code, "aborted");
    assert(closed);
    assert(performance.now() - abortedAt < 10, "the abort was seen late");
  });

  it("adapts the budget to the quantum", async () => {
    const clock = new ManualClock();
    const budgets: number[] = [];
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.resolve() });
    let left = 20;
    await scheduler.run({
      name: "measured",
      priority: 0,
      step: (budget) => {
        budgets.push(budget);
        // 100 rows a millisecond.
        clock.advance(budget / 100);
        return --left === 0;
      },
    });
    assert(budgets.at(-1)! <= 256, `the last budget was ${budgets.at(-1)}`);
  });

  it("keeps running other tasks when one throws", async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const scheduler = new Scheduler({ clock, yieldTurn: () => Promise.resolve() });
    const first = scheduler.run(steps(clock, log, "a", 3));
    const failing = scheduler.run({
      name: "bad",
      priority: 0,
      step: () => {
        throw new LimitError("row-limit", "Too many rows");
      },
    });
    await assertRejects(() => failing, LimitError, "Too many rows");
    await first;
    assertEquals(log, ["a", "a", "a"]);
  });

  it("refuses more tasks than its limit", async () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler({ clock, tasksMax: 1, yieldTurn: () => Promise.resolve() });
    const first = scheduler.run(steps(clock, [], "a", 5));
    const error = await assertRejects(async () => await scheduler.run(steps(clock, [], "b", 1)), LimitError);
    assertEquals(error.code, "queue-limit");
    await first;
  });
});
