/** Projects and keys of an account, with their limits. */
import { KEY_ROLES } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { parseAddress, parseCategories } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { parseAmount, parseCount, parseTime } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { describeLimits, readMaxima, type Limits } from "../look/account.js";

/** Limits in options; an omitted limit means none. */
export interface LimitOptions {
  readonly account?: string;
  readonly epochLimit?: string;
  readonly totalLimit?: string;
  readonly expires?: string;
  readonly categories?: string;
}

/** Options of `key set`. */
export interface KeyOptions extends LimitOptions {
  readonly role: string;
  readonly project?: string;
}

const ALL_CATEGORIES = 0b11111n;

/** Gives a key rights, or changes them. */
export async function planKey(
  session: Session,
  { address }: Actor,
  keyText: string,
  options: KeyOptions,
): Promise<Plan> {
  const { meter } = session.suite;
  const account = accountOf(address, options);
  const key = parseAddress(keyText, "a key");
  const roles = Object.entries(KEY_ROLES).filter(([, role]) => role !== KEY_ROLES.None);
  const [roleName, role] =
    roles.find(([name]) => name.toLowerCase() === options.role.toLowerCase()) ?? [];
  if (roleName === undefined || role === undefined)
    throw new CliError("usage", `There is no role "${options.role}"; there are: spender, manager.`);
  const project = options.project === undefined ? 0n : parseCount(options.project);
  const limits = await readLimits(session, options);
  const before = await meter.keyOf(account, key);
  const had = Object.keys(KEY_ROLES)[Number(before.role)] ?? "None";
  return {
    title: `Set the key ${key} of ${account}`,
    steps: [
      step(
        `Make ${key} a ${roleName.toLowerCase()} of ${account}`,
        await meter.setKey.populateTransaction(account, key, project, role, limits),
      ),
    ],
    changes: [
      field(
        "Role",
        roleName.toLowerCase(),
        `${had.toLowerCase()} becomes ${roleName.toLowerCase()}`,
      ),
      field("Project", project, project === 0n ? "none" : String(project)),
      ...describeLimits(limits, await readMaxima(session), session.now),
    ],
  };
}

/** Takes the rights of a key, of the keys of a project, or of all keys. */
export async function planRevocation(
  { suite: { meter } }: Session,
  { address }: Actor,
  keyText: string | undefined,
  options: { readonly account?: string; readonly project?: string; readonly all?: true },
): Promise<Plan> {
  const account = accountOf(address, options);
  const given = [keyText, options.project, options.all].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new CliError("usage", "Name what to revoke: a key, --project NUMBER, or --all.");
  if (options.all)
    return {
      title: `Revoke all keys of ${account}`,
      steps: [step("Revoke all keys", await meter.revokeAllKeys.populateTransaction(account))],
      changes: [field("Keys", "revoked", "none of them signs any more")],
    };
  if (options.project !== undefined) {
    const project = parseCount(options.project);
    return {
      title: `Revoke the keys of project ${project} of ${account}`,
      steps: [
        step(
          `Revoke the keys of project ${project}`,
          await meter.revokeProjectKeys.populateTransaction(account, project),
        ),
      ],
      changes: [field("Keys of the project", "revoked", "none of them signs any more")],
    };
  }
  const key = parseAddress(keyText ?? "", "a key");
  return {
    title: `Revoke the key ${key} of ${account}`,
    steps: [step(`Revoke ${key}`, await meter.revokeKey.populateTransaction(account, key))],
    changes: [
      field("Key", "revoked", "it signs no more; use that is not settled needs another signature"),
    ],
  };
}

/** Opens a project, or changes the limits of one. */
export async function planProject(
  session: Session,
  { address }: Actor,
  numberText: string | undefined,
  options: LimitOptions,
): Promise<Plan> {
  const { meter } = session.suite;
  const account = accountOf(address, options);
  const limits = await readLimits(session, options);
  const { projects } = await meter.organisationOf(account);
  const words = describeLimits(limits, await readMaxima(session), session.now);
  if (numberText === undefined) {
    const number = projects + 1n;
    return {
      title: `Open project ${number} of ${account}`,
      steps: [
        step(
          `Open project ${number}`,
          await meter.openProject.populateTransaction(account, limits),
        ),
      ],
      changes: [field("Project", number), ...words],
    };
  }
  const number = parseCount(numberText);
  return {
    title: `Change project ${number} of ${account}`,
    steps: [
      step(
        `Set the limits of project ${number}`,
        await meter.setProject.populateTransaction(account, number, limits),
      ),
    ],
    changes: [field("Project", number), ...words],
  };
}

function accountOf(address: string, options: { readonly account?: string }): string {
  return options.account === undefined ? address : parseAddress(options.account);
}

/** Limits of the options; one that is left out is the largest there is. */
async function readLimits(session: Session, options: LimitOptions): Promise<Limits> {
  const most = await readMaxima(session);
  const { epochLimit, totalLimit, expires, categories } = options;
  return {
    epochLimit: epochLimit === undefined ? most.limit : parseAmount(epochLimit),
    totalLimit: totalLimit === undefined ? most.limit : parseAmount(totalLimit),
    expiresAt: expires === undefined ? most.expiry : parseTime(expires, session.now),
    categories: categories === undefined ? ALL_CATEGORIES : BigInt(parseCategories(categories)),
  };
}
