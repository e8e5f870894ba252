import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ZeroAddress, type AddressLike, type BaseContract, type Signer } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { IMeter } from "../../typechain-types/index.js";

import { read, readAll, type Read } from "./reads.js";
import { OPA, send } from "./release.js";
import type { Line, SignedStatement } from "./statements.js";
import { inOrder, packed, plainResults, signStatement, statementDomain } from "./statements.js";
import { ROLES } from "../../deploy/roles/table.js";

export const GWEI = 10n ** 9n;
/** Highest rate in OPA wei per compute unit. */
export const MAX_RATE = (2n ** 32n - 1n) * GWEI;
export const EPOCH = 86_400n;
export const GRACE = 21_600n;
export const WINDOW = 3n;
export const FUNDS = 1_000_000n * OPA;

/** Role of the access manager whose holders may charge and count, in tests. */
export const METER_ROLE = ROLES.METER.id;

/** Role that pushes the state of providers to the Meter, in tests. */
export const ENROLLER_ROLE = ROLES.ENROLLER.id;

/** Categories by number. */
export const Category = { Compute: 0n, Inference: 1n, Data: 2n, Storage: 3n, Service: 4n } as const;

/** Every category, one bit each. */
export const ALL_CATEGORIES = 31n;

/** Minimum stake of every category, in tests. */
export const MINIMUM_STAKE = 100n * OPA;

/** Rules of the incentives in tests: κ, the share of each category, the release schedule. */
export const KAPPA_BPS = 5_000n;
export const SHARES = [7_000n, 1_000n, 1_000n, 500n, 500n] as const;
export const STAGES = [
  { from: 0n, ratePpm: 1_000n },
  { from: 30n, ratePpm: 800n },
];

/** Roles of keys by number. */
export const Role = { None: 0n, Spender: 1n, Manager: 2n } as const;

/** The largest limit, which is none. */
export const MAX_LIMIT = (2n ** 60n - 1n) * GWEI;

/** An expiry that no test reaches. */
export const FAR = 2n ** 32n - 1n;

/** Limits of a key, a project or an organisation, which keep from nothing unless said otherwise. */
export interface Limits {
  epochLimit: bigint;
  totalLimit: bigint;
  expiresAt: bigint;
  categories: bigint;
}

/** Limits as a call takes them. */
export function limits(changes: Partial<Limits> = {}): Limits {
  const none = { epochLimit: MAX_LIMIT, totalLimit: MAX_LIMIT, expiresAt: FAR };
  return { ...none, categories: ALL_CATEGORIES, ...changes };
}

/** Limits as an event or a view gives them. */
export function limitValues(changes: Partial<Limits> = {}): bigint[] {
  const { epochLimit, totalLimit, expiresAt, categories } = limits(changes);
  return [epochLimit, totalLimit, expiresAt, categories];
}

/** Limits of a missing record. */
export const NO_LIMITS = [0n, 0n, 0n, 0n];

/** Makes a key a spender of its owner's account, outside of projects unless said otherwise. */
export async function setKey(
  meter: IMeter,
  owner: Signer,
  key: AddressLike,
  changes: Partial<Limits> = {},
  project = 0n,
) {
  return meter.connect(owner).setKey(owner, key, project, Role.Spender, limits(changes));
}

/** Resources of the fixture by id. */
export const TOKENS = 1n;
export const SECONDS = 2n;
export const GIGABYTES = 3n;
export const GATED = 4n;

/** Price of one unit in wei, by the same ids. */
export const PRICE: Record<string, bigint> = { 1: 10n * GWEI, 2: 3n * GWEI, 3: 1_000n * GWEI };

/** Limits that no test reaches unless it means to. */
export const SUPPLY = 800_000_000n * OPA;
export const CLAIM_LIMIT = 16_000_000n * OPA;
export const BURN_LIMITS = { account: SUPPLY, total: SUPPLY };

/** Definition of a resource, cheap and open unless said otherwise. */
export function resourceParams(changes: Partial<ReturnType<typeof defaults>> = {}) {
  return { ...defaults(), ...changes };
}

function defaults() {
  return {
    name: "prompt tokens",
    unit: "token",
    category: Category.Inference as bigint,
    weight: 2n,
    minimumTier: 0n,
    rate: 5n * GWEI,
    floor: GWEI,
    ceiling: MAX_RATE,
    target: 0n,
    policy: 0n,
  };
}

/** The accounts the tests play, by the word used for them across the suite; providers ascend by address. */
async function actors({ ethers }: NetworkConnection) {
  const [admin, alice, bob, key, left, right, stranger] = await ethers.getSigners();
  if (!admin || !alice || !bob || !key || !left || !right || !stranger)
    throw new Error("seven signers expected");
  const [provider, other] =
    BigInt(left.address) < BigInt(right.address) ? [left, right] : [right, left];
  return { admin, alice, bob, key, provider, other, stranger };
}

