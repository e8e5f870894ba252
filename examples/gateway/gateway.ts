import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { Use, UsageTable } from "../../sdk/index.js";
import {
  JournalError,
  MeterError,
  type Beginning,
  type MeterStore,
  type Recorded,
  type ServedCall,
} from "../../sdk/node/index.js";
import { hashCall, type Answer, type Call } from "./api/call.js";
import type { Chain } from "./chain.js";
import type { Consumer, Consumers } from "./consumers.js";
import type { Gate } from "./gate.js";
import type { Metrics } from "./metrics.js";
import type { Made, Model } from "./models/model.js";
import { mostOf, usedBy, type AnswerUse } from "./pricing.js";
import { Refusal, refusalOfUnpriced } from "./refusal.js";

/** A model with its name and the provider that serves it. */
export interface ServedModel {
  readonly name: string;
  readonly provider: string;
  readonly model: Model;
}

/** An answer, and whether it was made earlier and is only sent again. */
export interface Reply {
  readonly answer: Answer;
  readonly isRepeated: boolean;
}

/** How the use of an account stands. */
export interface UsageReport {
  readonly account: string;
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

/** Parts that a gateway works with. */
export interface GatewayParts {
  readonly store: MeterStore;
  readonly chain: Chain;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly consumers: Consumers;
  readonly models: readonly ServedModel[];
  readonly resources: UsageTable;
  /** OPA wei that may be served and not yet be settled. */
  readonly limits: { readonly perProvider: bigint; readonly perAccount: bigint };
  /** Milliseconds after which another gateway may serve a request that this one began. */
  readonly lease: number;
  /** Settles open use. Rounds do not overlap. */
  readonly settle: () => Promise<void>;
  /** Told of an error after which only a restart helps. */
  readonly onFailure: (error: Error) => void;
}

/** A request, from the body to the answer. */
interface Work {
  readonly id: string;
  readonly hash: string;
  readonly consumer: Consumer;
  readonly call: Call;
  readonly served: ServedModel;
  readonly onText: (text: string) => void;
}

const SOON = 1; // second
const FIRST_PAUSE = 100; // milliseconds
const LONGEST_PAUSE = 5_000;

/** Serves models to consumers, and counts their use in a store that survives crashes. */
export class Gateway {
  readonly consumers: Consumers;
  readonly metrics: Metrics;
  readonly models: readonly ServedModel[];
  readonly #parts: GatewayParts;
  /** Requests being served, by the name of the call, so that one that is sent twice at once is served once. */
  readonly #serving = new Map<string, { readonly hash: string; readonly reply: Promise<Reply> }>();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.consumers = parts.consumers;
    this.metrics = parts.metrics;
    this.models = parts.models;
  }

  /**
   * Serves a request. `name` is the client's own name for it: the same one again has the same answer and counts once.
   * `onText` gets the text of a new answer as it is made, and nothing of a repeated one.
   *
   * @throws {Refusal} if it is not served.
   */
  async serve(
    consumer: Consumer,
    name: string,
    call: Call,
    onText: (text: string) => void = () => undefined,
  ): Promise<Reply> {
    const served = this.models.find((known) => known.name === call.model);
    if (!served)
      throw new Refusal(404, "UnknownModel", `There is no model "${call.model}".`, {
        param: "model",
      });

    const id = `${consumer.name}/${name}`;
    const hash = hashCall(call);
    const running = this.#serving.get(id);
    if (running) {
      requireSame(running.hash, hash);
      return { ...(await running.reply), isRepeated: true };
    }
    const reply = this.#answer({ id, hash, consumer, call, served, onText });
    this.#serving.set(id, { hash, reply });
    try {
      return await reply;
    } catch (error) {
      // After a failed write the state of the disk is unknown until a restart reads it.
      if (error instanceof JournalError) this.#parts.onFailure(error);
      throw error instanceof MeterError ? refusalOfMeter(error) : error;
    } finally {
      this.#serving.delete(id);
    }
  }

  /** How the use of a consumer's account stands. */
  async usageOf({ account, signer }: Consumer): Promise<UsageReport> {
    const { chain, store } = this.#parts;
    const { epoch } = await chain.now();
    const sums = new Map<string, { provider: string; resource: string; units: bigint }>();
    for (const { provider, resource, units } of await store.unsettled({ account })) {
      const key = `${provider} ${resource}`;
      const sum = (sums.get(key)?.units ?? 0n) + units;
      sums.set(key, { provider, resource: `${resource}`, units: sum });
    }
    return {
      ...{ account, key: signer.address, epoch: `${epoch}` },
      unsettled: [...sums.values()].map((use) => ({ ...use, units: `${use.units}` })),
      signed: (await store.pending({ account, all: true })).length,
    };
  }

  /** Settles everything that was served before this is called. */
  settle(): Promise<void> {
    return this.#parts.settle();
  }

