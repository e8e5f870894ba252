import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Contract, Interface, type InterfaceAbi, type ParamType } from "ethers";
import { network } from "hardhat";

import { deployGoverned, draft, goTo, State, Vote, type Call } from "../../support/decisions.js";

const connection = await network.create();
const { networkHelpers } = connection;

const ARTIFACT = createRequire(import.meta.url).resolve(
  "@openzeppelin/contracts/build/contracts/IGovernor.json",
);
const { abi } = JSON.parse(readFileSync(ARTIFACT, "utf8")) as { abi: InterfaceAbi };
const I_GOVERNOR = Interface.from(abi);

async function deployed() {
  const suite = await deployGoverned(connection);
  const { registry } = suite;
  const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
  return { ...suite, deprecate };
}

describe("OPAGovernor: a client of OpenZeppelin's Governor (GOV-3)", function () {
  it("finds every function, event and error of IGovernor with its selector", async function () {
    const { governor } = await networkHelpers.loadFixture(deployed);
    const ours = Interface.from(governor.interface.fragments);

    let count = 0;
    I_GOVERNOR.forEachFunction(({ selector, inputs, outputs }) => {
      const found = ours.getFunction(selector);
      const shape = (types: readonly ParamType[]) => types.map(({ type }) => type);
      expect(found && shape(found.inputs), selector).to.deep.equal(shape(inputs));
      expect(found && shape(found.outputs), selector).to.deep.equal(shape(outputs));
      count += 1;
    });
    I_GOVERNOR.forEachEvent(({ topicHash }) => {
      expect(ours.getEvent(topicHash)?.topicHash).to.equal(topicHash);
    });
    I_GOVERNOR.forEachError(({ selector }) => {
      expect(ours.getError(selector)?.selector).to.equal(selector);
    });
    expect(count).to.be.greaterThanOrEqual(30);
  });

  it("proposes, votes, queues, executes and cancels by IGovernor alone", async function () {
    const suite = await networkHelpers.loadFixture(deployed);
    const address = await suite.governor.getAddress();
    const as = (signer: HardhatEthersSigner) =>
      new Contract(address, I_GOVERNOR, signer) as unknown as typeof suite.governor;
    const [client, voter] = [as(suite.stranger), as(suite.voter)];
    const { args, id, targets, values, calldatas, description } = await draft(
      suite,
      [suite.deprecate],
      "By a client",
    );

    await voter.propose(targets, values, calldatas, description);
    expect(await client.hashProposal(...args)).to.equal(id);
    expect(await client.getProposalId(...args)).to.equal(id);
    expect(await client.proposalProposer(id)).to.equal(suite.voter);
    expect(await client.state(id)).to.equal(State.Pending);
    await goTo(suite, (await client.proposalSnapshot(id)) + 1n);
    await voter.castVoteWithReason(id, Vote.For, "because");
    expect(await client.hasVoted(id, suite.voter)).to.equal(true);
    const snapshot = await client.proposalSnapshot(id);
    expect(await client.getVotes(suite.voter, snapshot)).to.be.greaterThan(
      await client.quorum(snapshot),
    );
    await goTo(suite, (await client.proposalDeadline(id)) + 1n);
    expect(await client.state(id)).to.equal(State.Succeeded);
    expect(await client.proposalNeedsQueuing(id)).to.equal(true);
    await client.queue(...args);
    await goTo(suite, await client.proposalEta(id));
    await client.execute(...args);
    expect(await client.state(id)).to.equal(State.Executed);

    const other = await draft(suite, [suite.deprecate], "Another");
    await voter.propose(other.targets, other.values, other.calldatas, other.description);
    await voter.cancel(...other.args);
    expect(await client.state(other.id)).to.equal(State.Canceled);
    expect(await client.COUNTING_MODE()).to.equal("support=bravo&quorum=for,abstain");
    expect(await client.CLOCK_MODE()).to.equal("mode=timestamp");
  });
});
