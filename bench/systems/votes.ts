import { id, type Wallet } from "ethers";

import type { Deployed, Lab } from "../lab.js";

const CHAIN = 31_337n;
const DAY = 86_400;
const FOR = 1;

export type Figure = readonly [operation: string, gas: number];

/** A governor with a timelock, and voters that have votes. */
export interface Governed {
  readonly governor: Deployed;
  readonly name: string;
  /** A contract that a decision of one action calls, and the call. */
  readonly target: string;
  readonly calldata: (index: number) => string;
  readonly voters: readonly Wallet[];
  /** Time at which the first proposal is made. */
  readonly start: number;
}

const BALLOT = {
  Ballot: [
    { name: "proposalId", type: "uint256" },
    { name: "support", type: "uint8" },
    { name: "voter", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
};

/**
 * Cost of a decision. The second proposal is measured, so that no record of the governor is new.
 */
export async function measureDecisions(lab: Lab, system: Governed): Promise<Figure[]> {
  const { governor, voters, start } = system;
  const [proposer, second, third, fourth] = voters;
  if (!proposer || !second || !third || !fourth) throw new Error("four voters expected");
  const figures: Figure[] = [];
  let time = start;
  for (const visit of [1, 2]) {
    const description = `decision ${visit}`;
    const call = [[system.target], [0n], [system.calldata(visit)]] as const;
    const run = async (from: Wallet, method: string, last: string) =>
      lab.call(from, governor, method, [...call, last]);
    await lab.at(time);
    const proposed = await run(proposer, "propose", description);
    const key = BigInt(await proposalId(lab, governor, [...call, id(description)]));
    await lab.at((time += DAY + 60));
    const first = await lab.call(proposer, governor, "castVote", [key, FOR]);
    const later = await lab.call(second, governor, "castVote", [key, FOR]);
    const nonce = visit - 1;
    const domain = {
      name: system.name,
      version: "1",
      chainId: CHAIN,
      verifyingContract: governor.address,
    };
    const ballot = { proposalId: key, support: FOR, voter: third.address, nonce };
    const signature = await third.signTypedData(domain, BALLOT, ballot);
    const values = [key, FOR, third.address, signature];
    const signed = await lab.call(fourth, governor, "castVoteBySig", values);
    const after = await lab.call(fourth, governor, "castVote", [key, FOR]);
    await lab.at((time += 6 * DAY));
    const queued = await run(fourth, "queue", id(description));
    await lab.at((time += 3 * DAY));
    const executed = await run(fourth, "execute", id(description));
    time += 30 * DAY;
    if (visit === 1) continue;

    figures.push(
      ["propose, 1 action", proposed],
      ["castVote, first voter", first],
      ["castVote, second voter", later],
      ["castVoteBySig", signed],
      ["castVote, after the quorum", after],
      ["queue, 1 action", queued],
      ["execute, 1 action", executed],
    );
  }
  return figures;
}

async function proposalId(lab: Lab, governor: Deployed, values: readonly unknown[]) {
  const data = governor.abi.encodeFunctionData("hashProposal", values);
  return lab.connection.ethers.provider.call({ to: governor.address, data });
}

/** Gas of a read without the intrinsic gas of a transaction. */
export async function measureRead(
  lab: Lab,
  target: Deployed,
  method: string,
  values: readonly unknown[],
): Promise<number> {
  const { provider } = lab.connection.ethers;
  const data = target.abi.encodeFunctionData(method, values);
  const bytes = Buffer.from(data.slice(2), "hex");
  const calldata = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  const gas = await provider.estimateGas({ to: target.address, data });
  return Number(gas) - 21_000 - calldata;
}
