import { id, type Wallet } from "ethers";

import {
  collectSignatures,
  createAttestationDomain,
  signAttestation,
} from "../../sdk/statements/attestations.js";
import { createReceiptDomain, signReceipt } from "../../sdk/nodes/receipts.js";
import { GENESIS, type Lab } from "../lab.js";
import type { IncentivePart } from "../measure.js";
import {
  DAY,
  deployMetering,
  FIRST_EPOCH,
  openConsumer,
  registration,
  settleAll,
  STAKE,
  statementOf,
  type Metering,
  type Source,
} from "./opa-settlement.js";

const CHAIN = 31_337n;
const OPA = 10n ** 18n;
const ADDED = 123_456_789_012_345_678_901n; // nine bytes, none of them zero
const FUNDS = 1_000_000n * OPA;
const MAINTENANCE = 1n;
const ONE_LINE = { lines: 1 };
const MANY_LINES = { lines: 100 }; // ten resources of ten providers

type Figure = readonly [operation: string, gas: number];

/** Stake, slashing, attested points and rewards, all behind settlement with all policy on. */
export function incentivePart(source: Source): IncentivePart {
  return {
    async measure(lab) {
      const system = await deployMetering(lab, source);
      await lab.call(system.admin, system.token, "transfer", [system.vault.address, FUNDS]);
      return [...(await measureStake(lab, system)), ...(await measureRewards(lab, system))];
    },
  };
}

async function measureStake(lab: Lab, system: Metering): Promise<Figure[]> {
  const { admin, nodes, slashing, token } = system;
  const node = await lab.actor("new provider");
  await lab.call(admin, token, "transfer", [node.address, 3n * STAKE]);
  await lab.call(node, token, "approve", [nodes.address, 2n * STAKE]);
  const call = async (from: Wallet, method: string, ...values: unknown[]) =>
    lab.call(from, nodes, method, values);

  const registered = await call(node, "register", ...registration());
  const added = await call(node, "stake", node.address, ADDED);
  const operator = await lab.actor("operator");
  await call(node, "nominateOperator", operator.address);
  await call(operator, "acceptOperator", node.address);
  const slashed = await measureEquivocation(lab, { slashing, node, operator, request: "first" });
  await lab.at(GENESIS + 8 * DAY);
  const slashedLater = await measureEquivocation(lab, {
    slashing,
    node,
    operator,
    request: "second",
  });
  await call(node, "stake", node.address, ADDED);
  const asked = await call(node, "requestUnbonding", ADDED / 4n);
  const left = await call(node, "exit");
  await lab.at(GENESIS + 40 * DAY);
  const paid = await call(node, "withdraw", node.address);
  return [
    ["stake, new", registered],
    ["stake, add", added],
    ["stake, on its way out", asked],
    ["stake, all of it on its way out", left],
    ["stake, paid out", paid],
    ["equivocation, slashed", slashed],
    ["equivocation, slashed later", slashedLater],
  ];
}

interface Offence {
  readonly slashing: Metering["slashing"];
  readonly node: Wallet;
  readonly operator: Wallet;
  readonly request: string;
}

async function measureEquivocation(
  lab: Lab,
  { slashing, node, operator, request }: Offence,
): Promise<number> {
  const domain = createReceiptDomain(CHAIN, slashing.address);
  const receipts = await Promise.all(
    ["one answer", "another answer"].map((answer) =>
      signReceipt(operator, domain, {
        provider: node.address,
        account: slashing.address,
        request: id(request),
        uses: [{ resource: 1n, units: 1_000n }],
        content: id(answer),
      }),
    ),
  );
  return lab.call(await lab.actor("reporter"), slashing, "proveEquivocation", receipts);
}

