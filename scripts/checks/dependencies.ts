/** Dependencies are pinned, explained, and locked for every platform from one registry. */
import { CheckError, readText } from "./files.js";

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly version?: string; readonly link?: true }>
  >;
}

const REGISTRY = "https://registry.npmjs.org/";
const DECISIONS = "docs/decisions.md";

/** Platforms for which the chain of Hardhat has native code; npm drops those it did not install from a lock file. */
export const NATIVE = [
  ...["darwin-arm64", "darwin-x64", "linux-arm64-gnu", "linux-arm64-musl"],
  ...["linux-x64-gnu", "linux-x64-musl", "win32-x64-msvc"],
].map((platform) => `@nomicfoundation/edr-${platform}`);

/** Reads package.json, its lock file and the decisions. */
export function checkDependencies(root: string): string {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readText(root, "package.json"),
  ) as PackageFile;
  const wanted = Object.entries({ ...dependencies, ...devDependencies });
  const decisions = readText(root, DECISIONS);
  for (const [name, version] of wanted) {
    if (!/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      throw new CheckError(`${name} has the version "${version}", which is not an exact one.`);
    }
    if (!decisions.includes(`\`${name}\``)) {
      throw new CheckError(`${DECISIONS} does not say what ${name} is for.`);
    }
  }

  for (const [name, range] of Object.entries(peerDependencies ?? {})) {
    const tested = devDependencies?.[name];
    if (tested === undefined) {
      throw new CheckError(`${name} is asked of users and is no development dependency.`);
    }
    if (range !== `^${tested}`) {
      throw new CheckError(`${name} is tested with ${tested}, and users are asked for "${range}".`);
    }
  }

  const { packages } = JSON.parse(readText(root, "package-lock.json")) as LockFile;
  for (const [name, { resolved, version }] of Object.entries(packages)) {
    const foreign = [resolved, version].find((source) => source !== undefined && isForeign(source));
    if (foreign !== undefined) throw new CheckError(`${name} is locked to ${foreign}.`);
  }
  const missing = [...wanted.map(([name]) => name), ...NATIVE].filter(
    (name) => !(`node_modules/${name}` in packages),
  );
  if (missing.length > 0) throw new CheckError(`package-lock.json lacks ${missing.join(", ")}.`);
  return `${wanted.length} exact versions, each explained; ${Object.keys(packages).length - 1} packages locked`;
}

/** Whether a lock file's entry names anything but a version or the registry. */
function isForeign(source: string): boolean {
  return /[:/]/.test(source) && !source.startsWith(REGISTRY);
}
