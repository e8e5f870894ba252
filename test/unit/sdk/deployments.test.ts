import { expect } from "chai";

import { addressIn, deploymentOn, readDeployment } from "../../../sdk/index.js";

const SETTLEMENT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const MANIFEST = {
  ...{ chainId: 11_155_111, network: "testnet", deploymentBlock: 7_000_000 },
  contracts: { Settlement: { address: SETTLEMENT.toLowerCase(), abi: [] } },
};

describe("sdk/deployments", function () {
  it("reads chain, block and addresses from a manifest", function () {
    const deployment = readDeployment(MANIFEST);

    expect(deployment).to.deep.equal({
      ...{ chainId: 11_155_111n, deploymentBlock: 7_000_000 },
      addresses: { Settlement: SETTLEMENT },
    });
    expect(addressIn(deployment, "Settlement")).to.equal(SETTLEMENT);
  });

  it("says which contracts there are when one is asked for that is not", function () {
    for (const name of ["Meter", "toString", "__proto__"])
      expect(() => addressIn(readDeployment(MANIFEST), name)).to.throw(
        `The deployment has no contract ${name}; it has Settlement.`,
      );
  });

  const WRONG: [string, unknown, string][] = [
    ["nothing", undefined, "The manifest is not an object with contracts."],
    ["text", "{}", "The manifest is not an object with contracts."],
    ["no chain", { ...MANIFEST, chainId: "1" }, "The manifest has no chainId"],
    ["no block", { ...MANIFEST, deploymentBlock: -1 }, "The manifest has no chainId or no deploym"],
    ["no contracts", { ...MANIFEST, contracts: null }, "The manifest is not an object with contr"],
    ["no address", { ...MANIFEST, contracts: { Meter: {} } }, "The manifest has no address of Met"],
    [
      "half an address",
      { ...MANIFEST, contracts: { Meter: { address: "0x12" } } },
      '"0x12" is not an address, so it cannot be the Meter contract.',
    ],
  ];
  for (const [what, manifest, message] of WRONG)
    it(`refuses a manifest with ${what}`, function () {
      expect(() => readDeployment(manifest)).to.throw(message);
    });

  it("finds the deployment on a chain, and says where there are others", function () {
    const deployments = [readDeployment(MANIFEST)];

    expect(deploymentOn(11_155_111n, deployments).addresses).to.deep.equal({
      Settlement: SETTLEMENT,
    });
    expect(() => deploymentOn(1n, deployments)).to.throw(
      "No deployment on chain 1 is known, only on 11155111; read the manifest of yours",
    );
    expect(() => deploymentOn(31_337n)).to.throw("No deployment on chain 31337 is known; read");
  });
});