async function measureRewards(lab: Lab, system: Metering): Promise<Figure[]> {
  const first = await openConsumer(lab, system, 0);
  const provider = await lab.actor("provider 0");
  const anybody = await lab.actor("anybody");
  let epoch = FIRST_EPOCH + 50;
  let units = 0n;

  /** Goes on by some epochs, to a moment at which every price is known. */
  const goOn = async (epochs: number) => {
    epoch += epochs;
    await lab.at(GENESIS + (epoch - FIRST_EPOCH) * DAY + DAY / 2);
  };
  const settle = async (consumer = first, shape = ONE_LINE) => {
    units += 1_000_000n;
    const { account, key } = consumer;
    const signed = await statementOf(system, account, key, shape, units, epoch);
    return settleAll(lab, system, [signed], shape);
  };
  const claim = async (of: string) => lab.call(anybody, system.pool, "claim", [of]);

  const rewards: Figure[] = [];
  for (const visit of ["before", "first", "unclaimed", "later"]) {
    await goOn(1);
    const booking = await settle();
    if (visit === "later") rewards.push(["settle 1x1, books the provider", booking]);
    if (visit === "before" || visit === "unclaimed") continue;

    rewards.push([`claim, booked by settlement, ${visit}`, await claim(provider.address)]);
  }
  for (const [operation, idle] of [
    ["claim, 1 idle epoch", 2],
    ["claim, 100 idle epochs", 101],
  ] as const) {
    await goOn(1);
    await settle();
    await goOn(idle);
    await lab.call(anybody, system.vault, "close", []);
    rewards.push([operation, await claim(provider.address)]);
  }
  await goOn(1);
  await settle();
  await goOn(1);
  rewards.push(["claim, closes the epoch", await claim(provider.address)]);
  const attested = await measureAttested(lab, system, { goOn, settle, claim });

  const second = await openConsumer(lab, system, 1);
  for (const visit of ["first", "before", "later"]) {
    await goOn(1);
    const booking = await settle(second, MANY_LINES);
    if (visit === "later") rewards.push(["settle 1x100, books ten providers", booking]);
  }
  return [...rewards, ...attested];
}

interface Calendar {
  readonly goOn: (epochs: number) => Promise<void>;
  readonly settle: () => Promise<number>;
  readonly claim: (of: string) => Promise<number>;
}

/** Attested rewards are claimed after the epoch was closed, by an account that was paid before. */
async function measureAttested(
  lab: Lab,
  { admin, attestations, vault }: Metering,
  { goOn, settle, claim }: Calendar,
): Promise<Figure[]> {
  const verifiers = await Promise.all(["a", "b", "c"].map((name) => lab.actor(`verifier ${name}`)));
  const rules = {
    name: "maintenance",
    category: MAINTENANCE,
    pointsPerUnit: 1_000n,
    epochCap: 10n ** 12n,
    longest: 2n ** 32n - 1n,
    verifiers: verifiers.map(({ address }) => address),
  };
  for (const threshold of [1, 3])
    await lab.call(admin, attestations, "defineKind", [{ ...rules, threshold }]);
  const contributor = await lab.actor("contributor");
  const anybody = await lab.actor("anybody");
  const domain = createAttestationDomain(CHAIN, attestations.address);

  let count = 0;
  const attest = async (kind: bigint, threshold: number) => {
    count += 1;
    const attestation = {
      kind,
      set: 1n,
      account: contributor.address,
      units: 5_555n,
      evidence: id(`evidence ${count}`),
      notBefore: BigInt(GENESIS),
      deadline: BigInt(GENESIS) + 2n ** 32n - 1n,
    };
    const parts = verifiers.map((verifier) => signAttestation(verifier, domain, attestation));
    const { signers, signatures } = collectSignatures(domain, await Promise.all(parts), threshold);
    return lab.call(anybody, attestations, "attest", [attestation, signers, signatures]);
  };

  const figures: Figure[] = [];
  for (const visit of ["first", "later"]) {
    await goOn(1);
    await settle();
    const [one, three] = [await attest(1n, 1), await attest(2n, 3)];
    await goOn(1);
    await lab.call(anybody, vault, "close", []);
    const claimed = await claim(contributor.address);
    if (visit === "later")
      figures.push(
        ["attest, 1 signature", one],
        ["attest, 3 signatures", three],
        ["claim, attested", claimed],
      );
  }
  return figures;
}
