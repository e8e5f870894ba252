import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";

import { expect } from "chai";
import { build } from "esbuild";

import type { Vector } from "../../scripts/vectors/vectors.js";
import { compileProject } from "../support/typescript.js";

const run = promisify(execFile);

const ROOT = path.join(import.meta.dirname, "..", "..");

/** Signs the statement of a vector with each entry point; prints the results. */
const SIGN = `
import { readFileSync } from "node:fs";

import { Wallet } from "ethers";
import {
  buildStatement,
  categoryMask,
  createDomain,
  hashStatement,
  reasonOf,
  recoverSigner,
  signStatement,
  UsageError,
  usesOf,
  type Line,
  type SignedStatement,
} from "opa-protocol";
import { ABIS, settlementAbi } from "opa-protocol/abi";
import { Journal, JournalStore } from "opa-protocol/node";

async function main(): Promise<void> {
  const vector = JSON.parse(readFileSync("../vector.json", "utf8"));
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
  // @ts-expect-error: the ABI has literal types
  const settle: "deposit" = settlementAbi.find(({ type }) => type === "function")!.name;

  const key = new Wallet(vector.privateKey);
  const signed: SignedStatement = await signStatement(key, domain, statement);
  console.log(
    JSON.stringify({
      digest: hashStatement(domain, statement),
      signer: signed.signer,
      signature: signed.signature,
      recovered: recoverSigner(domain, statement, signed.signature),
      reason: reasonOf(17n).name,
      error: new UsageError(typeof rejected).name,
      mask: categoryMask("Inference"),
      uses: usesOf({ prompt_tokens: 3, total_tokens: 3 }, { input: 7n }).length,
      abi: ABIS.Settlement === settlementAbi && settle.length > 0,
      disk: [typeof Journal.open, typeof JournalStore.open],
    }),
  );
}
void main();
`;

/** The same without types, as CommonJS has been written for ever. */
const REQUIRE = `
const { hashStatement } = require("opa-protocol");
const { ABIS } = require("opa-protocol/abi");
const { JournalStore } = require("opa-protocol/node");
console.log(typeof hashStatement, Array.isArray(ABIS.OPAToken), typeof JournalStore);
`;

/** A page that signs with a key of the browser; prints nothing, as a page does. */
const PAGE = `
import { buildStatement, createDomain, readUsage, signStatement } from "opa-protocol";

export async function sign(signer, { domain, statement }) {
  const lines = statement.lines.map((line) => ({
    provider: line.provider,
    resource: BigInt(line.resource),
    cumulativeUnits: BigInt(line.cumulativeUnits),
  }));
  const draft = {
    account: statement.account,
    priceEpoch: BigInt(statement.priceEpoch),
    deadline: BigInt(statement.deadline),
    lines,
  };
  const made = createDomain(BigInt(domain.chainId), domain.verifyingContract);
  return signStatement(signer, made, buildStatement(draft));
}

export const isKnown = readUsage({ prompt_tokens: 3, total_tokens: 3 }).isKnown;
`;

/** A user of viem: typed reads of a contract, and a signature. Only compiled, except for the signature. */
const VIEM = `
import { readFileSync } from "node:fs";

import { createPublicClient, custom } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { buildStatement, createDomain, signStatement } from "opa-protocol";
import { meterAbi, opaTokenAbi, settlementAbi } from "opa-protocol/abi";

const vector = JSON.parse(readFileSync("../vector.json", "utf8"));
const account = privateKeyToAccount(vector.privateKey);
const domain = createDomain(BigInt(vector.domain.chainId), vector.domain.verifyingContract);
const lines = vector.statement.lines.map((line: Record<string, string>) => ({
  provider: line["provider"] ?? "",
  resource: BigInt(line["resource"] ?? ""),
  cumulativeUnits: BigInt(line["cumulativeUnits"] ?? ""),
}));
const statement = buildStatement({
  account: vector.statement.account,
  priceEpoch: BigInt(vector.statement.priceEpoch),
  deadline: BigInt(vector.statement.deadline),
  lines,
});
const { signature } = await signStatement(account, domain, statement);

const asked: string[] = [];
const transport = custom({
  request: async ({ method }: { method: string }) => {
    asked.push(method);
    return "0x" + "0".repeat(62) + "2a";
  },
});
const client = createPublicClient({ transport });
const address = domain.verifyingContract;
const supply: bigint = await client.readContract({ address, abi: opaTokenAbi, functionName: "totalSupply" });
const window = await client.readContract({ address, abi: meterAbi, functionName: "SETTLEMENT_WINDOW" });
// @ts-expect-error: there is no such function
const wrong = () => client.readContract({ address, abi: settlementAbi, functionName: "totalSupply" });
console.log(JSON.stringify({ signature, supply: supply.toString(), window: typeof window, asked, wrong: typeof wrong }));
`;

