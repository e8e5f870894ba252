import { expect } from "chai";
import { getAddress } from "ethers";

import { RunningTotals } from "../../../scripts/loop/running-totals.js";

const alice = getAddress(`0x${"a1".repeat(20)}`);
const bob = getAddress(`0x${"b0".repeat(20)}`);
const low = getAddress(`0x${"11".repeat(20)}`);
const high = getAddress(`0x${"ee".repeat(20)}`);

function use(units: bigint, provider = low, resource = 1n, account = alice) {
  return { account, provider, resource, units };
}

describe("scripts/loop/running-totals", function () {
  it("refuses negative use", function () {
    expect(() => {
      new RunningTotals().record(use(-1n));
    }).to.throw("Use cannot be negative, and -1 units is.");
  });

  it("passes over use of nothing", function () {
    const usage = new RunningTotals();

    usage.record(use(0n));

    expect(usage.accounts()).to.deep.equal([]);
    expect(usage.linesOf(alice)).to.deep.equal([]);
  });

  it("adds use up by account, provider and resource, whatever the case of an address", function () {
    const usage = new RunningTotals();

    usage.record(use(5n, high, 2n));
    usage.record(use(3n));
    usage.record(use(4n, low.toLowerCase(), 1n, alice.toLowerCase()));
    usage.record(use(9n, low, 1n, bob));

    expect(usage.accounts()).to.deep.equal([alice, bob]);
    expect(usage.linesOf(alice)).to.deep.equal([
      { provider: low, resource: 1n, cumulativeUnits: 7n },
      { provider: high, resource: 2n, cumulativeUnits: 5n },
    ]);
  });

  it("names only what has grown since it was settled, with its running total", function () {
    const usage = new RunningTotals();
    usage.record(use(5n));
    usage.record(use(6n, high));

    usage.markSettled(alice, usage.linesOf(alice));
    usage.record(use(1n, high));

    expect(usage.unsettledOf(alice)).to.deep.equal([
      { provider: high, resource: 1n, cumulativeUnits: 7n },
    ]);
  });

  it("keeps what is settled when an older total is reported", function () {
    const usage = new RunningTotals();
    usage.record(use(5n));
    usage.markSettled(alice, [{ provider: low, resource: 1n, cumulativeUnits: 5n }]);

    usage.markSettled(alice, [{ provider: low, resource: 1n, cumulativeUnits: 2n }]);

    expect(usage.unsettledOf(alice)).to.deep.equal([]);
  });

  it("counts on from a total that it learns to be settled", function () {
    const usage = new RunningTotals();
    usage.markSettled(alice, [{ provider: low, resource: 1n, cumulativeUnits: 100n }]);

    usage.record(use(1n));

    expect(usage.unsettledOf(alice)).to.deep.equal([
      { provider: low, resource: 1n, cumulativeUnits: 101n },
    ]);
  });
});
