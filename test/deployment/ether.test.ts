import { expect } from "chai";
import hre, { network } from "hardhat";
import { Interface, type InterfaceAbi } from "ethers";

import { CONTRACT_KEYS, CONTRACTS } from "../../deploy/lib/manifest.js";
import { readOwnAbis } from "../../deploy/roles/render.js";
import { deploySuite } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

async function deployed() {
  return deploySuite(connection);
}

/**
 * Our modules with state-changing functions. OpenZeppelin's timelock accepts ETH, which decisions
 * do not use; its Governor forwards the ETH of an execution.
 */
const OTHERS = ["timelock", "governor", "accessManager", "pricePolicy", "lens"];
const PAYABLE = ["OPAGovernor", "SystemTimelock"];
const OURS = CONTRACT_KEYS.filter((key) => !OTHERS.includes(key));

describe("ETH (SYS-I6, abuse case 40)", function () {
  it("is taken by no function of any contract", async function () {
    const names: string[] = OURS.map((key) => CONTRACTS[key]);
    const changing = Object.keys(await readOwnAbis()).filter((name) => !PAYABLE.includes(name));
    expect(names).to.include.members(changing);

    for (const name of names) {
      const { abi } = await hre.artifacts.readArtifact(name);
      const contract = Interface.from(abi as InterfaceAbi);
      const payable = contract.fragments.filter(
        (fragment) => "payable" in fragment && fragment.payable,
      );
      // The Meter forwards calls to its extension without ETH.
      expect([name, contract.receive, contract.fallback !== null, payable]).to.deep.equal([
        name,
        false,
        name === "Meter",
        [],
      ]);
    }
  });

  for (const key of OURS) {
    it(`is refused by ${key}, as are short and unknown selectors`, async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const to = suite.addresses[key];

      for (const data of ["0x", "0x00", "0x000000", "0x00000000", "0xffffffff"]) {
        await expect(suite.guardian.sendTransaction({ to, data, value: 1n })).to.be.revert(ethers);
        await expect(suite.guardian.sendTransaction({ to, data })).to.be.revert(ethers);
      }
    });
  }

  it("changes nothing when it is forced into every contract", async function () {
    const {
      addresses,
      meter,
      token,
      vault,
      guardian: governor,
    } = await networkHelpers.loadFixture(deployed);
    const read = async () => [
      await meter.totals(),
      await vault.unreleased(),
      await token.totalSupply(),
      await token.balanceOf(meter),
    ];
    const before = await read();

    for (const key of OURS) await networkHelpers.setBalance(addresses[key], 10n ** 18n);

    expect(await read()).to.deep.equal(before);
    await expect(
      meter.connect(governor).withdraw(governor, governor, 1n),
    ).to.be.revertedWithCustomError(meter, "MeterInsufficientCredit");
  });
});
