/** Parameters that a vote can change, by the names that people use: `kappa`, `rate:input-token`, `voting-delay`. */
import { Contract } from "ethers";

import { addressIn, CATEGORIES, type CategoryName } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { findResource, parseAddress, readResources } from "./names.js";
import {
  formatAmount,
  formatCount,
  formatShare,
  formatSpan,
  parseAmount,
  parseCount,
  parseShare,
  parseSpan,
} from "./quantities.js";
import type { Session } from "./session.js";
import { parametersOf } from "./suite.js";

/** Call that a vote makes to change a parameter, with both values in words. */
export interface ParameterChange {
  readonly title: string;
  readonly target: string;
  readonly calldata: string;
  readonly before: string;
  readonly after: string;
  /** Rule of the parameter in words. */
  readonly rule: string;
}

/** A unit of values. */
interface Unit {
  readonly parse: (text: string) => bigint;
  readonly format: (value: bigint) => string;
}

const UNITS = {
  share: { parse: parseShare, format: formatShare },
  amount: { parse: parseAmount, format: formatAmount },
  count: { parse: parseCount, format: (value) => formatCount(value) },
  span: { parse: parseSpan, format: formatSpan },
  percent: {
    parse: (text) => {
      const bps = parseShare(text);
      if (bps % 100n === 0n) return bps / 100n;
      throw new CliError("usage", `"${text}" is not a whole percentage.`);
    },
    format: (value) => `${value}%`,
  },
} as const satisfies Record<string, Unit>;

/** Parameters of modules that announce a change: where they are, and under which key. */
const ANNOUNCED: Readonly<Record<string, { module: string; key: string; unit: Unit }>> = {
  kappa: { module: "IncentiveVault", key: "KAPPA", unit: UNITS.share },
  "held-back-share": { module: "StageCapCondition", key: "SHARE", unit: UNITS.share },
  "lock-threshold": { module: "AccessPolicy", key: "LOCK_THRESHOLD", unit: UNITS.amount },
  "score-threshold": { module: "AccessPolicy", key: "SCORE_THRESHOLD", unit: UNITS.amount },
  "quorum-floor": { module: "OPAGovernor", key: "QUORUM_FLOOR", unit: UNITS.amount },
};

/** Settings that one call sets. */
const SETTINGS = {
  "voting-delay": { unit: UNITS.span, set: "setVotingDelay", get: "votingDelay" },
  "voting-period": { unit: UNITS.span, set: "setVotingPeriod", get: "votingPeriod" },
  "proposal-threshold": {
    unit: UNITS.amount,
    set: "setProposalThreshold",
    get: "proposalThreshold",
  },
  "vote-extension": {
    unit: UNITS.span,
    set: "setLateQuorumVoteExtension",
    get: "lateQuorumVoteExtension",
  },
  quorum: { unit: UNITS.percent, set: "updateQuorumNumerator", get: "quorumNumerator" },
} as const;

/** Names of all parameters, for messages; those with a colon take a resource or a category. */
export const PARAMETER_NAMES = [
  ...Object.keys(ANNOUNCED),
  ...["rate:RESOURCE", "target:RESOURCE", "minimum-stake:CATEGORY"],
  ...Object.keys(SETTINGS),
  ...["timelock-delay", "proposal-guardian"],
];

