import { expect } from "chai";
import hre, { network } from "hardhat";

import { DeploymentError } from "../../deploy/lib/error.js";
import { CommandError, explainError } from "../../deploy/lib/explain.js";
import { requireAffordable, type Costs } from "../../deploy/lib/plan.js";
import { planDeployment } from "../../deploy/lib/deploy.js";
import { NodeError } from "../../deploy/lib/rpc.js";
import { planSeries } from "../../deploy/lib/series.js";
import { ParameterError } from "../../deploy/parameters/schema.js";
import { PARAMETERS } from "../support/suite.js";

const DEPLOYER = `0x${"1d".repeat(20)}`;

/** Names of programs that the user did not start, and texts for their developers. */
const FOREIGN = /Ignition|HHE\d|hardhat\.org|\bat .+:\d+:\d+/;

/** The error that something ends with. */
async function errorOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("refusals (INT-2)", function () {
  describe("explainError", function () {
    it("prints every sentence of an error of ours", function () {
      const text = "local.json5: a is missing.\nlocal.json5: b is missing.";

      for (const error of [
        new ParameterError(text),
        new CommandError(text),
        new DeploymentError(text),
      ])
        expect(explainError(error)).to.equal(text);
    });

    it("says what to do about an answer of the node", function () {
      const error = new NodeError("query returned more than 10000 results", undefined, undefined);

      expect(explainError(error)).to.equal(
        "The node answered with an error: query returned more than 10000 results. Run the same command again, or use another node.",
      );
    });

    it("names the option when contracts are not compiled", async function () {
      const error = await errorOf(hre.artifacts.readArtifact("NoSuchContract"));

      expect(explainError(error)).to.equal(
        "The contracts are not compiled; run the same command without --no-build.",
      );
    });

    const OTHERS: [string, RegExp][] = [
      ["HHE910: Compilation failed", /^The contracts do not compile, .+ the same command again\.$/],
      [
        "HHE703: Cannot connect to the network",
        /^The node does not answer any more; run the same /,
      ],
      [
        "HHE999: Something else.\n    at file.js:1:2",
        /^Something else\. Correct this, then run the /,
      ],
      ["read ECONNRESET", /^read ECONNRESET\. Correct this, then run the same command again\.$/],
    ];
    for (const [message, expected] of OTHERS) {
      it(`puts "${message.split("\n")[0]}" into a sentence`, function () {
        const text = explainError(new Error(message));

        expect(text).to.match(expected);
        expect(text).to.not.match(FOREIGN);
      });
    }
  });

  describe("of what would fail", function () {
    const origin = {
      chainId: 31_337n,
      deployer: DEPLOYER,
      time: Number(PARAMETERS.epoch.genesis) + 86_400,
    };

    it("name the step and the error of the contract, in sentences", async function () {
      const parameters = {
        ...PARAMETERS,
        incentives: { ...PARAMETERS.incentives, kappa: 65_000n },
      };

      const error = await errorOf(planSeries(origin, parameters, 0));

      expect(error).to.be.instanceOf(DeploymentError);
      const text = explainError(error);
      expect(text).to.match(/^The deployment would fail: .*Incentives#IncentiveVault.*65000/s);
      expect(text).to.match(/then run the same command again\.$/);
      expect(text).to.not.match(FOREIGN);
    });

    it("name the parameter of a module that has no value, in sentences", async function () {
      const governance = { ...PARAMETERS, heldBackShare: undefined as unknown as bigint };

      const error = await errorOf(planSeries(origin, governance, 0));

      expect(error).to.be.instanceOf(DeploymentError);
      expect(explainError(error)).to.match(/^The deployment would fail: .*heldBackShare/s);
      expect(explainError(error)).to.not.match(FOREIGN);
    });
  });

  it("of what a deployer cannot pay, or no block can hold, come before anything is sent", async function () {
    const connection = await network.create();
    const planned = await planDeployment(connection, PARAMETERS, { deploymentId: "never-written" });
    const costs: Costs = {
      transactions: planned.series.steps.length,
      gas: 10n ** 8n,
      price: 1n,
      cost: 10n ** 8n,
      balance: 10n ** 8n,
      largest: { label: "Any#Any", gas: 6_000_000n },
      blockGasLimit: 30_000_000n,
      seconds: 0,
    };
    const refusal = (changes: Partial<Costs>) => () => {
      requireAffordable(planned, { ...costs, ...changes });
    };

    expect(refusal({})).to.not.throw();
    expect(refusal({ balance: 10n ** 8n - 1n })).to.throw(
      DeploymentError,
      /Fund it, then run the same command again\.$/,
    );
    expect(refusal({ blockGasLimit: 5_999_999n })).to.throw(
      DeploymentError,
      "Any#Any takes 6000000 gas; a transaction on default can have 5999999. Use a network with larger blocks.",
    );
    expect(refusal({ transactions: 0, balance: 0n })).to.not.throw();
    await connection.close();
  });
});
