import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import {
  AbiCoder,
  concat,
  Contract,
  getCreateAddress,
  HDNodeWallet,
  id,
  toBeHex,
  ZeroHash,
} from "ethers";
import hre, { network } from "hardhat";

import type { Manifest } from "../../deploy/lib/manifest.js";
import type { Series } from "../../deploy/lib/series.js";
import { ROLES } from "../../deploy/roles/table.js";
import { verifyDeployment } from "../../deploy/verify/verify.js";
import {
  callCode,
  creationWithWrites,
  deployForged,
  describeForged,
  findPlace,
  firstSlots,
  planLocal,
  replaceBytes,
  sendForged,
  slotOf,
  stepOf,
} from "../support/series.js";
import { INITIAL_SUPPLY } from "../support/release.js";
import { deploySuite, PARAMETERS } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const PHRASE = `${"test ".repeat(11)}junk`;
const TRILLION = toBeHex(10n ** 30n, 32);

const [deployer] = await ethers.getSigners();
if (!deployer) throw new Error("one signer expected");
const plan = await planLocal(connection);

/** Nonces right before a step, which moves them behind it. */
function gap(label: string, count: number): number[] {
  const { nonce } = stepOf(plan, label);
  return Array.from({ length: count }, (_, i) => nonce + i);
}

/** How the verifier names a step. */
function nameOf({ steps }: Series, label: string): string {
  const index = steps.findIndex((step) => step.label === label);
  return `transaction ${index + 1} (${label}), nonce ${steps[index]?.nonce}`;
}

/** The chain before anybody deployed, and an accomplice of the deployer. */
async function empty() {
  const accomplice = (await ethers.getSigners())[14];
  if (!accomplice) throw new Error("fifteen signers expected");
  return { accomplice };
}

/** An honest deployment on another chain: its code and storage are the cover for a back door. No test changes it for good. */
async function deployGenuine() {
  const other = await network.create();
  const { addresses, meter } = await deploySuite(other);
  const code = (key: keyof typeof addresses) => other.ethers.provider.getCode(addresses[key]);
  const slots = (key: keyof typeof addresses) => firstSlots(other, addresses[key], 64);
  return { other, addresses, meter, code, slots };
}
let deployed: ReturnType<typeof deployGenuine> | undefined;
const genuine = () => (deployed ??= deployGenuine());

/** Findings of the verifier, by name. */
async function find(manifest: Manifest): Promise<string[]> {
  const { differences } = await verifyDeployment(connection, manifest, PARAMETERS);
  return differences.map(({ what }) => what);
}

/** The calls inside of a multicall, with some replaced and others added. */
function editMulticall(
  data: string,
  edit: (call: string) => string,
  ...added: string[]
): { data: string } {
  const [calls] = AbiCoder.defaultAbiCoder().decode(
    ["bytes[]"],
    `0x${data.slice(10)}`,
  ) as unknown as [string[]];
  const all = [...calls.map(edit), ...added];
  return {
    data: concat([data.slice(0, 10), AbiCoder.defaultAbiCoder().encode(["bytes[]"], [all])]),
  };
}

const MANAGER = new ethers.Interface([
  "function grantRole(uint64,address,uint32)",
  "function setRoleAdmin(uint64,uint64)",
  "function execute(address,bytes)",
  "function hasRole(uint64,address) view returns (bool,uint32)",
]);
const TIMELOCK = new ethers.Interface([
  "function grantRole(bytes32,address)",
  "function revokeRole(bytes32,address)",
  "function schedule(address,uint256,bytes,bytes32,bytes32,uint256)",
  "function hasRole(bytes32,address) view returns (bool)",
  "function isOperation(bytes32) view returns (bool)",
  "function hashOperation(address,uint256,bytes,bytes32,bytes32) view returns (bytes32)",
]);

/** Whether an account administers the access manager of a series. */
async function isAdmin(series: Series, account: HardhatEthersSigner): Promise<boolean> {
  const manager = new Contract(series.addresses["accessManager"] ?? "", MANAGER, account);
  const [isMember] = (await manager.getFunction("hasRole")(0, account)) as [boolean, bigint];
  return isMember;
}

