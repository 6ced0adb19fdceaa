import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { TEXT } from "../../../src/storage/sql_type.ts";
import { streamSource } from "../../../connectors/files/byte_source.ts";
import { CSV_DIALECT } from "../../../connectors/csv/csv_dialect.ts";
import { readCsv } from "../../../connectors/csv/read_csv.ts";
import { splitRecords } from "../../../connectors/csv/split_records.ts";
import { invalidUtf8At } from "../../../connectors/files/utf8.ts";
import { batchRows } from "../files/batch_rows.ts";

const seed = Number(globalThis.process?.env.LIVEVIEW_SEED ?? 1);
const runs = 200 * Number(globalThis.process?.env.LIVEVIEW_RUNS ?? 1);

function randomField(random: SeededRandom): string {
  const pieces = [
    "a",
    "7",
    "é",
    "😀",
    ",",
    '""',
    "\n",
    "\r\n",
    " ",
    "long text without anything special in it",
  ];
  const length = random.integer(0, 4);
  const text = Array.from({ length }, () => random.pick(pieces)).join("");
  return random.next() < 0.5 || /[",\r\n]/.test(text) ? `"${text}"` : text;
}

/** Chunks cut anywhere, also within characters and quotes. */
async function* cut(bytes: Uint8Array, random: SeededRandom): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const to = from + random.integer(1, 12);
    yield bytes.subarray(from, to);
    from = to;
  }
}

describe("scanRecords()", () => {
  it(`cuts random files as the plain splitter does (seed ${seed})`, async () => {
    const random = new SeededRandom(seed);
    for (let run = 0; run < runs; run++) {
      const width = random.integer(1, 4);
      const lines = Array.from(
        { length: random.integer(1, 6) },
        () => Array.from({ length: width }, () => randomField(random)).join(","),
      );
      const text = lines.join(random.pick(["\n", "\r\n"])) + random.pick(["", "\n"]);
      const plain = splitRecords(text, CSV_DIALECT)
        .filter((record) => width === 1 || record.length > 1)
        .map((record) => record.map((field) => field.text === "" && !field.quoted ? null : field.text));
      const names = Array.from({ length: width }, (_, i) => `c${i}`);
      const source = await readCsv(streamSource(cut(new TextEncoder().encode(text), random)), {
        header: false,
        names,
        delimiter: ",",
        types: Object.fromEntries(names.map((name) => [name, TEXT])),
        batchRows: random.integer(1, 3),
        windowBytes: random.integer(4, 40),
      });
      const rows: unknown[][] = [];
      for await (const batch of source.batches()) rows.push(...batchRows(batch));
      // Leading blank lines are no rows of a file with one column either.
      while (width === 1 && plain.length > 0 && plain[0]![0] === null) plain.shift();
      assertEquals(rows, plain, `run ${run}: ${JSON.stringify(text)}`);
    }
  });
});

describe("invalidUtf8At()", () => {
  it("agrees with TextDecoder on random bytes", () => {
    const random = new SeededRandom(seed);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const leads = [
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc2,
      0xdf,
      0xe0,
      0xa0,
      0x9f,
      0xed,
      0xef,
      0xf0,
      0x90,
      0x8f,
      0xf4,
      0xf5,
    ];
    for (let run = 0; run < 20 * runs; run++) {
      const bytes = Uint8Array.from({ length: random.integer(1, 5) }, () => random.pick(leads));
      let valid = true;
      try {
        decoder.decode(bytes);
      } catch {
        valid = false;
      }
      assertEquals(invalidUtf8At(bytes, 0, bytes.length) === -1, valid, [...bytes].join(" "));
    }
  });
});
