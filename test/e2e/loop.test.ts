import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { findMismatches, listSums } from "../../scripts/loop/compare.js";
import { generateTrace } from "../../scripts/loop/generate-trace.js";
import { listSupplySums } from "../../scripts/loop/governance.js";
import { listReleases } from "../../scripts/loop/incentives.js";
import { LOCAL, openLocalChain } from "../../scripts/loop/local-chain.js";
import { runLoop, type LoopOptions, type LoopResult } from "../../scripts/loop/loop.js";
import { listFigures, renderReport, type LoopFigures } from "../../scripts/loop/summary.js";
import { TICKS_PER_SECOND, type TraceRow } from "../../scripts/loop/trace.js";
import { ROOT, SCRIPT_FLAGS } from "../support/script-process.js";

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
const OPA = 10n ** 18n;

/** Runs the loop on a chain of its own. */
async function run(
  rows: readonly TraceRow[],
  changes: Partial<LoopOptions> = {},
): Promise<LoopResult> {
  const { connection, suite, ...schedules } = await openLocalChain();
  const options = { ...LOCAL, ...schedules, accounts: 1, providers: 1, seed: 1 };
  try {
    return await runLoop(connection, suite, rows, {
      ...options,
      progress: () => undefined,
      ...changes,
    });
  } finally {
    await connection.close();
  }
}

function row(seconds: bigint, inputTokens: bigint, outputTokens: bigint): TraceRow {
  return { at: seconds * TICKS_PER_SECOND, inputTokens, outputTokens };
}

// Twelve periods over four seconds: the first two calls fall in period 0, the third in 2, the last in 11.
const TINY = [row(0n, 100n, 10n), row(0n, 0n, 0n), row(1n, 50n, 0n), row(4n, 7n, 3n)];

