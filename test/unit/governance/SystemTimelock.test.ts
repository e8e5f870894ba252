import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import {
  at,
  deployGoverned,
  goTo,
  now,
  pass,
  prepare,
  propose,
  type Call,
} from "../../support/decisions.js";
import { DAY, OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const DELAY = 2n * DAY;
const COOLDOWN = 14n * DAY;
const UNSET = state(0n);
const READY = state(2n);

/** The suite, and the Governor as an account that schedules operations without a vote. */
async function deployed() {
  const suite = await deployGoverned(connection);
  const { addresses, registry } = suite;
  const asGovernor = await ethers.getImpersonatedSigner(addresses.governor);
  await networkHelpers.setBalance(addresses.governor, OPA);
  const operation = (resource: bigint, predecessor = ZeroHash) =>
    [
      registry,
      0n,
      registry.interface.encodeFunctionData("deprecate", [resource]),
      predecessor,
      ZeroHash,
    ] as const;
  return { ...suite, asGovernor, operation };
}

type Suite = Awaited<ReturnType<typeof deployed>>;

/** A state of an operation as the timelock's error lists it: unset, waiting, ready, done. */
function state(number: bigint): string {
  return `0x${(1n << number).toString(16).padStart(64, "0")}`;
}

describe("SystemTimelock", function () {
  describe("constructor (GVN-I4)", function () {
    for (const delay of [DAY, DAY + 1n, 30n * DAY])
      it(`takes a delay of ${delay} seconds`, async function () {
        const [deployer] = await ethers.getSigners();
        const timelock = await ethers.deployContract("SystemTimelock", [delay, [], [], deployer]);
        const contract = await ethers.getContractAt("SystemTimelock", timelock);

        expect(await contract.getMinDelay()).to.equal(delay);
        expect(await contract.SHORTEST_DELAY()).to.equal(DAY);
        expect(await contract.LONGEST_DELAY()).to.equal(30n * DAY);
        expect(await contract.DELAY_COOLDOWN()).to.equal(COOLDOWN);
      });

    for (const delay of [0n, DAY - 1n, 30n * DAY + 1n, 2n ** 256n - 1n])
      it(`reverts for a delay of ${delay} seconds`, async function () {
        const { timelock, deployer } = await networkHelpers.loadFixture(deployed);

        await expect(ethers.deployContract("SystemTimelock", [delay, [], [], deployer]))
          .to.be.revertedWithCustomError(timelock, "SystemTimelockOutOfBounds")
          .withArgs(delay, DAY, 30n * DAY);
      });
  });

  describe("updateDelay (GVN-I4, abuse case 68)", function () {
    it("reverts for everybody but the timelock, the Governor included", async function () {
      const { timelock, deployer, guardian, stranger, asGovernor } =
        await networkHelpers.loadFixture(deployed);

      for (const caller of [deployer, guardian, stranger, asGovernor]) {
        await expect(timelock.connect(caller).updateDelay(5n * DAY))
          .to.be.revertedWithCustomError(timelock, "TimelockUnauthorizedCaller")
          .withArgs(caller);
      }
    });

    /** A decision about the delay that can be executed. */
    async function decided(suite: Suite, delay: bigint, description = `A delay of ${delay}`) {
      const { governor, timelock } = suite;
      const update = timelock.interface.encodeFunctionData("updateDelay", [delay]);
      const { args } = await prepare(suite, [[timelock, update]], description);
      return async () => governor.execute(...args);
    }

    for (const delay of [0n, DAY - 1n, 30n * DAY + 1n])
      it(`reverts for ${delay} seconds, by decision too`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { timelock } = suite;
        const execute = await decided(suite, delay);

        await expect(execute())
          .to.be.revertedWithCustomError(timelock, "SystemTimelockOutOfBounds")
          .withArgs(delay, DAY, 30n * DAY);
        expect(await timelock.getMinDelay()).to.equal(DELAY);
      });

    for (const delay of [DELAY, DELAY + DELAY / 2n + 1n, 30n * DAY])
      it(`reverts for ${delay} seconds, which is no change or more than half of one`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { timelock } = suite;
        const execute = await decided(suite, delay);

        await expect(execute())
          .to.be.revertedWithCustomError(timelock, "SystemTimelockInvalidStep")
          .withArgs(delay, DELAY);
      });

    it("reverts until 14 days after the last change, and works a second later", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock } = suite;
      await (
        await decided(suite, DELAY + 1n)
      )();
      const availableAt = (await now(suite)) + COOLDOWN;
      const execute = await decided(suite, DELAY);
      await goTo(suite, availableAt - 60n);

      await at(suite, availableAt - 1n);
      await expect(execute())
        .to.be.revertedWithCustomError(timelock, "SystemTimelockTooSoon")
        .withArgs(availableAt);
      await at(suite, availableAt);
      await expect(execute())
        .to.emit(timelock, "MinDelayChange")
        .withArgs(DELAY + 1n, DELAY);
    });

    for (const delay of [DELAY - DELAY / 2n, DELAY + DELAY / 2n]) {
      it(`leaves ${delay} seconds in force for what is queued from then on`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor, registry, timelock, asGovernor, operation } = suite;
        await (
          await decided(suite, delay)
        )();
        const call: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
        const proposal = await propose(suite, [call], "With the new delay");
        await pass(suite, proposal);

        await governor.queue(...proposal.args);

        expect(await governor.proposalEta(proposal.id)).to.equal((await now(suite)) + delay);
        expect(await timelock.getMinDelay()).to.equal(delay);
        await expect(timelock.connect(asGovernor).schedule(...operation(2n), delay - 1n))
          .to.be.revertedWithCustomError(timelock, "TimelockInsufficientDelay")
          .withArgs(delay - 1n, delay);
        await at(suite, (await governor.proposalEta(proposal.id)) - 1n);
        await expect(governor.execute(...proposal.args)).to.be.revertedWithCustomError(
          timelock,
          "TimelockUnexpectedOperationState",
        );
        await at(suite, await governor.proposalEta(proposal.id));
        await governor.execute(...proposal.args);
      });
    }

    it("says what was set before and from now on", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock } = suite;

      await (
        await decided(suite, DAY)
      )();

      const events = await timelock.queryFilter(timelock.filters.MinDelayChange());
      expect(events.map(({ args }) => [...args])).to.deep.equal([
        [0n, DELAY],
        [DELAY, DAY],
      ]);
    });
  });

  describe("roles (GVN-I4, abuse case 70)", function () {
    it("roles of the timelock are those of the Governor and of everyone, and it administers itself", async function () {
      const { timelock, addresses, deployer } = await networkHelpers.loadFixture(deployed);
      const roles = {
        administrator: await timelock.DEFAULT_ADMIN_ROLE(),
        proposer: await timelock.PROPOSER_ROLE(),
        canceller: await timelock.CANCELLER_ROLE(),
        executor: await timelock.EXECUTOR_ROLE(),
      };
      const granted = await timelock.queryFilter(timelock.filters.RoleGranted());
      const revoked = await timelock.queryFilter(timelock.filters.RoleRevoked());
      const everyone = new Set([...granted, ...revoked].map(({ args }) => args.account));
      const holders: Record<string, string[]> = {};

      for (const [name, role] of Object.entries(roles)) {
        expect(await timelock.getRoleAdmin(role)).to.equal(roles.administrator);
        holders[name] = [];
        for (const account of everyone)
          if (await timelock.hasRole(role, account)) holders[name].push(account);
      }

      expect(everyone).to.include(deployer.address);
      expect(holders).to.deep.equal({
        administrator: [addresses.timelock],
        proposer: [addresses.governor],
        canceller: [addresses.governor],
        executor: [ZeroAddress],
      });
    });

    it("the timelock lets nobody but the Governor schedule and cancel, one call or several", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock, deployer, guardian, stranger, voter, asGovernor, operation } = suite;
      const [target, value, data, predecessor, salt] = operation(1n);
      const [proposer, canceller] = [
        await timelock.PROPOSER_ROLE(),
        await timelock.CANCELLER_ROLE(),
      ];
      await timelock.connect(asGovernor).schedule(...operation(1n), DELAY);
      const scheduled = await timelock.hashOperation(...operation(1n));

      for (const caller of [deployer, guardian, stranger, voter]) {
        const acting = timelock.connect(caller);
        for (const [call, role] of [
          [() => acting.schedule(...operation(2n), DELAY), proposer],
          [
            () => acting.scheduleBatch([target], [value], [data], predecessor, salt, DELAY),
            proposer,
          ],
          [() => acting.cancel(scheduled), canceller],
        ] as const) {
          await expect(call())
            .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
            .withArgs(caller, role);
        }
      }
      await timelock.connect(asGovernor).cancel(scheduled);

      expect(await timelock.isOperation(scheduled)).to.equal(false);
    });

    it("roles of the timelock are granted and revoked by nobody, the Governor included", async function () {
      const { timelock, deployer, guardian, stranger, asGovernor } =
        await networkHelpers.loadFixture(deployed);
      const administrator = await timelock.DEFAULT_ADMIN_ROLE();
      const role = await timelock.PROPOSER_ROLE();

      for (const caller of [deployer, guardian, stranger, asGovernor]) {
        for (const call of [
          () => timelock.connect(caller).grantRole(role, caller),
          () => timelock.connect(caller).revokeRole(role, asGovernor),
          () => timelock.connect(caller).grantRole(administrator, caller),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
            .withArgs(caller, administrator);
        }
      }
    });
  });

  describe("execute (abuse case 70)", function () {
    it("reverts before what has to come first, whoever calls", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock, stranger, registry, asGovernor, operation } = suite;
      const first = await timelock.hashOperation(...operation(1n));
      const second = operation(2n, first);
      await timelock.connect(asGovernor).schedule(...second, DELAY);
      await timelock.connect(asGovernor).schedule(...operation(1n), DELAY);
      await networkHelpers.time.increase(DELAY);

      await expect(timelock.connect(stranger).execute(...second))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexecutedPredecessor")
        .withArgs(first);
      await timelock.connect(stranger).execute(...operation(1n));
      await expect(timelock.connect(stranger).execute(...second))
        .to.emit(registry, "ResourceDeprecated")
        .withArgs(2n);
    });

    it("reverts a second too early, and works in the next", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock, stranger, asGovernor, operation } = suite;
      const id = await timelock.hashOperation(...operation(1n));
      await timelock.connect(asGovernor).schedule(...operation(1n), DELAY);
      const time = await timelock.getTimestamp(id);
      await goTo(suite, time - 60n);

      await at(suite, time - 1n);
      await expect(timelock.connect(stranger).execute(...operation(1n)))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(id, READY);
      await at(suite, time);
      await timelock.connect(stranger).execute(...operation(1n));

      expect(await timelock.isOperationDone(id)).to.equal(true);
    });

    it("reverts for what was executed, which cannot be scheduled or cancelled again either", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { timelock, stranger, asGovernor, operation } = suite;
      const id = await timelock.hashOperation(...operation(1n));
      const schedule = () => timelock.connect(asGovernor).schedule(...operation(1n), DELAY);
      await schedule();
      await expect(schedule())
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(id, UNSET);
      await networkHelpers.time.increase(DELAY);
      await timelock.connect(stranger).execute(...operation(1n));

      await expect(timelock.connect(stranger).execute(...operation(1n)))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(id, READY);
      await expect(schedule())
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(id, UNSET);
      await expect(timelock.connect(asGovernor).cancel(id)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
    });

    it("reverts for what was never scheduled, and for batches whose parts do not match", async function () {
      const { timelock, stranger, operation } = await networkHelpers.loadFixture(deployed);
      const [target, value, data, predecessor, salt] = operation(1n);

      await expect(timelock.connect(stranger).execute(...operation(1n)))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(await timelock.hashOperation(...operation(1n)), READY);
      await expect(timelock.executeBatch([target], [value, value], [data], predecessor, salt))
        .to.be.revertedWithCustomError(timelock, "TimelockInvalidOperationLength")
        .withArgs(1n, 1n, 2n);
    });
  });
});
