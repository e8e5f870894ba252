import { expect } from "chai";
import { network } from "hardhat";

import type { Stage } from "../../support/curve-model.js";
import { growthAfter, timeGrid, vestedOf } from "../../support/curve-model.js";
import { CURVES, INITIAL_SUPPLY, OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const TOTALS = [1n, 7n, 10n, 1_000_000_007n, 123n * OPA + 1n, INITIAL_SUPPLY, 2n ** 96n - 1n];

async function fixture() {
  const curve = await ethers.deployContract("CurveHarness");
  const errors = await ethers.getContractAt("IReleaseVault", curve);
  return { curve, errors };
}

/** A stage in short. */
function stage(offset: bigint, share: bigint, linear = false): Stage {
  return { offset, share, linear };
}

const WHOLE = 1_000_000_000n;

describe("ReleaseCurve (REL-2)", function () {
  describe("store", function () {
    it("reverts without stages and with 97", async function () {
      const { curve, errors } = await networkHelpers.loadFixture(fixture);
      const many = Array.from({ length: 97 }, (_, i) => stage(BigInt(i), WHOLE));

      await expect(send(curve, "store", []))
        .to.be.revertedWithCustomError(errors, "ReleaseCurveInvalidLength")
        .withArgs(0n, 96n);
      await expect(send(curve, "store", many))
        .to.be.revertedWithCustomError(errors, "ReleaseCurveInvalidLength")
        .withArgs(97n, 96n);
    });

    for (const [name, stages, args] of [
      ["an offset repeats", [stage(5n, 1n), stage(5n, WHOLE)], [1n, 5n, 5n]],
      ["an offset falls", [stage(5n, 1n), stage(4n, WHOLE, true)], [1n, 4n, 5n]],
      ["the first stage is linear at 0", [stage(0n, WHOLE, true)], [0n, 0n, 0n]],
      ["a later stage is at 0", [stage(0n, 1n), stage(0n, WHOLE)], [1n, 0n, 0n]],
    ] as const) {
      it(`reverts when ${name}`, async function () {
        const { curve, errors } = await networkHelpers.loadFixture(fixture);

        await expect(send(curve, "store", stages))
          .to.be.revertedWithCustomError(errors, "ReleaseCurveInvalidOffset")
          .withArgs(...args);
      });
    }

    it("reverts when a share falls", async function () {
      const { curve, errors } = await networkHelpers.loadFixture(fixture);

      await expect(send(curve, "store", [stage(1n, 8n), stage(2n, 7n), stage(3n, WHOLE)]))
        .to.be.revertedWithCustomError(errors, "ReleaseCurveDecreasingShare")
        .withArgs(1n, 7n, 8n);
    });

    for (const share of [0n, WHOLE - 1n, WHOLE + 1n, 2n ** 32n - 1n]) {
      it(`reverts when the last share is ${share.toString()}`, async function () {
        const { curve, errors } = await networkHelpers.loadFixture(fixture);

        await expect(send(curve, "store", [stage(1n, share, true)]))
          .to.be.revertedWithCustomError(errors, "ReleaseCurveIncomplete")
          .withArgs(share, WHOLE);
      });
    }

    it("keeps the widest values and every number of stages", async function () {
      const { curve } = await networkHelpers.loadFixture(fixture);

      for (const count of [1, 2, 3, 4, 5, 6, 7, 95, 96]) {
        const last = stage(2n ** 40n - 1n, WHOLE, count % 2 === 0);
        const stages = Array.from({ length: count - 1 }, (_, i) => stage(BigInt(i), WHOLE - 9n));
        await send(curve, "store", [...stages, last]);
        const stored = (await curve.getFunction("list").staticCall()) as bigint[][];

        expect(stored.map(([offset, share, linear]) => ({ offset, share, linear }))).to.deep.equal([
          ...stages,
          last,
        ]);
      }
    });
  });

  for (const [name, stages] of Object.entries(CURVES)) {
    describe(`the curve "${name}"`, function () {
      it("vests what the model says, at every edge and between", async function () {
        const { curve } = await networkHelpers.loadFixture(fixture);
        await send(curve, "store", stages);

        for (const elapsed of timeGrid(stages)) {
          for (const total of name === "full" ? [INITIAL_SUPPLY] : TOTALS) {
            const vested: unknown = await curve
              .getFunction("vestedDown")
              .staticCall(total, elapsed);
            expect(vested, `${total.toString()} at ${elapsed.toString()}`).to.equal(
              vestedOf(stages, total, elapsed),
            );
          }
        }
      });

      it("grows next when the model says", async function () {
        const { curve } = await networkHelpers.loadFixture(fixture);
        await send(curve, "store", stages);

        const first: unknown = await curve.getFunction("firstGrowth").staticCall();
        expect(first).to.equal(growthAfter(stages));
        for (const elapsed of timeGrid(stages)) {
          const next = growthAfter(stages, elapsed);
          const answer = (await curve.getFunction("growthAfter").staticCall(elapsed)) as unknown[];
          expect([...answer], elapsed.toString()).to.deep.equal([next !== undefined, next ?? 0n]);
        }
      });
    });
  }
});
