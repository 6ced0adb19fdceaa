/**
 * Dates in the usual form, read without a parser, against the calendar.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { civilFromDays, daysFromCivil, daysInMonth } from "../../../../src/query/functions/calendar.ts";
import { plainDays } from "../../../../src/query/functions/date_text.ts";

describe("Plain dates", () => {
  it("are the days of the calendar from year 1 to 9999", () => {
    const last = daysFromCivil(9999, 12, 31);
    for (let days = daysFromCivil(1, 1, 1); days <= last; days += 97) {
      const { year, month, day } = civilFromDays(days);
      const text = [`${year}`.padStart(4, "0"), `${month}`.padStart(2, "0"), `${day}`.padStart(2, "0")];
      assertEquals(plainDays(text.join("-")), days);
    }
  });

  it("end with their month", () => {
    for (const year of [1900, 2000, 2023, 2024]) {
      for (let month = 1; month <= 12; month++) {
        const days = daysInMonth(year, month);
        const prefix = `${year}-${`${month}`.padStart(2, "0")}`;
        assertEquals(plainDays(`${prefix}-${days}`), daysFromCivil(year, month, days));
        assertEquals(plainDays(`${prefix}-${days + 1}`), NaN);
      }
    }
  });

  for (
    const text of ["", "2024-1-01", "2024-00-10", "2024-13-01", "2024-01-00", "0000-01-01", "2024/01/01"]
  ) {
    it(`are not ${JSON.stringify(text)}`, () => assertEquals(plainDays(text), NaN));
  }

  it("have digits alone", () => {
    const date = "2024-11-21";
    for (const at of [0, 1, 2, 3, 5, 6, 8, 9]) {
      assertEquals(plainDays(`${date.slice(0, at)}x${date.slice(at + 1)}`), NaN);
      assertEquals(plainDays(`${date.slice(0, at)} ${date.slice(at + 1)}`), NaN);
    }
  });
});
