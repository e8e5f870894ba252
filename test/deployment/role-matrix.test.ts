import { expect } from "chai";
import { Interface, type FunctionFragment, type ParamType } from "ethers";
import { network } from "hardhat";

import { listRoleRows, readOwnAbis } from "../../deploy/roles/render.js";
import { CONTRACTS } from "../../deploy/lib/manifest.js";
import { ROLES } from "../../deploy/roles/table.js";
import { refusalOf, stateChanging } from "../support/calls.js";
import { OPA } from "../support/release.js";
import { deploySuite } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** Errors of a missing right, independent of the arguments. */
const REFUSALS = [
  ...["AccessManagedUnauthorized", "AccessManagerUnauthorizedAccount", "GovernorOnlyExecutor"],
  ...["AccessControlUnauthorizedAccount", "TimelockUnauthorizedCaller"],
];

/** Who gets through a function that nobody else may call, in the words of the role table. */
const CLOSED = [
  ...["the AccessManager, on `updateAuthority` by ADMIN", "the Governor", "itself"],
  ...["the timelock, on a proposal"],
];

/**
 * Functions of OpenZeppelin's AccessManager that check rights by their arguments, or concern only
 * the caller.
 */
const OPEN_OF_MANAGER = [
  ...["cancel", "consumeScheduledOp", "execute", "multicall", "renounceRole", "schedule"],
];

const PAUSE_GUARDIAN = 18; // of the parameter file

/** A suite with an account for each role that has nothing else, one that had every role, and one that never had any. */
async function fixture() {
  const suite = await deploySuite(connection);
  const { accessManager, addresses, lock, meter } = suite;
  const governance = await ethers.getImpersonatedSigner(addresses.timelock);
  await networkHelpers.setBalance(governance.address, OPA);
  const manager = accessManager.connect(governance);
  const signers = (await ethers.getSigners()).slice(7, PAUSE_GUARDIAN);
  const [former, stranger] = [signers.pop(), signers.pop()];
  if (!former || !stranger) throw new Error("more signers expected");

  const holders = new Map<string, string>();
  for (const [name, { id }] of Object.entries(ROLES)) {
    const holder = signers.pop();
    if (!holder) throw new Error("a signer for every role expected");
    await manager.grantRole(id, holder, 0n);
    await manager.grantRole(id, former, 0n);
    await manager.revokeRole(id, former);
    holders.set(name, holder.address);
  }
  holders.set("former", former.address).set("none", stranger.address);
  for (const holder of holders.values()) {
    await meter.syncMeter(holder);
    await lock.syncHolder(holder);
  }
  return { ...suite, holders };
}

/** An argument of a type, of which nothing is said but that it is there. */
function argument(type: ParamType): unknown {
  if (type.isArray())
    return type.arrayLength === -1
      ? []
      : Array(type.arrayLength).fill(argument(type.arrayChildren));
  if (type.isTuple()) return type.components.map(argument);
  if (type.type === "address") return ethers.ZeroAddress;
  if (type.type === "bool") return false;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  return type.type.startsWith("bytes") ? `0x${"00".repeat(Number(type.type.slice(5)))}` : 0n;
}

/** Those of these accounts that a contract refuses a function. */
async function refusedBy(
  address: string,
  contract: Interface,
  fragment: FunctionFragment,
  holders: ReadonlyMap<string, string>,
): Promise<string[]> {
  const selectors = REFUSALS.map((name) => contract.getError(name)?.selector ?? "none");
  const data = contract.encodeFunctionData(fragment, fragment.inputs.map(argument));
  const refused: string[] = [];
  for (const [name, from] of holders) {
    const refusal = await refusalOf(connection, { from, to: address, data });
    if (selectors.includes(refusal)) refused.push(name);
  }
  return refused;
}

describe("Every function and every role (ACL-I1, ACL-I2, SAF-4)", function () {
  // The Meter's extension answers at the address of the Meter; called directly it works on storage of its own, which holds nothing.
  for (const name of Object.values(CONTRACTS).filter((each) => each !== "MeterExtension")) {
    it(`of ${name}: who is refused is what the role table says`, async function () {
      const { manifest, holders } = await networkHelpers.loadFixture(fixture);
      const { address, abi } = manifest.contracts[name];
      const contract = Interface.from(abi);
      const rows = listRoleRows(await readOwnAbis()).filter((row) => row.contract === name);

      for (const fragment of stateChanging(contract)) {
        const signature = fragment.format();
        const caller = rows.find((row) => row.signature === signature)?.caller;
        const everyone = [...holders.keys()];
        let due: string[] = [];
        if (caller !== undefined && holders.has(caller))
          due = everyone.filter((account) => account !== caller);
        else if (
          caller === undefined ? !OPEN_OF_MANAGER.includes(fragment.name) : CLOSED.includes(caller)
        )
          due = everyone;

        const refused = await refusedBy(address, contract, fragment, holders);

        expect(refused, `${name}.${signature}`).to.deep.equal(due);
      }
    });
  }
});
