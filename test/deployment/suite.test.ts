import { expect } from "chai";
import { id, Interface, ZeroAddress, ZeroHash, type ParamType } from "ethers";
import { network } from "hardhat";

import { deploySuite as deploy } from "../../deploy/lib/deploy.js";
import { DeploymentError } from "../../deploy/lib/error.js";
import { MAX_SCHEDULES } from "../../deploy/parameters/bounds.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { PERMISSIONS, ROLES } from "../../deploy/roles/table.js";
import { DAY, INITIAL_SUPPLY, OPA } from "../support/release.js";
import { through } from "../support/series.js";
import { deploySuite, LAUNCH as PARAMETERS } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const START = 1_767_225_600n; // 2026-01-01T00:00:00Z
const MONTH = 2_629_800n;
const TRANSACTION_GAS_CAP = 2n ** 24n; // EIP-7825

async function deployed() {
  const suite = await deploySuite(connection, PARAMETERS);
  const stranger = (await ethers.getSigners())[12];
  if (!stranger) throw new Error("thirteen signers expected");
  const guarded = {
    ReleaseVault: suite.vault,
    ResourceRegistry: suite.registry,
    Meter: suite.meter,
    AccessPolicy: suite.accessPolicy,
    NodeRegistry: suite.nodes,
    NodeSlashing: suite.slashing,
    IncentiveVault: suite.incentiveVault,
    IncentivePool: suite.pool,
    Attestations: suite.attestations,
    GovernanceLock: suite.lock,
    OPAGovernor: suite.governor,
    SystemReserve: suite.reserve,
    StageCapCondition: suite.stageCap,
    SystemDirectory: suite.directory,
  };
  return { ...suite, guarded, stranger };
}

/** The zero value of an ABI type, in the shape ethers encodes. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.type === "string") return "";
  if (type.type === "bytes32") return ZeroHash;
  if (type.type.startsWith("bytes")) return `0x${"00".repeat(Number(type.type.slice(5)))}`;
  return type.type === "address" ? ZeroAddress : 0;
}

/** Why nothing is deployed with these parameters. */
async function refusal(parameters: Parameters): Promise<string> {
  const outcome = await deploy(connection, parameters).catch((error: unknown) => error);
  return outcome instanceof DeploymentError ? outcome.message : "deployed";
}

