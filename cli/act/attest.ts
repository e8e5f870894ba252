/** Attestations of contributions: sign one as a verifier, and submit one with enough signatures. */
import { readFileSync } from "node:fs";

import { id as hashText, isHexString } from "ethers";

import {
  attestationDomainOf,
  buildAttestation,
  collectSignatures,
  signAttestation,
  type Attestation,
  type SignedAttestation,
} from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { parseAddress } from "../frame/names.js";
import { step, type Plan } from "../frame/plan.js";
import { formatCount, parseCount, parseTime } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Options of `attest sign`. */
export interface AttestationOptions {
  readonly account?: string;
  readonly units?: string;
  readonly evidence?: string;
  readonly deadline?: string;
  /** File with the attestation that another verifier signed. */
  readonly same?: string;
}

/** Signs an attestation as a verifier of its kind. */
export async function signContribution(
  session: Session,
  actor: Actor,
  kindText: string,
  options: AttestationOptions,
): Promise<SignedAttestation> {
  if (!actor.unlock)
    throw new CliError(
      "usage",
      `Signing needs the key of ${actor.address}: --wallet, --keystore or --key-env.`,
    );
  const { attestations } = session.suite;
  const { kind, rules } = await findKind(session, kindText);
  if (!rules.verifiers.includes(actor.address))
    throw new CliError("refused", `${actor.address} is not a verifier of ${rules.name}.`);
  const attestation =
    options.same === undefined
      ? buildOwn(session, kind, rules, options)
      : readAttestation(options.same).attestation;
  if (attestation.kind !== kind)
    throw new CliError("usage", `${options.same ?? ""} is not about ${rules.name}.`);
  return signAttestation(
    await actor.unlock(),
    await attestationDomainOf(attestations),
    attestation,
  );
}

/** An attestation of the options. */
function buildOwn(
  { now }: Session,
  kind: bigint,
  { set, longest }: { readonly set: bigint; readonly longest: bigint },
  { account, units, evidence, deadline }: AttestationOptions,
): Attestation {
  if (account === undefined || units === undefined || evidence === undefined)
    throw new CliError(
      "usage",
      "Name --account, --units and --evidence, or --same FILE to sign what another verifier signed.",
    );
  return buildAttestation({
    ...{ kind, set, account: parseAddress(account), units: parseCount(units) },
    evidence: isHexString(evidence, 32) ? evidence : hashText(evidence),
    notBefore: now,
    deadline: deadline === undefined ? now + longest : parseTime(deadline, now),
  });
}

/** A signed attestation as the text of a file. */
export function formatAttestation({ attestation, signer, signature }: SignedAttestation): string {
  return JSON.stringify(
    { ...attestation, signer, signature },
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    2,
  );
}

/** Records a contribution that enough verifiers signed for. */
export async function planAttestation(session: Session, files: readonly string[]): Promise<Plan> {
  const { attestations } = session.suite;
  const parts = files.map(readAttestation);
  const [first] = parts;
  if (!first) throw new CliError("usage", "Name the files with the signatures of the verifiers.");
  const { rules } = await findKind(session, first.attestation.kind.toString());
  const complete = collect(await attestationDomainOf(attestations), parts, Number(rules.threshold));
  const { attestation, signers, signatures } = complete;
  const left = await attestations.pointsLeft(attestation.kind, attestation.account);
  const points = attestation.units * rules.pointsPerUnit;
  return {
    title: `Attest ${formatCount(attestation.units)} of ${rules.name} for ${attestation.account}`,
    steps: [
      step(
        `Record the contribution, signed by ${signers.join(" and ")}`,
        await attestations.attest.populateTransaction(attestation, signers, signatures),
      ),
    ],
    changes: [
      field("Points", points, `${formatCount(points)} for the running epoch`),
      field("Left this epoch", left, `${formatCount(left)} points of this kind before`),
    ],
  };
}

function collect(
  domain: Awaited<ReturnType<typeof attestationDomainOf>>,
  parts: readonly SignedAttestation[],
  threshold: number,
) {
  try {
    return collectSignatures(domain, parts, threshold);
  } catch (error) {
    throw new CliError("refused", (error as Error).message, { cause: error });
  }
}

/** The kind of contribution with a name or an id. */
async function findKind({ suite: { attestations } }: Session, text: string) {
  const count = await attestations.kindCount();
  const ids = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  const kinds = await Promise.all(ids.map((id) => attestations.kindOf(id)));
  const i = kinds.findIndex(({ name }, j) => name === text || String(j + 1) === text);
  const rules = kinds[i];
  if (rules) return { kind: BigInt(i + 1), rules };
  throw new CliError(
    "usage",
    `There is no kind of contribution "${text}"; there are: ${kinds.map(({ name }) => name).join(", ")}.`,
  );
}

function readAttestation(file: string): SignedAttestation {
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const text = (name: string) => {
      const value = content[name];
      if (typeof value !== "string") throw new Error(`it has no ${name}`);
      return value;
    };
    const number = (name: string) => BigInt(text(name));
    return {
      attestation: buildAttestation({
        ...{ kind: number("kind"), set: number("set"), units: number("units") },
        ...{ account: text("account"), evidence: text("evidence") },
        ...{ notBefore: number("notBefore"), deadline: number("deadline") },
      }),
      signer: parseAddress(text("signer"), "the signer"),
      signature: text("signature"),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw new CliError("setup", `${file} is not a signed attestation: ${message}.`, {
      cause: error,
    });
  }
}
