/**
 * What snapshots hold of a table: its segments at one moment. While a pin is held, writers copy what they
 * change (segment_column.ts says what exactly); taking and releasing one is O(held pins).
 *
 * @module
 */
import type { MemoryAccount } from "./memory_account.ts";
import type { Segment } from "./segment.ts";
import type { StoredColumnDefinition } from "./table_view.ts";

/** A table at one moment. */
export interface Pin {
  readonly epoch: number;
  readonly segments: readonly Segment[];
  readonly columns: readonly StoredColumnDefinition[];
  readonly rowCount: number;
  /** The table's modification count at that moment. */
  readonly modification: number;
  /** How many snapshots share the pin. */
  holders: number;
  /** Bytes of arrays that only held pins still use. */
  heldBytes: number;
}

/** The pins of a table, oldest first. */
export class PinSet {
  readonly #account: MemoryAccount;
  readonly #pins: Pin[] = [];

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** Epoch of the youngest held pin; 0 when none is held. What was made before it must not be changed. */
  youngestEpoch = 0;

  /** The youngest held pin. */
  get youngest(): Pin | undefined {
    return this.#pins[this.#pins.length - 1];
  }

  add(pin: Pin): void {
    this.#pins.push(pin);
    this.youngestEpoch = pin.epoch;
  }

  /** Gives up one hold on `pin`. */
  release(pin: Pin): void {
    pin.holders--;
    if (pin.holders > 0) return;
    const index = this.#pins.indexOf(pin);
    if (index < 0) return;
    this.#pins.splice(index, 1);
    const older = this.#pins[index - 1];
    // An older pin may use the same arrays, so it takes over the whole amount.
    if (older !== undefined) older.heldBytes += pin.heldBytes;
    else this.#account.add(-pin.heldBytes);
    this.youngestEpoch = this.youngest?.epoch ?? 0;
  }

  /** Records that `bytes` were copied because of held pins. */
  hold(bytes: number): void {
    const { youngest } = this;
    if (youngest === undefined) return;
    youngest.heldBytes += bytes;
    this.#account.add(bytes);
  }
}
