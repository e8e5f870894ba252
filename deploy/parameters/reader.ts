/**
 * Launch numbers: reads `deploy/parameters/<name>.json5`, checks every value and how they go together, and names all that is wrong at
 * once, by its path in the file. Amounts and times are bigint from here on.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import json5 from "json5";

import { CHALLENGE_PERIOD, LONGEST_PAUSE, PRICE_WINDOW, UNBONDING_PERIOD } from "./bounds.js";
import { findContradiction } from "./economics.js";
import { ParameterError, TIMELOCK_REPORTER, type Parameters } from "./schema.js";
import {
  readAccess,
  readBurnLimits,
  readClaimGrace,
  readDesign,
  readEpoch,
  readGovernance,
  readGuardians,
  readHeldBackShare,
  readIncentives,
  readNetworks,
  readNodes,
  readRelease,
  readResources,
  readTimelock,
} from "./sections.js";
import { Values } from "./values.js";

const FOLDER = import.meta.dirname;

const SECTIONS = [
  ...["networks", "epoch", "settlementWindow", "claimGrace", "access", "timelock", "governance"],
  ...[
    "guardians",
    "burnLimits",
    "reserve",
    "design",
    "nodes",
    "incentives",
    "release",
    "resources",
  ],
];

/** Names of the parameter files there are. */
export function listParameterNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json5"))
    .map((file) => path.basename(file, ".json5"))
    .sort();
}

/** The parameter file that is for a network. */
export function findParameters(network: string): string {
  const name = listParameterNames().find((candidate) => {
    const { networks } = readFile(candidate) as { networks?: unknown };
    return Array.isArray(networks) && networks.includes(network);
  });
  if (name === undefined)
    throw new ParameterError(`No parameter file is for the network "${network}".`);
  return name;
}

/** Reads and checks a parameter file by its name. */
export function loadParameters(
  name: string,
  environment: NodeJS.ProcessEnv = process.env,
): Parameters {
  const known = listParameterNames();
  if (!known.includes(name)) {
    const names = known.join(", ");
    throw new ParameterError(`There are no parameters named "${name}"; there are: ${names}.`);
  }
  return parseParameters(name, readFile(name), environment);
}

/** Checks the content of a parameter file. Throws a {@link ParameterError} with a line for each fault. */
export function parseParameters(
  name: string,
  content: unknown,
  environment: NodeJS.ProcessEnv = {},
): Parameters {
  const values = new Values(`${name}.json5`, environment);
  const parameters = values.attempt(() => readAll(values, name, content));
  if (parameters !== undefined) checkTogether(values, parameters);
  if (parameters === undefined || values.faults.length > 0)
    throw new ParameterError(values.faults.join("\n"));
  return parameters;
}

/** Fingerprint of all values, those from the environment included. */
export function hashParameters(parameters: Parameters): string {
  const text = JSON.stringify(parameters, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** The content of a parameter file as it is written. */
function readFile(name: string): unknown {
  try {
    return json5.parse(readFileSync(path.join(FOLDER, `${name}.json5`), "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParameterError(`${name}.json5 cannot be read: ${reason}.`, { cause: error });
  }
}

/** Every section, each by itself. */
function readAll(values: Values, name: string, content: unknown): Parameters {
  const root = values.object(content, "", SECTIONS);
  const epoch = values.attempt(() => readEpoch(values, root["epoch"], "epoch"));
  const resources = values.attempt(() => readResources(values, root["resources"], "resources"));
  const { incentives, release, ...rest } = values.all({
    epoch: () => epoch ?? values.giveUp(),
    networks: () => readNetworks(values, root["networks"], "networks"),
    settlementWindow: () =>
      values.integer(root["settlementWindow"], "settlementWindow", 1n, PRICE_WINDOW),
    claimGrace: () => readClaimGrace(values, root["claimGrace"], "claimGrace"),
    access: () => readAccess(values, root["access"], "access"),
    timelock: () => readTimelock(values, root["timelock"], "timelock"),
    governance: () => readGovernance(values, root["governance"], "governance"),
    guardians: () => readGuardians(values, root["guardians"], "guardians"),
    burnLimits: () => readBurnLimits(values, root["burnLimits"], "burnLimits"),
    heldBackShare: () => readHeldBackShare(values, root["reserve"], "reserve"),
    nodes: () => readNodes(values, root["nodes"], "nodes"),
    incentives: () => readIncentives(values, root["incentives"], "incentives"),
    release: () => readRelease(values, root["release"], "release", epoch?.genesis ?? 1n),
    resources: () => resources ?? values.giveUp(),
    design: () => readDesign(values, root["design"], "design", resources ?? values.giveUp()),
  });
  return { name, ...rest, ...incentives, ...release };
}

/** Faults of values that are valid alone and contradict each other. */
function checkTogether(values: Values, parameters: Parameters): void {
  const { governance, timelock, claimGrace, guardians, kinds, nodes } = parameters;
  const decision = governance.votingDelay + governance.votingPeriod + governance.voteExtension;
  const whole = decision + timelock.minDelay;
  if (whole >= CHALLENGE_PERIOD)
    values.note(
      "governance",
      `takes ${whole} s to decide with the timelock, longer than the ${CHALLENGE_PERIOD} s in which a fault can be vetoed`,
    );
  const known = whole + CHALLENGE_PERIOD;
  const last = UNBONDING_PERIOD - LONGEST_PAUSE;
  if (nodes.reporter === TIMELOCK_REPORTER && known >= last)
    values.note(
      "nodes.reporter",
      `is the timelock: from its proposal on a fault takes ${known} s, and a node that leaves then is free after ${UNBONDING_PERIOD} s, so less than ${last} s are needed; name an account`,
    );
  if (claimGrace <= LONGEST_PAUSE)
    values.note(
      "claimGrace",
      `is ${claimGrace}, not longer than the ${LONGEST_PAUSE} s for which a guardian can pause settlement`,
    );

  const offices = new Map<string, string>();
  const take = (account: string, office: string) => {
    const other = offices.get(account);
    if (other !== undefined && other !== office)
      values.note(office, `is ${account}, which is ${other} too; one account has one office`);
    else offices.set(account, office);
  };
  take(guardians.proposals, "guardians.proposals");
  take(guardians.pauses, "guardians.pauses");
  if (nodes.reporter !== TIMELOCK_REPORTER) take(nodes.reporter, "nodes.reporter");
  for (const verifier of new Set(kinds.flatMap(({ verifiers }) => verifiers)))
    take(verifier, "incentives.kinds.verifiers");

  const contradiction = findContradiction(parameters);
  if (contradiction) values.note(contradiction.at, contradiction.reason);
}