/** The call that sets a parameter to a value. */
export async function changeParameter(
  session: Session,
  name: string,
  value: string,
): Promise<ParameterChange> {
  const { suite } = session;
  if (Object.hasOwn(SETTINGS, name))
    return changeSetting(session, name as keyof typeof SETTINGS, value);
  if (name === "timelock-delay") {
    const seconds = parseSpan(value);
    const { timelock } = suite;
    return {
      title: `Set timelock-delay to ${formatSpan(seconds)}`,
      ...(await targetOf(timelock.updateDelay.populateTransaction(seconds))),
      before: formatSpan(await timelock.getMinDelay()),
      after: formatSpan(seconds),
      rule: "It moves by half, between a day and 30 days, once in 14 days.",
    };
  }
  if (name === "proposal-guardian") {
    const guardian = parseAddress(value, "a guardian");
    return {
      title: `Set proposal-guardian to ${guardian}`,
      ...(await targetOf(suite.governor.setProposalGuardian.populateTransaction(guardian))),
      before: await suite.governor.proposalGuardian(),
      after: guardian,
      rule: "It can cancel proposals for a year.",
    };
  }
  const { module, key, unit } = await findAnnounced(session, name);
  const parameters = parametersOf(session, module);
  const wanted = unit.parse(value);
  const { current, bounds } = await parameters.parameterOf(key);
  const { minimum, maximum, stepBps, cooldown, notice } = bounds;
  return {
    title: `Set ${name} to ${unit.format(wanted)}`,
    ...(await targetOf(parameters.announce.populateTransaction(key, wanted))),
    before: unit.format(current.value),
    after: unit.format(wanted),
    rule:
      `From ${unit.format(minimum)} to ${unit.format(maximum)}, by at most ${formatShare(stepBps)} of its value at once, ` +
      `once in ${formatSpan(cooldown)}; in force from the first epoch that begins ${formatSpan(notice)} after the decision is carried out.`,
  };
}

/** The call that takes an announced change back. */
export async function withdrawChange(session: Session, name: string): Promise<ParameterChange> {
  const { module, key, unit } = await findAnnounced(session, name);
  const parameters = parametersOf(session, module);
  const { current } = await parameters.parameterOf(key);
  return {
    title: `Take the announced change of ${name} back`,
    ...(await targetOf(parameters.withdrawAnnouncement.populateTransaction(key))),
    before: `${unit.format(current.next)} announced`,
    after: unit.format(current.value),
    rule: "Possible until the first epoch with the announced value begins.",
  };
}

async function changeSetting(
  { suite: { governor } }: Session,
  name: keyof typeof SETTINGS,
  value: string,
): Promise<ParameterChange> {
  const { unit, set, get } = SETTINGS[name];
  const wanted = unit.parse(value);
  const before = (await governor.getFunction(`${get}()`)()) as bigint;
  const data = governor.interface.encodeFunctionData(set as "setVotingDelay", [wanted]);
  return {
    title: `Set ${name} to ${unit.format(wanted)}`,
    target: await governor.getAddress(),
    calldata: data,
    before: unit.format(before),
    after: unit.format(wanted),
    rule: "It moves by half, inside fixed bounds, once in 14 days, for later votes.",
  };
}

async function findAnnounced(
  session: Session,
  name: string,
): Promise<{ module: string; key: string; unit: Unit }> {
  const { suite, deployment, provider } = session;
  const known = ANNOUNCED[name];
  if (known) {
    const getter = `function ${known.key}() view returns (bytes32)`;
    const contract = new Contract(addressIn(deployment, known.module), [getter], provider);
    return { ...known, key: (await contract.getFunction(known.key)()) as string };
  }
  const [kind = "", subject] = name.split(":");
  if (subject !== undefined && (kind === "rate" || kind === "target")) {
    const { id } = findResource(await readResources(session), subject);
    const key =
      kind === "rate"
        ? await suite.registry.rateParameter(id)
        : await suite.registry.targetParameter(id);
    return { module: "ResourceRegistry", key, unit: kind === "rate" ? UNITS.amount : UNITS.count };
  }
  if (subject !== undefined && kind === "minimum-stake") {
    const found = (Object.keys(CATEGORIES) as CategoryName[]).find(
      (category) => category.toLowerCase() === subject.toLowerCase(),
    );
    if (found)
      return {
        module: "NodeRegistry",
        key: await suite.nodes.minimumStakeParameter(CATEGORIES[found]),
        unit: UNITS.amount,
      };
    throw new CliError("usage", `There is no category "${subject}".`);
  }
  throw new CliError(
    "usage",
    `There is no parameter "${name}"; there are: ${PARAMETER_NAMES.join(", ")}.`,
  );
}

async function targetOf(
  call: Promise<{ to: string; data: string }>,
): Promise<{ target: string; calldata: string }> {
  const { to, data } = await call;
  return { target: to, calldata: data };
}
