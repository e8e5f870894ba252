import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import {
  attestationDomainOf,
  collectSignatures,
  signAttestation,
  type Attestation,
} from "../../sdk/index.js";
import { OPA, send } from "./release.js";
import { ROLES } from "../../deploy/roles/table.js";

export const GWEI = 10n ** 9n;
export const EPOCH = 86_400n;
export const RECORDER = 4n;
const GUARDIAN_ROLE = ROLES.PAUSE_GUARDIAN.id;

/** Categories of contribution by number. */
export const Kind = { Provision: 0n, Maintenance: 1n, Optimisation: 2n, Support: 3n, Other: 4n };

/** First κ, release schedule, limit of claims and shares of the fixtures. The last category has no share. */
export const KAPPA_BPS = 5_000n;
export const STAGES = [
  { from: 0n, ratePpm: 1_000n },
  { from: 30n, ratePpm: 800n },
];
export const CLAIM_LIMIT = 1_000_000n * OPA;
export const SHARES = [7_000n, 1_000n, 1_000n, 1_000n, 0n] as const;
export const PROVISION_SHARE = 7_000n;
export const MAINTENANCE_SHARE = 1_000n;

/** OPA that the vault holds at the beginning of a test. */
export const VAULT_FUNDS = 1_000_000n * OPA;

/** Minimum stake of every category. */
const MINIMUM_STAKE = 100n * OPA;
const ALL_CATEGORIES = 31n;

/** Points of a unit of maintenance: at most 10 OPA. */
export const UNIT_POINTS = (10n * OPA) / GWEI;

/**
 * Vault, pool and attestations on a Meter double that anybody can tell of use. The admin plays the reserve, governance and the
 * recorder of points. Epoch 10 is that of the deployment; epoch 11 runs, and the pool divides it.
 */
export async function deployIncentives(connection: NetworkConnection) {
  const { ethers, networkHelpers } = connection;
  const [admin, alice, bob, guardian, left, right, stranger] = await ethers.getSigners();
  if (!admin || !alice || !bob || !guardian || !left || !right || !stranger)
    throw new Error("seven signers expected");
  const [provider, other] =
    BigInt(left.address) < BigInt(right.address) ? [left, right] : [right, left];
  const treasury = await ethers.deployContract("WalletMock", [admin]);
  const token = await ethers.deployContract("OPAToken", [treasury]);
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const startedAt = BigInt(await networkHelpers.time.latest()) - 10n * EPOCH;
  const meter = await ethers.deployContract("MeterMock", [token, startedAt, EPOCH]);
  const nodes = await ethers.deployContract("NodeRegistry", [
    token,
    authority,
    startedAt,
    EPOCH,
    admin,
    Array.from({ length: 5 }, () => MINIMUM_STAKE),
  ]);
  const lock = await ethers.deployContract("GovernanceLock", [token, authority]);
  const vault = await ethers.deployContract("IncentiveVault", [
    token,
    meter,
    admin,
    authority,
    KAPPA_BPS,
    STAGES,
  ]);

  /** Another pool on the same vault. */
  const deployPool = (limit = CLAIM_LIMIT) =>
    ethers.deployContract("IncentivePool", [vault, nodes, lock, authority, limit, [...SHARES]]);
  /** Lets holders of RECORDER record points at a pool. */
  const openPool = async (target: Awaited<ReturnType<typeof deployPool>>) => {
    const { selector } = target.interface.getFunction("recordPoints");
    await send(authority, "setTargetFunctionRole", target, [selector], RECORDER);
    const pause = target.interface.getFunction("pause").selector;
    await send(authority, "setTargetFunctionRole", target, [pause], GUARDIAN_ROLE);
  };
  const pool = await deployPool();
  await openPool(pool);
  await send(authority, "grantRole", RECORDER, admin, 0n);
  await send(authority, "grantRole", GUARDIAN_ROLE, guardian, 0n);
  await meter.setBook(pool);

  /** Sends OPA of the treasury. */
  const give = async (to: AddressLike, amount: bigint) => {
    const recipient = await ethers.resolveAddress(to);
    const data = token.interface.encodeFunctionData("transfer", [recipient, amount]);
    return send(treasury, "execute", token, data);
  };
  const register = async (node: HardhatEthersSigner) => {
    await give(node, 5n * MINIMUM_STAKE);
    await token.connect(node).approve(nodes, ethers.MaxUint256);
    await nodes.connect(node).register(5n * MINIMUM_STAKE, ALL_CATEGORIES, ethers.ZeroAddress, "");
  };
  for (const node of [provider, other]) await register(node);
  await give(meter, 300_000_000n * OPA);
  await give(vault, VAULT_FUNDS);

  const enter = (epoch: bigint) => networkHelpers.time.increaseTo(startedAt + epoch * EPOCH);
  /** Burns OPA wei through a provider. */
  const use = (node: { address: string }, burned: bigint) => meter.use(node.address, burned);
  await enter(11n);
  return {
    ...{ admin, alice, bob, guardian, provider, other, stranger },
    ...{ token, authority, meter, nodes, lock, vault, pool, startedAt },
    ...{ deployPool, openPool, give, enter, use, register },
  };
}

/** The same with attestations and use in epoch 11; two of three verifiers sign for units of maintenance. */
export async function deployAttestations(connection: NetworkConnection) {
  const { ethers } = connection;
  const suite = await deployIncentives(connection);
  const { authority, meter, provider, use } = suite;
  await use(provider, 1_000n * OPA);
  const attestations = await ethers.deployContract("Attestations", [meter, authority]);
  await send(authority, "grantRole", RECORDER, attestations, 0n);
  const verifiers = (await ethers.getSigners())
    .slice(10, 13)
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const params = {
    name: "maintenance",
    category: Kind.Maintenance,
    pointsPerUnit: UNIT_POINTS,
    epochCap: 10n * UNIT_POINTS,
    longest: 30n * EPOCH,
    threshold: 2n,
    verifiers: verifiers.map(({ address }) => address),
  };
  await attestations.defineKind(params);

  const domain = await attestationDomainOf(attestations);
  const { startedAt } = suite;
  const draft = (changes: Partial<Attestation> = {}): Attestation => ({
    kind: 1n,
    set: 1n,
    account: suite.alice.address,
    units: 1n,
    evidence: ethers.id("evidence"),
    notBefore: startedAt + 11n * EPOCH,
    deadline: startedAt + 41n * EPOCH,
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
    return collectSignatures(domain, parts, signers.length);
  };
  return { ...suite, attestations, verifiers, params, domain, draft, sign };
}
