import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import type { Vector } from "../../scripts/vectors/vectors.js";

const run = promisify(execFile);

const ROOT = path.join(import.meta.dirname, "..", "..");
const TYPESCRIPT = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");

/** What a user of the library writes: reads a vector, then prints the digest and the proof of its statement. */
const PROGRAM = `
import { readFileSync } from "node:fs";

import { Wallet } from "ethers";
import {
  buildStatement,
  createDomain,
  hashStatement,
  reasonOf,
  recoverSigner,
  signStatement,
  UsageError,
  type Line,
  type SignedStatement,
} from "opa-protocol";

const vector = JSON.parse(readFileSync("vector.json", "utf8"));
const domain = createDomain(BigInt(vector.domain.chainId), vector.domain.verifyingContract);
const lines: Line[] = vector.statement.lines.map((line: Record<keyof Line, string>) => ({
  provider: line.provider,
  resource: BigInt(line.resource),
  cumulativeUnits: BigInt(line.cumulativeUnits),
}));
const statement = buildStatement({
  account: vector.statement.account,
  priceEpoch: BigInt(vector.statement.priceEpoch),
  deadline: BigInt(vector.statement.deadline),
  lines: lines.reverse(),
});

// @ts-expect-error: amounts are bigint, so the types of the package have arrived
const rejected: Line = { ...lines[0], cumulativeUnits: 1 };

const signed: SignedStatement = await signStatement(new Wallet(vector.privateKey), domain, statement);
console.log(
  JSON.stringify({
    digest: hashStatement(domain, statement),
    signer: signed.signer,
    signature: signed.signature,
    recovered: recoverSigner(domain, statement, signed.signature),
    reason: reasonOf(17n).name,
    error: new UsageError(typeof rejected).name,
  }),
);
`;

const CONFIG = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023"],
    module: "node20",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false, // so that every declaration of the package has to resolve
    types: ["node"],
  },
  files: ["program.ts"],
};

interface PackedFile {
  readonly path: string;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: true; readonly version?: string }>
  >;
}

describe("package (INT-3)", function () {
  this.timeout(180_000); // installs from the registry

  let folder: string;
  let packed: string[];
  let vector: Vector;

  before(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-package-"));
    await mkdir(path.join(folder, "tarball"));
    // Not by prepack: that builds the contracts first, which would replace instrumented ones under coverage.
    await run("npm", ["run", "library"], { cwd: ROOT });
    const { stdout } = await run(
      "npm",
      ["pack", "--ignore-scripts", "--json", "--pack-destination", path.join(folder, "tarball")],
      { cwd: ROOT },
    );
    const [tarball] = JSON.parse(stdout) as { filename: string; files: PackedFile[] }[];
    if (!tarball) throw new Error("npm pack wrote nothing.");
    packed = tarball.files.map((file) => file.path);

    const vectors = path.join(ROOT, "test", "vectors", "statements.json");
    const [, second] = JSON.parse(await readFile(vectors, "utf8")) as Vector[];
    if (!second) throw new Error("There are too few vectors.");
    vector = second;

    const { devDependencies } = JSON.parse(
      await readFile(path.join(ROOT, "package.json"), "utf8"),
    ) as { devDependencies: Record<string, string> };
    await write("package.json", {
      name: "user",
      private: true,
      type: "module",
      devDependencies: { "@types/node": devDependencies["@types/node"] },
    });
    await write("tsconfig.json", CONFIG);
    await write("vector.json", vector);
    await writeFile(path.join(folder, "program.ts"), PROGRAM);
    await run(
      "npm",
      [
        ...["install", "--prefer-offline", "--no-audit", "--no-fund"],
        path.join(folder, "tarball", tarball.filename),
      ],
      { cwd: folder },
    );
  });

  after(async function () {
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes a file of the user's project. */
  async function write(file: string, content: unknown): Promise<void> {
    await writeFile(path.join(folder, file), JSON.stringify(content));
  }

  it("holds the built library, its licence and its readme, and nothing else", function () {
    const others = packed.filter(
      (file) => !/^dist\/(sdk|typechain-types)\/.*\.(js|d\.ts)$/.test(file),
    );

    expect(others).to.have.members(["LICENSE", "README.md", "package.json"]);
    expect(packed).to.include.members(["dist/sdk/index.js", "dist/sdk/index.d.ts"]);
    expect(packed.filter((file) => file.includes("example"))).to.deep.equal([]);
  });

  it("needs no Hardhat in any file of the library", async function () {
    const library = path.join(folder, "node_modules", "opa-protocol", "dist");
    const files = (await readdir(library, { recursive: true })).filter((file) =>
      /\.[jt]s$/.test(file),
    );
    const sources = await Promise.all(
      files.map((file) => readFile(path.join(library, file), "utf8")),
    );

    expect(files).to.have.length(packed.length - 3);
    expect(files.filter((_, i) => /hardhat/i.test(sources[i] ?? ""))).to.deep.equal([]);
  });

  it("runs no script where it is installed and brings no tools along", async function () {
    const lock = await readFile(path.join(folder, "package-lock.json"), "utf8");
    const { packages } = JSON.parse(lock) as LockFile;

    const installed = Object.entries(packages).filter(([name]) => name !== "");
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).to.deep.equal([]);
    expect(installed.map(([name]) => name)).to.include.members([
      "node_modules/opa-protocol",
      "node_modules/ethers",
    ]);
    expect(installed.filter(([name]) => /hardhat|typechain|mocha/.test(name))).to.deep.equal([]);
  });

  it("compiles and runs in another project, with the digest and signature of the vector", async function () {
    const compiled = await run(process.execPath, [TYPESCRIPT, "-p", "."], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(compiled.stdout).to.equal("");

    const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder });
    expect(JSON.parse(stdout)).to.deep.equal({
      digest: vector.digest,
      signer: vector.signer,
      signature: vector.signature,
      recovered: vector.signer,
      reason: "NothingNew",
      error: "UsageError",
    });
  });
});
