/**
 * A session: the state that lasts from statement to statement, which is the open transaction.
 *
 * @module
 */
import { InvariantError, SchemaError } from "../base/error.ts";
import type { Savepoint, Transaction } from "../storage/transaction.ts";
import type { Kernel } from "./kernel.ts";

/** Holds at most one transaction. Statements of a session outside a transaction commit by themselves. */
export class Session {
  readonly #kernel: Kernel;
  #transaction: Transaction | undefined;
  /** Oldest first; of two with one name the later one counts. */
  #savepoints: { readonly name: string; readonly savepoint: Savepoint }[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The open transaction. */
  get transaction(): Transaction | undefined {
    return this.#transaction;
  }

  /** Waits for the writers before it and opens a transaction. */
  async begin(signal?: AbortSignal): Promise<void> {
    if (this.#transaction !== undefined) {
      throw new InvariantError("transaction-closed", "Cannot begin: a transaction is already open", {
        hint: "COMMIT or ROLLBACK it first",
      });
    }
    await this.#kernel.writerLock.acquire(signal);
    try {
      this.#transaction = this.#kernel.store.begin();
    } catch (error) {
      this.#kernel.writerLock.release();
      throw error;
    }
  }

  /** Commits and gives the version. */
  commit(): number {
    const transaction = this.#take("commit");
    try {
      return this.#kernel.commit(transaction);
    } finally {
      this.#kernel.writerLock.release();
    }
  }

  rollback(): void {
    const transaction = this.#take("roll back");
    try {
      transaction.rollback();
    } finally {
      this.#kernel.writerLock.release();
    }
  }

  /** SAVEPOINT: a place to roll back to. */
  setSavepoint(name: string): void {
    const savepoint = this.#require("set a savepoint").savepoint();
    this.#savepoints.push({ name, savepoint });
  }

  /** ROLLBACK TO: takes back everything since; the savepoint stays. */
  rollbackTo(name: string): void {
    const transaction = this.#require("roll back to a savepoint");
    const index = this.#savepointIndex(name);
    transaction.rollbackTo(this.#savepoints[index]!.savepoint);
    this.#savepoints.length = index + 1;
  }

  /** RELEASE: forgets the savepoint and those after it; their writes stay. */
  releaseSavepoint(name: string): void {
    this.#require("release a savepoint");
    this.#savepoints.length = this.#savepointIndex(name);
  }

  #savepointIndex(name: string): number {
    const index = this.#savepoints.findLastIndex((one) => one.name === name);
    if (index >= 0) return index;
    const known = this.#savepoints.map((one) => one.name).join(", ");
    throw new SchemaError("unknown-object", `There is no savepoint "${name}"`, {
      details: { name },
      hint: known === "" ? "set one with SAVEPOINT" : `savepoints are ${known}`,
    });
  }

  #require(action: string): Transaction {
    if (this.#transaction !== undefined) return this.#transaction;
    throw new InvariantError("transaction-closed", `Cannot ${action}: no transaction is open`, {
      hint: "BEGIN one first",
    });
  }

  #take(action: string): Transaction {
    const transaction = this.#require(action);
    this.#transaction = undefined;
    this.#savepoints = [];
    return transaction;
  }
}
