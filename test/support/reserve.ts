import { encodeBytes32String, type AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { SystemReserve } from "../../typechain-types/index.js";

import { DAY, OPA, send } from "./release.js";
import { ROLES } from "../../deploy/roles/table.js";

/** Balance of the reserve at the beginning of a test. */
export const RESERVE_FUNDS = 1_000_000n * OPA;

/** Periods of the reserve in seconds. */
export const NECESSITY_PERIOD = 3n * DAY;
export const MAX_GAP = DAY / 2n;
export const DRAW_DELAY = 2n * DAY;
export const DRAW_PERIOD = 30n * DAY;
export const CAP_PERIOD = 30n * DAY;

/** Most that one draw takes of the reserve in tests, and most that all draws of a period take. */
export const DRAW_CAP = RESERVE_FUNDS / 100n;
export const PERIOD_CAP = RESERVE_FUNDS / 20n;

/** Role of the access manager that may pause, in tests. */
export const GUARDIAN_ROLE = ROLES.PAUSE_GUARDIAN.id;

/** Id under which the directory lists the module that is paid. */
export const CLIENT = encodeBytes32String("client");

/** ERC-165 id of one of our interfaces, of which none inherits more than ERC-165 itself. */
export async function interfaceIdOf({ ethers }: NetworkConnection, name: string) {
  const { interface: type } = await ethers.getContractAt(name, ethers.ZeroAddress);
  let interfaceId = 0n;
  type.forEachFunction((method) => {
    if (method.name !== "supportsInterface") interfaceId ^= BigInt(method.selector);
  });
  return ethers.toBeHex(interfaceId, 4);
}

/** Token, manager, directory and a reserve with funds, a condition that draws can name and a module that can be paid. */
export async function deployReserve(connection: NetworkConnection) {
  const { ethers } = connection;
  const [admin, guardian, stranger] = await ethers.getSigners();
  if (!admin || !guardian || !stranger) throw new Error("three signers expected");

  const treasury = await ethers.deployContract("WalletMock", [admin]);
  const token = await ethers.deployContract("OPAToken", [treasury]);
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const directory = await ethers.deployContract("SystemDirectory", [authority]);
  const reserve = await ethers.deployContract("SystemReserve", [token, directory, authority]);
  const { selector } = reserve.interface.getFunction("pause");
  await send(authority, "setTargetFunctionRole", reserve, [selector], GUARDIAN_ROLE);
  await send(authority, "grantRole", GUARDIAN_ROLE, guardian, 0n);

  const condition = await ethers.deployContract("NecessityMock");
  await reserve.addCondition(condition);
  const client = await ethers.deployContract("ReserveClientMock", [reserve]);
  await directory.register(CLIENT, client, await interfaceIdOf(connection, "IReserveClient"));

  const give = async (to: AddressLike, amount: bigint) => {
    const data = token.interface.encodeFunctionData("transfer", [
      await ethers.resolveAddress(to),
      amount,
    ]);
    return send(treasury, "execute", token, data);
  };
  await give(reserve, RESERVE_FUNDS);
  return {
    admin,
    guardian,
    stranger,
    token,
    authority,
    directory,
    reserve,
    condition,
    client,
    give,
  };
}

/** Sets the result of a condition. */
export async function setNecessary(condition: Parameters<typeof send>[0], needed: boolean) {
  return send(condition, "answer", `0x${(needed ? "1" : "0").padStart(64, "0")}`);
}

/** Observes a condition as seldom as a need allows, from now until a time at which it is observed last. */
export async function observeUntil(
  { networkHelpers: { time } }: NetworkConnection,
  reserve: SystemReserve,
  condition: AddressLike,
  end: bigint,
) {
  let present = BigInt(await time.latest());
  while (present < end) {
    present = present + MAX_GAP < end ? present + MAX_GAP : end;
    await time.setNextBlockTimestamp(present);
    await reserve.observe(condition);
  }
}

/** A contract that stands for a module with the interface `name`. */
export async function deployDouble({ ethers }: NetworkConnection, name: string) {
  const double = await ethers.deployContract("AnswerMock");
  const { interface: type } = await ethers.getContractAt(name, double);

  /** Its answer to a function, or to a call of it with certain arguments. */
  const answer = async (method: string, results: unknown[], args?: unknown[]) => {
    const fragment = type.getFunction(method);
    if (!fragment) throw new Error(`${name} has no ${method}`);
    const call = args ? type.encodeFunctionData(fragment, args) : fragment.selector;
    await send(double, "answer", call, type.encodeFunctionResult(fragment, results));
  };
  return { target: await double.getAddress(), answer };
}
