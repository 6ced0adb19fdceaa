/**
 * A task: work that is done in small steps, so that one query cannot hold the event loop.
 *
 * @module
 */

/** What the scheduler runs. */
export interface Task {
  /** For logs and admission: `query`, `refresh`, `import`, ... */
  readonly name: string;
  /** Higher runs first. Equal priorities take turns. */
  readonly priority: number;
  /** Whose work it is, when tenants are told apart. */
  readonly tenant?: string;
  /** Milliseconds from submission after which the task fails with `deadline-exceeded`. */
  readonly deadlineMs?: number;
  /** Stops the task with `aborted`. */
  readonly signal?: AbortSignal;
  /**
   * Does work of about `budget` rows and returns true when all is done. Called repeatedly, never
   * concurrently; an error ends the task.
   */
  step(budget: number): boolean;
  /** Called once when the task ends early: abort, deadline or error. */
  close?(): void;
}

/** What a plugin answers when it is asked whether a task may start. */
export type Admission =
  | { readonly kind: "admit"; readonly priority?: number }
  | { readonly kind: "reject"; readonly error: Error }
  /** Waits for `until` and asks again. */
  | { readonly kind: "defer"; readonly until: Promise<void> };
