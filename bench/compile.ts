import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { id, type InterfaceAbi } from "ethers";

const ROOT = path.resolve(import.meta.dirname, "..");
const CACHE = path.join(ROOT, "cache", "bench");
const CONTRACTS = path.join(ROOT, "bench", "contracts");

const require = createRequire(import.meta.url);

/** Inputs to deploy a contract. */
export interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

/** A compiler from npm and the settings a package recommends for itself. */
export interface Compiler {
  readonly npm: "solc" | "solc-0.8.15";
  readonly settings: {
    readonly optimizer: { readonly enabled: boolean; readonly runs: number };
    readonly evmVersion: string;
    readonly metadata?: { readonly bytecodeHash: "none" };
  };
}

interface Solc {
  compile(
    input: string,
    callbacks: { import: (file: string) => { contents: string } | { error: string } },
  ): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Record<
    string,
    Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>
  >;
}

interface Cached {
  readonly sources: Record<string, string>;
  readonly artifact: Artifact;
}

/** The version an installed package states of itself. */
export function packageVersion(name: string): string {
  const manifest = readFileSync(path.join(ROOT, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** One line that names a compiler and its settings. */
export function describeCompiler({ npm, settings }: Compiler): string {
  const { optimizer, evmVersion, metadata } = settings;
  const runs = `runs ${optimizer.runs.toLocaleString("en-US")}`;
  const hash = metadata ? ", no metadata hash" : "";
  return `solc ${packageVersion(npm)}, ${runs}, ${evmVersion}${hash}`;
}

/** Reads an artifact that a package publishes; its libraries are linked by {@link link}. */
export function publishedArtifact(file: string): Artifact {
  const { abi, bytecode } = JSON.parse(
    readFileSync(path.join(ROOT, "node_modules", file), "utf8"),
  ) as { abi: InterfaceAbi; bytecode: { object: string } };
  return { abi, bytecode: bytecode.object };
}

/**
 * Compiles the contract `name` of an own file `bench/contracts/<name>.sol` or of a package file.
 * The result is kept under `cache/bench` for as long as no source it was made from changes.
 */
export function compile(
  name: string,
  compiler: Compiler,
  file = `bench/contracts/${name}.sol`,
): Artifact {
  const input = JSON.stringify({
    language: "Solidity",
    sources: { [file]: { content: readSource(file) } },
    settings: {
      ...compiler.settings,
      outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } },
    },
  });
  const key = digest(`${compiler.npm} ${packageVersion(compiler.npm)} ${input}`);
  const cacheFile = path.join(CACHE, `${name}-${key.slice(0, 16)}.json`);
  const cached = readCache(cacheFile);
  if (cached) return cached.artifact;

  const sources: Record<string, string> = {};
  const solc = loadCompiler(compiler.npm);
  const output = JSON.parse(
    solc.compile(input, {
      import: (imported) => {
        if (!existsSync(locate(imported))) return { error: `${imported} is not installed` };
        const contents = readSource(imported);
        sources[imported] = digest(contents);
        return { contents };
      },
    }),
  ) as Output;
  const contract = output.contracts?.[file]?.[name];
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error || !contract) {
    throw new Error(`${file} does not compile: ${error?.formattedMessage ?? `no ${name} in it`}`);
  }

  const artifact = { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(cacheFile, JSON.stringify({ sources, artifact } satisfies Cached));
  return artifact;
}

/** Puts library addresses, given by fully qualified library name, into unlinked bytecode. */
export function link({ abi, bytecode }: Artifact, libraries: Record<string, string>): Artifact {
  const linked = Object.entries(libraries).reduce((code, [name, address]) => {
    const placeholder = `__$${id(name).slice(2, 36)}$__`;
    return code.replaceAll(placeholder, address.slice(2).toLowerCase());
  }, bytecode);
  return { abi, bytecode: linked };
}

/** Old compilers take over the process's error handlers when loaded; they get none of them. */
function loadCompiler(npm: Compiler["npm"]): Solc {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.rawListeners(event));
  const solc = require(npm) as Solc;
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.includes(listener)) {
        process.removeListener(event, listener as (...values: unknown[]) => void);
      }
    }
  });
  return solc;
}

function readCache(file: string): Cached | undefined {
  if (!existsSync(file)) return undefined;
  const cached = JSON.parse(readFileSync(file, "utf8")) as Cached;
  const isCurrent = Object.entries(cached.sources).every(
    ([source, hash]) => existsSync(locate(source)) && digest(readSource(source)) === hash,
  );
  return isCurrent ? cached : undefined;
}

function locate(file: string): string {
  return file.startsWith("bench/contracts/")
    ? path.join(CONTRACTS, path.basename(file))
    : path.join(ROOT, "node_modules", file);
}

function readSource(file: string): string {
  return readFileSync(locate(file), "utf8");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
