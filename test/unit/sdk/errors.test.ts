import path from "node:path";

import { expect } from "chai";
import { AbiCoder, Interface, ZeroHash, type InterfaceAbi } from "ethers";
import { network } from "hardhat";

import { ROLES } from "../../../deploy/roles/table.js";
import { readAbis } from "../../../scripts/library/render-abi.js";
import {
  describeError,
  ERROR_TEXTS,
  revertDataOf,
  SYSTEM_ROLES,
  systemRoleOf,
} from "../../../sdk/index.js";
import { LISTS } from "../../../sdk/errors/texts.js";
import { deploySettling } from "../../support/metering.js";
import { OPA } from "../../support/release.js";

const connection = await network.create();
const { networkHelpers } = connection;

const MANNERS = ["opa", "time", "span", "share", "text", ...Object.keys(LISTS)];
const CODEC = new Interface(Object.keys(ERROR_TEXTS).map((signature) => `error ${signature}`));
const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PROVIDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

const revert = (name: string, ...values: unknown[]) => CODEC.encodeErrorResult(name, values);
const wordsOf = (name: string, ...values: unknown[]) =>
  describeError(revert(name, ...values))?.words;

async function fixture() {
  return deploySettling(connection);
}

describe("sdk/errors", function () {
  it("has a text for every error of every contract, by its signature, and for no other", function () {
    const artifacts = path.join(import.meta.dirname, "../../../artifacts");
    const signatures = new Set<string>();
    for (const { abi } of readAbis(artifacts))
      new Interface(abi as InterfaceAbi).forEachError((fragment) => {
        signatures.add(fragment.format("full").replace(/^error /, ""));
      });
    const own = Object.keys(ERROR_TEXTS).filter((signature) => !/^(Error|Panic)\(/.test(signature));
    const inFull = own.map((signature) =>
      CODEC.getError(signature.slice(0, signature.indexOf("(")))
        ?.format("full")
        .replace(/^error /, ""),
    );

    expect(signatures.size).to.be.above(250);
    expect(inFull).to.have.members([...signatures]);
  });

  it("shows arguments that there are, in a manner that there is, and says what to do", function () {
    for (const [signature, [words, remedy]] of Object.entries(ERROR_TEXTS)) {
      const inputs = CODEC.getError(signature.slice(0, signature.indexOf("(")))?.inputs ?? [];
      for (const [, name, manner] of words.matchAll(/\{(\w+)(?::(\w+))?\}/g)) {
        expect(
          inputs.map((input) => input.name),
          signature,
        ).to.include(name);
        if (manner !== undefined) expect(MANNERS, signature).to.include(manner);
      }
      expect(words.replace(/\{[\w:]+\}/g, "") + remedy, signature).to.not.match(/[{}]/);
      expect(words, signature).to.match(/\.$/);
      expect(remedy, signature).to.match(/^[A-Z].*\.$/);
    }
  });

  it("describes every error with made-up arguments", function () {
    const coder = AbiCoder.defaultAbiCoder();
    for (const signature of Object.keys(ERROR_TEXTS)) {
      const fragment = CODEC.getError(signature.slice(0, signature.indexOf("(")));
      if (!fragment) throw new Error(signature);
      const values = fragment.inputs.map((input) => coder.getDefaultValue([input])[0] as unknown);

      const described = describeError(CODEC.encodeErrorResult(fragment, values));

      expect(described?.name).to.equal(fragment.name);
      expect(described?.words, signature).to.not.match(/undefined|\{/);
    }
  });

  it("describes what a contract reverted with, in a call and in an estimate", async function () {
    const { meter, alice, bob } = await networkHelpers.loadFixture(fixture);
    const free = await meter.creditOf(alice);
    const failures: unknown[] = [];
    await meter
      .connect(alice)
      .withdraw.staticCall(alice, alice, free + OPA)
      .catch((error: unknown) => failures.push(error));
    await meter
      .connect(alice)
      .withdraw(alice, alice, free + OPA)
      .catch((error: unknown) => failures.push(error));
    await meter
      .connect(bob)
      .withdraw.staticCall(alice, bob, OPA)
      .catch((error: unknown) => failures.push(error));

    const [call, sent, foreign] = failures.map((error) => describeError(error));

    expect(call).to.deep.include({
      name: "MeterInsufficientCredit",
      args: { account: alice.address, amount: free + OPA, available: free },
      words: `Account ${alice.address} has ${free / OPA} OPA of free credit, and ${free / OPA + 1n} OPA were asked for.`,
      remedy: "Deposit OPA for the account, wait until reservations are released, or ask for less.",
    });
    expect(sent).to.deep.equal(call);
    expect(foreign?.words).to.equal(`${bob.address} is no admin of account ${alice.address}.`);
  });

  it("shows amounts, times, shares, texts and states as a person reads them", function () {
    const text = `0x${Buffer.from("KAPPA").toString("hex").padEnd(64, "0")}`;
    const reason = `0x${Buffer.from("incident").toString("hex").padEnd(40, "0")}`;

    expect(wordsOf("NodeStakingBelowMinimum", PROVIDER, OPA / 2n, 5_000n * OPA)).to.equal(
      `Provider ${PROVIDER} would have 0.5 OPA at stake, and its categories ask for 5000 OPA.`,
    );
    expect(wordsOf("GuardedPauseActive", reason, 1_700_000_000n)).to.equal(
      'The module is paused until 2023-11-14T22:13:20Z ("incident").',
    );
    expect(wordsOf("BoundedParameterOutOfBounds", text, 9_000n, 1n, 8_000n)).to.equal(
      '"KAPPA" of 9000 is not between 1 and 8000.',
    );
    expect(wordsOf("BoundedParameterUnknown", ZeroHash.replace(/0$/, "1"))).to.include("0x00");
    expect(wordsOf("NodeSlashingInvalidShare", 6_250n, 5_000n)).to.include("62.5%");
    expect(wordsOf("MeterInvalidGrace", 60n, 3_600n, 172_800n)).to.equal(
      "A claim grace of 60 seconds is not between 1 hour and 2 days.",
    );
    expect(wordsOf("ResourceRegistryWrongState", 7n, 3n)).to.include("Resource 7 is retired");
    expect(wordsOf("GovernorUnexpectedProposalState", 5n, 3n, ZeroHash)).to.include("is defeated");
    expect(wordsOf("AccessManagerUnauthorizedAccount", ACCOUNT, 2n)).to.include("GOVERNANCE");
    expect(wordsOf("GovernanceLockNotRunning", ACCOUNT, 0n)).to.include("ended at no time");
    expect(wordsOf("ERC3009InvalidAuthorizationTime", 1n, 2n ** 255n)).to.include("end of time");
    expect(wordsOf("Error", "nonsense")).to.equal("The call failed: nonsense.");
  });

  it("shows known addresses by name", function () {
    const described = describeError(revert("AccessManagedUnauthorized", ACCOUNT), (address) =>
      address === ACCOUNT ? "the treasury" : undefined,
    );

    expect(described?.words).to.equal(
      `the treasury (${ACCOUNT}) has not the role that this function asks for.`,
    );
  });

  it("finds revert data wherever ethers, viem and nodes put it", function () {
    const data = revert("MeterZeroAmount");

    for (const error of [
      data,
      { data },
      Object.assign(new Error("call"), { info: { error: { code: 3, data } } }),
      { error: { data: { message: "revert", data } } },
      { cause: { cause: { raw: data } } },
    ])
      expect(describeError(error)?.name).to.equal("MeterZeroAmount");
  });

  it("describes nothing where there is no revert of the suite", function () {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;

    for (const error of [
      undefined,
      null,
      new Error("no answer"),
      "0x",
      "0x12345678",
      revert("MeterZeroAmount").slice(0, 8),
      `${revert("AccessManagedUnauthorized", ACCOUNT)}00`,
      revert("AccessManagedUnauthorized", ACCOUNT).slice(0, 10),
      { transaction: { data: revert("MeterZeroAmount") } },
      loop,
    ])
      expect(describeError(error)).to.equal(undefined);
    expect(revertDataOf({ transaction: { data: "0x12345678" } })).to.equal(undefined);
  });

  it("names the roles of the AccessManager as the role table does", function () {
    const table = Object.fromEntries(Object.entries(ROLES).map(([name, { id }]) => [name, id]));

    expect({ ...SYSTEM_ROLES }).to.deep.equal({ ADMIN: 0n, ...table });
    expect(systemRoleOf(2n)).to.equal("GOVERNANCE");
    expect(systemRoleOf(99n)).to.equal(undefined);
  });
});
