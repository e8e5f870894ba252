/** Who acts: an encrypted wallet, a key of Hardhat's keystore or of the environment, or an address whose key is elsewhere. */
import { readFileSync } from "node:fs";

import { getAddress, SigningKey, Wallet } from "ethers";

import { CliError } from "../exit-codes.js";
import { parseAddress } from "./names.js";
import { askSecret } from "./prompt.js";
import type { Environment } from "./session.js";
import type { Terminal } from "./terminal.js";

/** Options that say who acts. */
export interface KeyOptions {
  readonly from?: string;
  readonly wallet?: string;
  readonly keystore?: string;
  readonly keyEnv?: string;
}

/** An account, and its key if it is here. */
export interface Actor {
  readonly address: string;
  /** Unlocks the key; undefined if there is none here. */
  readonly unlock: (() => Promise<Wallet>) | undefined;
}

/** Variable with the key that is used if no option names another. */
export const KEY_VARIABLE = "OPA_PRIVATE_KEY";

/** Variable with the password of the encrypted wallet. */
export const PASSWORD_VARIABLE = "OPA_WALLET_PASSWORD";

/** The actor by the options, or by the environment; undefined if none is named. */
export async function findActor(
  options: KeyOptions,
  env: Environment,
  terminal: Terminal,
): Promise<Actor | undefined> {
  const given = (["wallet", "keystore", "keyEnv"] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (given.length > 1)
    throw new CliError("usage", "Name one key: --wallet, --keystore or --key-env.");
  const from = options.from === undefined ? undefined : parseAddress(options.from);
  const actor = await findKey(options, env, terminal, from);
  if (actor === undefined)
    return from === undefined ? undefined : { address: from, unlock: undefined };
  if (from !== undefined && actor.address !== from)
    throw new CliError("usage", `The key is that of ${actor.address}, and --from names ${from}.`);
  return actor;
}

/** The actor. @throws {CliError} if nobody is named. */
export async function requireActor(
  options: KeyOptions,
  env: Environment,
  terminal: Terminal,
): Promise<Actor> {
  const actor = await findActor(options, env, terminal);
  if (actor) return actor;
  throw new CliError(
    "usage",
    `Say who acts: --wallet FILE, --keystore NAME, --key-env NAME or ${KEY_VARIABLE}; --from ADDRESS is enough for a dry run.`,
  );
}

async function findKey(
  options: KeyOptions,
  env: Environment,
  terminal: Terminal,
  from: string | undefined,
): Promise<Actor | undefined> {
  if (options.keystore !== undefined) {
    const name = options.keystore;
    const unlock = async () => toWallet(await readKeystore(name), `${name} of Hardhat's keystore`);
    return from === undefined
      ? keyedBy(await unlock())
      : { address: from, unlock: async () => requireAddressOf(await unlock(), from) };
  }
  if (options.keyEnv !== undefined) {
    const value = env[options.keyEnv];
    if (value === undefined || value === "")
      throw new CliError("setup", `${options.keyEnv} is not set; it is to hold the private key.`);
    return keyedBy(toWallet(value, options.keyEnv));
  }
  if (options.wallet !== undefined) return readWallet(options.wallet, env, terminal);
  const own = env[KEY_VARIABLE] ?? "";
  const fromEnvironment =
    own !== ""
      ? keyedBy(toWallet(own, KEY_VARIABLE))
      : env["OPA_WALLET"] === undefined
        ? undefined
        : readWallet(env["OPA_WALLET"], env, terminal);
  // A key that no option names is only meant for its own account.
  return from === undefined || fromEnvironment?.address === from ? fromEnvironment : undefined;
}

function keyedBy(wallet: Wallet): Actor {
  return { address: wallet.address, unlock: () => Promise.resolve(wallet) };
}

function requireAddressOf(wallet: Wallet, address: string): Wallet {
  if (wallet.address === address) return wallet;
  throw new CliError("usage", `The key is that of ${wallet.address}, and --from names ${address}.`);
}

/** The wallet of a private key. The key itself is never shown. */
function toWallet(value: string, source: string): Wallet {
  try {
    return new Wallet(new SigningKey(value.trim()));
  } catch {
    throw new CliError("setup", `${source} is not a private key: 0x and 64 hexadecimal digits.`);
  }
}

function readWallet(file: string, env: Environment, terminal: Terminal): Actor {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError("setup", `There is no wallet at ${file}.`, { cause: error });
  }
  let address: string;
  try {
    address = getAddress(
      String((JSON.parse(text) as { address?: unknown }).address).replace(/^(0x)?/, "0x"),
    );
  } catch (error) {
    throw new CliError("setup", `${file} is not an encrypted JSON wallet.`, { cause: error });
  }
  const unlock = async () => {
    const password =
      env[PASSWORD_VARIABLE] ?? (await askSecret(`Password of ${file}`, PASSWORD_VARIABLE));
    try {
      return await terminal.during(`Unlocking ${file}`, async (step) => {
        const wallet = await Wallet.fromEncryptedJson(text, password, (part) => {
          step(`${Math.round(part * 100)}%`);
        });
        return new Wallet(wallet.privateKey);
      });
    } catch (error) {
      throw new CliError("setup", `The password does not open ${file}.`, { cause: error });
    }
  };
  return { address, unlock };
}

/** A key of Hardhat's keystore, which asks for its password itself. */
async function readKeystore(name: string): Promise<string> {
  const { default: hre } = await import("hardhat").catch((error: unknown) => {
    throw new CliError(
      "setup",
      "Hardhat's keystore needs a folder with Hardhat and its configuration; use --wallet or --key-env here.",
      { cause: error },
    );
  });
  const variable = { _type: "ConfigurationVariable", name } as const;
  return hre.hooks.runHandlerChain("configurationVariables", "fetchValue", [variable], () => {
    throw new CliError(
      "setup",
      `Hardhat's keystore has no ${name}; add it with "npx hardhat keystore set ${name}".`,
    );
  });
}
