/**
 * Which transaction callback the running code was called from: so that a call that would wait for the end of that
 * transaction, and thereby for itself, is an error instead.
 *
 * Asynchronous context is followed with AsyncLocalStorage where the runtime has it (Deno, Bun, Node, and workerd
 * with Node compatibility); it is looked up at run time, since nothing here may depend on a module of one runtime.
 * Elsewhere the synchronous part of a callback is followed alone, and later calls wait. O(1).
 *
 * @module
 */

/** A callback that runs. */
interface Scope {
  isOpen: boolean;
}

/** What is used of AsyncLocalStorage. */
interface AsyncContext {
  run<Result>(scope: Scope | undefined, body: () => Result): Result;
  getStore(): Scope | undefined;
}

/** See the module header. */
export class TransactionScope {
  readonly #create: () => AsyncContext;
  /** Made with the first callback: a runtime may have to do more for every promise from then on. */
  #context: AsyncContext | undefined;

  /** `create` makes what follows the context; by default the best that the runtime has. */
  constructor(create: () => AsyncContext = createContext) {
    this.#create = create;
  }

  /** Whether a callback that has not ended has led here. */
  get isInside(): boolean {
    return this.#context?.getStore()?.isOpen ?? false;
  }

  /** Runs the callback of a transaction. */
  async run<Result>(body: () => Promise<Result> | Result): Promise<Result> {
    const scope = { isOpen: true };
    this.#context ??= this.#create();
    try {
      return await this.#context.run(scope, body);
    } finally {
      scope.isOpen = false;
    }
  }

  /** Runs what the callback that has led here does not wait for. */
  outside<Result>(body: () => Result): Result {
    return this.#context === undefined ? body() : this.#context.run(undefined, body);
  }
}

/** Follows synchronous calls. */
export class SynchronousContext implements AsyncContext {
  #scope: Scope | undefined;

  getStore(): Scope | undefined {
    return this.#scope;
  }

  run<Result>(scope: Scope | undefined, body: () => Result): Result {
    const before = this.#scope;
    this.#scope = scope;
    try {
      return body();
    } finally {
      this.#scope = before;
    }
  }
}

function createContext(): AsyncContext {
  // The type adds what is asked for as optional, and says nothing that is not checked.
  const { process } = globalThis as {
    readonly process?: {
      getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: new () => AsyncContext } | undefined;
    };
  };
  const AsyncLocalStorage = process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  return AsyncLocalStorage === undefined ? new SynchronousContext() : new AsyncLocalStorage();
}
