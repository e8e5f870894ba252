/** Faults of providers: announce one, execute it, or prove two receipts that contradict each other. */
import { readFileSync } from "node:fs";

import { id as hashText, isHexString } from "ethers";

import {
  BPS,
  buildReceipt,
  isReceiptSigned,
  receiptDomainOf,
  type SignedReceipt,
} from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { parseAddress } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import {
  formatAmount,
  formatCount,
  formatShare,
  formatTimeFrom,
  parseCount,
} from "../frame/quantities.js";
import { field, type Entry } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { readFault, timesOf } from "../look/faults.js";
import { change } from "./credit.js";

/** Options of `fault announce`. */
export interface AnnouncementOptions {
  /** Basis points. */
  readonly bps: string;
  readonly evidence: string;
  readonly uri?: string;
}

/** Announces a fault of a provider as the reporter. */
export async function planAnnouncement(
  { suite: { nodes, slashing }, now }: Session,
  providerText: string,
  options: AnnouncementOptions,
): Promise<Plan> {
  const provider = parseAddress(providerText, "a provider");
  const bps = parseCount(options.bps);
  const [most, { staked, unbonding }, cap, challenge, execution] = await Promise.all([
    nodes.NODE_CAP_BPS(),
    nodes.stakeOf(provider),
    nodes.slashCapOf(provider),
    slashing.CHALLENGE_PERIOD(),
    slashing.EXECUTION_PERIOD(),
  ]);
  if (bps === 0n || bps > most)
    throw new CliError(
      "usage",
      `A fault costs 1 to ${formatCount(most)} basis points of the stake, and ${formatCount(bps)} is outside.`,
    );
  const evidence = isHexString(options.evidence, 32)
    ? options.evidence
    : hashText(options.evidence);
  const wanted = ((staked + unbonding) * bps) / BPS;
  const amount = wanted < cap ? wanted : cap;
  const opensAt = now + challenge;
  return {
    title: `Announce a fault of ${provider}`,
    steps: [
      step(
        `Announce a slash of ${formatShare(bps)} of the stake`,
        await slashing.announceFault.populateTransaction(
          provider,
          bps,
          evidence,
          options.uri ?? "",
        ),
      ),
    ],
    changes: [
      field("Slash", amount, `${formatAmount(amount)} of what is at stake now`),
      field("Evidence", evidence),
      ...timesOf({ opensAt, closesAt: opensAt + execution }, now),
    ],
  };
}

/** Slashes for a fault that nobody vetoed. */
export async function planExecution(session: Session, text: string): Promise<Plan> {
  const { suite, now } = session;
  const id = parseCount(text);
  const { provider, state, bps, opensAt, closesAt } = await readFault(session, id);
  if (state === "unknown")
    throw new CliError("usage", `There is no fault ${id}; "opa fault --all" lists them.`);
  if (state === "announced")
    throw new CliError(
      "refused",
      `Fault ${id} can be vetoed until ${formatTimeFrom(opensAt, now)}; it can be executed from then on.`,
    );
  if (state === "lapsed")
    throw new CliError(
      "refused",
      `Fault ${id} could be executed until ${formatTimeFrom(closesAt, now)}; the reporter can announce it again.`,
    );
  if (state !== "executable")
    throw new CliError("refused", `Fault ${id} is ${state}, so there is nothing to execute.`);
  const amount = await suite.slashing.executeFault.staticCall(id);
  return {
    title: `Execute fault ${id} of ${provider}`,
    steps: [
      step(
        `Slash ${formatShare(bps)} of the stake`,
        await suite.slashing.executeFault.populateTransaction(id),
      ),
    ],
    changes: [
      ...(await slashOf(session, provider, amount)),
      field("Executable until", closesAt, formatTimeFrom(closesAt, now)),
    ],
  };
}

/** Options of `fault prove`: a file with a signed receipt each. */
export interface ProofOptions {
  readonly first: string;
  readonly second: string;
}

/** Proves that a key signed two receipts for one request that differ. */
export async function planProof(
  session: Session,
  { address }: Actor,
  options: ProofOptions,
): Promise<Plan> {
  const { slashing } = session.suite;
  const domain = await receiptDomainOf(slashing);
  const [first, second] = [options.first, options.second].map((file) => {
    const signed = readReceipt(file);
    if (isReceiptSigned(domain, signed)) return signed;
    throw new CliError(
      "refused",
      `${file} is not signed by ${signed.signer} for this chain and this system.`,
    );
  }) as [SignedReceipt, SignedReceipt];
  const { provider, account, request } = first.receipt;
  if (await slashing.isProven(first.signer, account, request))
    throw new CliError(
      "refused",
      `Key ${first.signer} was slashed for request ${request} of ${account} before. Nothing is left to do.`,
    );
  const amount = await slashing.proveEquivocation.staticCall(first, second, { from: address });
  return {
    title: `Prove two contradicting receipts of ${provider}`,
    steps: [
      step(
        `Slash for two receipts for request ${request}`,
        await slashing.proveEquivocation.populateTransaction(first, second),
      ),
    ],
    changes: [
      field("Key", first.signer),
      field("Account", account),
      ...(await slashOf(session, provider, amount)),
    ],
  };
}

/** Effect of a slash on the stake of a provider. */
async function slashOf(
  { suite: { nodes } }: Session,
  provider: string,
  amount: bigint,
): Promise<Entry[]> {
  const { staked, unbonding } = await nodes.stakeOf(provider);
  const all = staked + unbonding;
  return [
    field("Slash", amount, `${formatAmount(amount)}, which the reserve receives`),
    change("Staked and unbonding", all, all - amount),
  ];
}

/** Reads a signed receipt as the library has it, with integers as decimal strings or numbers. */
function readReceipt(file: string): SignedReceipt {
  try {
    const { receipt, signer, signature } = JSON.parse(readFileSync(file, "utf8")) as Record<
      string,
      unknown
    >;
    if (typeof signer !== "string") throw new Error("it has no signer");
    if (!isHexString(signature)) throw new Error("it has no signature");
    if (typeof receipt !== "object" || receipt === null) throw new Error("it has no receipt");
    const { provider, account, request, uses, content } = receipt as Record<string, unknown>;
    if (!Array.isArray(uses)) throw new Error("its receipt has no uses");
    return {
      receipt: buildReceipt({
        ...{ provider: String(provider), account: String(account) },
        ...{ request: String(request), content: String(content) },
        uses: (uses as Record<string, unknown>[]).map(({ resource, units }) => ({
          resource: BigInt(String(resource)),
          units: BigInt(String(units)),
        })),
      }),
      signer: parseAddress(signer, "the signer"),
      signature,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw new CliError("setup", `${file} is not a signed receipt: ${message}.`, { cause: error });
  }
}
