import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { castDatum } from "../../../../src/query/functions/cast.ts";
import { type Datum, TEXT } from "../../../../src/storage/sql_type.ts";
import { callFunction, literal } from "./call_function.ts";

function call(name: string, ...args: string[]): Datum {
  const { value, type } = callFunction(name, args.map(literal));
  return castDatum(value, type, TEXT, true);
}

describe("dateadd()", () => {
  it("adds units and keeps to the end of a month", () => {
    assertEquals(call("dateadd", "month::text", "1::integer", "2024-01-31::date"), "2024-02-29 00:00:00");
    assertEquals(call("dateadd", "day::text", "-1::bigint", "2024-03-01::timestamp"), "2024-02-29 00:00:00");
    assertEquals(call("dateadd", "hh::text", "36::integer", "2024-02-28::timestamp"), "2024-02-29 12:00:00");
    assertEquals(
      call("dateadd", "quarter::text", "2::integer", "2024-01-15::timestamp"),
      "2024-07-15 00:00:00",
    );
  });

  it("refuses what is no unit", () => {
    assertThrows(
      () => call("dateadd", "fortnight::text", "1::integer", "2024-01-31::date"),
      QueryError,
      "fortnight",
    );
  });
});

describe("datediff()", () => {
  it("counts the boundaries between two times", () => {
    assertEquals(call("datediff", "year::text", "2023-12-31::date", "2024-01-01::date"), "1");
    assertEquals(call("datediff", "week::text", "2024-01-07::date", "2024-01-08::date"), "1");
    assertEquals(call("datediff", "month::text", "2024-03-01::date", "2024-01-31::date"), "-2");
    assertEquals(
      call("datediff", "hour::text", "2024-01-01 00:59:59::timestamp", "2024-01-01 01:00:00::timestamp"),
      "1",
    );
  });
});

describe("parts and neighbours of a date", () => {
  it("are those of the calendar", () => {
    assertEquals(call("last_day", "2024-02-10::date"), "2024-02-29");
    assertEquals(call("last_day", "2024-02-10::date", "quarter::text"), "2024-03-31");
    assertEquals(call("next_day", "2024-02-29::date", "friday::text"), "2024-03-01");
    assertEquals(call("previous_day", "2024-02-29::date", "thu::text"), "2024-02-22");
    assertEquals(call("add_months", "2024-02-29::date", "1::integer"), "2024-03-31");
    assertEquals(call("months_between", "2024-03-31::date", "2024-02-29::date"), "1");
    assertEquals(call("monthname", "2024-02-29::date"), "Feb");
    assertEquals(call("dayname", "2024-02-29::date"), "Thu");
    assertEquals(call("week", "2024-12-30::date"), "1");
    assertEquals(call("hour", "2024-12-30 23:59:59::timestamp"), "23");
  });
});

describe("time_bucket()", () => {
  it("aligns fixed widths to Mondays and months to years", () => {
    assertEquals(call("time_bucket", "7 days::interval", "2024-02-29::date"), "2024-02-26 00:00:00");
    assertEquals(
      call("time_bucket", "15 minutes::interval", "2024-02-29 12:34:56::timestamp"),
      "2024-02-29 12:30:00",
    );
    assertEquals(call("time_bucket", "3 months::interval", "2024-02-29::date"), "2024-01-01 00:00:00");
  });
});
