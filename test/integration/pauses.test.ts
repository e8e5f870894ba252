import { expect } from "chai";
import { encodeBytes32String, Interface, type ParamType } from "ethers";
import { network } from "hardhat";

import type { ContractName } from "../../deploy/lib/manifest.js";
import { ROLES } from "../../deploy/roles/table.js";
import { refusalOf, stateChanging } from "../support/calls.js";
import { DAY, OPA } from "../support/release.js";
import { deploySuite } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const REASON = ethers.dataSlice(encodeBytes32String("drill"), 0, 20);
const SOMEBODY = 15;

/** Everything that a pause of a module refuses. The Meter does not refuse statements: it leaves them out, with a reason. */
const STOPPED: Partial<Record<ContractName, readonly string[]>> = {
  ReleaseVault: ["createSchedule", "createSchedules"],
  Meter: [
    ...["deposit", "depositWithAuthorization", "depositWithPermit", "onTransferReceived"],
    "reserve",
  ],
  NodeRegistry: ["activate", "register", "stake"],
  NodeSlashing: ["announceFault", "executeFault", "proveEquivocation"],
  IncentivePool: ["recordPoints"],
  Attestations: ["attest"],
  SystemReserve: ["execute", "request"],
};

/** A suite in which one account has every role that a call can need. */
async function fixture() {
  const suite = await deploySuite(connection);
  const { accessManager, addresses, token } = suite;
  const governance = await ethers.getImpersonatedSigner(addresses.timelock);
  await networkHelpers.setBalance(governance.address, OPA);
  const caller = (await ethers.getSigners())[SOMEBODY];
  if (!caller) throw new Error("sixteen signers expected");
  for (const { id } of Object.values(ROLES))
    await accessManager.connect(governance).grantRole(id, caller, 0n);
  return { ...suite, caller, callers: [caller.address, await token.getAddress()] };
}

/** An argument that is not refused for being empty: one of everything, the caller for an account. */
function argument(type: ParamType, caller: string): unknown {
  if (type.isArray()) return [argument(type.arrayChildren, caller)];
  if (type.isTuple()) return type.components.map((component) => argument(component, caller));
  if (type.type === "address") return caller;
  if (type.type === "bool") return true;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  return type.type.startsWith("bytes") ? `0x${"00".repeat(Number(type.type.slice(5)))}` : 1n;
}

/**
 * Names of the functions of a contract that revert with `GuardedPauseActive` for any of these
 * callers.
 */
async function refusals(address: string, contract: Interface, callers: readonly string[]) {
  const selector = contract.getError("GuardedPauseActive")?.selector ?? "none";
  const refused = new Set<string>();
  for (const fragment of stateChanging(contract))
    for (const from of callers) {
      const args = fragment.inputs.map((input) => argument(input, callers[0] ?? from));
      const data = contract.encodeFunctionData(fragment, args);
      const refusal = await refusalOf(connection, { from, to: address, data });
      if (refusal === selector) refused.add(fragment.name);
    }
  return [...refused].sort();
}

describe("A pause (SAF-1, SAF-I3)", function () {
  for (const [name, stopped] of Object.entries(STOPPED) as [ContractName, string[]][]) {
    it(`a pause of ${name} refuses ${stopped.join(", ") || "nothing"}, and no other function`, async function () {
      const { manifest, caller, callers } = await networkHelpers.loadFixture(fixture);
      const { address, abi } = manifest.contracts[name];
      const module = await ethers.getContractAt("IGuardedPause", address, caller);
      const until = BigInt(await networkHelpers.time.latest()) + DAY;
      expect(await refusals(address, Interface.from(abi), callers)).to.deep.equal([]);

      await module.pause(REASON, until);

      expect(await refusals(address, Interface.from(abi), callers)).to.deep.equal(stopped);
      await networkHelpers.time.increaseTo(until);
      expect(await refusals(address, Interface.from(abi), callers)).to.deep.equal([]);
    });
  }
});
