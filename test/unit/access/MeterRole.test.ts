import { expect } from "chai";
import { network } from "hardhat";

import { deployModules, METER_ROLE } from "../../support/metering.js";
import { send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

async function fixture() {
  return deployModules(connection);
}

describe("MeterRole", function () {
  /** The Meter with a charge by `bob`, who holds nothing yet. */
  async function subject() {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter: module, bob } = suite;
    const useHotPath = () => module.connect(bob).charge([]);
    const expectClosed = async () =>
      expect(useHotPath())
        .to.be.revertedWithCustomError(suite.core, "AccessManagedUnauthorized")
        .withArgs(bob.address);
    return { ...suite, module, useHotPath, expectClosed };
  }

  it("lets nobody use the hot path by the role alone", async function () {
    const { module, authority, bob, expectClosed } = await subject();

    await send(authority, "grantRole", METER_ROLE, bob, 0);

    expect(await module.isMeter(bob)).to.equal(false);
    await expectClosed();
  });

  it("opens the hot path when anyone syncs a holder of the role", async function () {
    const { module, authority, bob, stranger, useHotPath } = await subject();
    await send(authority, "grantRole", METER_ROLE, bob, 0);

    await expect(module.connect(stranger).syncMeter(bob))
      .to.emit(module, "MeterSynced")
      .withArgs(bob.address, true);

    expect(await module.isMeter(bob)).to.equal(true);
    await useHotPath();
  });

  it("says nothing when the flag is right already", async function () {
    const { module, settlement, bob } = await subject();

    await expect(module.syncMeter(bob)).not.to.emit(module, "MeterSynced");
    await expect(module.syncMeter(settlement)).not.to.emit(module, "MeterSynced");
    expect(await module.isMeter(bob)).to.equal(false);
    expect(await module.isMeter(settlement)).to.equal(true);
  });

  it("closes the hot path when a revoked role is synced, and not before", async function () {
    const { module, authority, bob, useHotPath, expectClosed } = await subject();
    await send(authority, "grantRole", METER_ROLE, bob, 0);
    await module.syncMeter(bob);

    await send(authority, "revokeRole", METER_ROLE, bob);
    await useHotPath();
    await expect(module.syncMeter(bob)).to.emit(module, "MeterSynced").withArgs(bob.address, false);

    await expectClosed();
  });

  it("gives no flag to a holder with an execution delay", async function () {
    const { module, authority, bob, expectClosed } = await subject();
    await send(authority, "grantRole", METER_ROLE, bob, 1);

    await module.syncMeter(bob);

    expect(await module.isMeter(bob)).to.equal(false);
    await expectClosed();
  });

  it("gives no flag before a grant delay has passed", async function () {
    const { module, authority, bob, expectClosed } = await subject();
    await send(authority, "setGrantDelay", METER_ROLE, 1_000);
    await networkHelpers.time.increase(10n * 86_400n);
    await send(authority, "grantRole", METER_ROLE, bob, 0);

    await module.syncMeter(bob);
    await expectClosed();
    await networkHelpers.time.increase(1_000n);
    await module.syncMeter(bob);

    expect(await module.isMeter(bob)).to.equal(true);
  });

  it("takes the flag when the target is closed, and gives it back when it is open", async function () {
    const { module, authority, settlement } = await subject();

    await send(authority, "setTargetClosed", module, true);
    expect(await module.isMeter(settlement)).to.equal(true);
    await module.syncMeter(settlement);
    expect(await module.isMeter(settlement)).to.equal(false);
    await send(authority, "setTargetClosed", module, false);
    await module.syncMeter(settlement);

    expect(await module.isMeter(settlement)).to.equal(true);
  });

  it("gives no flag to the admin, who holds another role", async function () {
    const { module, admin } = await subject();

    await module.syncMeter(admin);

    expect(await module.isMeter(admin)).to.equal(false);
  });

  it("gives nobody a flag, the admin included, while the selector has no role", async function () {
    const { authority, admin, extension, settlement } = await networkHelpers.loadFixture(fixture);
    const meter = await ethers.deployContract("Meter", [extension, 3n]);

    for (const caller of [admin, settlement]) {
      await meter.syncMeter(caller);
      expect(await meter.isMeter(caller)).to.equal(false);
    }
    const { selector } = meter.interface.getFunction("charge");
    await send(authority, "setTargetFunctionRole", meter, [selector], METER_ROLE);
    for (const caller of [admin, settlement]) await meter.syncMeter(caller);

    expect(await meter.isMeter(admin)).to.equal(false);
    expect(await meter.isMeter(settlement)).to.equal(true);
  });
});
