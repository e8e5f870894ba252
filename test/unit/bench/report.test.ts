import { expect } from "chai";

import { row } from "../../../bench/measure.js";
import { QUOTED } from "../../../bench/quoted.js";
import { judge, renderReport } from "../../../bench/report.js";

function verdictOn(operation: string, rows: Parameters<typeof judge>[0]) {
  return judge(rows, "OPA").find((verdict) => verdict.operation === operation);
}

describe("bench report", function () {
  describe("judge", function () {
    it("misses a target that ours was not measured for, whatever a peer costs", function () {
      const verdict = verdictOn("burn", [row("Solady", "burn", 1, 33_550)]);

      expect(verdict).to.deep.equal({
        operation: "burn",
        target: 34_100,
        gasPerItem: undefined,
        isMet: false,
        isHeld: false,
      });
    });

    it("meets a target exactly and misses it by one gas", function () {
      expect(verdictOn("burn", [row("OPA", "burn", 1, 34_100)])?.isMet).to.equal(true);
      expect(verdictOn("burn", [row("OPA", "burn", 1, 34_101)])?.isMet).to.equal(false);
    });

    it("compares the gas of a whole batch, not the rounded gas of an item", function () {
      const create = "create, batch of 50";

      expect(verdictOn(create, [row("OPA", create, 50, 2_600_000)])?.isMet).to.equal(true);
      expect(verdictOn(create, [row("OPA", create, 50, 2_600_001)])?.isMet).to.equal(false);
    });

    it("holds claims to their target, however long nothing happened", function () {
      for (const operation of ["claim, 1 idle epoch", "claim, 100 idle epochs"]) {
        expect(verdictOn(operation, [row("OPA", operation, 1, 64_000)])?.isMet).to.equal(true);
        expect(verdictOn(operation, [row("OPA", operation, 1, 64_001)])?.isMet).to.equal(false);
      }
    });

    it("lists a target that is known to be missed, and fails what misses it by more", function () {
      const books = "settle 1x1, books the provider";
      const verdict = (gas: number) => verdictOn(books, [row("OPA", books, 1, gas)]);

      expect(verdict(230_000)).to.include({ isMet: true, isHeld: false });
      expect(verdict(283_000)).to.include({ isMet: false, isHeld: true });
      expect(verdict(283_001)).to.include({ isMet: false, isHeld: false });
    });
  });

  describe("QUOTED", function () {
    it("compares stakes and claims with the figures and commits they were measured at", function () {
      const figure = (system: string, operation: string) =>
        QUOTED.find((quoted) => quoted.system === system && quoted.operation === operation);

      expect(figure("Synthetix", "stake, add")).to.include({ gas: 89_237, quoted: true });
      expect(figure("Synthetix", "claim, 100 idle epochs")).to.include({ gasPerItem: 76_415 });
      expect(figure("Uniswap Merkle", "claim, booked by settlement, later")?.source).to.include(
        "25a79e8",
      );
      expect(figure("Graph staking", "stake, add")).to.include({ items: 1, gasPerItem: 72_042 });
    });
  });

  describe("renderReport", function () {
    it("rejects a row no table has room for", async function () {
      const rows = [row("OPA", "mint", 1, 50_000)];

      const error = await renderReport(rows, [], "OPA").catch((reason: unknown) => reason);

      expect(error).to.be.instanceOf(Error).with.property("message").that.includes('"mint"');
    });

    it("puts ours beside floor and target, first among the systems", async function () {
      const rows = [row("Solady", "burn", 1, 33_550), row("OPA", "burn", 1, 34_101)];

      const report = await renderReport(rows, [], "OPA");

      const cells = ["burn", "33,098", "34,100", "34,101 (1.030)", "no", "33,550 (1.014)"];
      const lines = report.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
      expect(lines).to.deep.include(["", ...cells, ""]);
    });

    it("marks what is quoted and names where it comes from", async function () {
      const report = await renderReport(QUOTED, [], "OPA");

      expect(report).to.include("Livepeer †").and.to.include("- Livepeer: TicketBroker at f225b10");
    });
  });
});
