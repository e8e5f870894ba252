import { getAddress, Interface, type BlockTag, type TransactionReceipt } from "ethers";

import type { IMeter } from "../../typechain-types/contracts/interfaces/IMeter.js";
import type { ISettlement } from "../../typechain-types/contracts/interfaces/ISettlement.js";
import { IMeter__factory } from "../../typechain-types/factories/contracts/interfaces/IMeter__factory.js";
import { MeterError, type SettledLine, type UsageMeter, type UsedLine } from "./meter.js";
import { domainOf } from "../statements/statement.js";

/** Where to look for what the chain has settled. */
export interface ResyncOptions {
  readonly settlement: ISettlement;
  /** Meter that the settlement charges. */
  readonly meter: IMeter;
  /** Lines to read besides those that the meter knows. */
  readonly lines?: readonly UsedLine[];
  /** Block from which on events name further lines; without it none are looked for. */
  readonly fromBlock?: number;
  /** Block whose state counts. One that is final keeps a reorganisation of the chain from being believed. */
  readonly block?: BlockTag;
  /** Only events of these providers, if given. */
  readonly providers?: readonly string[];
  /** Blocks per request for events; fewer are asked for when a request fails. */
  readonly chunk?: number;
}

const CHUNK = 10_000;
const READS_AT_ONCE = 50;
const meterInterface = new Interface(IMeter__factory.abi);

/**
 * Tells a meter what the chain has settled: after the loss of a journal, before the first call is counted; or at any time,
 * for statements that someone else has settled.
 *
 * New use then continues on top of what is settled. Use that only a lost journal knew is lost to its provider unless a
 * statement for it settles; nothing is charged twice.
 *
 * @throws {MeterError} if the settlement contract is not the one that the meter is for.
 */
export async function resync(meter: UsageMeter, options: ResyncOptions): Promise<void> {
  const { settlement, lines = [], fromBlock } = options;
  const { chainId, verifyingContract } = await domainOf(settlement);
  if (chainId !== meter.chainId || verifyingContract !== meter.settlement)
    throw new MeterError(
      `The chain has contract ${verifyingContract} on chain ${chainId}, and the meter is for contract ` +
        `${meter.settlement} on chain ${meter.chainId}.`,
    );

  const last = await lastBlock(settlement, options.block ?? "latest");
  const found = fromBlock === undefined ? [] : await findLines(options, fromBlock, last);
  const wanted = new Map(
    [...meter.lines(), ...lines, ...found].map((line) => {
      const plain = {
        ...line,
        account: getAddress(line.account),
        provider: getAddress(line.provider),
      };
      return [`${plain.account} ${plain.provider} ${plain.resource}`, plain];
    }),
  );
  const accounts = new Map<string, SettledLine[]>();
  for (const { account, ...line } of await readLines(options.meter, [...wanted.values()], last)) {
    const settled = accounts.get(account) ?? [];
    accounts.set(account, settled);
    if (line.cumulativeUnits > 0n) settled.push(line);
  }
  await Promise.all([...accounts].map(([account, settled]) => meter.noteSettled(account, settled)));
}

/** What a transaction has settled, by account, as `noteSettled` takes it. */
export function settledBy(
  receipt: Pick<TransactionReceipt, "logs">,
  meter: string,
): Map<string, SettledLine[]> {
  const accounts = new Map<string, SettledLine[]>();
  for (const log of receipt.logs) {
    if (getAddress(log.address) !== getAddress(meter)) continue;
    const event = meterInterface.parseLog(log);
    if (event?.name !== "LineSettled") continue;
    const { account, provider, resource, cumulativeUnits, priceEpoch } = event.args as unknown as {
      account: string;
      provider: string;
      resource: bigint;
      cumulativeUnits: bigint;
      priceEpoch: bigint;
    };
    const lines = accounts.get(account) ?? [];
    accounts.set(account, lines);
    lines.push({ provider, resource, cumulativeUnits, lastEpoch: priceEpoch });
  }
  return accounts;
}

async function lastBlock(settlement: ISettlement, tag: BlockTag): Promise<number> {
  const block = await settlement.runner?.provider?.getBlock(tag);
  if (!block) throw new MeterError(`The chain has no block ${tag}.`);
  return block.number;
}

/** Lines that settled, by the events of the blocks from `first` to `last`. */
async function findLines(
  { meter, providers, chunk = CHUNK }: ResyncOptions,
  first: number,
  last: number,
): Promise<UsedLine[]> {
  const lines: UsedLine[] = [];
  for (const provider of providers ?? [undefined]) {
    const filter = meter.filters.LineSettled(undefined, provider);
    let size = Math.max(1, chunk);
    for (let from = first; from <= last;) {
      const to = Math.min(last, from + size - 1);
      try {
        const events = await meter.queryFilter(filter, from, to);
        for (const { args } of events)
          lines.push({ account: args.account, provider: args.provider, resource: args.resource });
        from = to + 1;
      } catch (error) {
        // Nodes limit the blocks or the events of a request, each in its own way.
        if (size === 1) throw error;
        size = Math.ceil(size / 2);
      }
    }
  }
  return lines;
}

/** What is settled of these lines at a block. */
async function readLines(
  meter: IMeter,
  lines: readonly UsedLine[],
  blockTag: number,
): Promise<(SettledLine & { account: string })[]> {
  const read: (SettledLine & { account: string })[] = [];
  for (let i = 0; i < lines.length; i += READS_AT_ONCE) {
    const some = lines.slice(i, i + READS_AT_ONCE).map(async (line) => {
      const { account, provider, resource } = line;
      const { cumulativeUnits, priceEpoch } = await meter.lineOf(account, provider, resource, {
        blockTag,
      });
      return { ...line, cumulativeUnits, lastEpoch: priceEpoch };
    });
    read.push(...(await Promise.all(some)));
  }
  return read;
}
