/** Faults of a setup and open tasks, in sentences, each with its remedy. */
import { encodeBytes32String, formatEther } from "ethers";

import { addressIn } from "../../sdk/index.js";
import type { Answer } from "../frame/context.js";
import type { Actor } from "../frame/keys.js";
import { formatCount, formatSpan, formatTimeFrom } from "../frame/quantities.js";
import { field, list, note, type Item } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";
import { readProposals } from "./proposals.js";
import { readConditions } from "./reserve.js";
import { readPauses } from "./safety.js";

/** A finding: a fact and its remedy. */
interface Finding {
  readonly problem: string;
  readonly remedy: string;
}

/** Names of modules in the directory and in the manifest. */
const MODULES: Readonly<Record<string, string>> = {
  "release-vault": "ReleaseVault",
  "resource-registry": "ResourceRegistry",
  meter: "Meter",
  settlement: "Settlement",
  "node-registry": "NodeRegistry",
  "incentive-vault": "IncentiveVault",
  "incentive-pool": "IncentivePool",
  "governance-lock": "GovernanceLock",
  "system-reserve": "SystemReserve",
};

/** Seconds by which the clock of a chain can be off before it is worth a word. */
const CLOCK_TOLERANCE = 600n;

/** Wei of gas money below which an account can soon send nothing. */
const LOW_BALANCE = 10n ** 16n;

const LOCAL_CHAIN = 31_337n;

/** Examines the node, the deployment, the acting account, and open tasks. */
export async function examine(
  session: Session,
  terminal: Terminal,
  actor: Actor | undefined,
): Promise<Answer> {
  const checks: [string, Promise<Finding[]>][] = [
    ["The node answers, is synchronised and on time", checkNode(session)],
    ["Every contract of the manifest is on the chain", checkCode(session)],
    ["The manifest names the current modules", checkModules(session)],
    ["No module is paused", checkPauses(session)],
    ["Finished epochs are closed", checkEpochs(session)],
    ["The conditions of the reserve are observed", checkConditions(session, terminal)],
    ["No decision waits for somebody to send it", checkProposals(session, terminal)],
    ...(actor
      ? [
          ["The account can pay for gas", checkActor(session, actor)] as [
            string,
            Promise<Finding[]>,
          ],
        ]
      : []),
  ];
  const results = await Promise.all(
    checks.map(async ([title, check]) => ({ title, findings: await check })),
  );
  const findings = results.flatMap((result) => result.findings);
  const items = results.map(({ title, findings: own }): Item => ({
    title,
    entries: [
      field("Result", own.length === 0, own.length === 0 ? "yes" : "no"),
      ...own.map(({ problem, remedy }) => note(`${problem} ${remedy}`)),
    ],
  }));
  return {
    report: {
      title: findings.length === 0 ? "Nothing needs attention" : "Some things need attention",
      entries: [
        field("Node", session.url),
        field("Manifest", session.manifest ?? "built in"),
        field("Node.js", process.version),
        field("Problems", findings.length),
        list("Checks", items),
      ],
    },
    exit: findings.length === 0 ? "done" : "negative",
  };
}

async function checkNode({ provider, chainId, now, block }: Session): Promise<Finding[]> {
  const findings: Finding[] = [];
  const syncing: unknown = await provider.send("eth_syncing", []).catch(() => false);
  if (syncing !== false)
    findings.push({
      problem: `The node is still synchronising, at block ${formatCount(block)}.`,
      remedy: "Wait, or name another node with --rpc.",
    });
  const distance = BigInt(Math.floor(Date.now() / 1_000)) - now;
  if (chainId !== LOCAL_CHAIN && (distance > CLOCK_TOLERANCE || -distance > CLOCK_TOLERANCE))
    findings.push({
      problem: `The latest block is ${formatSpan(distance < 0n ? -distance : distance)} away from the clock of this machine.`,
      remedy: "Check the clock, or name another node with --rpc.",
    });
  return findings;
}

async function checkCode({ provider, deployment }: Session): Promise<Finding[]> {
  const entries = Object.entries(deployment.addresses);
  const codes = await Promise.all(entries.map(([, address]) => provider.getCode(address)));
  return entries.flatMap(([name, address], i) =>
    codes[i] === "0x"
      ? [
          {
            problem: `There is no contract at ${address}, where the manifest has ${name}.`,
            remedy: "The deployment is not finished: run the same npm run deploy again.",
          },
        ]
      : [],
  );
}

async function checkModules({ suite, deployment }: Session): Promise<Finding[]> {
  const findings = await Promise.all(
    Object.entries(MODULES).map(async ([id, contract]): Promise<Finding[]> => {
      const current = await suite.directory.currentOf(encodeBytes32String(id));
      return current === addressIn(deployment, contract)
        ? []
        : [
            {
              problem: `The current ${id} is ${current}, and the manifest has another one.`,
              remedy: "Use a manifest that was written after the change.",
            },
          ];
    }),
  );
  return findings.flat();
}

async function checkPauses(session: Session): Promise<Finding[]> {
  const pauses = await readPauses(session);
  return pauses
    .filter(({ isPaused }) => isPaused)
    .map(({ module, reason, until }) => ({
      problem: `${module} is paused for "${reason}" until ${formatTimeFrom(until, session.now)}.`,
      remedy: "It runs again by itself; governance can end the pause before.",
    }));
}

async function checkEpochs({ suite: { incentiveVault } }: Session): Promise<Finding[]> {
  const [last, current] = await Promise.all([
    incentiveVault.lastClosed(),
    incentiveVault.currentEpoch(),
  ]);
  // A settlement or a claim closes open epochs; a long gap means that nobody uses the system.
  return current > last + 8n
    ? [
        {
          problem: `The last closed epoch is ${last}, and epoch ${current} is running.`,
          remedy: "The next claim of a reward closes those between; nothing is lost until then.",
        },
      ]
    : [];
}

async function checkConditions(session: Session, terminal: Terminal): Promise<Finding[]> {
  const { suite, now } = session;
  const [conditions, gap, isNecessary] = await Promise.all([
    readConditions(session, terminal),
    suite.reserve.MAX_GAP(),
    suite.stageCap.isNecessary(),
  ]);
  return conditions.flatMap(({ address, kind, seenAt }) =>
    isNecessary && now - seenAt > gap
      ? [
          {
            problem: `The condition ${kind} at ${address} is true, and was last observed ${seenAt === 0n ? "never" : formatTimeFrom(seenAt, now)}.`,
            remedy: `Send "opa observe" at least every ${formatSpan(gap)}, or the time that it has been true is lost.`,
          },
        ]
      : [],
  );
}

async function checkProposals(session: Session, terminal: Terminal): Promise<Finding[]> {
  const { suite, now } = session;
  const proposals = await readProposals(session, terminal);
  const findings = await Promise.all(
    proposals.map(async ({ number, title, state, id }): Promise<Finding[]> => {
      const problem = `Proposal ${number}, "${title}", is ${state}.`;
      if (state === "succeeded")
        return [{ problem, remedy: `Anybody can send "opa queue ${number}".` }];
      if (state === "queued" && (await suite.governor.proposalEta(id)) <= now)
        return [{ problem, remedy: `Anybody can send "opa execute ${number}".` }];
      return [];
    }),
  );
  return findings.flat();
}

async function checkActor({ provider }: Session, { address }: Actor): Promise<Finding[]> {
  const balance = await provider.getBalance(address);
  return balance < LOW_BALANCE
    ? [
        {
          problem: `${address} has ${formatEther(balance)} ETH for gas.`,
          remedy: "Send it some, or its next transactions fail.",
        },
      ]
    : [];
}
