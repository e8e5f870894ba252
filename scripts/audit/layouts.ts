/** Storage layouts of the contracts, from the compiler. */
import { readFileSync } from "node:fs";
import path from "node:path";

import { CompilerPool } from "../../tools/compiler/pool.js";
import { listShippedFiles, shippedSettings } from "../../tools/compiler/settings.js";
import { CheckError, readText } from "../checks/files.js";

/** A variable of a contract, or a member of a struct. */
export interface Variable {
  readonly label: string;
  readonly slot: bigint;
  /** First byte in the slot. */
  readonly offset: number;
  readonly bytes: number;
  readonly type: string;
}

/** A contract with storage, and the structs that its variables use. */
export interface Layout {
  readonly contract: string;
  readonly variables: readonly Variable[];
  readonly structs: ReadonlyMap<string, readonly Variable[]>;
}

/** Part of the compiler's output that is read. */
interface Output {
  readonly errors?: readonly { severity: string; formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { storageLayout: CompilerLayout }>>>
  >;
}

interface CompilerLayout {
  readonly storage: readonly Slot[];
  readonly types: Readonly<Record<string, CompilerType>> | null;
}

interface Slot {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

interface CompilerType {
  readonly label: string;
  readonly numberOfBytes: string;
  readonly members?: readonly Slot[];
}

/** Compiles the deployed contracts of `root` without code generation; those without storage are left out. */
export async function readLayouts(root: string): Promise<Layout[]> {
  const files = listShippedFiles()
    .filter((file) => /^contract /mu.test(readText(root, file)))
    .sort();
  const sources = collectSources(root, files);
  const { evmVersion } = shippedSettings("");
  const outputSelection = Object.fromEntries(
    files.map((file) => [file, { "*": ["storageLayout"] }]),
  );
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([file, content]) => [file, { content }])),
    settings: { evmVersion, outputSelection },
  };
  const { errors, contracts } = JSON.parse(
    await new CompilerPool(1).compile(JSON.stringify(input)),
  ) as Output;
  const fault = errors?.find(({ severity }) => severity === "error");
  if (fault) throw new CheckError(fault.formattedMessage);

  return files
    .map((file) => {
      const contract = path.posix.basename(file, ".sol");
      const layout = contracts?.[file]?.[contract]?.storageLayout;
      if (!layout) throw new CheckError(`${file} has no contract ${contract}.`);
      return readLayout(contract, layout);
    })
    .filter(({ variables }) => variables.length > 0);
}

/** Sources of files and of everything that they import, by the name under which they are imported. */
function collectSources(root: string, files: readonly string[]): Map<string, string> {
  const sources = new Map<string, string>();
  const add = (file: string): void => {
    if (sources.has(file)) return;
    const folder = file.startsWith("contracts/") ? root : path.join(root, "node_modules");
    const content = readFileSync(path.join(folder, file), "utf8");
    sources.set(file, content);
    for (const [, target = ""] of content.matchAll(/^import [^;]*?"([^"]+)";/gms)) {
      add(target.startsWith(".") ? path.posix.join(path.posix.dirname(file), target) : target);
    }
  };
  files.forEach(add);
  return sources;
}

function readLayout(contract: string, { storage, types }: CompilerLayout): Layout {
  const known = types ?? {};
  const toVariable = ({ label, slot, offset, type }: Slot): Variable => ({
    ...{ label, slot: BigInt(slot), offset },
    bytes: Number(known[type]?.numberOfBytes ?? 0),
    type: known[type]?.label ?? type,
  });
  const structs = Object.values(known)
    .filter(({ members }) => members !== undefined)
    .map(({ label, members = [] }) => [label, members.map(toVariable)] as const);
  return { contract, variables: storage.map(toVariable), structs: new Map(structs) };
}
