import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike, BaseContract, ContractTransactionResponse, Signer } from "ethers";
import { expect } from "chai";
import { getAddress, resolveAddress, toBeHex } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { IMeter, Meter } from "../../typechain-types/index.js";

import {
  ALL_CATEGORIES,
  BURN_LIMITS,
  deployMetering,
  EPOCH,
  GRACE,
  METER_ROLE,
  resourceParams,
  stringify,
  WINDOW,
} from "./metering.js";
import { OPA, send } from "./release.js";
import {
  plainResults,
  Reason,
  STATEMENT_TYPES,
  type Line,
  type StatementResult,
} from "./statements.js";

/** An end of service that never comes, as the node registry pushes it. */
export const NO_END = 2n ** 48n - 1n;

/** A statement as the Meter's settlement takes it. */
export interface SignedWords {
  account: string;
  priceEpoch: bigint;
  deadline: bigint;
  signer: string;
  lines: bigint[];
  signature: string;
}

/** Fields of a statement that a test may choose. */
export interface WordChoice {
  account?: string;
  key?: Signer;
  signer?: AddressLike;
  priceEpoch?: bigint;
  deadline?: bigint;
}

/** A line in one word. */
export function lineWord({ provider, resource, cumulativeUnits }: Line): bigint {
  return (BigInt(provider) << 96n) | (resource << 64n) | cumulativeUnits;
}

/** The Meter and its registry and settlement, beside a token and an authority that are there already. */
export async function deployMeter(
  { ethers }: NetworkConnection,
  parts: {
    token: AddressLike;
    authority: BaseContract;
    policy: AddressLike;
    startedAt: bigint;
    admin: HardhatEthersSigner;
  },
  burnLimits = BURN_LIMITS,
) {
  const { token, authority, policy, startedAt } = parts;
  const prices = await ethers.deployContract("ResourceRegistry", [authority, startedAt, EPOCH]);
  const extension = await ethers.deployContract("MeterExtension", [
    token,
    prices,
    authority,
    GRACE,
    policy,
    burnLimits,
  ]);
  const core = await ethers.deployContract("Meter", [extension, WINDOW]);
  const meter = await ethers.getContractAt("IMeter", core);
  const verifier = await ethers.deployContract("Settlement", [core]);
  await prices.setMeter(meter);
  await allowCharging(authority, core, verifier);
  return { prices, extension, core, meter, verifier };
}

/** Grants the METER role to a verifier and has the Meter take note. */
export async function allowCharging(authority: BaseContract, core: Meter, verifier: AddressLike) {
  const { selector } = core.getFunction("charge").fragment;
  await send(authority, "setTargetFunctionRole", core, [selector], METER_ROLE);
  await send(authority, "grantRole", METER_ROLE, verifier, 0);
  await core.syncMeter(verifier);
}

/** Signs running totals for a settlement. */
export async function signWords(
  { ethers }: NetworkConnection,
  verifier: AddressLike,
  lines: Line[],
  choice: Required<Omit<WordChoice, "signer">> & Pick<WordChoice, "signer">,
): Promise<SignedWords> {
  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await resolveAddress(verifier);
  const domain = { name: "OPA Settlement", version: "1", chainId, verifyingContract };
  const { account, priceEpoch, deadline, key } = choice;
  const statement = { account, priceEpoch, deadline, lines };
  const signature = await key.signTypedData(domain, STATEMENT_TYPES, statement);
  const signer = await resolveAddress(choice.signer ?? key);
  return { account, priceEpoch, deadline, signer, lines: lines.map(lineWord), signature };
}

/** Pushes a provider that serves every category without an end. */
export async function pushProvider(
  meter: IMeter,
  provider: AddressLike,
  categories = ALL_CATEGORIES,
  endsAt = NO_END,
): Promise<ContractTransactionResponse> {
  return meter.setProvider(provider, categories, endsAt);
}

/** The suite of the old tests with a Meter beside it: three resources, two providers, and 100 OPA of credit for alice. */
export async function deployMetered(connection: NetworkConnection, burnLimits = BURN_LIMITS) {
  const suite = await deployMetering(connection);
  const { ethers } = connection;
  const { alice, bob, provider, other, token } = suite;
  const stack = await deployMeter(connection, suite, burnLimits);
  const { prices, meter, verifier } = stack;
  await prices.register(resourceParams());
  await prices.register(resourceParams({ name: "accelerator time", category: 0n, weight: 1n }));
  await prices.register(resourceParams({ name: "storage", category: 3n, weight: 1_000n }));
  await prices.register(resourceParams({ name: "frontier model", minimumTier: 1n }));
  for (const node of [provider, other]) await pushProvider(meter, node);
  for (const owner of [alice, bob]) await token.connect(owner).approve(meter, ethers.MaxUint256);
  await meter.connect(alice).deposit(alice, 100n * OPA);

  const line = (cumulativeUnits: bigint, resource = 1n, node: { address: string } = provider) => ({
    provider: node.address,
    resource,
    cumulativeUnits,
  });
  const sign = async (lines: Line[], choice: WordChoice = {}, by: AddressLike = verifier) =>
    signWords(connection, by, lines, {
      account: alice.address,
      key: alice,
      priceEpoch: await meter.currentEpoch(),
      deadline: 2n ** 48n - 1n,
      ...choice,
    });
  /** Settles, after making sure that previewing tells the same, and that the events tell the results and no more. */
  const settle = async (statements: SignedWords[], by = verifier) => {
    const previewed = plainResults(await by.preview.staticCall(statements), statements);
    const results = plainResults(await by.settle.staticCall(statements), statements);
    if (stringify(previewed) !== stringify(results)) throw new Error("preview differs from settle");
    const tx = await by.settle(statements);
    expect(await eventsOf(meter, tx)).to.deep.equal(expectedEvents(statements, results));
    return { tx, results };
  };
  return { ...suite, ...stack, line, sign, settle };
}

/** Names of the events about statements and lines that a call emitted, with the line concerned. */
async function eventsOf(meter: IMeter, tx: ContractTransactionResponse): Promise<string[]> {
  const receipt = await tx.wait();
  const address = await meter.getAddress();
  return (receipt?.logs ?? [])
    .filter((log) => log.address === address)
    .map((log) => meter.interface.parseLog(log))
    .flatMap((log) => {
      if (log?.name === "StatementSkipped") return [`skipped ${log.args[0]} ${log.args[2]}`];
      if (log?.name === "LineSkipped") return [`line ${log.args[1]} ${log.args[2]} ${log.args[3]}`];
      return log?.name === "LineSettled" ? [`line ${log.args[1]} ${log.args[2]} 0`] : [];
    });
}

/** One event for every statement that is skipped, and for every line but those with nothing new. */
function expectedEvents(statements: SignedWords[], results: StatementResult[]): string[] {
  return results.flatMap(({ reason, reasons }, i) =>
    reason !== Reason.None
      ? [`skipped ${statements[i]?.account} ${reason}`]
      : reasons.flatMap((code, k) => {
          const word = statements[i]?.lines[k] ?? 0n;
          const provider = getAddress(toBeHex(word >> 96n, 20));
          const resource = (word >> 64n) & (2n ** 32n - 1n);
          return code === Reason.NothingNew ? [] : [`line ${provider} ${resource} ${code}`];
        }),
  );
}
