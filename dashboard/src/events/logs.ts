/** Logs as a node returns them, and which ones are wanted. */
import type { Interface } from "ethers";

import { argumentsOf } from "./arguments.js";

/** The parts of a log that the page needs. */
export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly block: number;
  readonly index: number;
  readonly transaction: string;
}

/** Some events of one contract. */
export interface EventSource {
  readonly address: string;
  readonly contract: Interface;
  readonly events: readonly string[];
}

/** A set of events that is read and cached together. */
export interface Scope {
  /** Name in the cache; unique for a deployment. */
  readonly name: string;
  readonly sources: readonly EventSource[];
  /** Value of the first indexed argument, if only events with it are wanted. */
  readonly first?: string;
}

/** An event with its arguments by name. */
export interface DecodedEvent {
  readonly name: string;
  readonly address: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: number;
  readonly index: number;
  readonly transaction: string;
}

/** Filter of `eth_getLogs` for a scope, without its range. */
export function filterOf({ sources, first }: Scope): {
  address: string[];
  topics: (string | string[])[];
} {
  const topics = sources.flatMap(({ contract, events }) =>
    events.map((name) => topicOf(contract, name)),
  );
  return {
    address: [...new Set(sources.map(({ address }) => address))],
    topics: [[...new Set(topics)], ...(first === undefined ? [] : [first])],
  };
}

/** A log from the answer of `eth_getLogs`. */
export function toLog(answer: Readonly<Record<string, unknown>>): Log {
  const { address, topics, data, blockNumber, logIndex, transactionHash } = answer;
  return {
    address: String(address).toLowerCase(),
    topics: topics as string[],
    data: String(data),
    block: Number(blockNumber),
    index: Number(logIndex),
    transaction: String(transactionHash),
  };
}

/** Decodes the logs of a scope; a log of no event of it decodes to nothing. */
export function decoderOf({ sources }: Scope): (log: Log) => DecodedEvent | undefined {
  const decoders = new Map<string, (log: Log) => DecodedEvent["args"] | undefined>();
  const names = new Map<string, string>();
  for (const { address, contract, events } of sources)
    for (const name of events) {
      const key = `${address.toLowerCase()}${topicOf(contract, name)}`;
      decoders.set(key, argumentsOf(contract, name));
      names.set(key, name);
    }
  return (log) => {
    const key = `${log.address}${log.topics[0] ?? ""}`;
    const args = decoders.get(key)?.(log);
    if (args === undefined) return undefined;
    const { address, block, index, transaction } = log;
    return { name: names.get(key) ?? "", address, args, block, index, transaction };
  };
}

function topicOf(contract: Interface, name: string): string {
  const event = contract.getEvent(name);
  if (event === null) throw new Error(`There is no event ${name}.`);
  return event.topicHash;
}
