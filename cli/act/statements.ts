/** Statements of use: sign one, ask whether it would settle, and settle. */
import { readFileSync } from "node:fs";

import {
  buildStatement,
  createDomain,
  packStatement,
  planBatches,
  readEpoch,
  lineCodesOf,
  reasonOf,
  recoverSigner,
  signStatement,
  type SignedStatement,
} from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Answer } from "../frame/context.js";
import type { Actor } from "../frame/keys.js";
import {
  findResource,
  parseAddress,
  readResources,
  resourceName,
  type NamedResource,
} from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { reasonWords } from "../frame/reason-words.js";
import {
  formatAmount,
  formatCount,
  formatTimeFrom,
  parseCount,
  parseTime,
} from "../frame/quantities.js";
import { field, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Options of `statement sign`. */
export interface SignOptions {
  readonly account?: string;
  readonly provider: string;
  readonly epoch?: string;
  readonly deadline?: string;
}

/**
 * Signs a statement of running totals, or of units beyond the settled totals: `input-token=1000` or
 * `input-token=+50`.
 */
export async function signUse(
  session: Session,
  actor: Actor,
  pairs: readonly string[],
  options: SignOptions,
): Promise<SignedStatement> {
  const { suite, chainId, now } = session;
  if (!actor.unlock)
    throw new CliError(
      "usage",
      `Signing needs the key of ${actor.address}: --wallet, --keystore or --key-env.`,
    );
  const account = options.account === undefined ? actor.address : parseAddress(options.account);
  const provider = parseAddress(options.provider, "a provider");
  const resources = await readResources(session);
  const lines = await Promise.all(
    pairs.map(async (pair) => {
      const [name = "", units] = pair.split("=");
      if (units === undefined)
        throw new CliError(
          "usage",
          `"${pair}" is not a line; write it like "input-token=1000" or "input-token=+50".`,
        );
      const { id } = findResource(resources, name);
      const added = units.startsWith("+");
      const settled = added
        ? (await suite.meter.lineOf(account, provider, id)).cumulativeUnits
        : 0n;
      return {
        provider,
        resource: id,
        cumulativeUnits: settled + parseCount(added ? units.slice(1) : units),
      };
    }),
  );
  const epoch = await readEpoch(suite);
  const statement = buildStatement({
    account,
    priceEpoch: options.epoch === undefined ? epoch.number : parseCount(options.epoch),
    deadline: options.deadline === undefined ? epoch.end : parseTime(options.deadline, now),
    lines,
  });
  const domain = createDomain(chainId, await suite.settlement.getAddress());
  return signStatement(await actor.unlock(), domain, statement);
}

/** A signed statement as the text of a file. */
export function formatStatement({ statement, signer, signature }: SignedStatement): string {
  const content = { ...statement, signer, signature };
  return JSON.stringify(
    content,
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
}

/** Reads signed statements from files: one each, or a list. */
export function readStatements(files: readonly string[]): SignedStatement[] {
  return files.flatMap((file) => {
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
    } catch (error) {
      throw new CliError("setup", `${file} cannot be read as JSON: ${(error as Error).message}.`, {
        cause: error,
      });
    }
    return (Array.isArray(content) ? content : [content]).map((each) => toStatement(each, file));
  });
}

function toStatement(content: unknown, file: string): SignedStatement {
  try {
    const { account, priceEpoch, deadline, lines, signer, signature } = content as Record<
      string,
      unknown
    >;
    const missing = Object.entries({ account, priceEpoch, deadline, signer, signature }).find(
      ([, value]) => typeof value !== "string",
    );
    if (missing) throw new Error(`it has no ${missing[0]}`);
    if (!Array.isArray(lines)) throw new Error("it has no lines");
    const statement = buildStatement({
      account: String(account),
      priceEpoch: BigInt(String(priceEpoch)),
      deadline: BigInt(String(deadline)),
      lines: (lines as Record<string, unknown>[]).map((line) => ({
        provider: String(line["provider"]),
        resource: BigInt(String(line["resource"])),
        cumulativeUnits: BigInt(String(line["cumulativeUnits"])),
      })),
    });
    return {
      statement,
      signer: parseAddress(String(signer), "the signer"),
      signature: String(signature),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw new CliError("setup", `${file} is not a signed statement: ${message}.`, { cause: error });
  }
}

/**
 * Whether statements would settle now, and their burn; the answer is no if a line would not settle.
 */
export async function checkStatements(session: Session, files: readonly string[]): Promise<Answer> {
  const statements = readStatements(files);
  const resources = await readResources(session);
  const results = await session.suite.settlement.settle.staticCall(statements.map(packStatement));
  const items = statements.map((signed, i): Item => {
    const { reason = 0n, burned = 0n, reasons = [] } = results[i] ?? {};
    const codes = lineCodesOf({ reason, reasons }, signed.statement.lines.length);
    return describeResult(session, signed, resources, { reason, burned, reasons: codes });
  });
  const fine = results.every(
    ({ reason, reasons }) => reason === 0n && reasons.every((code) => isFine(code)),
  );
  const burned = results.reduce((sum, result) => sum + result.burned, 0n);
  const report: Report = {
    title: fine ? "Everything would settle" : "Not everything would settle",
    entries: [field("Would burn", burned, formatAmount(burned)), list("Statements", items)],
  };
  return { report, exit: fine ? "done" : "negative" };
}

/** Whether nothing is left to do for a line. */
function isFine(code: bigint): boolean {
  return reasonOf(code).outlook === "done";
}

function describeResult(
  session: Session,
  signed: SignedStatement,
  resources: readonly NamedResource[],
  { reason, burned, reasons }: { reason: bigint; burned: bigint; reasons: bigint[] },
): Item {
  const { statement, signer } = signed;
  return {
    title: `Account ${statement.account}`,
    entries: [
      field("Signer", signer, `${signer}, ${signatureWords(session, signed)}`),
      field("Price epoch", statement.priceEpoch),
      field("Deadline", statement.deadline, formatTimeFrom(statement.deadline, session.now)),
      field("Would burn", burned, formatAmount(burned)),
      field("Reason", reasonOf(reason).name, reasonWords(reason)),
      list(
        "Lines",
        statement.lines.map(({ provider, resource, cumulativeUnits }, j) => ({
          title: `${resourceName(resources, resource)} of ${provider}`,
          entries: [
            field("Units", cumulativeUnits, formatCount(cumulativeUnits)),
            field(
              "Reason",
              reasonOf(reasons[j] ?? 0n).name,
              reasons[j] === undefined ? "not judged" : reasonWords(reasons[j]),
            ),
          ],
        })),
      ),
    ],
  };
}

/** Whose signature it is, for people who mixed keys up. */
function signatureWords(
  { chainId, deployment }: Session,
  { statement, signer, signature }: SignedStatement,
): string {
  try {
    const domain = createDomain(chainId, deployment.addresses["Settlement"] ?? "");
    const found = recoverSigner(domain, statement, signature);
    return found === signer ? "whose signature it is" : `but the signature is of ${found}`;
  } catch {
    return "whose signature a contract checks";
  }
}

/** Settles statements in as few transactions as they fit. */
export async function planSettlement(session: Session, files: readonly string[]): Promise<Plan> {
  const { suite } = session;
  const statements = readStatements(files);
  const results = await suite.settlement.settle.staticCall(statements.map(packStatement));
  const burned = results.reduce((sum, result) => sum + result.burned, 0n);
  if (burned === 0n && results.every(({ reasons }) => !reasons.includes(0n)))
    throw new CliError("refused", 'None of these would settle; "opa statement check" says why.');
  const batches = planBatches(statements);
  const supply = await suite.token.totalSupply();
  return {
    title: `Settle ${statements.length === 1 ? "a statement" : `${statements.length} statements`}`,
    steps: await Promise.all(
      batches.map(async (batch) =>
        step(
          `Settle ${batch.length === 1 ? "a statement" : `${batch.length} statements`}`,
          await suite.settlement.settle.populateTransaction(batch.map(packStatement)),
        ),
      ),
    ),
    changes: [
      field("Burned", burned, formatAmount(burned)),
      field(
        "Total supply",
        supply - burned,
        `${formatAmount(supply)} becomes ${formatAmount(supply - burned)}`,
      ),
    ],
  };
}
