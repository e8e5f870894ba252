#!/usr/bin/env node
/**
 * The command line of an OPA system.
 *
 *   npm run opa -- --help
 */
import { existsSync } from "node:fs";

import { EXIT_CODES } from "./exit-codes.js";
import { runProgram } from "./program.js";

if (existsSync(".env")) process.loadEnvFile(".env"); // variables that are set already win

process.once("SIGINT", () => process.exit(EXIT_CODES.interrupted.code));
process.exitCode = await runProgram(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
});