interface Ending {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command line as `npm start` does. */
async function start(args: readonly string[]): Promise<Ending> {
  const child = spawn(process.execPath, [...SCRIPT_FLAGS, "scripts/run-loop.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output, errors };
}

describe("Loop (INT-1, INT-4)", function () {
  describe("on a trace that can be added up by hand (SYS-I1, SYS-I7)", function () {
    let result: LoopResult;
    let figures: LoopFigures;

    before(async function () {
      result = await run(TINY);
      figures = listFigures(result);
    });

    it("burns Σ units × price and nothing else", function () {
      expect(figures).to.deep.include({
        calls: "4",
        inputTokens: "157",
        outputTokens: "13",
        computeUnits: "209", // 157 × 1 + 13 × 4
        burnedWei: "709550720000000000",
        // 4,000,000 gwei when registered in epoch 400, then 1/8 less per epoch, since the targets are far away.
        unitPriceWei: {
          "input-token": { 401: "3500000000000000", 404: "2344740000000000" },
          "output-token": { 401: "14000000000000000", 404: "9379180000000000" },
        },
      });
    });

    it("signs one statement for each period with use, and one line for each resource used", function () {
      expect(figures).to.deep.include({ statements: "3", lines: "5", transactions: "3" });
      expect(figures.gasPerCall).to.equal(`${BigInt(figures.gasUsed) / 4n}`);
      expect(BigInt(figures.gasUsed) > 150_000n).to.equal(true);
    });

    it("takes the charge from the reservation first", function () {
      const { supply } = figures;
      const reservation = 3_600_000n * OPA + 40n * OPA;

      expect(supply.initial).to.equal("800000000000000000000000000");
      expect(supply.burned).to.equal("709550720000000000");
      expect(supply.total).to.equal("799999999290449280000000000");
      expect(supply.credit).to.equal(`${36_000_000n * OPA - reservation}`);
      expect(supply.reserved).to.equal(`${reservation - 709_550_720n * 10n ** 9n}`);
    });

    it("leaves in the vault what the curves have not released after 404 days", function () {
      const { schedules, unreleased } = result.facts;

      expect(schedules).to.equal(7);
      // 120M monthly after 13 of 48 months, 56M quarterly after 4 of 9 steps, two curves on their lines.
      const steps = (120_000_000n * 35n * OPA) / 48n + (56_000_000n * 9n * 5n * OPA) / 90n;
      expect(unreleased > steps).to.equal(true);
      expect(unreleased < steps + 144_000_000n * OPA).to.equal(true);
    });

    it("finds every sum right", function () {
      expect(result.mismatches).to.deep.equal([]);
      expect(result.sums).to.be.greaterThan(50);
    });

    it("burns more than it releases, slashes 5% and pays who left (INC-I9, NOD-I2, NOD-I3)", function () {
      const { released, claimed, claimedIntoStake, owed, staking } = result.incentives;

      expect(released > 0n).to.equal(true);
      expect(released * 2n <= BigInt(figures.burnedWei)).to.equal(true);
      expect(claimed + owed).to.equal(released);
      expect(staking.slashed).to.equal(20_000n * OPA);
      expect(staking.returned).to.equal(380_000n * OPA);
      expect(staking.atStake).to.equal(claimedIntoStake);
    });

    it("notices one wei too much or too little in what was released", function () {
      const { byEpoch } = result.facts.events;
      const { epochs } = result.incentives;
      const [first, ...others] = epochs;
      if (!first) throw new Error("an epoch expected");

      for (const key of [
        "funded",
        "released",
        "remaining",
        "owed",
        "claimed",
        "balance",
      ] as const) {
        const changed = { ...result.incentives, [key]: result.incentives[key] + 1n };
        expect(findMismatches(listReleases(changed, byEpoch)), key).not.to.deep.equal([]);
      }
      for (const change of [
        { burned: first.burned - 1n },
        { released: (first.burned * first.kappaBps) / 10_000n + 1n },
        { points: first.points.map((points) => points + 1n) },
        { releasedFor: first.releasedFor.map((part) => part + 10n ** 9n) },
      ]) {
        const changed = { ...result.incentives, epochs: [{ ...first, ...change }, ...others] };
        expect(findMismatches(listReleases(changed, byEpoch))).not.to.deep.equal([]);
      }
      expect(findMismatches(listReleases(result.incentives, byEpoch))).to.deep.equal([]);
    });

    it("names the sum that is wrong and by how much", function () {
      const facts = { ...result.facts, totalSupply: result.facts.totalSupply + 3n };

      const sentences = findMismatches(listSums(facts, result.reckoning));

      expect(sentences).to.deep.equal([
        "Wrong sum: burned (fall of the supply) is 709550719999999997, which is 3 less than the 709550720000000000 expected.",
        "Wrong sum: supply and burned together is 800000000000000000000000003, which is 3 more than the 800000000000000000000000000 expected.",
        "Wrong sum: balances of all holders is 799999999290449280000000000, which is 3 less than the 799999999290449280000000003 expected.",
      ]);
    });

    for (const key of [
      "creditBurned",
      "held",
      "vaultBalance",
      "unreleased",
      "owedBySchedules",
      "meterBalance",
      "free",
      "reserved",
      "freeByAccount",
      "reservedByAccount",
      "deposited",
    ] as const)
      it(`notices one wei in ${key}`, function () {
        const facts = { ...result.facts, [key]: result.facts[key] + 1n };

        expect(findMismatches(listSums(facts, result.reckoning))).not.to.be.empty;
      });

    it("notices one unit in any counter, stored total or event", function () {
      const { facts, reckoning } = result;
      const more = { units: 1n, computeUnits: 0n, burned: 0n };
      const counters = { current: more, previous: more, allTime: more };
      const key = [...facts.lines.keys()][0] ?? "";
      const falsified = [
        { ...facts, total: { ...facts.total, allTime: more } },
        { ...facts, total: { ...facts.total, current: more } },
        { ...facts, total: { ...facts.total, previous: more } },
        { ...facts, byResource: new Map([[1n, counters]]) },
        { ...facts, byProvider: new Map([["0x", counters]]) },
        { ...facts, prices: [{ resource: 1n, epoch: 401n, unitPrice: 2n }] },
        { ...facts, lines: new Map(facts.lines).set(key, 1n) },
        { ...facts, lines: new Map([["another line", 1n]]) },
        { ...facts, events: { ...facts.events, total: more } },
        { ...facts, events: { ...facts.events, byAccount: new Map() } },
        { ...facts, events: { ...facts.events, byPriceEpoch: new Map() } },
        { ...facts, events: { ...facts.events, byLine: new Map() } },
      ];

      for (const each of falsified)
        expect(findMismatches(listSums(each, reckoning))).not.to.be.empty;
    });

    it("decides by votes, has a limit trip and clear, and draws on the reserve when it is needed", function () {
      const { governance } = result;

      expect(governance.locked).to.be.greaterThan(10_000_000n * OPA);
      expect(governance.votes).to.be.lessThan(governance.locked);
      expect(governance.forVotes).to.be.greaterThan(governance.quorum);
      expect([governance.kappaBefore, governance.kappaAfter]).to.deep.equal([5_000n, 4_500n]);
      expect(governance.heldBack).to.equal("AccountRateLimited");
      expect(governance.refusal).to.equal("SystemReserveNotNecessary");
      expect(governance.drawn).to.equal(1_200_200n * OPA); // 1% of 120,000,000 and the 20,000 that were slashed
      expect(governance.burned).to.be.lessThan(2_000_000n * OPA);
    });

    it("notices one wei in any part of the supply", function () {
      const { supply } = result.governance;

      expect(findMismatches(listSupplySums(supply, supply))).to.deep.equal([]);
      for (const part of Object.keys(supply) as (keyof typeof supply)[]) {
        const changed = { ...supply, [part]: supply[part] + 1n };
        expect(findMismatches(listSupplySums(changed, supply)), part).to.have.length.above(1);
        expect(findMismatches(listSupplySums(supply, changed)), part).to.have.length(1);
      }
    });

    it("says all of it in the report", function () {
      const report = renderReport(result);

      expect(report).to.match(/^calls +4$/m);
      expect(report).to.match(/^OPA burned +0\.70955072$/m);
      expect(report).to.match(/^supply now +799,999,999\.29044928 OPA$/m);
      expect(report).to.match(/^decided +κ from 50% to 45%, with [\d,.]+ votes for it/m);
      expect(report).to.match(/^reserve +refused while not needed .* then paid 1,200,200 OPA/m);
      const parts = ["burned", "unvested", "pool", "reserve", "credit", "staked", "locked"];
      const breakdown = [...parts, "circulating"].map((part) => `${part} +[\\d,.]+ OPA\n`);
      expect(report).to.match(
        new RegExp(`in one read:\n${breakdown.join("")}together +800,000,000 OPA\n\nAll \\d+ sums`),
      );
      expect(report).to.match(/^All \d+ sums match to the wei\.$/m);
    });
  });

  it("settles several accounts with replays, late statements and the price of the epoch before", async function () {
    const rows = generateTrace(240, 7);
    const options = { accounts: 7, providers: 3 };

    const result = await run(rows, options);

    expect(result.mismatches).to.deep.equal([]);
    expect(result.facts.events.byPriceEpoch.size).to.equal(4);
    expect(result.facts.events.byEpoch.size).to.equal(5);
    for (const prices of result.reckoning.prices.values())
      expect(new Set(prices.values()).size).to.be.greaterThan(2);
    expect(renderReport(result)).to.match(/^OPA per token( +epoch 40[1-4]){4}$/m);
    expect(result.settledLate.statements > 0n).to.equal(true);
    expect(result.settledLate.statements < result.settled.statements).to.equal(true);
    expect(result.stale.statements > 24n).to.equal(true); // two replays in each period, and overtaken ones
    const { inputTokens, outputTokens } = result.reckoning;
    expect(inputTokens).to.equal(rows.reduce((sum, call) => sum + call.inputTokens, 0n));
    expect(outputTokens).to.equal(rows.reduce((sum, call) => sum + call.outputTokens, 0n));
    expect(listFigures(await run(rows, options))).to.deep.equal(listFigures(result));
  });

  it("settles nothing for calls without tokens", async function () {
    const result = await run([row(0n, 0n, 0n)]);

    expect(result.mismatches).to.deep.equal([]);
    expect(listFigures(result)).to.deep.include({
      calls: "1",
      burnedWei: "0",
      statements: "0",
      transactions: "0",
      gasPerCall: "0",
    });
  });

  it("says why a line did not settle", async function () {
    let message = "";
    await run([row(0n, 1n << 57n, 0n)]).catch((error: unknown) => {
      message = (error as Error).message;
    });

    expect(message).to.match(/^A line of account 0x\w{40} did not settle: InsufficientCredit\.$/);
  });

  it("says which resource is missing", async function () {
    let message = "";
    await run(TINY, { inputResource: "teapot" }).catch((error: unknown) => {
      message = (error as Error).message;
    });

    expect(message).to.equal('No resource is called "teapot".');
  });
});

describe("npm start", function () {
  let folder: string;

  before(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-loop-"));
  });

  after(async function () {
    await rm(folder, { recursive: true });
  });

  async function traceOf(content: string): Promise<string> {
    const file = path.join(folder, "trace.csv");
    await writeFile(file, content);
    return file;
  }

  const time = "2023-11-16 18:17:04";
  // Every fault of a trace or an argument has its test beside the code that reads it; here is one of each as a process.
  const faults: [string, () => Promise<string[]>, string][] = [
    [
      "a malformed row",
      async () => ["--trace", await traceOf(`${HEADER}\n${time},1,2\n${time},one,2\n`)],
      'trace.csv, line 3, column ContextTokens: "one" is not a number of tokens.',
    ],
    [
      "an unknown option",
      () => Promise.resolve(["--speed", "9"]),
      "Unknown option '--speed'. \"npm start -- --help\" lists what it takes.",
    ],
  ];
  for (const [what, args, sentence] of faults)
    it(`stops at ${what} before anything is sent`, async function () {
      const ending = await start(await args());

      expect(ending).to.deep.equal({ code: 1, output: "", errors: `${sentence}\n` });
    });

  it("stops at a file for figures that cannot be written, before the run", async function () {
    const json = path.join(folder, "no-such-folder", "figures.json");

    const { code, output, errors } = await start(["--json", json]);

    expect([code, output]).to.deep.equal([1, ""]);
    expect(errors).to.match(/^The figures cannot be written to .*figures\.json: ENOENT/);
  });

  it("prints its options", async function () {
    const { code, output } = await start(["--help"]);

    expect(code).to.equal(0);
    for (const option of ["--trace", "--accounts", "--providers", "--json", "--node", "--help"])
      expect(output).to.contain(option);
  });

  it("replays a trace and writes the figures", async function () {
    const json = path.join(folder, "figures.json");
    const trace = await traceOf(`${HEADER}\r\n${time},100,10\r\n${time},57,3`);

    const ending = await start(["--trace", trace, "--json", json, "--accounts", "2"]);

    expect(ending.errors).to.equal("");
    expect(ending.code).to.equal(0);
    expect(ending.output).to.match(/All \d+ sums match to the wei\./);
    const figures = JSON.parse(await readFile(json, "utf8")) as LoopFigures;
    expect(figures).to.deep.include({
      calls: "2",
      computeUnits: "209",
      burnedWei: "731500000000000000",
    });
    const numbers = [figures.gasUsed, figures.lines, figures.statements, figures.transactions];
    for (const number of [...numbers, ...Object.values(figures.supply)])
      expect(number).to.match(/^\d+$/);
  });

  it("leaves the chain running for others, and ends it cleanly", async function () {
    const trace = await traceOf(`${HEADER}\n${time},100,10\n${time},57,3`);
    const deploymentId = `loop-node-${process.pid}`;
    const args = ["--accounts", "2", "--providers", "2", "--deployment-id", deploymentId];
    const child = spawn(
      process.execPath,
      [...SCRIPT_FLAGS, "scripts/run-loop.ts", "--node", "--port", "0", "--trace", trace, ...args],
      { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
    );
    let output = "";
    const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
    await new Promise<void>((resolve, reject) => {
      child.on("close", () => {
        reject(new Error(output));
      });
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        if (/^By command: .*$/m.test(output)) resolve();
      });
    });

    const url = /chain of this run is at (http:\S+) until Ctrl-C/.exec(output)?.[1] ?? "";
    const manifest = /manifest is (\S+)\.$/m.exec(output)?.[1] ?? "";
    const body = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    expect(await answer.json()).to.deep.include({ result: "0x7a69" });
    expect(answer.headers.get("access-control-allow-origin")).to.equal("*");
    const { chainId } = JSON.parse(await readFile(path.join(ROOT, manifest), "utf8")) as {
      chainId: number;
    };
    expect(chainId).to.equal(31_337);

    child.kill("SIGINT");
    expect(await closed).to.equal(0);
    expect(output).to.match(/All \d+ sums match to the wei\./);
    expect(output).to.match(/The chain is gone\.\n$/);
    expect(existsSync(path.join(ROOT, "deploy", "deployments", deploymentId))).to.equal(false);
  });
});
