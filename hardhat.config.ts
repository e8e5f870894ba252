import os from "node:os";
import { fileURLToPath } from "node:url";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { config as loadEnv } from "dotenv";
import ignoreWarnings from "hardhat-ignore-warnings";
import { defineConfig } from "hardhat/config";

loadEnv({ quiet: true }); // .env, described in .env.example; variables already set win

const solc = { version: "0.8.37", path: fileURLToPath(import.meta.resolve("solc/soljson.js")) };
const settings = {
  optimizer: { enabled: true, runs: 20_000 },
  viaIR: true,
  evmVersion: "cancun",
};
// With as many runs as the others these do not fit into 24,576 bytes.
const smaller = (runs: number) => ({
  ...solc,
  settings: { ...settings, optimizer: { enabled: true, runs } },
});
const overrides = {
  "contracts/governance/OPAGovernor.sol": smaller(800),
  "contracts/incentives/IncentivePool.sol": smaller(5_000),
  "contracts/metering/ServiceAccounts.sol": smaller(2_000),
};
const deep = process.env["DEEP"] === "1"; // long fuzz and invariant runs
const jobs = Math.min(Math.max(os.availableParallelism(), 2), 4); // files side by side, up to 2 GB each
const testnetUrl = process.env["TESTNET_RPC_URL"];
const testnetKey = process.env["TESTNET_PRIVATE_KEY"];

export default defineConfig({
  plugins: [toolbox, ignoreWarnings],
  paths: { ignition: "deploy" },
  typechain: { outDir: "typechain-types" },
  warnings: {
    "npm/**/*": "off",
    "*": { default: "error" },
    // The Solidity tests compile them with the runs of the others, which is not what is deployed; the check of sizes is.
    "contracts/incentives/IncentivePool.sol": { default: "error", "code-size": "off" },
    "contracts/metering/ServiceAccounts.sol": { default: "error", "code-size": "off" },
  },
  solidity: {
    // Not isolated: both profiles compile the same sources with the same settings, so what is tested is what ships.
    profiles: {
      default: { compilers: [{ ...solc, settings }], overrides },
      production: { isolated: false, compilers: [{ ...solc, settings }], overrides },
    },
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
  },
  networks: {
    localhost: {
      type: "http",
      chainType: "l1",
      url: process.env["LOCALHOST_RPC_URL"] ?? "http://127.0.0.1:8545",
    },
    ...(testnetUrl
      ? {
          testnet: {
            type: "http" as const,
            chainType: "l1" as const,
            url: testnetUrl,
            ...(testnetKey ? { accounts: [testnetKey] } : {}),
          },
        }
      : {}),
  },
  test: {
    mocha: { forbidOnly: true, timeout: 120_000, parallel: true, jobs },
    solidity: deep
      ? { fuzz: { runs: 20_000 }, invariant: { runs: 500, depth: 120, failOnRevert: true } }
      : { fuzz: { runs: 256 }, invariant: { runs: 32, depth: 40, failOnRevert: true } },
  },
});