describe("back doors of a deployment (INT-2)", function () {
  describe("in calls of the deployer", function () {
    it("finds an accomplice who is made an administrator in the place of a guardian", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { id: role } = ROLES.PAUSE_GUARDIAN;
      const before = MANAGER.encodeFunctionData("grantRole", [
        role,
        PARAMETERS.guardians.pauses,
        0,
      ]);
      const after = MANAGER.encodeFunctionData("grantRole", [0, accomplice.address, 0]);

      const { manifest, series } = await deployForged(connection, {
        change: ({ label, data }) =>
          label === "Roles#setTable"
            ? editMulticall(data, (call) => (call === before ? after : call))
            : {},
      });

      expect(await isAdmin(series, accomplice)).to.equal(true);
      expect(await find(manifest)).to.deep.equal([nameOf(series, "Roles#setTable")]);
    });

    it("finds a role that another role administers", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const added = [
        MANAGER.encodeFunctionData("setRoleAdmin", [ROLES.GOVERNANCE.id, 77]),
        MANAGER.encodeFunctionData("grantRole", [77, accomplice.address, 0]),
      ];

      const { manifest, series } = await deployForged(connection, {
        change: ({ label, data }) =>
          label === "Roles#setTable" ? editMulticall(data, (call) => call, ...added) : {},
      });

      expect(await find(manifest)).to.deep.equal([nameOf(series, "Roles#setTable")]);
    });

    it("finds an administrator of the timelock in the place of a canceller", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Roles#grant_CANCELLER_ROLE"
            ? { data: TIMELOCK.encodeFunctionData("grantRole", [ZeroHash, accomplice.address]) }
            : {},
      });

      const timelock = new Contract(series.addresses["timelock"] ?? "", TIMELOCK, accomplice);
      expect(await timelock.getFunction("hasRole")(ZeroHash, accomplice)).to.equal(true);
      expect(await find(manifest)).to.deep.equal([nameOf(series, "Roles#grant_CANCELLER_ROLE")]);
    });

    it("finds an operation that the deployer left waiting in the timelock", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const proposer = id("PROPOSER_ROLE");
      const operation = (series: Series) => {
        const data = MANAGER.encodeFunctionData("grantRole", [0, accomplice.address, 0]);
        return [series.addresses["accessManager"], 0, data, ZeroHash, ZeroHash] as const;
      };
      const skipped = gap("Roles#renounceTimelock", 3);
      const [first = 0] = skipped;

      const { manifest, series } = await deployForged(connection, {
        skipped,
        extra: (planned) => {
          const to = planned.addresses["timelock"];
          const grant = [proposer, deployer.address];
          return [
            { nonce: first, to, data: TIMELOCK.encodeFunctionData("grantRole", grant) },
            {
              nonce: first + 1,
              to,
              data: TIMELOCK.encodeFunctionData("schedule", [
                ...operation(planned),
                PARAMETERS.timelock.minDelay,
              ]),
            },
            { nonce: first + 2, to, data: TIMELOCK.encodeFunctionData("revokeRole", grant) },
          ];
        },
      });

      const timelock = new Contract(series.addresses["timelock"] ?? "", TIMELOCK, accomplice);
      const key = (await timelock.getFunction("hashOperation")(...operation(series))) as string;
      expect(await timelock.getFunction("isOperation")(key)).to.equal(true);
      expect((await find(manifest))[0]).to.include(`nonce ${first}`);
    });

    it("finds verifiers and a load target that the deployer sets before the table exists", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const attestations = new ethers.Interface(["function setVerifiers(uint32,address[],uint8)"]);
      const registry = new ethers.Interface(["function defineTarget(uint32,uint64)"]);
      const skipped = gap("Roles#fillDirectory", 2);
      const [first = 0] = skipped;

      const { manifest } = await deployForged(connection, {
        skipped,
        extra: ({ addresses }) => [
          {
            nonce: first,
            to: addresses["attestations"],
            data: attestations.encodeFunctionData("setVerifiers", [1, [accomplice.address], 1]),
          },
          {
            nonce: first + 1,
            to: addresses["registry"],
            data: registry.encodeFunctionData("defineTarget", [3, 1]),
          },
        ],
      });

      expect((await find(manifest))[0]).to.include(`nonce ${first}`);
    });

    it("finds an act that is packed into a transaction with others", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const vault = new ethers.Interface(["function setVerifiers(uint32,address[],uint8)"]);

      const { manifest, series } = await deployForged(connection, {
        change: ({ label, data }, { addresses }) =>
          label === "Incentives#openIncentives"
            ? editMulticall(
                data,
                (call) => call,
                MANAGER.encodeFunctionData("execute", [
                  addresses["attestations"],
                  vault.encodeFunctionData("setVerifiers", [1, [accomplice.address], 1]),
                ]),
              )
            : {},
      });

      expect(await find(manifest)).to.deep.equal([nameOf(series, "Incentives#openIncentives")]);
    });
  });

  describe("in constructors", function () {
    it("finds tokens that are in no event", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { addresses, code, slots } = await genuine();
      const runtime = await code("token");
      const writes: [string, string][] = [
        ...(await slots("token")),
        [slotOf("address", addresses.genesis, "0x0"), toBeHex(INITIAL_SUPPLY, 32)],
        [slotOf("address", accomplice.address, "0x0"), TRILLION],
      ];

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Token#OPAToken" ? { data: creationWithWrites(runtime, writes) } : {},
      });

      const token = await ethers.getContractAt("OPAToken", addresses.token);
      expect(await ethers.provider.getCode(token)).to.equal(runtime);
      expect(await token.balanceOf(accomplice)).to.equal(10n ** 30n);
      expect(await find(manifest)).to.deep.equal([nameOf(series, "Token#OPAToken")]);
    });

    it("finds an administrator who is in no event", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { addresses, code } = await genuine();
      const runtime = await code("accessManager");
      const members = slotOf("uint64", 0, "0x1");
      const writes = [deployer.address, accomplice.address].map(
        (account) => [slotOf("address", account, members), toBeHex(1, 32)] as const,
      );

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Access#AccessManager" ? { data: creationWithWrites(runtime, writes) } : {},
      });

      const accessManager = await ethers.getContractAt("AccessManager", addresses.accessManager);
      expect((await accessManager.hasRole(0n, accomplice))[0]).to.equal(true);
      expect(await find(manifest)).to.deep.equal([nameOf(series, "Access#AccessManager")]);
    });

    it("finds an operation that a timelock is born with", async function () {
      await networkHelpers.loadFixture(empty);
      const { code, slots } = await genuine();
      const runtime = await code("timelock");
      const writes: [string, string][] = [
        ...(await slots("timelock")),
        [slotOf("address", deployer.address, slotOf("bytes32", ZeroHash, "0x0")), toBeHex(1, 32)],
        [slotOf("bytes32", id("any operation"), "0x1"), toBeHex(2, 32)],
      ];

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Access#SystemTimelock" ? { data: creationWithWrites(runtime, writes) } : {},
      });

      expect(await find(manifest)).to.include(nameOf(series, "Access#SystemTimelock"));
    });

    it("finds credit that nobody deposited", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { other, addresses, meter, code, slots } = await genuine();
      const { address } = accomplice;
      const credit = 10n ** 24n;
      const place = await findPlace(other, addresses.meter, address, credit << 160n, async () => {
        return (await meter.creditOf(address)) === credit;
      });
      const runtime = await code("meter");
      const writes: [string, string][] = [
        ...(await slots("meter")),
        [place, toBeHex(credit << 160n, 32)],
      ];

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Metering#Meter" ? { data: creationWithWrites(runtime, writes) } : {},
      });

      const forged = await ethers.getContractAt("IMeter", addresses.meter);
      expect(await ethers.provider.getCode(forged)).to.equal(runtime);
      expect(await forged.creditOf(address)).to.equal(credit);
      expect(await find(manifest)).to.include(nameOf(series, "Metering#Meter"));
    });

    it("finds an account that may charge without a role", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { other, addresses, meter, code, slots } = await genuine();
      const { address } = accomplice;
      const place = await findPlace(other, addresses.meter, address, 1n, () =>
        meter.isMeter(address),
      );
      const runtime = await code("meter");
      const writes: [string, string][] = [...(await slots("meter")), [place, toBeHex(1, 32)]];

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Metering#Meter" ? { data: creationWithWrites(runtime, writes) } : {},
      });

      const forged = await ethers.getContractAt("IMeter", addresses.meter);
      expect(await forged.isMeter(address)).to.equal(true);
      expect(await find(manifest)).to.include(nameOf(series, "Metering#Meter"));
    });

    it("finds a vault that lets an accomplice take the incentive OPA", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { addresses, code, slots } = await genuine();
      const runtime = await code("incentiveVault");
      const abi = new ethers.Interface(["function approve(address,uint256)"]);
      const approval = abi.encodeFunctionData("approve", [accomplice.address, ethers.MaxUint256]);
      const before = callCode(addresses.token, approval);
      const writes = await slots("incentiveVault");

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Incentives#IncentiveVault"
            ? { data: creationWithWrites(runtime, writes, before) }
            : {},
      });

      const token = await ethers.getContractAt("OPAToken", addresses.token);
      const allowed = await token.allowance(addresses.incentiveVault, accomplice);
      expect(allowed).to.equal(ethers.MaxUint256);
      expect(await find(manifest)).to.include(nameOf(series, "Incentives#IncentiveVault"));
    });

    it("finds an argument that is not in the files, such as another proposer of the timelock", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { abi, bytecode } = await hre.artifacts.readArtifact("SystemTimelock");
      const args = [
        PARAMETERS.timelock.minDelay,
        [accomplice.address],
        [ethers.ZeroAddress],
        deployer.address,
      ];
      const encoded = new ethers.Interface(abi).encodeDeploy(args);

      const { manifest, series } = await deployForged(connection, {
        change: ({ label }) =>
          label === "Access#SystemTimelock" ? { data: concat([bytecode, encoded]) } : {},
      });

      expect(await find(manifest)).to.deep.equal([nameOf(series, "Access#SystemTimelock")]);
    });
  });

  describe("in contracts beside the suite", function () {
    it("finds an extension that lets an accomplice write into the Meter", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { bytecode } = await hre.artifacts.readArtifact("AccompliceExtensionMock");
      const skipped = gap("Metering#Meter", 1);
      const [nonce = 0] = skipped;
      const foreign = getCreateAddress({ from: deployer.address, nonce });

      const { manifest, series } = await deployForged(connection, {
        skipped,
        extra: ({ addresses }) => {
          const args = [addresses["meterExtension"], accomplice.address];
          const encoded = AbiCoder.defaultAbiCoder().encode(["address", "address"], args);
          return [{ nonce, data: concat([bytecode, encoded]) }];
        },
        change: ({ label, data }, { addresses }) =>
          label === "Metering#Meter"
            ? { data: replaceBytes(data, addresses["meterExtension"] ?? "", foreign) }
            : {},
      });

      const { meter = "" } = series.addresses;
      const words = AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [7, 8]);
      await accomplice.sendTransaction({ to: meter, data: concat(["0xffffffff", words]) });
      expect(BigInt(await ethers.provider.getStorage(meter, 7))).to.equal(8n);
      expect((await find(manifest))[0]).to.include(`nonce ${nonce}`);
    });

    it("finds another pool that the vault pays", async function () {
      await networkHelpers.loadFixture(empty);
      const skipped = gap("Incentives#openIncentives", 1);
      const [nonce = 0] = skipped;
      const foreign = getCreateAddress({ from: deployer.address, nonce });

      const { manifest, series } = await deployForged(connection, {
        skipped,
        extra: (planned) => [{ nonce, data: stepOf(planned, "Incentives#IncentivePool").data }],
        change: ({ label, data }, { addresses }) =>
          label === "Incentives#openIncentives"
            ? { data: replaceBytes(data, addresses["pool"] ?? "", foreign) }
            : {},
      });

      const meter = await ethers.getContractAt("IMeter", series.addresses["meter"] ?? "");
      expect(await meter.bookOf(2n ** 32n - 1n)).to.equal(foreign);
      expect((await find(manifest))[0]).to.include(`nonce ${nonce}`);
    });
  });

  describe("in the distribution", function () {
    it("finds a foreign vault that makes the schedules for an accomplice", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { bytecode } = await hre.artifacts.readArtifact("AccompliceVaultMock");
      const skipped = gap("Release#distribute", 1);
      const [nonce = 0] = skipped;
      const foreign = getCreateAddress({ from: deployer.address, nonce });

      const { manifest, series } = await deployForged(connection, {
        skipped,
        extra: ({ addresses }) => {
          const args = [addresses["token"], addresses["vault"], accomplice.address];
          const encoded = AbiCoder.defaultAbiCoder().encode(
            ["address", "address", "address"],
            args,
          );
          return [{ nonce, data: concat([bytecode, encoded]) }];
        },
        change: ({ label, data }, { addresses }) =>
          label === "Release#distribute"
            ? { data: replaceBytes(data, addresses["vault"] ?? "", foreign) }
            : {},
      });

      const vault = await ethers.getContractAt("ReleaseVault", series.addresses["vault"] ?? "");
      expect((await vault.scheduleOf(1n)).beneficiary).to.equal(accomplice.address);
      expect((await find(manifest))[0]).to.include(`nonce ${nonce}`);
    });

    it("finds a beneficiary who is not in the files", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const beneficiary = PARAMETERS.grants[0]?.beneficiary ?? "";

      const { manifest, series } = await deployForged(connection, {
        change: ({ label, data }) =>
          label === "Release#distribute"
            ? { data: replaceBytes(data, beneficiary, accomplice.address) }
            : {},
      });

      expect(await find(manifest)).to.include(nameOf(series, "Release#distribute"));
    });

    it("finds a token whose supply never reaches the genesis", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { genesis = "" } = plan.addresses;

      const { manifest, series } = await deployForged(connection, {
        change: ({ label, data }) =>
          label === "Token#OPAToken"
            ? { data: replaceBytes(data, genesis, accomplice.address) }
            : {},
      });

      const token = await ethers.getContractAt("OPAToken", series.addresses["token"] ?? "");
      expect(await token.balanceOf(accomplice)).to.equal(INITIAL_SUPPLY);
      expect(await find(manifest)).to.include(nameOf(series, "Token#OPAToken"));
    });
  });

  describe("before the deployment, and beside it", function () {
    it("finds an administrator of a manager that is older than the deployment says", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { manifest, series, hashes } = await deployForged(connection, {
        skipped: [1],
        extra: ({ addresses }) => [
          {
            nonce: 1,
            to: addresses["accessManager"],
            data: MANAGER.encodeFunctionData("grantRole", [0, accomplice.address, 0]),
          },
        ],
      });
      const late = await ethers.provider.getTransactionReceipt(hashes.get(2) ?? "");

      const whole = await find(manifest);
      const later = await find({
        ...manifest,
        deploymentBlock: (late?.blockNumber ?? 0) - 1,
        transactions: manifest.transactions.slice(1),
      });

      expect(await isAdmin(series, accomplice)).to.equal(true);
      expect(whole[0]).to.match(/^transaction 2 \(.+\), nonce 1$/);
      expect(later).to.not.deep.equal([]);
    });

    it("derives the first block, whatever the manifest says", async function () {
      await networkHelpers.loadFixture(empty);
      const { manifest } = await deployForged(connection, {});

      expect(await find(manifest)).to.deep.equal([]);
      expect(
        await find({ ...manifest, deploymentBlock: manifest.deploymentBlock + 1 }),
      ).to.deep.equal(["block before the first transaction"]);
    });

    it("finds a nonce that a delegation took, by which others act in the deployer's name", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const wallet = HDNodeWallet.fromPhrase(PHRASE, undefined, "m/44'/60'/0'/0/0").connect(
        ethers.provider,
      );
      const delegate = await ethers.deployContract("WalletMock", [accomplice], accomplice);
      const skipped = gap("Roles#setTable", 1);
      const [taken = 0] = skipped;
      const block = await ethers.provider.getBlockNumber();
      const series = await planLocal(connection, skipped);
      const plain = series.steps.map(({ nonce, to, data }) => ({ nonce, to, data }));
      const hashes = await sendForged(
        connection,
        plain.filter(({ nonce }) => nonce < taken),
      );

      const authorization = await wallet.authorize({
        address: await delegate.getAddress(),
        nonce: taken,
      });
      await accomplice.sendTransaction({
        type: 4,
        to: accomplice,
        authorizationList: [authorization],
      });
      const grant = MANAGER.encodeFunctionData("grantRole", [0, accomplice.address, 0]);
      const hijacked = await ethers.getContractAt("WalletMock", wallet.address, accomplice);
      await hijacked.execute(series.addresses["accessManager"] ?? "", grant);
      const rest = await sendForged(
        connection,
        plain.filter(({ nonce }) => nonce > taken),
      );

      expect(await isAdmin(series, accomplice)).to.equal(true);
      const manifest = await describeForged(
        connection,
        series,
        new Map([...hashes, ...rest]),
        block,
      );
      expect((await find(manifest))[0]).to.include(`nonce ${taken}`);
    });
  });

  describe("without effect", function () {
    it("tolerates and names a transaction that reverted and was sent again", async function () {
      await networkHelpers.loadFixture(empty);
      const { manifest, hashes } = await deployForged(connection, {
        skipped: [5],
        extra: ({ addresses }) => [
          {
            nonce: 5,
            to: addresses["accessManager"],
            data: MANAGER.encodeFunctionData("setRoleAdmin", [0, 0]),
          },
        ],
      });

      const verdict = await verifyDeployment(connection, manifest, PARAMETERS);

      expect(verdict).to.deep.equal({
        differences: [],
        notes: [`Transaction ${hashes.get(5)} of the deployer, with nonce 5, reverted.`],
      });
    });

    it("tolerates and names a payment of the deployer to somebody else", async function () {
      const { accomplice } = await networkHelpers.loadFixture(empty);
      const { manifest, hashes } = await deployForged(connection, {
        skipped: [7],
        extra: () => [{ nonce: 7, to: accomplice.address, data: "0x", value: 1n }],
      });

      const verdict = await verifyDeployment(connection, manifest, PARAMETERS);

      expect(verdict).to.deep.equal({
        differences: [],
        notes: [
          `Transaction ${hashes.get(7)} of the deployer, with nonce 7, went to ${accomplice.address.toLowerCase()} and has nothing to do with the suite.`,
        ],
      });
    });
  });
});
