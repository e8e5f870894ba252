import { expect } from "chai";
import { encodeBytes32String, id, parseEther, type Interface } from "ethers";
import { network } from "hardhat";

import { ROLES } from "../../../deploy/roles/table.js";
import {
  createAddressBook,
  describeProposal,
  readAddressBook,
  renderProposal,
  type ProposedCall,
} from "../../../sdk/index.js";
import { deploySuite } from "../../support/suite.js";

const connection = await network.create();
const { networkHelpers } = connection;

const STRANGER = "0x00000000000000000000000000000000000000B0";
const DAY = 86_400n;

async function fixture() {
  const suite = await deploySuite(connection);
  const book = await readAddressBook(suite.directory);
  const call = async (
    target: { getAddress(): Promise<string>; interface: Interface },
    name: string,
    args: readonly unknown[],
    value = 0n,
  ): Promise<ProposedCall> => ({
    target: await target.getAddress(),
    value,
    calldata: target.interface.encodeFunctionData(name, [...args]),
  });
  return { ...suite, book, call };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** The one line, and the warnings, of a proposal of one call. */
function describeOne({ book }: Fixture, call: ProposedCall) {
  const [described] = describeProposal([call], book);
  if (!described) throw new Error("one call expected");
  return described;
}

describe("sdk/proposals (GOV-3)", function () {
  it("names every module of the directory, the AccessManager, and every role", async function () {
    const { book, addresses, accessManager, directory } = await networkHelpers.loadFixture(fixture);

    expect(book.nameOf(addresses.lock)).to.equal("governance-lock");
    expect(book.nameOf(await accessManager.getAddress())).to.equal("access-manager");
    expect(book.nameOf((await directory.getAddress()).toLowerCase())).to.equal("system-directory");
    expect(book.nameOf(STRANGER)).to.equal(undefined);
    expect(book.isFormer(addresses.lock)).to.equal(false);
    for (const [name, role] of Object.entries(ROLES))
      expect(book.roleOf(role.id)).to.equal(`${name} (${role.id})`);
    expect(book.roleOf(0n)).to.equal("ADMIN (0)");
    expect(book.roleOf(99n)).to.equal("99");
  });

  it("says what a change of a parameter or a setting does, with names and units", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { governor, nodes, lock, timelock, addresses, call } = suite;
    const parameter = encodeBytes32String("governor/quorum-floor");

    const floor = await call(governor, "announce", [parameter, parseEther("9000000")]);
    const delay = await call(governor, "setVotingDelay", [2n * DAY]);
    const pause = await call(nodes, "movePause", [1_800_000_000n]);
    const wait = await call(timelock, "updateDelay", [90_000n]);
    const hold = await call(lock, "hold", [addresses.pool, 1_800_000_000n]);

    for (const [one, words] of [
      [
        floor,
        'Calls announce of governor with parameter = "governor/quorum-floor", newValue = 9000000000000000000000000 (9000000.0 if it is OPA).',
      ],
      [delay, "Calls setVotingDelay of governor with newVotingDelay = 172800 (2 days)."],
      [pause, "Calls movePause of node-registry with until = 1800000000 (2027-01-15T08:00:00Z)."],
      [wait, "Calls updateDelay of timelock with newDelay = 90000 (25 hours)."],
      [
        hold,
        `Calls hold of governance-lock with account = incentive-pool (${addresses.pool}), until = 1800000000 (2027-01-15T08:00:00Z).`,
      ],
    ] as const) {
      const described = describeOne(suite, one);
      expect(described.words).to.equal(words);
      expect(described.warnings).to.deep.equal([]);
    }
  });

  it("follows the AccessManager's own calls, which reach any address (G3)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accessManager, token, book, call } = suite;
    const inner = token.interface.encodeFunctionData("transfer", [STRANGER, parseEther("5")]);
    const encode = accessManager.interface.encodeFunctionData.bind(accessManager.interface);
    const multicall = await call(accessManager, "multicall", [
      [
        encode("execute", [STRANGER, "0x12345678"]),
        encode("grantRole", [8n, STRANGER, 0n]),
        encode("execute", [await token.getAddress(), inner]),
      ],
    ]);

    const lines = renderProposal(describeProposal([multicall], book));

    expect(lines).to.deep.equal([
      "1. Makes 3 calls of the AccessManager.",
      `   1. Has the AccessManager call ${STRANGER}.`,
      "      Warning: The call is made in the name of the AccessManager.",
      `      1. Calls ${STRANGER} with 0x12345678.`,
      `         Warning: ${STRANGER} is not part of the system, so nobody here knows what it does.`,
      `   2. Gives ${STRANGER} the role PAUSE_GUARDIAN (8).`,
      `      Warning: ${STRANGER} is not part of the system.`,
      `   3. Has the AccessManager call token (${await token.getAddress()}).`,
      "      Warning: The call is made in the name of the AccessManager.",
      `      1. Calls transfer of token with to = ${STRANGER}, value = 5000000000000000000 (5.0 if it is OPA).`,
    ]);
  });

  it("warns of a new proposer of the timelock, and follows what the timelock schedules", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { timelock, governor, addresses, call } = suite;
    const proposer = await call(timelock, "grantRole", [id("PROPOSER_ROLE"), STRANGER]);
    const data = governor.interface.encodeFunctionData("setVotingPeriod", [7n * DAY]);
    const zero = `0x${"0".repeat(64)}`;
    const schedule = await call(timelock, "scheduleBatch", [
      ...[[addresses.governor], [3n], [data], zero, zero, 2n * DAY],
    ]);

    const granted = describeOne(suite, proposer);
    expect(granted.words).to.equal(`Gives ${STRANGER} the timelock's role PROPOSER.`);
    expect(granted.warnings).to.deep.equal([
      "It changes who proposes to the timelock or cancels there; no vote decides that then.",
    ]);
    const scheduled = describeOne(suite, schedule);
    expect(scheduled.inner.map(({ words, warnings }) => [words, warnings])).to.deep.equal([
      [
        "Calls setVotingPeriod of governor with newVotingPeriod = 604800 (7 days).",
        ["It sends 0.000000000000000003 ETH."],
      ],
    ]);
  });

  it("says so when a target, a function or the rest of a call is unknown, and when ETH is sent", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { lock, governor, call } = suite;
    const target = await lock.getAddress();
    const known = await call(governor, "setVotingDelay", [DAY]);

    const stranger = describeOne(suite, { target: STRANGER, value: 7n, calldata: "0x" });
    expect(stranger.words).to.equal(`Calls ${STRANGER} with 0x.`);
    expect(stranger.warnings).to.deep.equal([
      `${STRANGER} is not part of the system, so nobody here knows what it does.`,
      "It sends 0.000000000000000007 ETH.",
    ]);
    for (const [odd, name] of [
      [{ target, value: 0n, calldata: "0xdeadbeef" }, "governance-lock"],
      [{ ...known, calldata: `${known.calldata}00` }, "governor"],
    ] as const)
      expect(describeOne(suite, odd).warnings).to.deep.equal([
        `${name} has no known function of this name.`,
      ]);
  });

  it("warns of a replaced version, of ADMIN, of changed permissions and of a new module", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accessManager, directory, addresses, call } = suite;
    const book = createAddressBook({
      names: { [addresses.pool]: "incentive-pool", [addresses.accessManager]: "access-manager" },
      former: [addresses.pool],
    });
    const retired = { target: addresses.pool, value: 0n, calldata: "0x" };
    const selector = suite.lock.interface.getFunction("hold").selector;

    expect(describeProposal([retired], book)[0]?.warnings).to.include(
      "incentive-pool is a version that was replaced.",
    );
    const admin = describeOne(suite, await call(accessManager, "grantRole", [0n, STRANGER, 0n]));
    expect(admin.words).to.equal(`Gives ${STRANGER} the role ADMIN (0).`);
    expect(admin.warnings[0]).to.include("without a vote");
    const permit = describeOne(
      suite,
      await call(accessManager, "setTargetFunctionRole", [addresses.lock, [selector], 8n]),
    );
    expect(permit.words).to.equal(
      `Lets the role PAUSE_GUARDIAN (8) call hold of governance-lock (${addresses.lock}).`,
    );
    expect(permit.warnings).to.deep.equal(["It changes who may call what."]);
    const listed = describeOne(
      suite,
      await call(directory, "register", [
        encodeBytes32String("incentive-pool"),
        STRANGER,
        "0x12345678",
      ]),
    );
    expect(listed.warnings).to.deep.equal([
      "A listed module can be paid by the reserve; read its code first.",
    ]);
  });

  it("follows nested calls up to a depth, and says when it stops", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accessManager, call } = suite;
    let nested = accessManager.interface.encodeFunctionData("multicall", [[]]);
    for (let depth = 0; depth < 10; depth += 1)
      nested = accessManager.interface.encodeFunctionData("multicall", [[nested]]);
    const outer = await call(accessManager, "multicall", [[nested]]);

    const lines = renderProposal(describeProposal([outer], suite.book));

    expect(lines.filter((line) => line.includes("calls of the AccessManager"))).to.have.length(9);
    expect(lines.at(-1)).to.include("It is nested too deeply to be followed.");
  });
});