  /** Epoch of the chain, and how many requests are being served. @throws if the chain or the store does not answer. */
  async health(): Promise<{
    readonly status: "ok";
    readonly epoch: string;
    readonly serving: number;
  }> {
    const { chain, store } = this.#parts;
    const { epoch } = await chain.now();
    await store.overtaken();
    return { status: "ok", epoch: `${epoch}`, serving: this.#serving.size };
  }

  async #answer(work: Work): Promise<Reply> {
    const { chain, limits, lease, metrics, resources, store } = this.#parts;
    const { id, hash, consumer, call, served } = work;
    const { epoch, prices } = await chain.now();
    const estimate = served.model.estimate(call);
    const most = mostOf(estimate, resources, prices);
    const begunAt = performance.now();
    const beginning = await store.begin({
      ...{ name: id, request: hash, account: consumer.account, signer: consumer.signer.address },
      ...{ provider: served.provider, epoch, uses: most, lease },
      risk: { prices, ...limits },
    });
    if (beginning.kind === "answered") {
      metrics.repeated(call.endpoint);
      return { answer: readAnswer(beginning.call.answer), isRepeated: true };
    }
    if (beginning.kind !== "open") throw refusalOfBeginning(beginning);

    const startedAt = performance.now();
    let made: Made;
    try {
      await this.#admit(consumer, served.provider, most);
      made = await served.model.answer(call, work.onText);
    } catch (error) {
      await store.abandon(id, beginning.token).catch(() => undefined); // its lease ends by itself
      throw error;
    }
    const use = usedBy(made, resources, estimate);
    if (use.isEstimated) metrics.estimated(served.name);
    if (use.isOverstated) metrics.overstated(served.name);
    if (made.isBroken) metrics.broken(served.name);
    const { call: recorded, isNew } = await this.#record(
      {
        ...{ name: id, request: hash, account: consumer.account, signer: consumer.signer.address },
        ...{ provider: served.provider, epoch, uses: use.uses },
        answer: JSON.stringify(write(work, made, use)),
      },
      begunAt + lease,
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    metrics.served(call.endpoint, served.name, seconds);
    return { answer: readAnswer(recorded.answer), isRepeated: !isNew };
  }

  /**
   * Counts an answer. The client has its text already if it is streamed, so a store that is away is asked again until the
   * lease ends. `until` is a moment of the monotonic clock.
   */
  async #record(call: ServedCall, until: number): Promise<Recorded> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE))
      try {
        return await this.#parts.store.record(call);
      } catch (error) {
        const isAway = error instanceof MeterError && error.code === "unavailable";
        if (!isAway || performance.now() + pause >= until) {
          this.metrics.uncounted();
          throw error;
        }
        await sleep(pause);
      }
  }

  /** Admits a request, if need be after settling: until then, the use of other keys counts for this one as well. */
  async #admit(consumer: Consumer, provider: string, uses: readonly Use[]): Promise<void> {
    const { gate, settle, store } = this.#parts;
    try {
      await gate.admit(consumer, provider, uses);
    } catch (error) {
      const isSpent = error instanceof Refusal && [402, 429].includes(error.status);
      const { account } = consumer;
      if (!isSpent || (await store.unsettled({ account })).length === 0) throw error;
      // If that fails, the refusal stands; the loop reports why.
      await settle().catch(() => undefined);
      await gate.admit(consumer, provider, uses);
    }
  }
}

function requireSame(known: string, asked: string): void {
  if (known !== asked) throw reused();
}

function reused(): Refusal {
  return new Refusal(
    422,
    "IdempotencyKeyReused",
    "The idempotency key was used for another request before.",
  );
}

function refusalOfBeginning(beginning: Exclude<Beginning, { kind: "open" | "answered" }>): Refusal {
  if (beginning.kind === "running")
    return new Refusal(409, "StillServing", "Another gateway serves this request now.", {
      retryAfter: Math.max(SOON, Math.ceil(Math.min(beginning.retryAfter, 5_000) / 1_000)),
    });
  if (beginning.kind === "unpriced") return refusalOfUnpriced(beginning.resource);
  if (beginning.kind === "overtaken") {
    const [line] = beginning.lines;
    return new Refusal(
      503,
      "Overtaken",
      `The chain has settled ${line?.chain} units of resource ${line?.resource}, and ${line?.signed} were signed for ` +
        "here; somebody else counts for this account, and the operator has to decide.",
      { reason: 0 },
    );
  }
  const { scope, exposure, limit } = beginning;
  return new Refusal(
    429,
    scope === "provider" ? "ValueAtRisk" : "AccountAtRisk",
    `The ${scope} has ${exposure} of at most ${limit} OPA wei served and not settled; ask again soon.`,
    { retryAfter: SOON },
  );
}

function refusalOfMeter(error: MeterError): Refusal {
  if (error.code === "reused") return reused();
  if (error.code === "forgotten") return new Refusal(410, "IdempotencyKeyForgotten", error.message);
  if (error.code === "invalid") return new Refusal(400, "InvalidRequest", error.message);
  // The message has the address of the database, which is none of a client's business.
  return new Refusal(503, "Unavailable", "The gateway's store does not answer; ask again soon.");
}

function readAnswer(text: string | undefined): Answer {
  if (text === undefined) throw new Error("The call was counted without an answer.");
  return JSON.parse(text) as Answer;
}

/** The answer as it is kept. */
function write({ id, call }: Work, made: Made, { usage, isEstimated }: AnswerUse): Answer {
  return {
    id: createHash("sha256").update(id).digest("hex").slice(0, 24),
    created: Math.floor(Date.now() / 1_000),
    model: call.model,
    ...{ text: made.text, finishReason: made.finishReason, embeddings: made.embeddings },
    ...{ usage, isEstimated },
  };
}
