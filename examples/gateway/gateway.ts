import { mkdir } from "node:fs/promises";
import path from "node:path";

import { JsonRpcProvider, Wallet } from "ethers";

import {
  authorize,
  connectContracts,
  domainOf,
  SettlementPlanner,
  usesOf,
  type Contracts,
  type UsageTable,
  type Use,
} from "../../sdk/index.js";
import { JournalError, resync, UsageMeter } from "../../sdk/node/index.js";
import { Answers, hashRequest, type Answer } from "./answers.js";
import { Chain } from "./chain.js";
import { Consumers, type Consumer } from "./consumers.js";
import { Gate, type Ticket } from "./gate.js";
import { Ledger } from "./ledger.js";
import { complete, estimate, type ChatRequest, type Completion } from "./model.js";
import { Refusal } from "./refusal.js";
import type { ModelSettings, Settings } from "./settings.js";
import { Settler } from "./settler.js";

/** What a client is sent. */
export interface Reply {
  readonly body: string;
  /** Whether it was made earlier and is only sent again. */
  readonly isRepeated: boolean;
}

/** How the use of an account stands. */
export interface UsageReport {
  readonly account: string;
  readonly project: number;
  readonly key: string;
  readonly epoch: string;
  /** Units that are served and not settled, of every key of the account. */
  readonly unsettled: readonly {
    readonly provider: string;
    readonly resource: string;
    readonly units: string;
  }[];
  /** Statements that are signed and not settled. */
  readonly signed: number;
}

interface Parts {
  readonly provider: JsonRpcProvider;
  readonly contracts: Contracts;
  readonly chain: Chain;
  readonly meter: UsageMeter;
  readonly answers: Answers;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly settler: Settler;
}

const POLLING = 250; // milliseconds

/** A consumer-side gateway: it holds the consumers' project keys, serves models, and settles what it has served. */
export class Gateway {
  readonly consumers: Consumers;
  readonly #settings: Settings;
  readonly #parts: Parts;
  readonly #onFailure: (error: Error) => void;
  /** Requests being served, by the name of the call, so that one that is sent twice at once is served once. */
  readonly #serving = new Map<
    string,
    { readonly request: string; readonly reply: Promise<Reply> }
  >();

  private constructor(
    settings: Settings,
    consumers: Consumers,
    parts: Parts,
    onFailure: (error: Error) => void,
  ) {
    this.#settings = settings;
    this.consumers = consumers;
    this.#parts = parts;
    this.#onFailure = onFailure;
  }

  /** Opens the journals, learns what the chain has settled meanwhile, and begins to settle what is open. */
  static async open(
    settings: Settings,
    options: { readonly log: (line: string) => void; readonly onFailure: (error: Error) => void },
  ): Promise<Gateway> {
    const consumers = new Consumers(settings.consumers);
    const provider = new JsonRpcProvider(settings.rpcUrl, undefined, { cacheTimeout: -1 });
    provider.pollingInterval = POLLING;
    const sender = new Wallet(settings.submitterKey, provider);
    const contracts = await connectContracts(settings.settlement, sender);
    const planner = new SettlementPlanner({ contracts, sender, limit: settings.limit });
    const domain = await domainOf(contracts.settlement);

    await mkdir(settings.dataFolder, { recursive: true });
    const { chainId, verifyingContract } = domain;
    const file = (name: string) => path.join(settings.dataFolder, name);
    const meter = await UsageMeter.open({
      file: file("meter.journal"),
      chainId,
      settlement: verifyingContract,
    });
    const answers = await Answers.open(file("answers.journal"), {
      chainId: `${chainId}`,
      settlement: verifyingContract,
    });
    const providers = settings.models.map((model) => model.provider);
    await resync(meter, {
      settlement: contracts.settlement,
      ...(meter.isNew && { fromBlock: 0, providers }),
    });

    const chain = new Chain(contracts, Object.values(settings.resources));
    await chain.now();
    const ledger = new Ledger({ meter, answers, chain, consumers, domain });
    const gate = new Gate({
      chain,
      meter,
      authorize: async (request) => (await authorize(contracts, request)).reason,
      risk: planner,
      believeFor: settings.authorizeFor,
    });
    const { log, onFailure } = options;
    const settler = new Settler(
      { meter, answers, chain, gate, ledger, planner, contracts, log },
      settings.settleEvery,
    );
    settler.start();
    const parts = { provider, contracts, chain, meter, answers, ledger, gate, settler };
    return new Gateway(settings, consumers, parts, onFailure);
  }

