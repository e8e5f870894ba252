import { expect } from "chai";
import { Interface } from "ethers";

import {
  drawnOpa,
  exactOpa,
  grouped,
  parseOpa,
  percent,
  percentOfBps,
  shortOpa,
} from "../../../dashboard/src/words/amounts.js";
import { toCsv } from "../../../dashboard/src/words/csv.js";
import { failureText, Sentence } from "../../../dashboard/src/words/errors.js";
import { nameIn, shortAddress, textOf } from "../../../dashboard/src/words/names.js";
import {
  dayText,
  durationText,
  iso,
  relativeText,
  timeText,
} from "../../../dashboard/src/words/times.js";

const OPA = 10n ** 18n;

describe("words of the page", function () {
  describe("amounts", function () {
    it("keep every digit in their exact form", function () {
      expect(exactOpa(0n)).to.equal("0");
      expect(exactOpa(1n)).to.equal("0.000000000000000001");
      expect(exactOpa(800_000_000n * OPA)).to.equal("800000000");
    });

    it("are grouped and rounded towards zero in their short form", function () {
      const amounts: [bigint, string][] = [
        [0n, "0"],
        [1n, "<0.0001"],
        [-1n, "-<0.0001"],
        [10n ** 14n, "0.0001"],
        [(12_345_678n * OPA) / 10n, "1,234,567.8"],
        [OPA - 1n, "0.9999"],
        [-1_234n * OPA, "-1,234"],
        [1_000n * OPA, "1,000"],
      ];
      for (const [wei, text] of amounts) expect(shortOpa(wei)).to.equal(text);
      expect(shortOpa(4n * 10n ** 14n, 2)).to.equal("<0.01");
    });

    it("are read as they are typed, and refused otherwise", function () {
      expect(parseOpa(" 1,234.5 ")).to.equal((12_345n * OPA) / 10n);
      for (const text of ["", "abc", "-1", "1e3", "0x10", "1.0000000000000000001", ".", "1,5"])
        expect(() => parseOpa(text), text).to.throw("is not an amount of OPA");
      expect(() => parseOpa("0.0")).to.throw("more than zero");
    });

    it("are numbers for drawing only", function () {
      expect(drawnOpa((3n * OPA) / 2n)).to.equal(1.5);
    });

    it("are shares without loss below a hundredth of a percent", function () {
      expect(percent(1n, 3n)).to.equal("33.33%");
      expect(percent(1n, 1n)).to.equal("100%");
      expect(percent(1n, 0n)).to.equal("–");
      expect(percent(5n, 100_000n)).to.equal("0%");
      expect(percentOfBps(4_505n)).to.equal("45.05%");
      expect(grouped(1_234_567n)).to.equal("1,234,567");
    });
  });

  describe("times", function () {
    it("are in UTC, and say if they never come or never end", function () {
      expect(timeText(1_767_225_600n)).to.equal("2026-01-01 00:00 UTC");
      expect(timeText(0n)).to.equal("never");
      expect(timeText(2n ** 48n - 1n)).to.equal("no end");
      expect(dayText(1_767_225_601n)).to.equal("2026-01-01");
      expect(iso(1_767_225_601n)).to.equal("2026-01-01T00:00:01Z");
    });

    it("have durations in their two largest units", function () {
      const durations: [bigint, string][] = [
        [0n, "0 seconds"],
        [1n, "1 second"],
        [3_600n, "1 hour"],
        [183_600n, "2 days 3 hours"],
        [604_800n, "1 week"],
        [604_801n, "1 week 1 second"],
      ];
      for (const [seconds, text] of durations) expect(durationText(seconds)).to.equal(text);
      expect(relativeText(10n, 10n)).to.equal("now");
      expect(relativeText(70n, 10n)).to.equal("in 1 minute");
      expect(relativeText(10n, 70n)).to.equal("1 minute ago");
    });
  });

  describe("CSV", function () {
    it("quotes what has separators, and lets no text become a formula", function () {
      const text = toCsv(
        ["a", 'b"c'],
        [
          [1n, "x,y"],
          ["=1+1", "-5"],
          ["line\nbreak", "@x"],
        ],
      );

      expect(text).to.equal('a,"b""c"\r\n1,"x,y"\r\n\'=1+1,-5\r\n"line\nbreak",\'@x\r\n');
    });
  });

  describe("names", function () {
    it("make texts of bytes, and short addresses", function () {
      expect(textOf(`0x${Buffer.from("incident").toString("hex").padEnd(40, "0")}`)).to.equal(
        "incident",
      );
      expect(textOf(`0x${"ff".repeat(20)}`)).to.equal(`0x${"ff".repeat(20)}`);
      expect(shortAddress("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc")).to.equal("0x3C44…93BC");
      expect(nameIn({ None: 0, Spender: 1 }, 1n)).to.equal("Spender");
      expect(nameIn({ None: 0 }, 7n)).to.equal("number 7");
    });
  });

  describe("failures", function () {
    const contract = new Interface([
      "error GovernanceLockTooSmall(uint256 amount, uint256 minimum)",
      "error GovernanceLockNotWithdrawable(address account, uint48 withdrawableAt)",
    ]);

    it("tell custom errors in words, with their values, units and remedies", function () {
      const data = contract.encodeErrorResult("GovernanceLockTooSmall", [OPA / 2n, OPA]);
      const later = contract.encodeErrorResult("GovernanceLockNotWithdrawable", [
        "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
        1_767_225_600n,
      ]);

      expect(failureText({ data })).to.equal(
        "A lock of 0.5 OPA is below the least of 1 OPA. Lock more.",
      );
      expect(failureText({ info: { error: { data: { data: later } } } })).to.equal(
        "The lock of 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC can be withdrawn at 2026-01-01T00:00:00Z. Wait until then.",
      );
    });

    it("tell what is not known as such", function () {
      expect(failureText({ data: "0x12345678" })).to.equal(
        "The call would fail with the error 0x12345678, which this page does not know.",
      );
      expect(failureText(new Error("User rejected the request"))).to.equal(
        "User rejected the request.",
      );
      expect(failureText(new TypeError("Failed to fetch"))).to.equal("The node does not answer.");
      expect(failureText({ message: "no" })).to.equal("no.");
      expect(failureText(new Sentence("As it is."))).to.equal("As it is.");
    });
  });
});
