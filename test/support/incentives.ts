import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";

import {
  attestationDomainOf,
  collectSignatures,
  signAttestation,
  type Attestation,
} from "../../sdk/index.js";
import {
  deployModules,
  EPOCH,
  fund,
  grantMeter,
  GWEI,
  registerNode,
  resourceParams,
} from "./metering.js";
import { OPA, send } from "./release.js";

export const RECORDER = 4n;

/** Categories of contribution by number. */
export const Kind = { Provision: 0n, Maintenance: 1n, Optimisation: 2n, Support: 3n, Other: 4n };

/** Share of each category and rate of the first stage, as the fixtures have them. */
export const PROVISION_SHARE = 7_000n;
export const MAINTENANCE_SHARE = 1_000n;

/**
 * Modules with two staked providers. The admin plays settlement and the recorder of points; epoch 10 is that of the
 * deployment, and epoch 11 runs, with 1,000,000 OPA in the pool.
 */
export async function deployIncentives(connection: NetworkConnection) {
  const { networkHelpers } = connection;
  const suite = await deployModules(connection, 10n);
  const { admin, authority, pool, registry, provider, other, startedAt } = suite;
  await registry.register(resourceParams({ weight: 1n, rate: GWEI }));
  await grantMeter(authority, [registry], admin);
  const { selector } = pool.interface.getFunction("recordPoints");
  await send(authority, "setTargetFunctionRole", pool, [selector], RECORDER);
  await send(authority, "grantRole", RECORDER, admin, 0n);
  for (const node of [provider, other]) await registerNode(connection, suite, node);
  await fund(connection, suite, pool, 1_000_000n * OPA);
  await pool.absorb();

  const enter = (epoch: bigint) => networkHelpers.time.increaseTo(startedAt + epoch * EPOCH);
  /** Burns whole gwei through a provider, as settlement reports and books it. */
  const use = async (node: { address: string }, gwei: bigint) => {
    const word = (gwei * GWEI * 2n ** 160n) | (gwei << 96n) | (gwei << 32n);
    const args = [[1n], [word], [node.address], [word]] as [bigint[], bigint[], string[], bigint[]];
    const rolled = await registry.report.staticCall(...args);
    await registry.report(...args);
    if (rolled !== 0n) await pool.book([node.address]);
  };
  await enter(11n);
  return { ...suite, enter, use };
}

/** The same with attestations; two of three verifiers sign for a unit of maintenance, worth 10 points. */
export async function deployAttestations(connection: NetworkConnection) {
  const { ethers } = connection;
  const suite = await deployIncentives(connection);
  const { authority, pool } = suite;
  const attestations = await ethers.deployContract("Attestations", [pool, authority]);
  await send(authority, "grantRole", RECORDER, attestations, 0n);
  const verifiers = (await ethers.getSigners())
    .slice(10, 13)
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const params = {
    name: "maintenance",
    category: Kind.Maintenance,
    pointsPerUnit: 10n,
    epochCap: 100n,
    threshold: 2n,
    verifiers: verifiers.map(({ address }) => address),
  };
  await attestations.defineKind(params);

  const domain = await attestationDomainOf(attestations);
  const draft = (changes: Partial<Attestation> = {}): Attestation => ({
    kind: 1n,
    account: suite.alice.address,
    units: 1n,
    evidence: ethers.id("evidence"),
    deadline: 2n ** 48n - 1n,
    ...changes,
  });
  const sign = async (
    changes: Partial<Attestation> = {},
    signers: readonly HardhatEthersSigner[] = verifiers.slice(0, 2),
  ) => {
    const attestation = draft(changes);
    const parts = await Promise.all(
      signers.map((signer) => signAttestation(signer, domain, attestation)),
    );
    return collectSignatures(parts, signers.length);
  };
  return { ...suite, attestations, verifiers, params, domain, draft, sign };
}
