#!/usr/bin/env node
/**
 * The command line of an OPA system.
 *
 *   npm run opa -- --help
 */
import { config as loadEnv } from "dotenv";

import { EXIT_CODES } from "./exit-codes.js";
import { runProgram } from "./program.js";

loadEnv({ quiet: true }); // .env of the folder, if there is one; variables that are set already win

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT_CODES.done.code : EXIT_CODES.failed.code);
});
process.once("SIGINT", () => process.exit(EXIT_CODES.interrupted.code));
process.exitCode = await runProgram(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
});
