/**
 * A session: the state that lasts from statement to statement, which is the open transaction.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { Kernel } from "./kernel.ts";

/** Holds at most one transaction. Statements of a session outside a transaction commit by themselves. */
export class Session {
  readonly #kernel: Kernel;
  #transaction: Transaction | undefined;

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

  #take(action: string): Transaction {
    const transaction = this.#transaction;
    if (transaction === undefined) {
      throw new InvariantError("transaction-closed", `Cannot ${action}: no transaction is open`, {
        hint: "BEGIN one first",
      });
    }
    this.#transaction = undefined;
    return transaction;
  }
}
