import { expect } from "chai";
import { toBeHex } from "ethers";

import {
  estimateGas,
  planBatches,
  type GasModel,
  type SignedStatement,
} from "../../../sdk/index.js";

const MODEL: GasModel = {
  perBatch: 100n,
  perStatement: 10n,
  perLine: 3n,
  perProvider: 2n,
  perBooking: 0n,
  perResource: 0n,
  perWallet: 50n,
};
const ADDRESS = `0x${"01".repeat(20)}`;

/** A statement of some lines at as many providers, with a signature of that length. */
function signed(lines: number, providers = 1, signatureLength = 65): SignedStatement {
  return {
    statement: {
      account: ADDRESS,
      priceEpoch: 0n,
      deadline: 0n,
      lines: Array.from({ length: lines }, (_, i) => ({
        provider: toBeHex((i % providers) + 1, 20),
        resource: BigInt(i),
        cumulativeUnits: 1n,
      })),
    },
    signer: ADDRESS,
    signature: `0x${"00".repeat(signatureLength)}`,
  };
}

describe("sdk/gas", function () {
  describe("estimateGas", function () {
    it("counts the batch, its statements, their lines and providers", function () {
      expect(estimateGas([signed(4, 2), signed(1)], MODEL)).to.equal(100n + 20n + 15n + 6n);
    });

    it("counts the check of a contract wallet for any other signature", function () {
      expect(estimateGas([signed(1, 1, 64)], MODEL)).to.equal(100n + 10n + 3n + 2n + 50n);
      expect(estimateGas([signed(1, 1, 0)], MODEL)).to.equal(100n + 10n + 3n + 2n + 50n);
    });

    it("counts a resource once for a batch, however many statements name it", function () {
      const model = { ...MODEL, perResource: 1_000n };

      const plain = estimateGas([signed(2), signed(3)], MODEL);
      expect(estimateGas([signed(2), signed(3)], model)).to.equal(plain + 3_000n);
      expect(planBatches([signed(2), signed(3)], plain + 3_000n, model).length).to.equal(1);
      expect(planBatches([signed(2), signed(3)], plain + 2_999n, model).length).to.equal(2);
    });
  });

  describe("planBatches", function () {
    it("counts a booking once for a batch, however many statements name the provider", function () {
      const model = { ...MODEL, perBooking: 1_000n };
      const statements = [signed(2), signed(4, 2)];

      const plain = estimateGas(statements, MODEL);
      expect(estimateGas(statements, model)).to.equal(plain + 2_000n);
      expect(planBatches(statements, plain + 2_000n, model).length).to.equal(1);
      expect(planBatches(statements, plain + 1_999n, model).length).to.equal(2);
    });

    it("refuses a statement that no batch can hold", function () {
      expect(() => planBatches([signed(1), signed(30)], 150n, MODEL)).to.throw(
        "A statement of 30 lines may take 202 gas, and a batch has 150.",
      );
    });

    it("plans nothing for nothing", function () {
      expect(planBatches([])).to.deep.equal([]);
    });

    it("fills each batch up to the budget, to the last unit of gas", function () {
      const [a, b, c] = [signed(1), signed(1), signed(1)];

      expect(planBatches([a, b, c], 130n, MODEL)).to.deep.equal([[a, b], [c]]);
      expect(planBatches([a, b, c], 129n, MODEL)).to.deep.equal([[a], [b], [c]]);
      expect(planBatches([a, b, c], 145n, MODEL)).to.deep.equal([[a, b, c]]);
    });

    it("keeps the order, also where a later statement would still fit", function () {
      const statements = [signed(1), signed(9), signed(2)];

      const batches = planBatches(statements, 140n, MODEL);

      expect(batches.flat()).to.deep.equal(statements);
      expect(batches.map(({ length }) => length)).to.deep.equal([1, 1, 1]);
    });
  });
});