describe("Suite", function () {
  describe("deploy", function () {
    it("asks the node nothing twice between two transactions", async function () {
      const chain = await network.create();
      let asked: string[] = [];
      let transactions = 0;
      const counting = through(chain, async (request) => {
        const question = JSON.stringify(request);
        if (request.method === "eth_sendTransaction") {
          asked = [];
          transactions += 1;
        } else if (transactions > 0) expect(asked, question).not.to.include(question);
        asked.push(question);
        return chain.provider.request(request);
      });

      const { manifest } = await deploy(counting, PARAMETERS).finally(() => chain.close());

      expect(transactions).to.equal(manifest.transactions.length);
    });

    it("ends with the reason when a transaction reverts that its simulation let pass", async function () {
      const chain = await network.create();
      let transactions = 0;
      const broken = through(chain, async ({ method, params = [] }) => {
        const [sent] = params as [object];
        const isBroken = method === "eth_sendTransaction" && ++transactions === 14;
        const request = { method, params: isBroken ? [{ ...sent, data: "0xdeadbeef" }] : params };
        return chain.provider.request(request);
      });

      const error = await deploy(broken, PARAMETERS)
        .catch((reason: unknown) => reason)
        .finally(() => chain.close());

      expect(error).to.be.instanceOf(DeploymentError);
      expect((error as Error).message).to.match(/^The deployment would fail: .* reverted/);
      expect(transactions).to.equal(14);
    });

    it("fixes every immutable", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { genesis, token, vault, registry, meter, nodes, settlement, addresses } = suite;

      expect(await suite.factory.DEPLOYER()).to.equal(suite.deployer);
      expect(await genesis.TOKEN()).to.equal(token);
      expect(await genesis.VAULT()).to.equal(vault);
      expect(await token.INITIAL_SUPPLY()).to.equal(INITIAL_SUPPLY);
      expect(await vault.TOKEN()).to.equal(token);
      expect(await vault.RESERVE()).to.equal(suite.reserve);
      expect(await nodes.RESERVE()).to.equal(suite.reserve);
      expect(await vault.LOCK()).to.equal(suite.lock);
      expect(await registry.GENESIS()).to.equal(START);
      expect(await registry.EPOCH_DURATION()).to.equal(DAY);
      expect(await meter.TOKEN()).to.equal(token);
      expect(await meter.CLAIM_GRACE()).to.equal(4n * DAY);
      expect(await meter.GENESIS()).to.equal(START);
      expect(await meter.EPOCH_DURATION()).to.equal(DAY);
      expect(await meter.REGISTRY()).to.equal(registry);
      expect(await meter.implementation()).to.equal(addresses.meterExtension);
      expect(await meter.SETTLEMENT_WINDOW()).to.equal(7n);
      expect(await registry.meter()).to.equal(meter);
      expect(await nodes.meter()).to.equal(meter);
      expect(await settlement.METER()).to.equal(meter);
      for (const name of ["vault", "registry", "meter", "meterExtension"] as const) {
        const module = await ethers.getContractAt("MeterExtension", addresses[name]);
        expect(await module.authority()).to.equal(suite.accessManager);
      }
    });

    it("distributes the whole supply: 320M to the incentive vault, 120M to the reserve, 360M to seven schedules", async function () {
      const { token, genesis, incentiveVault, reserve, vault } =
        await networkHelpers.loadFixture(deployed);

      expect(await token.totalSupply()).to.equal(800_000_000n * OPA);
      expect(await token.balanceOf(incentiveVault)).to.equal(320_000_000n * OPA);
      expect((await incentiveVault.fundsOf()).own).to.equal(320_000_000n * OPA);
      expect(await token.balanceOf(reserve)).to.equal(120_000_000n * OPA);
      expect(await token.balanceOf(vault)).to.equal(360_000_000n * OPA);
      expect(await token.balanceOf(genesis)).to.equal(0n);
      expect(await vault.scheduleCount()).to.equal(7n);
    });

    it("labels every allocation in an event", async function () {
      const { genesis } = await networkHelpers.loadFixture(deployed);

      const transfers = await genesis.queryFilter(genesis.filters.AllocationTransferred());
      const grants = await genesis.queryFilter(genesis.filters.AllocationScheduled());

      expect(
        [...transfers, ...grants].map(({ args }) => [
          ethers.decodeBytes32String(args.label),
          args.amount / OPA,
        ]),
      ).to.deep.equal([
        ["incentive-vault", 320_000_000n],
        ["system-reserve", 120_000_000n],
        ["ecosystem", 120_000_000n],
        ["contributors", 80_000_000n],
        ["contributors", 40_000_000n],
        ["advisors", 16_000_000n],
        ["advisors", 8_000_000n],
        ["operations", 56_000_000n],
        ["onboarding", 40_000_000n],
      ]);
    });

    // Schedule, months after the start, share vested by then in parts per billion.
    const VESTED: [bigint, string, bigint, bigint][] = [
      [1n, "ecosystem", 0n, 0n],
      [1n, "ecosystem", 1n, 20_833_333n],
      [1n, "ecosystem", 24n, 500_000_000n],
      [1n, "ecosystem", 48n, 1_000_000_000n],
      [2n, "contributors", 11n, 0n],
      [2n, "contributors", 12n, 333_333_333n],
      [2n, "contributors", 36n, 1_000_000_000n],
      [4n, "advisors", 5n, 0n],
      [4n, "advisors", 6n, 250_000_000n],
      [4n, "advisors", 15n, 625_000_000n],
      [4n, "advisors", 24n, 1_000_000_000n],
      [6n, "operations", 0n, 100_000_000n],
      [6n, "operations", 2n, 100_000_000n],
      [6n, "operations", 3n, 200_000_000n],
      [6n, "operations", 27n, 1_000_000_000n],
      [7n, "onboarding", 0n, 1_000_000_000n],
    ];
    for (const [schedule, label, months, share] of VESTED) {
      it(`releases ${share} billionths of ${label} by month ${months}`, async function () {
        const { vault } = await networkHelpers.loadFixture(deployed);
        const { total } = await vault.scheduleOf(schedule);

        const vested = await vault.vestedAt(schedule, START + months * MONTH);

        expect(vested).to.equal((total * share) / 1_000_000_000n);
      });
    }

    it("lets governance revoke contributors and advisors only", async function () {
      const { vault } = await networkHelpers.loadFixture(deployed);
      const revocable: boolean[] = [];

      for (let schedule = 1; schedule <= 7; schedule++) {
        revocable.push((await vault.scheduleOf(schedule)).revocable);
      }

      expect(revocable).to.deep.equal([false, true, true, true, true, false, false]);
    });

    it("pays the beneficiaries of the parameter file from the start of the first epoch", async function () {
      const { vault } = await networkHelpers.loadFixture(deployed);

      for (const [i, { beneficiary, amount }] of PARAMETERS.grants.entries()) {
        const schedule = await vault.scheduleOf(i + 1);
        expect([schedule.beneficiary, schedule.total]).to.deep.equal([beneficiary, amount]);
        expect(schedule.start).to.equal(START);
      }
    });

    it("registers a resource of every category, priced by weight", async function () {
      const { registry } = await networkHelpers.loadFixture(deployed);
      const found = [];

      for (let i = 1n; i <= (await registry.resourceCount()); i++) {
        const { name, category, weight, unitPrice } = await registry.resourceOf(i);
        found.push([name, category, weight, unitPrice]);
      }

      const rate = 4n * 10n ** 15n;
      expect(found).to.deep.equal([
        ["input-token", 1n, 1n, rate],
        ["output-token", 1n, 4n, 4n * rate],
        ["accelerator-second", 0n, 2_000n, 2_000n * rate],
        ["dataset-record", 2n, 2n, 2n * rate],
        ["storage-day", 3n, 500n, 500n * rate],
        ["tool-call", 4n, 50n, 50n * rate],
      ]);
    });

    it("gives vault, pool, nodes and contributions the rules of the parameter file", async function () {
      const { incentiveVault, pool, nodes, attestations, accessPolicy, meter, reserve, stageCap } =
        await networkHelpers.loadFixture(deployed);

      const { current, bounds } = await incentiveVault.parameterOf(await incentiveVault.KAPPA());
      expect([current.value, bounds.minimum, bounds.maximum]).to.deep.equal([
        5_000n,
        1_000n,
        9_000n,
      ]);
      expect(await Promise.all([0, 1, 2, 3, 4].map((i) => pool.shareOf(i)))).to.deep.equal([
        7_000n,
        1_000n,
        1_000n,
        1_000n,
        0n,
      ]);
      expect(
        (await incentiveVault.schedule()).map(({ from, ratePpm }) => [from, ratePpm]),
      ).to.deep.equal([
        [0n, 200n],
        [365n, 170n],
        [730n, 140n],
        [1_095n, 120n],
        [1_460n, 100n],
      ]);
      expect(await nodes.minimumStakeFor(1n)).to.equal(100_000n * OPA);
      expect(await nodes.minimumStakeFor(31n)).to.equal(365_000n * OPA);
      const names = [1n, 2n, 3n].map(async (kind) => (await attestations.kindOf(kind)).name);
      expect(await Promise.all(names)).to.deep.equal([
        "maintenance-hour",
        "model-optimisation",
        "support-case",
      ]);
      expect(await accessPolicy.scores()).to.deep.equal([await pool.getAddress()]);
      expect(await meter.bookOf((await meter.currentEpoch()) + 1n)).to.equal(pool);
      expect(await incentiveVault.RESERVE()).to.equal(reserve);
      expect(await stageCap.VAULT()).to.equal(incentiveVault);
      expect((await reserve.watchOf(stageCap)).registered).to.equal(true);
      const [share] = await stageCap.parameterOf(await stageCap.SHARE());
      expect(share.value).to.equal(2_500n);
      const { pointsPerUnit, epochCap, longest } = await attestations.kindOf(1n);
      const gwei = OPA / 10n ** 9n;
      expect([pointsPerUnit, epochCap, longest]).to.deep.equal([
        50n * gwei,
        1_200n * gwei,
        14n * DAY,
      ]);
    });

    it("looks curves up by content, so that the ids do not matter", async function () {
      const first = PARAMETERS.curves["monthly"] ?? [];
      const { vault } = await deploySuite(connection, {
        ...PARAMETERS,
        curves: { again: first, ...PARAMETERS.curves },
      });

      expect(await vault.curveCount()).to.equal(5n);
      expect((await vault.scheduleOf(1)).curveId).to.equal(await vault.curveIdOf(first));
    });

    it("fits the transaction gas cap with 180 schedules and more resources than one portion (P3)", async function () {
      const [curve] = Object.keys(PARAMETERS.curves);
      const [grant] = PARAMETERS.grants;
      const [resource] = PARAMETERS.resources;
      if (!curve || !grant || !resource)
        throw new Error("a curve, a grant and a resource expected");
      const total = PARAMETERS.grants.reduce((sum, { amount }) => sum + amount, 0n);
      const grants = Array.from({ length: MAX_SCHEDULES }, (_, i) => ({
        ...grant,
        beneficiary: `0x${(i + 0x1000).toString(16).padStart(40, "0")}`,
        amount: total / BigInt(MAX_SCHEDULES),
      }));
      const resources = Array.from({ length: 60 }, (_, i) => ({ ...resource, name: `r${i}` }));
      const before = await ethers.provider.getBlockNumber();
      const { registry } = await deploySuite(connection, { ...PARAMETERS, grants, resources });

      const used: bigint[] = [];
      for (let block = before + 1; block <= (await ethers.provider.getBlockNumber()); ++block) {
        const { transactions = [] } = (await ethers.provider.getBlock(block)) ?? {};
        for (const hash of transactions)
          used.push((await ethers.provider.getTransactionReceipt(hash))?.gasUsed ?? 0n);
      }
      expect(MAX_SCHEDULES).to.equal(180);
      expect(await registry.resourceCount()).to.equal(60n);
      expect(used.every((gas) => gas < TRANSACTION_GAS_CAP)).to.equal(true);
    });

    it("refuses a chain that the parameters are not for", async function () {
      expect(await refusal({ ...PARAMETERS, networks: ["sepolia", "opSepolia"] })).to.equal(
        'default is chain 31337; the parameters "local" are for sepolia, opSepolia.',
      );
    });

    it("refuses a deployer that would keep a right or tokens", async function () {
      const [deployer] = await ethers.getSigners();
      if (!deployer) throw new Error("one signer expected");
      const guardians = { ...PARAMETERS.guardians, pauses: deployer.address };

      expect(await refusal({ ...PARAMETERS, guardians })).to.equal(
        `The deploying account ${deployer.address} is named as a guardian, reporter, beneficiary or verifier; use another one.`,
      );
    });
  });

  describe("roles (ACL-I2, ACL-I3)", function () {
    for (const { contract, signature, role } of PERMISSIONS) {
      it(`gives ${contract}.${signature} to ${role}`, async function () {
        const { accessManager, guarded } = await networkHelpers.loadFixture(deployed);

        const selector = id(signature).slice(0, 10);

        expect(await accessManager.getTargetFunctionRole(guarded[contract], selector)).to.equal(
          ROLES[role].id,
        );
      });

      it(`keeps strangers and the deployer out of ${contract}.${signature}`, async function () {
        const { guarded, stranger, deployer } = await networkHelpers.loadFixture(deployed);
        const target = guarded[contract];
        const fragment = Interface.from(target.interface.fragments).getFunction(signature);
        if (!fragment) throw new Error(`${contract} has no ${signature}`);
        const data = Interface.from([fragment]).encodeFunctionData(
          fragment,
          fragment.inputs.map(zeroOf),
        );

        for (const caller of [stranger, deployer]) {
          await expect(caller.sendTransaction({ to: target, data }))
            .to.be.revertedWithCustomError(target, "AccessManagedUnauthorized")
            .withArgs(caller);
        }
      });
    }

    it("opens the Meter to the settlement alone", async function () {
      const { meter, settlement, deployer } = await networkHelpers.loadFixture(deployed);

      expect(await meter.isMeter(settlement)).to.equal(true);
      expect(await meter.isMeter(deployer)).to.equal(false);
    });

    it("leaves the deployer without role, token or administration", async function () {
      const { accessManager, timelock, token, deployer } =
        await networkHelpers.loadFixture(deployed);

      for (const role of [0n, ...Object.values(ROLES).map((entry) => entry.id)]) {
        expect(await accessManager.hasRole(role, deployer)).to.deep.equal([false, 0n]);
      }
      for (const role of [
        await timelock.DEFAULT_ADMIN_ROLE(),
        await timelock.PROPOSER_ROLE(),
        await timelock.CANCELLER_ROLE(),
        await timelock.EXECUTOR_ROLE(),
      ]) {
        expect(await timelock.hasRole(role, deployer)).to.equal(false);
      }
      expect(await token.balanceOf(deployer)).to.equal(0n);
      await expect(accessManager.grantRole(1n, deployer, 0n))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerUnauthorizedAccount")
        .withArgs(deployer, 0n);
    });

    it("makes the timelock the only administrator, its own included", async function () {
      const { accessManager, timelock, deployer } = await networkHelpers.loadFixture(deployed);
      const administrator = await timelock.DEFAULT_ADMIN_ROLE();

      const grants = await timelock.queryFilter(timelock.filters.RoleGranted(administrator));
      const revoked = await timelock.queryFilter(timelock.filters.RoleRevoked(administrator));

      expect(await accessManager.hasRole(0n, timelock)).to.deep.equal([true, 0n]);
      expect(grants.map(({ args }) => args.account)).to.deep.equal([
        await timelock.getAddress(),
        deployer.address,
      ]);
      expect(revoked.map(({ args }) => args.account)).to.deep.equal([deployer.address]);
      expect(await timelock.getMinDelay()).to.equal(2n * DAY);
      expect(await timelock.hasRole(await timelock.EXECUTOR_ROLE(), ZeroAddress)).to.equal(true);
    });

    it("registers a resource through the timelock, after its delay and by anyone", async function () {
      const { registry, timelock, addresses, stranger } =
        await networkHelpers.loadFixture(deployed);
      const governor = await ethers.getImpersonatedSigner(addresses.governor);
      await networkHelpers.setBalance(addresses.governor, OPA);
      const data = registry.interface.encodeFunctionData("registerDerived", [1n, 20_000n, "large"]);
      const salt = ethers.ZeroHash;
      const operation = [registry, 0n, data, salt, salt] as const;

      await timelock.connect(governor).schedule(...operation, 2n * DAY);
      await expect(timelock.connect(stranger).execute(...operation)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      await networkHelpers.time.increase(2n * DAY);
      await timelock.connect(stranger).execute(...operation);

      const { name, weight } = await registry.resourceOf(7);
      expect([name, weight]).to.deep.equal(["large", 2n]);
    });

    it("lets nobody but a proposer propose", async function () {
      const { registry, timelock, deployer } = await networkHelpers.loadFixture(deployed);
      const data = registry.interface.encodeFunctionData("deprecate", [1n]);

      await expect(
        timelock.schedule(registry, 0n, data, ethers.ZeroHash, ethers.ZeroHash, 2n * DAY),
      )
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(deployer, await timelock.PROPOSER_ROLE());
    });
  });
});
