import type {
  AddressLike,
  BaseContract,
  BytesLike,
  ContractTransactionResponse,
  Signer,
} from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { Stage } from "./curve-model.js";
import { ROLES } from "../../deploy/roles/table.js";

export const OPA = 10n ** 18n;
export const INITIAL_SUPPLY = 800_000_000n * OPA;
export const DAY = 86_400n;

/** Role of the access manager that may revoke, in tests. */
export const GOVERNANCE_ROLE = ROLES.GOVERNANCE.id;

/** A schedule as the vault takes it. */
export interface ScheduleParams {
  beneficiary: AddressLike;
  start: bigint;
  curveId: bigint;
  revocable: boolean;
  total: bigint;
}

/** The accounts the tests play, by the word used for them across the suite. */
async function accounts({ ethers }: NetworkConnection) {
  const [distributor, funder, alice, bob, governor, stranger] = await ethers.getSigners();
  if (!distributor || !funder || !alice || !bob || !governor || !stranger)
    throw new Error("six signers expected");
  return { distributor, funder, alice, bob, governor, stranger };
}

/** Factory and address of the genesis, token, manager, reserve and vault, before anything is distributed. */
export async function deployGenesis(connection: NetworkConnection) {
  const { ethers } = connection;
  const actors = await accounts(connection);

  const factory = await ethers.deployContract("GenesisFactory");
  const genesis = await ethers.getContractAt("Genesis", await factory.GENESIS());
  const token = await ethers.deployContract("OPAToken", [genesis]);
  const authority = await ethers.deployContract("AuthorityMock", [actors.distributor]);
  const reserve = await ethers.deployContract("WalletMock", [actors.distributor]);
  const treasury = await ethers.deployContract("WalletMock", [actors.distributor]);
  const vault = await deployVault(connection, token, authority, reserve);

  const revoke = vault.interface.getFunction("revoke").selector;
  await send(authority, "grantRole", GOVERNANCE_ROLE, actors.governor, 0);
  await send(authority, "setTargetFunctionRole", vault, [revoke], GOVERNANCE_ROLE);

  return { ...actors, factory, genesis, token, authority, reserve, treasury, vault };
}

/** A vault whose claims into lock and stake have nowhere to go. */
export async function deployVault(
  { ethers }: NetworkConnection,
  token: AddressLike,
  authority: AddressLike,
  reserve: AddressLike,
  deployer?: Signer,
) {
  const target = await ethers.deployContract("ClaimTargetMock", [token]);
  const args = [token, authority, reserve, target, target] as const;
  return ethers.deployContract("ReleaseVault", [...args], deployer);
}

/** The same with the supply distributed: half of it at a treasury contract, half with `funder`, the vault empty. */
export async function deployRelease(connection: NetworkConnection) {
  const { ethers } = connection;
  const suite = await deployGenesis(connection);
  const { factory, token, treasury, vault, funder } = suite;

  const label = ethers.encodeBytes32String("treasury");
  const all = { label, recipient: treasury, amount: INITIAL_SUPPLY };
  await factory.create(token, vault, [], [all], []);
  const half = INITIAL_SUPPLY / 2n;
  const call = token.interface.encodeFunctionData("transfer", [funder.address, half]);
  await send(treasury, "execute", token, call);
  await token.connect(funder).approve(vault, ethers.MaxUint256);

  return suite;
}

/** Sends a transaction to a contract without generated types. */
export async function send(
  contract: Pick<BaseContract, "getFunction">,
  name: string,
  ...args: unknown[]
): Promise<ContractTransactionResponse> {
  return contract.getFunction(name).send(...args);
}

/** A signed call of the ERC-3009 family, as clients build it. */
export interface Authorization {
  from: string;
  to: string;
  value: bigint;
  validAfter: bigint;
  validBefore: bigint;
  nonce: BytesLike;
}

const AUTHORIZATION = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];

/** EIP-712 types a holder signs, by primary type. */
export const TOKEN_TYPES = {
  TransferWithAuthorization: { TransferWithAuthorization: AUTHORIZATION },
  ReceiveWithAuthorization: { ReceiveWithAuthorization: AUTHORIZATION },
  CancelAuthorization: {
    CancelAuthorization: [
      { name: "authorizer", type: "address" },
      { name: "nonce", type: "bytes32" },
    ],
  },
  Permit: {
    Permit: [
      { name: "owner", type: "address" },
      { name: "spender", type: "address" },
      { name: "value", type: "uint256" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
    ],
  },
};

/** Curves every kind of stage occurs in. */
export const CURVES: Record<string, Stage[]> = {
  line: [{ offset: 1_000n, share: 1_000_000_000n, linear: true }],
  cliffThenLine: [
    { offset: 300n, share: 250_000_000n, linear: false },
    { offset: 1_200n, share: 1_000_000_000n, linear: true },
  ],
  atStartThenSteps: [
    { offset: 0n, share: 100_000_000n, linear: false },
    ...Array.from({ length: 9 }, (_, i) => ({
      offset: 90n * BigInt(i + 1),
      share: 100_000_000n * BigInt(i + 2),
      linear: false,
    })),
  ],
  mixed: [
    { offset: 10n, share: 0n, linear: true },
    { offset: 17n, share: 333_333_333n, linear: true },
    { offset: 50n, share: 333_333_333n, linear: false },
    { offset: 51n, share: 333_333_334n, linear: true },
    { offset: 99n, share: 900_000_001n, linear: false },
    { offset: 120n, share: 900_000_001n, linear: true },
    { offset: 181n, share: 1_000_000_000n, linear: true },
    { offset: 200n, share: 1_000_000_000n, linear: false },
  ],
  full: Array.from({ length: 96 }, (_, i) => ({
    offset: 7n * BigInt(i + 1),
    share: (1_000_000_000n * BigInt(i + 1)) / 96n,
    linear: i % 2 === 1,
  })),
};
