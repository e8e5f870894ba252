import path from "node:path";
import { Readable } from "node:stream";

import { expect } from "chai";

import {
  formatTimestamp,
  formatTrace,
  parseTrace,
  readTrace,
  TraceError,
  type TraceRow,
} from "../../../scripts/loop/trace.js";

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
const FIRST = 17_001_586_239_799_600n; // 2023-11-16 18:17:03.9799600

async function collect(source: AsyncIterable<TraceRow>): Promise<TraceRow[]> {
  const rows: TraceRow[] = [];
  for await (const row of source) rows.push(row);
  return rows;
}

async function parse(text: string): Promise<TraceRow[]> {
  return collect(parseTrace(Readable.from([text]), "t.csv"));
}

async function fault(source: Promise<unknown>): Promise<string> {
  try {
    await source;
  } catch (error) {
    expect(error).to.be.instanceOf(TraceError);
    return (error as Error).message;
  }
  throw new Error("no error");
}

describe("scripts/loop/trace", function () {
  const faults: [string, string, string][] = [
    ["an empty file", "", `t.csv is empty; its first line should be ${HEADER}.`],
    ["a header without calls", `${HEADER}\n`, "t.csv has a header and no calls."],
    [
      "a missing header",
      "2023-11-16 18:17:03.9799600,4808,10\n",
      `t.csv, line 1: the header should be ${HEADER} and is "2023-11-16 18:17:03.9799600,4808,10".`,
    ],
    [
      "other columns",
      "TIMESTAMP,GeneratedTokens,ContextTokens\n",
      `t.csv, line 1: the header should be ${HEADER} and is "TIMESTAMP,GeneratedTokens,ContextTokens".`,
    ],
  ];
  const rowFaults: [string, string, string][] = [
    ["a column too few", "2023-11-16 18:17:04,1", "t.csv, line 3: it has 2 columns instead of 3."],
    ["a word", "rubbish", "t.csv, line 3: it has 1 column instead of 3."],
    [
      "a column too many",
      "2023-11-16 18:17:04,1,2,3",
      "t.csv, line 3: it has 4 columns instead of 3.",
    ],
    [
      "a time that is none",
      "yesterday,1,2",
      't.csv, line 3, column TIMESTAMP: "yesterday" is not a time like 2023-11-16 18:17:03.9799600.',
    ],
    [
      "a day that does not exist",
      "2023-02-30 18:17:04,1,2",
      't.csv, line 3, column TIMESTAMP: "2023-02-30 18:17:04" is not a time like 2023-11-16 18:17:03.9799600.',
    ],
    [
      "an eighth decimal",
      "2023-11-16 18:17:04.12345678,1,2",
      't.csv, line 3, column TIMESTAMP: "2023-11-16 18:17:04.12345678" is not a time like 2023-11-16 18:17:03.9799600.',
    ],
    [
      "a time before the one above",
      "2023-11-16 18:17:03.9799599,1,2",
      "t.csv, line 3, column TIMESTAMP: 2023-11-16 18:17:03.9799599 is earlier than the row before.",
    ],
    [
      "a negative count",
      "2023-11-16 18:17:04,-5,2",
      "t.csv, line 3, column ContextTokens: -5 is negative, and a call cannot use less than nothing.",
    ],
    [
      "a fraction",
      "2023-11-16 18:17:04,5,2.5",
      "t.csv, line 3, column GeneratedTokens: 2.5 is a fraction, and tokens are whole.",
    ],
    [
      "a huge count",
      "2023-11-16 18:17:04,4294967296,2",
      "t.csv, line 3, column ContextTokens: 4294967296 tokens are more than the 4294967295 a call can have.",
    ],
    [
      "a count of many digits",
      `2023-11-16 18:17:04,${"9".repeat(5_000)},2`,
      `t.csv, line 3, column ContextTokens: ${"9".repeat(100)} tokens are more than the 4294967295 a call can have.`,
    ],
    [
      "an empty count",
      "2023-11-16 18:17:04,,2",
      't.csv, line 3, column ContextTokens: "" is not a number of tokens.',
    ],
    [
      "a number in another notation",
      "2023-11-16 18:17:04,1e3,2",
      't.csv, line 3, column ContextTokens: "1e3" is not a number of tokens.',
    ],
    ["an empty line with more to come", "\n2023-11-16 18:17:04,1,2", "t.csv, line 3: it is empty."],
  ];
  for (const [what, row, sentence] of rowFaults)
    faults.push([what, `${HEADER}\n2023-11-16 18:17:03.9799600,1,2\n${row}\n`, sentence]);

  describe("parseTrace", function () {
    for (const [what, text, sentence] of faults)
      it(`names the place of ${what}`, async function () {
        expect(await fault(parse(text))).to.equal(sentence);
      });

    it("says what is wrong with quotes that do not end", async function () {
      expect(await fault(parse(`${HEADER}\n"2023-11-16,1,2\n`))).to.match(
        /^t\.csv: Quote Not Closed/,
      );
    });

    it("reads rows with any line ends, with and without one at the end", async function () {
      const rows = ["2023-11-16 18:17:03.9799600,4808,10", "2023-11-16 18:17:04.0319600,3180,8"];
      const expected = [
        { at: FIRST, inputTokens: 4_808n, outputTokens: 10n },
        { at: FIRST + 520_000n, inputTokens: 3_180n, outputTokens: 8n },
      ];

      for (const end of ["\n", "\r\n"])
        for (const tail of ["", end, end + end])
          expect(await parse([HEADER, ...rows].join(end) + tail)).to.deep.equal(expected);
    });

    it("takes equal times, no tokens, a byte order mark and fewer decimals", async function () {
      const text = `\uFEFF${HEADER}\n2023-11-16 18:17:03.97996,0,0\n2023-11-16T18:17:03.97996Z,1,4294967295`;

      expect(await parse(text)).to.deep.equal([
        { at: FIRST, inputTokens: 0n, outputTokens: 0n },
        { at: FIRST, inputTokens: 1n, outputTokens: 4_294_967_295n },
      ]);
    });

    const exported: [string, string, bigint | string][] = [
      ["the Azure trace of 2023", "2023-11-16 18:17:03.9799600,4808,10", FIRST],
      ["the Azure trace of 2024", "2023-11-16 18:17:03.979960+00:00,4808,10", FIRST],
      ["a trace with carriage returns", "2023-11-16 18:17:03.9799600,4808,10\r", FIRST],
      ["pandas, with counts as floats", "2023-11-16 18:17:03.97996,4808.0,10.0", "ContextTokens"],
      ["pandas, with a missing count", "2023-11-16 18:17:03.97996,,10", "ContextTokens"],
      ["pandas, with nanoseconds", "2023-11-16 18:17:03.979960000,4808,10", "TIMESTAMP"],
      ["a machine in another time zone", "2023-11-16 20:17:03.97996+02:00,4808,10", "TIMESTAMP"],
      ["a log with Unix times", "1700158623.97996,4808,10", "TIMESTAMP"],
      ["a spreadsheet", "16/11/2023 18:17,4808,10", "TIMESTAMP"],
      ["a spreadsheet with thousands", '2023-11-16 18:17:03.97996,"4,808",10', "ContextTokens"],
    ];
    for (const [source, row, expected] of exported)
      it(`reads exactly, or refuses by line and column, a row of ${source} (F14)`, async function () {
        const parsed = parse(`\uFEFF${HEADER}\n${row}\n`);

        if (typeof expected === "bigint")
          expect(await parsed).to.deep.equal([
            { at: expected, inputTokens: 4_808n, outputTokens: 10n },
          ]);
        else expect(await fault(parsed)).to.include(`line 2, column ${expected}: `);
      });

    it("refuses a row that is earlier than the one before (F14)", async function () {
      const rows = ["2023-11-16 18:17:03.9819600,1,2", "2023-11-16 18:17:03.9799600,1,2"];

      expect(await fault(parse([HEADER, ...rows].join("\n")))).to.include(
        "line 3, column TIMESTAMP: 2023-11-16 18:17:03.9799600 is earlier than the row before",
      );
    });

    it("gives rows before it has read the rest", async function () {
      function* chunks() {
        yield `${HEADER}\n2023-11-16 18:17:03.9799600,1,2\n`;
        yield "rubbish\n";
      }
      const rows = parseTrace(Readable.from(chunks()), "t.csv");

      expect((await rows.next()).value).to.deep.include({ at: FIRST });
      expect(await fault(rows.next())).to.equal("t.csv, line 3: it has 1 column instead of 3.");
    });
  });

  describe("readTrace", function () {
    it("says that a file is missing", async function () {
      const file = path.join(import.meta.dirname, "no-such.csv");

      expect(await fault(collect(readTrace(file)))).to.equal(`There is no trace at ${file}.`);
    });

    it("says that a folder cannot be read", async function () {
      const sentence = await fault(collect(readTrace(import.meta.dirname)));

      expect(sentence).to.match(/^The trace at .* cannot be read: EISDIR/);
    });
  });

  describe("formatTrace", function () {
    it("writes what parseTrace reads", async function () {
      const rows = [
        { at: FIRST, inputTokens: 4_808n, outputTokens: 10n },
        { at: FIRST + 1n, inputTokens: 0n, outputTokens: 0n },
      ];

      expect(await parse(formatTrace(rows))).to.deep.equal(rows);
      expect(formatTimestamp(FIRST)).to.equal("2023-11-16 18:17:03.9799600");
    });
  });
});
