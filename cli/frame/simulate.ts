/** Tries the steps of a plan without sending them. */
import { AbiCoder, keccak256, toBeHex, type JsonRpcProvider } from "ethers";

import { toCliError, isRevert } from "./errors.js";
import { gasLimitOf } from "./gas.js";
import type { GivenAllowance, Plan, Step } from "./plan.js";
import type { Session } from "./session.js";

/** Gas of a step, as the node estimates it. */
export interface TriedStep extends Step {
  /** Undefined for a step whose gas is only known once the steps before it are mined. */
  readonly gas: bigint | undefined;
  /** Whether the step was tried; if not, the node cannot act as if the steps before it were mined. */
  readonly isTried: boolean;
}

/** Result of trying a plan. */
export interface Trial {
  readonly steps: readonly TriedStep[];
  /** Most that a unit of gas costs, in wei. */
  readonly gasPrice: bigint;
  /** Wei that all steps cost at most, with their gas limits; undefined if the gas of a step is not known. */
  readonly fee: bigint | undefined;
}

type Overrides = Readonly<Record<string, { readonly stateDiff: Readonly<Record<string, string>> }>>;

/** Slot of the allowances in the token: OpenZeppelin's ERC-20 comes first in its storage. */
const ALLOWANCES_SLOT = 1n;

/**
 * Tries every step as its sender. Steps that spend an allowance which the plan gives are tried as if it were given.
 *
 * @throws {CliError} with the sentence of the contract that refuses.
 */
export async function tryPlan(session: Session, from: string, plan: Plan): Promise<Trial> {
  const { provider, deployment } = session;
  const overrides = plan.allowance && (await allowanceOverride(session, plan.allowance));
  const steps: TriedStep[] = [];
  try {
    for (const [i, step] of plan.steps.entries()) {
      const isLater = i > 0 && plan.allowance !== undefined;
      const gas = isLater
        ? await tryLater(provider, from, step, overrides)
        : await estimate(provider, from, step);
      steps.push({ ...step, gas, isTried: !isLater || overrides !== undefined });
    }
  } catch (error) {
    throw toCliError(error, deployment);
  }
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const price = maxFeePerGas ?? gasPrice ?? 0n;
  const gas = steps.reduce<bigint | undefined>(
    (sum, step) =>
      sum === undefined || step.gas === undefined ? undefined : sum + gasLimitOf(step.gas),
    0n,
  );
  return { steps, gasPrice: price, fee: gas === undefined ? undefined : gas * price };
}

/** Tries a step that comes after an approval: as if it were given where the node can do so, and not at all elsewhere. */
async function tryLater(
  provider: JsonRpcProvider,
  from: string,
  step: Step,
  overrides: Overrides | undefined,
): Promise<bigint | undefined> {
  if (overrides === undefined) return undefined;
  await provider.send("eth_call", [request(from, step), "latest", overrides]);
  try {
    return BigInt(
      (await provider.send("eth_estimateGas", [
        request(from, step),
        "latest",
        overrides,
      ])) as string,
    );
  } catch {
    return undefined; // the call itself passed; not every node estimates with changed state
  }
}

async function estimate(provider: JsonRpcProvider, from: string, step: Step): Promise<bigint> {
  try {
    return BigInt((await provider.send("eth_estimateGas", [request(from, step)])) as string);
  } catch (error) {
    // Some nodes only say why in a call.
    if (!isRevert(error)) await provider.send("eth_call", [request(from, step), "latest"]);
    throw error;
  }
}

function request(from: string, { to, data, value }: Step) {
  return { from, to, data, ...(value === 0n ? {} : { value: toBeHex(value) }) };
}

/** State in which an allowance is given; undefined if the node or the token does not go along. */
async function allowanceOverride(
  { provider, suite: { token } }: Session,
  { owner, spender, amount }: GivenAllowance,
): Promise<Overrides | undefined> {
  const address = await token.getAddress();
  const slot = mappingSlot(spender, BigInt(mappingSlot(owner, ALLOWANCES_SLOT)));
  const overrides: Overrides = { [address]: { stateDiff: { [slot]: toBeHex(amount, 32) } } };
  const data = token.interface.encodeFunctionData("allowance", [owner, spender]);
  try {
    const found = (await provider.send("eth_call", [
      { to: address, data },
      "latest",
      overrides,
    ])) as string;
    return BigInt(found) === amount ? overrides : undefined;
  } catch {
    return undefined;
  }
}

function mappingSlot(key: string, slot: bigint): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [key, slot]));
}