  /**
   * Serves a request. `name` is the client's own name for it: the same one again has the same answer and counts once.
   *
   * @throws {Refusal} if it is not served.
   */
  async serve(consumer: Consumer, name: string, request: ChatRequest): Promise<Reply> {
    const model = this.#settings.models.find((known) => known.name === request.model);
    if (!model) throw new Refusal(404, "UnknownModel", `There is no model "${request.model}".`);

    const id = `${consumer.name}/${name}`;
    const hash = hashRequest(request);
    const running = this.#serving.get(id);
    if (running) {
      requireSame(running.request, hash);
      return { ...(await running.reply), isRepeated: true };
    }
    const reply = this.#answer(consumer, model, { id, hash, request });
    this.#serving.set(id, { request: hash, reply });
    try {
      return await reply;
    } catch (error) {
      // After a failed write nobody knows what is on the disk. A restart reads what is.
      if (error instanceof JournalError) this.#onFailure(error);
      throw error;
    } finally {
      this.#serving.delete(id);
    }
  }

  /** How the use of a consumer's account stands. */
  async usageOf({ account, project, signer }: Consumer): Promise<UsageReport> {
    const { chain, meter } = this.#parts;
    const { epoch } = await chain.now();
    return {
      account,
      project,
      key: signer.address,
      epoch: `${epoch}`,
      unsettled: meter.unsettled(account).map(({ provider, resource, units }) => ({
        provider,
        resource: `${resource}`,
        units: `${units}`,
      })),
      signed: meter.pending(account, { all: true }).length,
    };
  }

  /** Epoch of the chain, and how many requests are being served. @throws if the chain does not answer. */
  async health(): Promise<{
    readonly status: "ok";
    readonly epoch: string;
    readonly serving: number;
  }> {
    const { epoch } = await this.#parts.chain.now();
    return { status: "ok", epoch: `${epoch}`, serving: this.#serving.size };
  }

  /** Settles what is served, and gives the journals back. Nothing may be served any more. */
  async close(): Promise<void> {
    const { settler, meter, answers, provider } = this.#parts;
    try {
      await settler.stop();
    } finally {
      await meter.close();
      await answers.close();
      provider.destroy();
    }
  }

  async #answer(
    consumer: Consumer,
    model: ModelSettings,
    { id, hash, request }: { id: string; hash: string; request: ChatRequest },
  ): Promise<Reply> {
    const { answers, ledger, meter } = this.#parts;
    const earlier = answers.find(id);
    if (earlier) {
      requireSame(earlier.request, hash);
      if (!meter.remembers(id)) await this.#countLate(consumer, earlier);
      return { body: earlier.body, isRepeated: true };
    }

    const ticket = await this.#admit(
      consumer,
      model.provider,
      usesOf(estimate(request), tableOf(this.#settings.resources)),
    );
    try {
      const completion = await complete(model, request);
      const answer: Answer = {
        id,
        request: hash,
        provider: model.provider,
        uses: usesOf(completion.usage, tableOf(this.#settings.resources)),
        epoch: this.#parts.chain.epoch,
        body: renderCompletion(hashRequest(id), model.name, completion),
      };
      await answers.keep(answer);
      await ledger.record(consumer, answer);
      return { body: answer.body, isRepeated: false };
    } finally {
      ticket.release();
    }
  }

  /** Counts an answer that a crash kept from being counted, if it may still be served. */
  async #countLate(consumer: Consumer, answer: Answer): Promise<void> {
    const ticket = await this.#admit(consumer, answer.provider, answer.uses);
    try {
      await this.#parts.ledger.record(consumer, answer);
    } finally {
      ticket.release();
    }
  }

  /** Admits a request, if need be after settling: until then, the use of other keys counts for this one as well. */
  async #admit(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<Ticket> {
    const { gate, meter, settler } = this.#parts;
    try {
      return await gate.admit(consumer, provider, uses);
    } catch (error) {
      const isSpent = error instanceof Refusal && [402, 429].includes(error.status);
      if (!isSpent || meter.unsettled(consumer.account).length === 0) throw error;
      // If that fails, the refusal stands; the loop reports why.
      await settler.settle().catch(() => undefined);
      return gate.admit(consumer, provider, uses);
    }
  }
}

/** Cached tokens are paid as input, and reasoning as output. */
function tableOf({ input, output }: Settings["resources"]): UsageTable {
  return { input, cacheRead: input, output, reasoning: output };
}

function requireSame(known: string, asked: string): void {
  if (known !== asked)
    throw new Refusal(
      422,
      "IdempotencyKeyReused",
      "The idempotency key was used for another request before.",
    );
}

function renderCompletion(id: string, model: string, { content, finishReason, usage }: Completion) {
  return JSON.stringify({
    id: `chatcmpl-${id.slice(0, 24)}`,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage,
  });
}
