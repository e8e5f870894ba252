import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import { ROLES } from "../../deploy/roles/table.js";
import { verifyDeployment } from "../../deploy/verify/verify.js";
import { PARAMETERS } from "../support/suite.js";
import {
  decide,
  deployInUse,
  outcome,
  statementFor,
  type Action,
  type InUse,
} from "../support/upgrade.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SETTLEMENT = encodeBytes32String("settlement");
const UNITS = 1_000n;
const { id: METER } = ROLES.METER;

async function inUse() {
  const suite = await deployInUse(connection);
  const second = await ethers.deployContract("Settlement", [suite.meter], suite.provider);
  return { ...suite, second };
}

/** The call that gives a settlement the right to charge, or takes it. */
function role({ accessManager }: InUse, change: "grant" | "revoke", settlement: string): Action {
  const abi = accessManager.interface;
  const data =
    change === "grant"
      ? abi.encodeFunctionData("grantRole", [METER, settlement, 0n])
      : abi.encodeFunctionData("revokeRole", [METER, settlement]);
  return [accessManager, data];
}

function sync({ meter }: InUse, settlement: string): Action {
  return [meter, meter.interface.encodeFunctionData("syncMeter", [settlement])];
}

async function verify({ manifest }: InUse) {
  return verifyDeployment(connection, manifest, PARAMETERS);
}

describe("verification after an upgrade (INT-2, EVO-1)", function () {
  it("names the decision by which a second settlement may charge", async function () {
    const suite = await networkHelpers.loadFixture(inUse);
    const { directory, second, settlement } = suite;
    const [first, address] = [await settlement.getAddress(), await second.getAddress()];
    const { settlement: interfaceId } = await readInterfaceIds();
    const listing = directory.interface.encodeFunctionData("register", [
      SETTLEMENT,
      address,
      interfaceId,
    ]);

    await decide(
      suite,
      [role(suite, "grant", address), sync(suite, address), [directory, listing]],
      "A second settlement joins",
    );
    const { differences, notes } = await verify(suite);

    expect(await outcome(second, await statementFor(suite, second, UNITS))).to.equal("None");
    expect(differences).to.deep.equal([]);
    expect(notes.map((note) => note.slice(0, note.indexOf(", by proposal")))).to.deep.equal([
      `${address} in role METER: no member before, now member without delay`,
      `SystemDirectory: ModuleRegistered(${SETTLEMENT}, ${address}, 2, ${first}, ${interfaceId})`,
    ]);
    for (const note of notes) expect(note).to.match(/\("A second settlement joins"\)\.$/);
  });

  it("finds a settlement that still charges although its role was taken", async function () {
    const suite = await networkHelpers.loadFixture(inUse);
    const { meter, provider, second, settlement } = suite;
    const first = await settlement.getAddress();
    const successor = await second.getAddress();
    await decide(
      suite,
      [role(suite, "grant", successor), sync(suite, successor), role(suite, "revoke", first)],
      "The second settlement replaces the first",
    );

    const forgotten = await verify(suite);
    await meter.connect(provider).syncMeter(first);
    const synced = await verify(suite);

    expect(forgotten.differences).to.deep.equal([
      { what: `flag of ${first} in Meter`, expected: "false", actual: "true" },
    ]);
    expect(synced.differences).to.deep.equal([]);
    expect(synced.notes).to.have.length(2);
  });
});
