import { Readable } from "node:stream";

import { expect } from "chai";

import { readOptions, USAGE } from "../../../scripts/loop/arguments.js";
import { createCalendar, PERIODS } from "../../../scripts/loop/calendar.js";
import { generateTrace } from "../../../scripts/loop/generate-trace.js";
import { mix32 } from "../../../scripts/loop/random.js";
import { priceEpochs } from "../../../scripts/loop/expected.js";
import { formatTrace, parseTrace, type TraceRow } from "../../../scripts/loop/trace.js";
import { readArguments } from "../../../tools/command.js";

describe("scripts/loop", function () {
  describe("readOptions", function () {
    function read(...args: string[]) {
      return readOptions(readArguments(USAGE, args)?.values ?? {});
    }

    it("has defaults for everything", function () {
      expect(read()).to.deep.equal({
        ...{ trace: undefined, json: undefined, accounts: 20, providers: 5, node: undefined },
      });
    });

    it("takes every option", function () {
      const args = "--trace a.csv --json b.json --accounts 1000 --providers 64 --node --port 0";

      expect(read(...args.split(" "), "--deployment-id", "mine")).to.deep.equal({
        ...{ trace: "a.csv", json: "b.json", accounts: 1_000, providers: 64 },
        node: { port: 0, deploymentId: "mine" },
      });
      expect(read("--node").node).to.deep.equal({ port: 8_545, deploymentId: "chain-31337" });
    });

    const faults: [string, string][] = [
      ["--accounts=0", '--accounts takes a whole number from 1 to 1000, and "0" is none.'],
      ["--providers=65", '--providers takes a whole number from 1 to 64, and "65" is none.'],
      ["--accounts=1001", '--accounts takes a whole number from 1 to 1000, and "1001" is none.'],
      ["--accounts=2.5", '--accounts takes a whole number from 1 to 1000, and "2.5" is none.'],
      ["--accounts=-1", '--accounts takes a whole number from 1 to 1000, and "-1" is none.'],
      ["--providers=", '--providers takes a whole number from 1 to 64, and "" is none.'],
      ["--trace=", "--trace needs the name of a file."],
      ["--json=", "--json needs the name of a file."],
      ["--port=1", "--port is for --node, which was not given."],
      ["--deployment-id=a", "--deployment-id is for --node, which was not given."],
    ];
    for (const [arg, sentence] of faults)
      it(`refuses ${arg}`, function () {
        expect(() => read(arg)).to.throw(sentence);
      });

    it("refuses a port that is none", function () {
      for (const port of ["65536", "-1", "http", ""])
        expect(() => read("--node", `--port=${port}`)).to.throw(
          `"${port}" is not a port: a number from 0 to 65535.`,
        );
    });
  });

  describe("createCalendar", function () {
    const clock = { genesis: 1_000n, epochDuration: 300n, firstEpoch: 10n };
    const rows = [0n, 11n, 119n].map((at): TraceRow => ({ at, inputTokens: 1n, outputTokens: 1n }));

    it("stretches the trace evenly over all periods", function () {
      const { periodOf } = createCalendar(rows, clock);

      const periods = [0n, 9n, 10n, 59n, 60n, 119n].map((at) =>
        periodOf({ at, inputTokens: 0n, outputTokens: 0n }),
      );
      expect(periods).to.deep.equal([0, 0, 1, 5, 6, PERIODS - 1]);
    });

    it("ends the last period of an epoch where the next epoch begins", function () {
      const { endOf, epochOf } = createCalendar(rows, clock);

      expect([0, 1, 2, 3].map(epochOf)).to.deep.equal([10n, 10n, 10n, 11n]);
      expect([0, 1, 2, 3].map(endOf)).to.deep.equal([4_100n, 4_200n, 4_300n, 4_400n]);
    });

    it("puts a trace of one moment into the first period", function () {
      const [row] = rows;
      if (!row) throw new Error("a row expected");

      expect(createCalendar([row, row], clock).periodOf(row)).to.equal(0);
    });
  });

  describe("generateTrace", function () {
    it("makes the same trace for the same seed, and another for another", function () {
      expect(generateTrace(50, 1)).to.deep.equal(generateTrace(50, 1));
      expect(generateTrace(50, 1)).not.to.deep.equal(generateTrace(50, 2));
    });

    it("makes a trace that the parser takes, with equal times among it", async function () {
      const rows = generateTrace(500, 3);

      const parsed: TraceRow[] = [];
      for await (const row of parseTrace(Readable.from([formatTrace(rows)]), "made-up.csv"))
        parsed.push(row);
      expect(parsed).to.deep.equal(rows);
      expect(rows.some(({ at }, i) => at === rows[i - 1]?.at)).to.equal(true);
    });

    it("makes token counts around their medians with a long tail", function () {
      const sorted = generateTrace(3_000, 4)
        .map(({ inputTokens }) => Number(inputTokens))
        .sort((a, b) => a - b);

      expect(sorted[1_500]).to.be.within(1_000, 1_200);
      expect(sorted[2_970]).to.be.greaterThan(8_000);
      expect(sorted[2_999]).to.be.at.most(32_768);
    });
  });

  describe("priceEpochs", function () {
    const GWEI = 10n ** 9n;
    const tariff = {
      resource: 1n,
      name: "input-token",
      weight: 4n,
      registeredEpoch: 7n,
      rate: 1_000n * GWEI,
      floor: 900n * GWEI,
      ceiling: 1_200n * GWEI,
      target: 100n,
    };

    it("follows the use of the epoch before, in whole gwei between floor and ceiling", function () {
      const settled = new Map([
        [7n, 150n],
        [8n, 900n],
        [9n, 99n],
      ]);

      const prices = priceEpochs(tariff, settled, 12n);

      const rates = [...prices].map(([epoch, price]) => [epoch, price / 4n / GWEI]);
      expect(rates).to.deep.equal([
        [7n, 1_000n],
        [8n, 1_062n],
        [9n, 1_194n],
        [10n, 1_193n],
        [11n, 1_044n],
        [12n, 914n],
      ]);
      const ceiling = priceEpochs(
        tariff,
        new Map([
          [7n, 900n],
          [8n, 900n],
        ]),
        9n,
      );
      expect(ceiling.get(9n)).to.equal(1_200n * 4n * GWEI);
      expect(priceEpochs(tariff, new Map(), 9n).get(9n)).to.equal(900n * 4n * GWEI);
    });

    it("leaves the price where there is no target", function () {
      const prices = priceEpochs({ ...tariff, target: 0n }, new Map([[7n, 5n]]), 8n);

      expect([...prices.values()]).to.deep.equal([4_000n * GWEI, 4_000n * GWEI]);
    });
  });

  describe("mix32", function () {
    it("spreads what depends on it evenly", function () {
      const counts = [0, 0, 0, 0, 0];
      for (let i = 0; i < 10_000; i += 1) {
        const place = mix32(9, i) % counts.length;
        counts[place] = (counts[place] ?? 0) + 1;
      }

      for (const count of counts) expect(count).to.be.within(1_850, 2_150);
    });
  });
});
