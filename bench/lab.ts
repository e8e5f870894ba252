import { network } from "hardhat";
import {
  ContractFactory,
  getCreateAddress,
  id,
  Interface,
  Wallet,
  type TransactionRequest,
} from "ethers";

import type { Artifact } from "./compile.js";

/** The rules of Hardhat's EVM the bench runs under. */
export const HARDFORK = "osaka";

/** The chain's clock starts here; every schedule of the bench lies in its future. */
export const GENESIS = Date.UTC(2030, 0, 1) / 1_000;

const GAS_LIMIT = 59_000_000n;
const FORTUNE = 10n ** 24n;

/** A contract on the bench's chain. */
export interface Deployed {
  readonly address: string;
  readonly abi: Interface;
  /** Gas of the deploying transaction. */
  readonly gas: number;
}

/** The chain every system is measured on, and the actors who use it. */
export type Lab = Awaited<ReturnType<typeof openLab>>;

/** Starts the one in-process chain of a run. */
export async function openLab() {
  const connection = await network.create({
    override: {
      hardfork: HARDFORK,
      initialDate: new Date(GENESIS * 1_000),
      allowUnlimitedContractSize: true,
      transactionGasCap: false,
    },
  });
  const { ethers, networkHelpers } = connection;
  const { provider } = ethers;
  const wallets = new Map<string, Wallet>();

  /**
   * The wallet of that name, funded and the same in every run. Its address has no zero byte, so
   * that calldata costs the same for each account.
   */
  async function actor(name: string): Promise<Wallet> {
    const known = wallets.get(name);
    if (known) return known;

    const wallet = findWallet(name).connect(provider);
    await networkHelpers.setBalance(wallet.address, FORTUNE);
    wallets.set(name, wallet);
    return wallet;
  }

  /** Receipt of a transaction, which must succeed. */
  async function receipt(from: Wallet, transaction: TransactionRequest) {
    const sent = await from.sendTransaction({ gasLimit: GAS_LIMIT, ...transaction });
    const mined = await sent.wait();
    if (mined?.status !== 1) throw new Error(`transaction ${sent.hash} failed`);
    return mined;
  }

  /** Gas of a transaction, which must succeed. */
  async function send(from: Wallet, transaction: TransactionRequest): Promise<number> {
    const { gasUsed } = await receipt(from, transaction);
    return Number(gasUsed);
  }

  /** Gas of the call `method(...values)`, sent to `target` by `from`. */
  async function call(
    from: Wallet,
    target: Deployed,
    method: string,
    values: readonly unknown[],
  ): Promise<number> {
    return send(from, {
      to: target.address,
      data: target.abi.encodeFunctionData(method, values),
    });
  }

  /** Deploys `artifact` to an address without a zero byte, for the reason given at {@link actor}. */
  async function deploy(
    from: Wallet,
    artifact: Artifact,
    values: readonly unknown[] = [],
  ): Promise<Deployed> {
    let nonce = await from.getNonce();
    while (hasZeroByte(getCreateAddress({ from: from.address, nonce }))) {
      await send(from, { to: from.address });
      nonce += 1;
    }

    const factory = new ContractFactory(artifact.abi, artifact.bytecode);
    const { data } = await factory.getDeployTransaction(...values);
    const gas = await send(from, { data });
    const address = getCreateAddress({ from: from.address, nonce });
    return { address, abi: new Interface(artifact.abi), gas };
  }

  /** Runs `work` and then takes the chain back to where it was, so that no system affects another. */
  async function isolated<Result>(work: () => Promise<Result>): Promise<Result> {
    const snapshot = await networkHelpers.takeSnapshot();
    try {
      return await work();
    } finally {
      await snapshot.restore();
      wallets.clear();
    }
  }

  /** Lets the next transaction happen at `timestamp`. */
  async function at(timestamp: number): Promise<void> {
    await networkHelpers.time.setNextBlockTimestamp(timestamp);
  }

  return { connection, actor, at, call, deploy, isolated, receipt, send };
}

/** Whether any byte of `hex` is zero, and so cheaper as calldata than the others. */
export function hasZeroByte(hex: string): boolean {
  return /^0x(?:..)*?00/.test(hex);
}

/** An address without a zero byte that nobody has used. */
export function freshAddress(name: string): string {
  return findWallet(name).address;
}

function findWallet(name: string): Wallet {
  for (let salt = 0; ; salt += 1) {
    const wallet = new Wallet(id(`${name} ${salt}`));
    if (!hasZeroByte(wallet.address)) return wallet;
  }
}
