/**
 * Applies a batch of changes to LiveViewDB: a single change by itself, more in one transaction.
 *
 * @module
 */
import type { Database } from "../../mod.ts";
import type { ChangeBatch } from "./change_script.ts";

/** One commit. */
export async function applyToLiveView(
  db: Pick<Database, "insert" | "update" | "delete" | "transaction">,
  { inserts, updates, deletes }: ChangeBatch,
): Promise<void> {
  if (inserts.length + updates.length + deletes.length === 1) {
    if (inserts.length > 0) await db.insert("orders", inserts);
    else if (updates.length > 0) await db.update("orders", updates[0]!.after);
    else await db.delete("orders", deletes[0]!);
    return;
  }
  await db.transaction(async (transaction) => {
    await transaction.delete("orders", deletes);
    await transaction.update("orders", updates.map((update) => update.after));
    await transaction.insert("orders", inserts);
  });
}
