/** Options that many commands take. */
import type { Command } from "@commander-js/extra-typings";

import { NETWORK_NAMES } from "../../deploy/networks.js";
import { KEY_VARIABLE } from "./keys.js";

/** Adds the options that name a node and a deployment. */
export function withChain<
  Args extends unknown[],
  Opts extends Record<string, unknown>,
  Global extends Record<string, unknown>,
>(command: Command<Args, Opts, Global>) {
  return command
    .option("--rpc <url>", "address of the node (OPA_RPC_URL, or a node on this machine)")
    .option("--network <name>", `a network by name: ${NETWORK_NAMES}`)
    .option(
      "--manifest <file>",
      "manifest of the deployment (OPA_MANIFEST, or the one of the chain in deploy/deployments)",
    )
    .option("--json", "print JSON; amounts are strings of wei");
}

/** Adds the options that say who acts. */
export function withKey<
  Args extends unknown[],
  Opts extends Record<string, unknown>,
  Global extends Record<string, unknown>,
>(command: Command<Args, Opts, Global>) {
  return command
    .option("--from <address>", "who acts; without a key that is enough for a dry run")
    .option(
      "--wallet <file>",
      "encrypted JSON wallet; asks for its password, or takes OPA_WALLET_PASSWORD",
    )
    .option("--keystore <name>", "key of Hardhat's keystore")
    .option("--key-env <name>", `variable with the private key (${KEY_VARIABLE})`);
}

/** Adds the options of a command that changes the chain. */
export function withSending<
  Args extends unknown[],
  Opts extends Record<string, unknown>,
  Global extends Record<string, unknown>,
>(command: Command<Args, Opts, Global>) {
  return withKey(withChain(command))
    .option("--send", "send it; without this nothing is sent")
    .option("--unsigned", "print the transactions for a signer elsewhere")
    .option("--safe <file>", "write a batch for the transaction builder of a Safe")
    .option("--wait <span>", "how long to wait for each transaction (180s)");
}
