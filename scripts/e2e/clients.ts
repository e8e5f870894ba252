/** Execution clients that a deployment is tried on, each as a process of its own. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { JsonRpcProvider } from "ethers";

/** A client that runs. */
export interface RunningClient {
  name: string;
  url: string;
  provider: JsonRpcProvider;
  stop(): Promise<void>;
}

/** How to start a client; `missing` says why it cannot be started here. */
export interface Client {
  name: string;
  missing?: string;
  command: (port: number) => { file: string; args: string[] };
  /** Makes blocks come by the clock, and small. */
  prepare: (provider: JsonRpcProvider) => Promise<void>;
}

const ROOT = path.join(import.meta.dirname, "..", "..");
const START_MS = 60_000;
const CHAIN_ID = "31337";
/** One of the largest transactions fits a block and more than half fills it, so that the base fee rises and falls. */
const BLOCK_GAS = 8_000_000;

/** Anvil's own binary, because the launcher of its package always exits with 0. */
function anvilBinary(): string | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const file = process.platform === "win32" ? "anvil.exe" : "anvil";
  try {
    const resolve = createRequire(path.join(ROOT, "package.json")).resolve;
    const manifest = resolve(`@foundry-rs/anvil-${platform}-${arch}/package.json`);
    const binary = path.join(path.dirname(manifest), "bin", file);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined; // not for this platform
  }
}

/** Where {@link buildGeth} puts its binary. */
const BUILT = path.join(ROOT, "cache", "geth");
const GETH = "github.com/ethereum/go-ethereum/cmd/geth@v1.17.10";

/** The `geth` that was built here, or the one on the path. */
function findGeth(): string | undefined {
  const built = path.join(BUILT, "geth");
  if (existsSync(built)) return built;
  return spawnSync("geth", ["version"], { stdio: "ignore" }).status === 0 ? "geth" : undefined;
}

/** Builds geth if there is none. */
export function buildGeth(): void {
  if (findGeth() !== undefined) return;
  const env = { ...process.env, GOBIN: BUILT };
  const { status } = spawnSync("go", ["install", GETH], { env, stdio: "inherit" });
  if (status !== 0) throw new Error("The Go toolchain did not build geth.");
}

/** Every client, also those that cannot be started here. */
export function listClients(): Client[] {
  const anvil = anvilBinary();
  const geth = findGeth();
  return [
    {
      name: "hardhat node",
      command: (port) => ({
        file: process.execPath,
        args: [
          path.join(ROOT, "node_modules/hardhat/dist/src/cli.js"),
          ...["node", "--hostname", "127.0.0.1", "--port", String(port)],
        ],
      }),
      prepare: async (provider) => {
        await provider.send("evm_setBlockGasLimit", [`0x${BLOCK_GAS.toString(16)}`]);
        await provider.send("evm_setAutomine", [false]);
        await provider.send("evm_setIntervalMining", [250]);
      },
    },
    {
      name: "anvil",
      ...(anvil === undefined && { missing: "its package has no binary for this platform" }),
      command: (port) => ({
        file: anvil ?? "",
        args: [
          ...["--host", "127.0.0.1", "--port", String(port), "--chain-id", CHAIN_ID],
          ...[
            "--block-time",
            "0.5",
            "--gas-limit",
            String(BLOCK_GAS),
            "--accounts",
            "20",
            "--quiet",
          ],
        ],
      }),
      prepare: () => Promise.resolve(),
    },
    {
      name: "geth --dev",
      ...(geth === undefined && {
        missing: "geth is not on the path; --geth builds it where the Go toolchain is at hand",
      }),
      command: (port) => ({
        file: geth ?? "",
        args: [
          ...["--dev", "--dev.period", "1", "--dev.gaslimit", String(BLOCK_GAS)],
          ...["--networkid", CHAIN_ID, "--http", "--http.addr", "127.0.0.1"],
          ...["--http.port", String(port), "--http.api", "eth,net,web3", "--verbosity", "1"],
          ...["--authrpc.port", String(port + 1), "--port", "0", "--ipcdisable", "--nodiscover"],
        ],
      }),
      prepare: () => Promise.resolve(),
    },
  ];
}

/** Starts a client and waits until it answers. */
export async function startClient({ name, command, prepare }: Client): Promise<RunningClient> {
  const port = await freePort();
  const { file, args } = command(port);
  const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  const provider = new JsonRpcProvider(url, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 1,
  });
  provider.pollingInterval = 100;
  const stop = async () => {
    provider.destroy();
    await end(child);
  };
  try {
    await answer(url, child);
    await prepare(provider);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, url, provider, stop };
}

/** Waits for the first answer of a node. */
async function answer(url: string, child: ChildProcess): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const headers = { "content-type": "application/json" };
  const started = Date.now();
  while (Date.now() - started < START_MS) {
    if (child.exitCode !== null) throw new Error(`The node ended with ${child.exitCode}.`);
    const response = await fetch(url, { method: "POST", body, headers }).catch(() => undefined);
    if (response?.ok === true) return;
    await sleep(200);
  }
  throw new Error("The node does not answer.");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
