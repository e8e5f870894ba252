import os from "node:os";
import { fileURLToPath } from "node:url";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { config as loadEnv } from "dotenv";
import ignoreWarnings from "hardhat-ignore-warnings";
import { configVariable, defineConfig } from "hardhat/config";

import compiler from "./tools/compiler/plugin.js";
import {
  irProfile,
  legacyProfile,
  SHIPPED_PACKAGE_FILES,
  shippedProfile,
} from "./tools/compiler/settings.js";
import { mochaTask } from "./tools/test-files.js";

loadEnv({ quiet: true }); // .env, described in .env.example; variables already set win

const profile = shippedProfile();
const deep = process.env["DEEP"] === "1"; // long fuzz and invariant runs
const jobs = Math.min(os.availableParallelism() + 1, 4); // files side by side, up to 1 GB each
// Read from the environment or from Hardhat's keystore when the network is used, and not before.
const publicNetwork = (url: string, chainType: "l1" | "op" | "generic") => ({
  type: "http" as const,
  chainType,
  url: configVariable(url),
  accounts: [configVariable("DEPLOYER_PRIVATE_KEY")],
});

export default defineConfig({
  plugins: [toolbox, ignoreWarnings, compiler],
  tasks: [mochaTask],
  paths: { ignition: "deploy", sources: { solidity: ["contracts", "test/mocks"] } },
  typechain: { outDir: "typechain-types" },
  warnings: {
    "npm/**/*": "off",
    "*": { default: "error" },
    // Copies that only tests use are larger than what ships, whose size `npm run checks` compares with the limits.
    "contracts/**/*": { default: "error", "code-size": "off", "initcode-size": "off" },
    "test/**/*": { default: "error", "code-size": "off", "initcode-size": "off" },
  },
  solidity: {
    // One profile for every command, so that what is tested is what ships, and none compiles it again.
    profiles: {
      default: profile,
      production: profile,
      ir: irProfile(), // for `npm run test:production`
      legacy: legacyProfile(), // for the check that no contract needs IR
    },
    splitTestsCompilation: true,
    npmFilesToBuild: [...SHIPPED_PACKAGE_FILES],
  },
  networks: {
    localhost: {
      type: "http",
      chainType: "l1",
      url: process.env["LOCALHOST_RPC_URL"]
        ? configVariable("LOCALHOST_RPC_URL")
        : "http://127.0.0.1:8545",
    },
    sepolia: publicNetwork("SEPOLIA_RPC_URL", "l1"),
    baseSepolia: publicNetwork("BASE_SEPOLIA_RPC_URL", "op"),
    opSepolia: publicNetwork("OP_SEPOLIA_RPC_URL", "op"),
    arbitrumSepolia: publicNetwork("ARBITRUM_SEPOLIA_RPC_URL", "generic"),
  },
  verify: { etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") } },
  test: {
    mocha: {
      forbidOnly: true,
      timeout: 120_000,
      parallel: true,
      jobs,
      require: ["report-bigints.mjs", "test-caches.ts", "test-chains.ts"].map((name) =>
        fileURLToPath(import.meta.resolve(`./tools/${name}`)),
      ),
    },
    solidity: deep
      ? { fuzz: { runs: 20_000 }, invariant: { runs: 500, depth: 120, failOnRevert: true } }
      : { fuzz: { runs: 256 }, invariant: { runs: 32, depth: 40, failOnRevert: true } },
  },
});
