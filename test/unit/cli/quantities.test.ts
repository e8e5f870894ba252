import { expect } from "chai";

import {
  formatAmount,
  formatCount,
  formatShare,
  formatSpan,
  formatTimeFrom,
  parseAmount,
  parseCount,
  parseShare,
  parseSpan,
  parseTime,
} from "../../../cli/frame/quantities.js";

const OPA = 10n ** 18n;
const NOW = 1_800_000_000n;

describe("quantities of opa", function () {
  it("reads amounts with units, and OPA without one", function () {
    const amounts: [string, bigint][] = [
      ["5 OPA", 5n * OPA],
      ["5opa", 5n * OPA],
      ["0.25", OPA / 4n],
      ["1,000.5 OPA", 1_000n * OPA + OPA / 2n],
      ["1_000", 1_000n * OPA],
      ["1 gwei", 10n ** 9n],
      ["100 wei", 100n],
    ];
    for (const [text, wei] of amounts) expect(parseAmount(text), text).to.equal(wei);
  });

  it("refuses amounts that are none, with an example", function () {
    for (const text of ["1,5", "1,00 OPA", "10,0000", "1,000_000", ",5", "1e3"])
      expect(() => parseAmount(text), text).to.throw(`"${text}" is not an amount`);
    for (const text of ["", "five", "-1", "1 ETH", "0.5 wei", "1.2.3", "0.1234567890123456789"])
      expect(() => parseAmount(text), text).to.throw(
        `"${text}" is not an amount; write it like "5 OPA"`,
      );
  });

  it("reads counts, spans, shares and times", function () {
    expect(["1000", "1,000", "1_000", "1e3"].map(parseCount)).to.deep.equal(Array(4).fill(1_000n));
    expect(["90s", "30m", "24h", "3 days", "104w"].map(parseSpan)).to.deep.equal([
      ...[90n, 1_800n, 86_400n, 259_200n, 62_899_200n],
    ]);
    expect(["45%", "4.5%", "4500 bps"].map(parseShare)).to.deep.equal([4_500n, 450n, 4_500n]);
    expect(parseTime("3d", NOW)).to.equal(NOW + 259_200n);
    expect(parseTime("2027-03-01", NOW)).to.equal(1_803_859_200n);
    expect(parseTime("2027-03-01 12:00", NOW)).to.equal(1_803_902_400n);
    expect(parseTime("1803859200", NOW)).to.equal(1_803_859_200n);
  });

  it("refuses counts, spans, shares and times that are none", function () {
    for (const text of ["1,5", "1_0", "1,0000"])
      expect(() => parseCount(text), text).to.throw(`"${text}" is not a whole number`);
    expect(() => parseCount("1.5")).to.throw('"1.5" is not a whole number');
    expect(() => parseSpan("soon")).to.throw('"soon" is not a span of time');
    expect(() => parseShare("45")).to.throw('"45" is not a share');
    expect(() => parseShare("4.5 bps")).to.throw("is not a whole number of basis points");
    for (const text of ["2027-02-31x", "tomorrow", "12"])
      expect(() => parseTime(text, NOW), text).to.throw("is not a time");
  });

  it("writes amounts exactly, in the unit that fits", function () {
    const amounts: [bigint, string][] = [
      [0n, "0 OPA"],
      [1n, "1 wei"],
      [10n ** 9n, "1 gwei"],
      [875n * 10n ** 9n, "875 gwei"],
      [1_500_000_000n, "1.5 gwei"],
      [OPA / 1_000n, "0.001 OPA"],
      [1_234_567n * OPA + 1n, "1,234,567.000000000000000001 OPA"],
    ];
    for (const [wei, text] of amounts) expect(formatAmount(wei)).to.equal(text);
  });

  it("writes counts, shares, spans and times for people", function () {
    expect(formatCount(1_234_567n)).to.equal("1,234,567");
    expect([4_500n, 450n, 4_555n].map(formatShare)).to.deep.equal(["45%", "4.5%", "45.55%"]);
    expect([0n, 1n, 3_660n, 90_061n].map(formatSpan)).to.deep.equal([
      ...["0 seconds", "1 second", "1 hour 1 minute", "1 day 1 hour"],
    ]);
    expect(formatTimeFrom(NOW + 86_400n, NOW)).to.equal("2027-01-16 08:00:00 UTC, in 1 day");
    expect(formatTimeFrom(NOW - 60n, NOW)).to.equal("2027-01-15 07:59:00 UTC, 1 minute ago");
    expect(formatTimeFrom(NOW, NOW)).to.equal("2027-01-15 08:00:00 UTC, now");
  });
});
