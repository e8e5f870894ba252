import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import {
  decide,
  deployGoverned,
  draft,
  endVote,
  lockFor,
  startVote,
  State,
  submit,
  Vote,
} from "../support/decisions.js";
import { PAUSABLE } from "../support/governed-state.js";
import { DAY, OPA } from "../support/release.js";
import { LAUNCH } from "../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const REASON = ethers.dataSlice(encodeBytes32String("drill"), 0, 20);
const HONEST = 15_000_000n * OPA;

async function launched() {
  return deployGoverned(connection, { governance: LAUNCH.governance });
}

describe("Who votes at launch (GVN-I6)", function () {
  it("is decided by nobody's pause: whoever locks before the snapshot votes (abuse case 87)", async function () {
    const suite = await networkHelpers.loadFixture(launched);
    const {
      governor,
      timelock,
      lock,
      voter: attacker,
      holder: honest,
      delegate,
      parameters,
    } = suite;
    const guardian = await ethers.getImpersonatedSigner(parameters.guardians.pauses);
    await networkHelpers.setBalance(guardian.address, OPA);
    const data = timelock.interface.encodeFunctionData("grantRole", [
      await timelock.PROPOSER_ROLE(),
      attacker.address,
    ]);
    const proposal = await draft(suite, [[timelock, data]], "Take over");
    const until = BigInt(await networkHelpers.time.latest()) + 3n * DAY;

    for (const key of PAUSABLE) await suite[key].connect(guardian).pause(REASON, until);
    await submit(suite, proposal);
    await lockFor(suite, honest, HONEST);
    const { end } = await lock.lockOf(attacker);
    await suite.token.connect(suite.treasury).transfer(delegate, 2n * OPA);
    await suite.token.connect(delegate).approve(lock, 2n * OPA);
    await lock.connect(delegate).lock(OPA, end - 7n * DAY);
    await lock.connect(delegate).increase(delegate, OPA);
    await lock.connect(delegate).extend(end);

    await startVote(suite, proposal);
    await governor.connect(honest).castVote(proposal.id, Vote.Against);
    await endVote(suite, proposal);
    expect(await governor.state(proposal.id)).to.equal(State.Defeated);
  });

  it("takes 8,000,000 votes and three days: 1,050,000 OPA locked on the first day decide nothing", async function () {
    const suite = await networkHelpers.loadFixture(launched);
    const { governor, incentiveVault, holder: attacker } = suite;
    await lockFor(suite, attacker, 1_050_000n * OPA);
    await networkHelpers.mine();
    const kappa = await incentiveVault.KAPPA();
    const data = incentiveVault.interface.encodeFunctionData("announce", [kappa, 4_500n]);
    const proposal = await draft(suite, [[incentiveVault, data]], "Unopposed");
    await submit(suite, proposal, attacker);

    const snapshot = await governor.proposalSnapshot(proposal.id);
    expect(snapshot - BigInt(await networkHelpers.time.latest())).to.equal(3n * DAY);
    await startVote(suite, proposal);
    await governor.connect(attacker).castVote(proposal.id, Vote.For);
    await endVote(suite, proposal);

    expect(await governor.quorum(snapshot)).to.equal(8_000_000n * OPA);
    expect(await governor.state(proposal.id)).to.equal(State.Defeated);
  });

  it("ends with the term of a pause guardian, whom a decision names anew for a year", async function () {
    const suite = await networkHelpers.loadFixture(launched);
    const { accessManager, nodes, stranger, parameters } = suite;
    const guardian = await ethers.getImpersonatedSigner(parameters.guardians.pauses);
    await networkHelpers.setBalance(guardian.address, OPA);
    const expiry = await nodes.pauseGuardianExpiryOf(guardian);
    await networkHelpers.time.increaseTo(expiry);

    for (const key of PAUSABLE)
      await expect(suite[key].connect(guardian).pause(REASON, expiry + DAY))
        .to.be.revertedWithCustomError(suite[key], "GuardedPauseTermEnded")
        .withArgs(guardian, expiry);
    const role = await accessManager.getTargetFunctionRole(
      nodes,
      nodes.interface.getFunction("pause").selector,
    );
    const encode = accessManager.interface.encodeFunctionData.bind(accessManager.interface);
    await suite.lock.connect(suite.voter).extend((await suite.lock.endRange()).latest);
    await networkHelpers.mine();
    await decide(
      suite,
      [
        [accessManager, encode("revokeRole", [role, guardian.address])],
        [accessManager, encode("grantRole", [role, stranger.address, 0n])],
      ],
      "Another guardian",
    );

    const now = BigInt(await networkHelpers.time.latest());
    expect(await nodes.pauseGuardianExpiryOf(stranger)).to.equal(now + 365n * DAY);
    await nodes.connect(stranger).pause(REASON, now + DAY);
    expect(await nodes.isPaused()).to.equal(true);
  });
});