/** A contract, with or without generated types. */
type Module = Pick<BaseContract, "interface" | "getAddress" | "getFunction">;

/** Lets a role reach a function of a module. */
export async function openPath(authority: Module, module: Module, name: string, role: bigint) {
  const selector = module.interface.getFunction(name)?.selector;
  await send(authority, "setTargetFunctionRole", module, [selector], role);
}

/** Metering modules without resources, providers or credit; epoch `epoch` begins with the deployment. */
export async function deployModules(
  connection: NetworkConnection,
  epoch = 10n,
  burnLimits = BURN_LIMITS,
) {
  const { ethers, networkHelpers } = connection;
  const people = await actors(connection);
  const genesis = await ethers.deployContract("WalletMock", [people.admin]);
  const token = await ethers.deployContract("OPAToken", [genesis]);
  const authority = await ethers.deployContract("AuthorityMock", [people.admin]);
  const startedAt = BigInt(await networkHelpers.time.latest()) - epoch * EPOCH;

  const registry = await ethers.deployContract("ResourceRegistry", [authority, startedAt, EPOCH]);
  const policy = await ethers.deployContract("AccessPolicyMock");
  const extension = await ethers.deployContract("MeterExtension", [
    token,
    registry,
    authority,
    GRACE,
    policy,
    burnLimits,
  ]);
  const core = await ethers.deployContract("Meter", [extension, WINDOW]);
  const meter = await ethers.getContractAt("IMeter", core);
  await registry.setMeter(meter);
  const clock = [startedAt, EPOCH] as const;
  const nodes = await ethers.deployContract("NodeRegistry", [
    token,
    authority,
    ...clock,
    people.admin,
    Array.from({ length: 5 }, () => MINIMUM_STAKE),
  ]);
  const lock = await ethers.deployContract("GovernanceLock", [token, authority]);
  const incentiveVault = await ethers.deployContract("IncentiveVault", [
    token,
    meter,
    people.admin,
    authority,
    KAPPA_BPS,
    STAGES,
  ]);
  const pool = await deployPool(connection, incentiveVault, nodes, authority, lock);
  await meter.setBook(pool);
  const settlement = await ethers.deployContract("Settlement", [meter]);

  await openPath(authority, meter, "charge", METER_ROLE);
  await grantMeter(authority, [meter], settlement);
  await openPath(authority, meter, "setProvider", ENROLLER_ROLE);
  await authority.grantRole(ENROLLER_ROLE, nodes, 0);
  await nodes.setMeter(meter);
  const metering = {
    registry,
    meter,
    core,
    extension,
    nodes,
    lock,
    incentiveVault,
    pool,
    settlement,
  };
  const modules = { token, authority, policy, ...metering };
  return { ...people, ...modules, genesis, startedAt };
}

/** An incentive pool on a vault. */
export async function deployPool(
  { ethers }: NetworkConnection,
  vault: AddressLike,
  nodes: AddressLike,
  authority: AddressLike,
  lock: AddressLike = authority,
) {
  const modules = [vault, nodes, lock, authority];
  return ethers.deployContract("IncentivePool", [...modules, CLAIM_LIMIT, [...SHARES]]);
}

/** Grants the METER role and has the modules take note. */
export async function grantMeter(authority: Module, modules: Module[], meter: AddressLike) {
  await send(authority, "grantRole", METER_ROLE, meter, 0);
  for (const module of modules) await send(module, "syncMeter", meter);
}

/** Registers a provider for all categories, with the stake that they ask for. */
export async function registerNode(
  connection: NetworkConnection,
  suite: Pick<Suite, "genesis" | "token" | "nodes">,
  node: HardhatEthersSigner,
  operator: AddressLike = ZeroAddress,
) {
  await fund(connection, suite, node, 5n * MINIMUM_STAKE);
  await suite.token.connect(node).approve(suite.nodes, 5n * MINIMUM_STAKE);
  await suite.nodes.connect(node).register(5n * MINIMUM_STAKE, ALL_CATEGORIES, operator, "");
}

/** Hands out OPA as if Genesis had distributed it. */
export async function fund(
  { ethers, networkHelpers }: NetworkConnection,
  { genesis, token }: Pick<Suite, "genesis" | "token">,
  recipient: AddressLike,
  amount: bigint,
) {
  const holder = await genesis.getAddress();
  await networkHelpers.impersonateAccount(holder);
  await networkHelpers.setBalance(holder, OPA);
  await token.connect(await ethers.getSigner(holder)).transfer(recipient, amount);
}