const STRICT = {
  ...{ target: "es2023", lib: ["es2023"], strict: true, exactOptionalPropertyTypes: true },
  ...{ noUncheckedIndexedAccess: true, types: ["node"] },
};

/** Settings by project. The two formats of the package have their libraries checked, so that each declaration resolves. */
const PROJECTS = {
  esm: {
    ...{ type: "module", program: SIGN },
    options: { ...STRICT, module: "nodenext", verbatimModuleSyntax: true, skipLibCheck: false },
  },
  cjs: {
    ...{ type: "commonjs", program: SIGN },
    options: { ...STRICT, module: "nodenext", skipLibCheck: false },
  },
  bundler: {
    ...{ type: "module", program: SIGN },
    options: {
      ...{ ...STRICT, module: "esnext", moduleResolution: "bundler", skipLibCheck: true },
    },
  },
  viem: {
    ...{ type: "module", program: VIEM },
    options: { ...STRICT, module: "nodenext", skipLibCheck: true },
  },
} as const;

interface PackedFile {
  readonly path: string;
}

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: true; readonly version?: string }>
  >;
}

describe("package (INT-3)", function () {
  this.timeout(300_000); // builds, and installs from the registry

  let folder: string;
  let packed: string[];
  let vector: Vector;

  before(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-package-"));
    await mkdir(path.join(folder, "tarball"));
    // Not by prepack: that builds the contracts first, which would replace instrumented ones under coverage.
    await run(process.execPath, ["--import", "tsx", "scripts/build-library.ts"], { cwd: ROOT });
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
    const { "@types/node": types, ethers, viem } = devDependencies;
    const tools = { "@types/node": types, ethers, viem };
    await write("package.json", { name: "user", private: true, devDependencies: tools });
    await write("vector.json", vector);
    for (const [name, { type, program, options }] of Object.entries(PROJECTS)) {
      await mkdir(path.join(folder, name));
      await write(`${name}/package.json`, { name, private: true, type });
      await write(`${name}/tsconfig.json`, { compilerOptions: options, files: ["program.ts"] });
      await writeFile(path.join(folder, name, "program.ts"), program);
    }
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

  /** Writes a file of the user's projects. */
  async function write(file: string, content: unknown): Promise<void> {
    await writeFile(path.join(folder, file), JSON.stringify(content));
  }

  /** Compiles a project; an empty text is one without errors, also in the declarations of the package. */
  function compile(project: keyof typeof PROJECTS): string {
    return compileProject(
      path.join(folder, project),
      (file) => !file.includes("/node_modules/") || file.includes("/node_modules/opa-protocol/"),
    );
  }

  it("holds the built library, its licence and its readme, and nothing else", function () {
    const others = packed.filter(
      (file) => !/^dist\/(esm|cjs)\/(sdk|typechain-types)\/.*\.(js|d\.ts)$/.test(file),
    );

    expect(others).to.have.members([
      ...["LICENSE", "README.md", "package.json", "dist/cli/opa.js"],
      ...["dist/esm/package.json", "dist/cjs/package.json"],
    ]);
    for (const format of ["esm", "cjs"])
      for (const entry of ["sdk/index", "sdk/node/index", "typechain-types/abi"])
        expect(packed).to.include.members([
          `dist/${format}/${entry}.js`,
          `dist/${format}/${entry}.d.ts`,
        ]);
    expect(packed.filter((file) => file.includes("example"))).to.deep.equal([]);
  });

  it("needs no Hardhat in any file of the library", async function () {
    const library = path.join(folder, "node_modules", "opa-protocol", "dist");
    const files = (await readdir(library, { recursive: true })).filter((file) =>
      /^(esm|cjs)\b.*\.[jt]s$/.test(file),
    );
    const sources = await Promise.all(
      files.map((file) => readFile(path.join(library, file), "utf8")),
    );

    expect(files).to.have.length(packed.length - 6);
    expect(files.filter((_, i) => /hardhat/i.test(sources[i] ?? ""))).to.deep.equal([]);
  });

  it("brings the command line along, which needs neither Hardhat nor the repository", async function () {
    const opa = path.join(folder, "node_modules", ".bin", "opa");

    const { stdout } = await run(opa, ["lock", "create", "--help"], { cwd: folder });
    expect(stdout).to.match(/^Usage: opa lock create \[options\] <amount>\n/);

    const error = (await run(opa, ["status", "--rpc", "http://127.0.0.1:1"], { cwd: folder }).catch(
      (each: unknown) => each,
    )) as { code: number; stderr: string };
    expect(error.code).to.equal(3);
    expect(error.stderr).to.match(/^No node answers at http:\/\/127\.0\.0\.1:1\./);
  });

  it("runs no script where it is installed and brings no tools along", async function () {
    const lock = await readFile(path.join(folder, "package-lock.json"), "utf8");
    const { packages } = JSON.parse(lock) as LockFile;

    const installed = Object.entries(packages).filter(([name]) => name !== "");
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).to.deep.equal([]);
    expect(installed.map(([name]) => name)).to.include.members([
      ...["node_modules/opa-protocol", "node_modules/ethers"],
    ]);
    expect(
      installed.filter(([name]) => /hardhat|typechain|mocha|csv-parse/.test(name)),
    ).to.deep.equal([]);
  });

  const TYPED = [
    ["esm", "ECMAScript modules"],
    ["cjs", "CommonJS"],
  ] as const;
  for (const [project, what] of TYPED)
    it(`compiles and runs in a strict project of ${what}, with the digest and signature of the vector`, async function () {
      expect(compile(project)).to.equal("");

      const cwd = path.join(folder, project);
      const { stdout } = await run(process.execPath, ["program.js"], { cwd });
      expect(JSON.parse(stdout)).to.deep.equal({
        ...{ digest: vector.digest, signer: vector.signer, signature: vector.signature },
        ...{ recovered: vector.signer, reason: "NothingNew", error: "UsageError", mask: 2 },
        ...{ uses: 1, abi: true, disk: ["function", "function"] },
      });
    });

  it("is loaded by require without types (P1)", async function () {
    const cwd = path.join(folder, "cjs");
    await writeFile(path.join(cwd, "plain.js"), REQUIRE);

    const { stdout } = await run(process.execPath, ["plain.js"], { cwd });

    expect(stdout.trim()).to.equal("function true function");
  });

  it("compiles in a strict project whose modules a bundler resolves", function () {
    expect(compile("bundler")).to.equal("");
  });

  it("is bundled for a browser without a module of Node.js, and signs there", async function () {
    const entry = path.join(folder, "bundler", "page.js");
    await writeFile(entry, PAGE);

    const { outputFiles, metafile } = await build({
      ...{ entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true },
      ...{ platform: "browser", format: "iife", globalName: "page", logLevel: "silent" },
    });
    const code = outputFiles[0]?.text ?? "";
    const { Wallet } = await import("ethers");
    const scope = createContext({ TextEncoder, TextDecoder, URL, crypto: globalThis.crypto });
    runInContext(code, scope);
    const { page } = scope as unknown as {
      page: { isKnown: boolean; sign(signer: unknown, of: Vector): Promise<{ signature: string }> };
    };

    const signed = await page.sign(new Wallet(vector.privateKey), vector);
    expect(signed.signature).to.equal(vector.signature);
    expect(page.isKnown).to.equal(true);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((file) => /^node:|disk\/|abi\.js/.test(file))).to.deep.equal([]);
    expect(code.length).to.be.below(200_000);
  });

  it("gives users of viem typed ABIs, and signs with their accounts", async function () {
    expect(compile("viem")).to.equal("");

    const cwd = path.join(folder, "viem");
    const { stdout } = await run(process.execPath, ["program.js"], { cwd });
    expect(JSON.parse(stdout)).to.deep.equal({
      ...{ signature: vector.signature, supply: "42", window: "number", wrong: "function" },
      asked: ["eth_call", "eth_call"],
    });
  });
});
