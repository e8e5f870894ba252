/**
 * The transactions of a deployment. Modules, parameters, the account and its first nonce determine
 * each of them. So the series can be computed in this process before it is sent, and again to
 * verify a chain.
 */
import {
  deploy,
  DeploymentResultType,
  type DeploymentResult,
  type ExecutionEventListener,
  type Future,
  type IgnitionModule,
} from "@nomicfoundation/ignition-core";
import { getAddress } from "ethers";
import hre, { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { OPA, TRANSACTION_GAS } from "../../sdk/units.js";
import { suiteModule } from "../modules/Suite.js";
import type { Parameters } from "../parameters/schema.js";
import { ParsedArtifacts } from "./artifacts.js";
import { DeploymentError } from "./error.js";
import { reasonOf } from "./explain.js";
import { ignitionParameters } from "./inputs.js";
import { readInterfaceIds } from "./interface-ids.js";
import { firstLine } from "./rpc.js";

/** A contract that a transaction creates. */
export interface Creation {
  contract: string;
  address: string;
  /** ABI-encoded arguments of the constructor. */
  arguments: string;
}

/** One transaction of a deployment. */
export interface Step {
  /** Name among the modules, e.g. `Metering#Settlement`. */
  label: string;
  nonce: number;
  /** Account called; undefined if a contract is created. */
  to: string | undefined;
  data: string;
  /** Gas that it used where the series was worked out, and its hash there. */
  gasUsed: bigint;
  hash: string;
  creation?: Creation;
}

/** The series, with the address of each result of the suite's module by its key. */
export interface Series {
  steps: Step[];
  addresses: Record<string, string>;
}

/** Nonce that the next transaction takes, and the time of its block where that is known. */
export interface Slot {
  nonce: number;
  timestamp?: number | undefined;
}

/** The account of a deployment and the chain that it is for. */
export interface Origin {
  chainId: bigint;
  deployer: string;
  /** Unix time at which the series begins. */
  time: number;
}

interface Request {
  readonly method: string;
  readonly params?: readonly unknown[] | object;
}

interface Transaction {
  from?: string;
  to?: string;
  data?: string;
}

/** Codes of Ignition's refusals. */
const IGNITION = /^HHE1[01]\d{3}: /;

/** Reads that Ignition repeats. Their answers change only with a transaction. */
const REPEATED = new Set([
  "eth_chainId",
  "eth_getBlockByNumber",
  "eth_getTransactionByHash",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
]);

const BALANCE = `0x${(1_000_000n * OPA).toString(16)}`;

/**
 * Runs the modules on a chain in this process, as its first account, and returns the transactions.
 */
export async function runModules(
  connection: NetworkConnection,
  parameters: Parameters,
  deployer: string,
): Promise<Series> {
  return new Run(connection, deployer).execute(parameters);
}

/**
 * Works the series out on a new chain in this process, which `visit` can look at before it ends. The slots give each
 * transaction its nonce; they may leave nonces out.
 */
export async function replay<T>(
  { chainId, deployer, time }: Origin,
  parameters: Parameters,
  slots: (index: number) => Promise<Slot>,
  visit: (series: Series, connection: NetworkConnection) => Promise<T>,
): Promise<T> {
  const connection = await network.create({
    override: {
      chainId: Number(chainId),
      initialDate: new Date((time - 1) * 1_000),
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true, interval: 0 },
    },
  });
  try {
    const { provider } = connection;
    await provider.request({ method: "hardhat_impersonateAccount", params: [deployer] });
    await provider.request({ method: "hardhat_setBalance", params: [deployer, BALANCE] });
    return await visit(await new Run(connection, deployer, slots).execute(parameters), connection);
  } finally {
    await connection.close();
  }
}

/** The series from a nonce on, without those of `skipped`, which other transactions of the account have. */
export async function planSeries(
  origin: Origin,
  parameters: Parameters,
  firstNonce: number,
  skipped: ReadonlySet<number> = new Set(),
): Promise<Series> {
  let nonce = firstNonce - 1;
  const next = () => {
    do nonce += 1;
    while (skipped.has(nonce));
    return Promise.resolve({ nonce, timestamp: origin.time });
  };
  return replay(origin, parameters, next, (series) => Promise.resolve(series));
}

/** One execution of the modules: stands between Ignition and the chain, and notes each transaction. */
class Run {
  readonly #connection: NetworkConnection;
  readonly #deployer: string;
  readonly #slots: ((index: number) => Promise<Slot>) | undefined;
  readonly #steps: Step[] = [];
  /** Answers to {@link REPEATED} since the last transaction. */
  readonly #answers = new Map<string, unknown>();
  #firstNonce = 0;
  #slot: Slot | undefined;
  #label = "";

  constructor(
    connection: NetworkConnection,
    deployer: string,
    slots?: (index: number) => Promise<Slot>,
  ) {
    this.#connection = connection;
    this.#deployer = deployer;
    this.#slots = slots;
  }

