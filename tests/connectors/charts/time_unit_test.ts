import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import * as vega from "vega";
import { cutTime, cutTimeTwice, parseTimeUnit } from "../../../connectors/charts/time_unit.ts";
import { createDatabase } from "../../../mod.ts";
import { column, from } from "../../../src/query/builder.ts";
import { randomFrom } from "./random_number.ts";

// Vega has the function, but its types do not know of it.
const { utcFloor } = vega as unknown as {
  utcFloor(units: readonly string[], step: number): (time: Date) => Date;
};

const UNITS = [
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "dayofyear",
  "date",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "yearquarter",
  "yearquartermonth",
  "yearmonth",
  "yearmonthdate",
  "yearmonthdatehours",
  "yearmonthdatehoursminutesseconds",
  "yearweek",
  "yearweekday",
  "yearweekdayhours",
  "yeardayofyear",
  "quartermonth",
  "monthdate",
  "monthdatehoursminutes",
  "weekday",
  "weekdayhours",
  "dayhours",
  "hoursminutes",
  "minutesseconds",
  "secondsmilliseconds",
];
const random = randomFrom("time units");
const times = Array.from(
  { length: 60 },
  () => new Date(Date.UTC(1995, 0, 1) + Math.floor(random() * 35 * 365.25 * 864e5)),
);

async function cut(unit: Parameters<typeof cutTime>[1], twice = false): Promise<Date[]> {
  await using db = createDatabase();
  await db.exec("CREATE TABLE t (id INTEGER, at TIMESTAMP)");
  await db.insert("t", times.map((at, id) => ({ id, at })));
  const value = (twice ? cutTimeTwice : cutTime)(column("at"), unit);
  const query = from("t").select({ id: column("id"), cut: value }).orderBy("id");
  // Every value is a TIMESTAMP.
  return (await db.query(query.build())).column("cut") as Date[];
}

describe("cutTime()", () => {
  for (const name of UNITS) {
    for (const step of [1, 2, 5]) {
      it(`cuts to ${step} ${name} as Vega does`, async () => {
        const unit = parseTimeUnit(name, step)!;
        const floor = utcFloor(unit.parts, step);
        assertEquals(await cut(unit), times.map((time) => floor(time)));
      });
    }
  }
});

describe("cutTimeTwice()", () => {
  for (const name of UNITS) {
    it(`cuts to ${name} so that Vega cuts it to the same`, async () => {
      const unit = parseTimeUnit(name)!;
      const floor = utcFloor(unit.parts, 1);
      assertEquals((await cut(unit, true)).map((time) => floor(time)), times.map((time) => floor(time)));
    });
  }
});

describe("parseTimeUnit()", () => {
  it("reads parts, UTC and steps", () => {
    assertEquals(parseTimeUnit("utcyearmonth", 3), { parts: ["year", "month"], utc: true, step: 3 });
    assertEquals(parseTimeUnit("weekdayhours")?.parts, ["week", "day", "hours"]);
  });

  for (
    const [text, step] of [["fortnight", 1], ["", 1], ["monthyear", 1], ["year", 0], ["year", 1.5]] as const
  ) {
    it(`knows no ${JSON.stringify(text)} of ${step}`, () =>
      assertEquals(parseTimeUnit(text, step), undefined));
  }
});