/** The modules with three open resources and a gated one, two providers, and funds with alice and bob. */
export async function deployMetering(
  connection: NetworkConnection,
  epoch = 10n,
  burnLimits = BURN_LIMITS,
) {
  const suite = await deployModules(connection, epoch, burnLimits);
  const { token, registry, meter, alice, bob, provider, other } = suite;

  await registry.register(resourceParams());
  await registry.register(
    resourceParams({
      name: "accelerator time",
      unit: "second",
      category: 0n,
      weight: 1n,
      rate: 3n * GWEI,
    }),
  );
  await registry.register(
    resourceParams({ name: "storage", unit: "GB hour", category: 3n, weight: 1_000n, rate: GWEI }),
  );
  await registry.register(resourceParams({ name: "frontier model", minimumTier: 1n }));
  for (const node of [provider, other]) await registerNode(connection, suite, node);
  for (const consumer of [alice, bob]) {
    await fund(connection, suite, consumer, FUNDS);
    await token.connect(consumer).approve(meter, FUNDS);
  }
  return suite;
}

/** Fields of a statement that a test may choose. */
export interface Choice {
  account?: string;
  key?: HardhatEthersSigner;
  signer?: AddressLike;
  priceEpoch?: bigint;
  deadline?: bigint;
}

/** The same, with helpers that sign and settle; alice has 100 OPA of credit. */
export async function deploySettling(
  connection: NetworkConnection,
  epoch = 10n,
  burnLimits = BURN_LIMITS,
) {
  const suite = await deployMetering(connection, epoch, burnLimits);
  const { meter, alice, provider, settlement, startedAt } = suite;
  await meter.connect(alice).deposit(alice, 100n * OPA);
  const domain = await statementDomain(connection, settlement);

  const line = (
    cumulativeUnits: bigint,
    resource = TOKENS,
    node: { address: string } = provider,
  ): Line => ({
    provider: node.address,
    resource,
    cumulativeUnits,
  });
  const sign = async (lines: Line[], choice: Choice = {}): Promise<SignedStatement> => {
    const key = choice.key ?? alice;
    const statement = {
      account: choice.account ?? alice.address,
      priceEpoch: choice.priceEpoch ?? (await registry.currentEpoch()),
      deadline: choice.deadline ?? startedAt + 1_000n * EPOCH,
      lines,
    };
    return signStatement(domain, statement, key, choice.signer ?? key);
  };
  const { registry } = suite;

  /** Settles, after making sure that previewing tells the same and changes nothing. */
  const settle = async (statements: SignedStatement[]) => {
    const before = await stateOf(connection, suite);
    const previewed = plainResults(
      await settlement.preview.staticCall(packed(statements)),
      statements,
    );
    const results = plainResults(
      await settlement.settle.staticCall(packed(statements)),
      statements,
    );
    if (stringify(previewed) !== stringify(results)) throw new Error("preview differs from settle");
    if (stringify(before) !== stringify(await stateOf(connection, suite)))
      throw new Error("preview left traces");

    return { tx: await settlement.settle(packed(statements)), results };
  };

  return { ...suite, domain, line, sign, settle, inOrder };
}

type Suite = Awaited<ReturnType<typeof deployModules>>;

/** Everything that settlement can change about the fixture's actors, in plain values. */
export async function stateOf(
  connection: NetworkConnection,
  { token, registry, meter, alice, bob, key, provider, other, stranger }: Suite,
): Promise<unknown> {
  const count = Number(await registry.resourceCount());
  const resources = Array.from({ length: count }, (_, i) => BigInt(i) + 1n);
  const nodes = [provider.address, other.address];
  const people = [alice, bob, key, provider, other, stranger].map(({ address }) => address);
  const state = await readAll<readonly Read<unknown>[]>(connection, [
    read(token.totalSupply),
    read(meter.totals),
    ...people.flatMap((person) => [
      read(token.balanceOf, person),
      read(meter.creditOf, person),
      read(meter.reservationCountOf, person),
      read(meter.burnedOf, person),
      read(meter.keyOf, person, key.address),
      read(meter.providerUsageOf, person),
      ...nodes.flatMap((node) => [
        read(meter.reservationOf, person, node),
        ...resources.map((resource) => read(meter.lineOf, person, node, resource)),
      ]),
    ]),
    ...resources.map((resource) => read(meter.usageOf, resource)),
  ]);
  return JSON.parse(stringify(state));
}

/** Any value with bigints as text. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "bigint" ? String(item) : item,
  );
}

/** Usage as plain numbers. */
export function usage({
  units,
  computeUnits,
  burned,
}: {
  units: bigint;
  computeUnits: bigint;
  burned: bigint;
}) {
  return { units, computeUnits, burned };
}

/** Use of some units of a resource of the fixture. */
export function useOf(units: bigint, weight: bigint, unitPrice: bigint) {
  return { units, computeUnits: units * weight, burned: units * unitPrice };
}
