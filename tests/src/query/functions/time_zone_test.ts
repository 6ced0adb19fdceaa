import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import { civilFromDays, daysFromCivil } from "../../../../src/query/functions/calendar.ts";
import { localFromUtc, timeZone, utcFromLocal } from "../../../../src/query/functions/time_zone.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 11);

describe("timeZone()", () => {
  it("gives the runtime's offsets, whatever the order of lookups", () => {
    const random = new SeededRandom(SEED);
    for (const name of ["America/New_York", "Europe/Dublin", "Asia/Kathmandu", "Africa/Casablanca"]) {
      const zone = timeZone(name);
      const format = new Intl.DateTimeFormat("sv-SE", {
        timeZone: name,
        dateStyle: "short",
        timeStyle: "medium",
      });
      for (let i = 0; i < 200; i++) {
        const utcMs = random.integer(0, 2_000_000_000) * 1000;
        const local = Date.parse(`${format.format(utcMs).replace(" ", "T")}Z`);
        assertEquals(
          zone.offsetAt(utcMs * 1000),
          (local - utcMs) * 1000,
          `${name} at ${utcMs}, seed ${SEED}`,
        );
      }
    }
  });

  it("goes to local time and back outside of gaps and overlaps", () => {
    const zone = timeZone("Europe/Berlin");
    for (let hour = 0; hour < 24 * 365; hour += 5) {
      const utc = Date.UTC(2024, 0, 1, hour) * 1000;
      const back = utcFromLocal(localFromUtc(utc, zone), zone);
      const isRepeated = back - utc === 3_600_000_000;
      assertEquals(isRepeated ? utc : back, utc);
    }
  });

  it("refuses an unknown name", () => {
    assertThrows(() => timeZone("Mars/Olympus"), QueryError, "Mars/Olympus");
  });
});

describe("civilFromDays()", () => {
  it("is the inverse of daysFromCivil() and agrees with Date", () => {
    for (let days = -800_000; days < 800_000; days += 97) {
      const { year, month, day } = civilFromDays(days);
      assertEquals(daysFromCivil(year, month, day), days);
      const date = new Date(days * 86_400_000);
      assertEquals([year, month, day], [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
    }
  });
});