  async execute(parameters: Parameters): Promise<Series> {
    const ignitionModule = suiteModule(parameters);
    await this.#prepare();
    this.#firstNonce = this.#slot?.nonce ?? 0;

    const deploymentParameters = ignitionParameters(parameters, await readInterfaceIds());
    const result = await deploy({
      config: { blockPollingInterval: 10, requiredConfirmations: 1 },
      artifactResolver: new ParsedArtifacts(),
      provider: { request: (request) => this.#request(request) },
      executionEventListener: this.#listener(),
      ignitionModule,
      deploymentParameters,
      accounts: [this.#deployer],
      defaultSender: this.#deployer,
    }).catch((error: unknown) => {
      if (!IGNITION.test(firstLine(error))) throw error;
      // Told in a sentence that does not name a program the user did not start.
      throw new DeploymentError(wouldFail(reasonOf(error)), { cause: error });
    });
    if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT)
      throw new DeploymentError(wouldFail(explain(result)));

    await this.#nameCreations(ignitionModule);
    const addresses = Object.entries<Future>(ignitionModule.results).map(
      ([key, { id }]) => [key, result.contracts[id]?.address ?? ""] as const,
    );
    return { steps: this.#steps, addresses: Object.fromEntries(addresses) };
  }

  /** Only the name of the next transaction matters here. */
  #listener(): ExecutionEventListener {
    const handler = {
      get: (_: object, name: string) => (event: { futureId: string }) => {
        if (name === "transactionPrepareSend") this.#label = event.futureId;
        return Promise.resolve();
      },
    };
    return new Proxy({}, handler) as ExecutionEventListener;
  }

  async #request(request: Request): Promise<unknown> {
    const params = Array.isArray(request.params) ? (request.params as unknown[]) : [];
    switch (request.method) {
      case "eth_estimateGas":
        // The simulation that follows finds out whether it works; the limit itself decides nothing here.
        return `0x${TRANSACTION_GAS.toString(16)}`;
      case "eth_call":
        await this.#prepare();
        return this.#send("eth_call", [withoutNonce(params[0]), ...params.slice(1)]);
      case "eth_getTransactionCount":
        if (this.#slots === undefined) break;
        return `0x${(this.#firstNonce + this.#steps.length).toString(16)}`;
      case "eth_sendTransaction":
        return this.#sendTransaction(params[0] as Transaction);
    }
    return this.#send(request.method, params);
  }

  /** Gives the account the nonce that its next transaction takes. */
  async #prepare(): Promise<void> {
    if (this.#slots === undefined || this.#slot !== undefined) return;
    this.#slot = await this.#slots(this.#steps.length);
    const nonce = `0x${this.#slot.nonce.toString(16)}`;
    await this.#send("hardhat_setNonce", [this.#deployer, nonce]);
  }

  async #sendTransaction(transaction: Transaction): Promise<string> {
    await this.#prepare();
    const { nonce, timestamp } = this.#slot ?? {};
    if (timestamp !== undefined) await this.#send("evm_setNextBlockTimestamp", [timestamp]);
    const sent = nonce === undefined ? transaction : withoutNonce(transaction);
    this.#answers.clear();
    const hash = (await this.#send("eth_sendTransaction", [sent])) as string;
    const receipt = (await this.#send("eth_getTransactionReceipt", [hash])) as {
      contractAddress: string | null;
      gasUsed: string;
    };
    const { nonce: used } = (await this.#send("eth_getTransactionByHash", [hash])) as {
      nonce: string;
    };

    this.#steps.push({
      label: this.#label,
      nonce: Number(used),
      to: transaction.to,
      data: transaction.data ?? "0x",
      gasUsed: BigInt(receipt.gasUsed),
      hash,
      ...(receipt.contractAddress !== null && {
        creation: { contract: "", address: receipt.contractAddress, arguments: "0x" },
      }),
    });
    this.#slot = undefined;
    return hash;
  }

  async #send(method: string, params: unknown[]): Promise<unknown> {
    const { provider } = this.#connection;
    if (!REPEATED.has(method)) return provider.request({ method, params });
    const key = JSON.stringify([method, params]);
    const answer: unknown = this.#answers.get(key) ?? (await provider.request({ method, params }));
    this.#answers.set(key, answer);
    return answer;
  }

  /** Says of each contract created which one it is, and with which arguments. */
  async #nameCreations(suite: IgnitionModule): Promise<void> {
    const names = new Map(
      listFutures(suite).map((future) => [
        future.id,
        "contractName" in future ? future.contractName : undefined,
      ]),
    );
    for (const step of this.#steps) {
      const contract = names.get(step.label);
      if (step.creation === undefined || contract === undefined) continue;
      const { bytecode } = await hre.artifacts.readArtifact(contract);
      step.creation.contract = contract;
      step.creation.address = getAddress(step.creation.address);
      step.creation.arguments = `0x${step.data.slice(bytecode.length)}`;
    }
  }
}

/** Every future of a module and of those it uses. */
function listFutures(suite: IgnitionModule): Future[] {
  return [...suite.futures, ...[...suite.submodules].flatMap(listFutures)];
}

/** A transaction whose nonce is that of the account. */
function withoutNonce(transaction: unknown): unknown {
  return { ...(transaction as object), nonce: undefined };
}

/** A reason without the name and the code of the error that it comes with. */
function withoutCode(reason: string): string {
  return reason.replace(/^(\w*Error: )?(HHE\d+: )?/, "");
}

function wouldFail(reason: string): string {
  return `The deployment would fail: ${reason}. Correct the parameters or the contracts, then run the same command again.`;
}

/** Why a run did not succeed, in one sentence. */
function explain(result: DeploymentResult): string {
  switch (result.type) {
    case DeploymentResultType.EXECUTION_ERROR:
      return result.failed.map(({ futureId, error }) => `${futureId}: ${error}`).join("; ");
    case DeploymentResultType.VALIDATION_ERROR:
    case DeploymentResultType.RECONCILIATION_ERROR:
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      return Object.entries(result.errors)
        .map(([futureId, errors]) => `${futureId}: ${errors.map(withoutCode).join(", ")}`)
        .join("; ");
    case DeploymentResultType.SUCCESSFUL_DEPLOYMENT:
      return "nothing failed";
  }
}
