import type { SolidityHooks } from "hardhat/types/hooks";
import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";

import { omitImportedCode } from "./outputs.js";
import { CompilerPool } from "./pool.js";
import { BuildProgress } from "./progress.js";
import { SOLC_LONG_VERSION, SOLC_PATH } from "./settings.js";

/** Handlers of a Hardhat runtime: its builds share the compilers. */
export default function createHooks(): Promise<Partial<SolidityHooks>> {
  const pool = new CompilerPool();
  let progress: BuildProgress | undefined;

  async function compile(input: CompilerInput): Promise<CompilerOutput> {
    const text = JSON.stringify(input);
    progress?.add(text.length);
    const output = await pool.compile(text);
    progress?.finish(text.length);
    return JSON.parse(output) as CompilerOutput;
  }

  return Promise.resolve({
    // All jobs at once: the pool queues them, and so their number is known.
    async build(context, files, options, next) {
      const subject = options?.scope === "tests" ? "the Solidity tests" : "the contracts";
      progress = new BuildProgress(subject);
      try {
        return await next(context, files, { ...options, concurrency: Infinity });
      } finally {
        progress.end();
      }
    },

    async getCompiler(context, config, next) {
      if (config.path !== SOLC_PATH) return next(context, config);

      const tests = Object.values(context.config.solidity.profiles)
        .flatMap(({ overrides }) => Object.entries(overrides))
        .filter(([file, own]) => own === config && file.startsWith("test/"))
        .map(([file]) => file);
      return {
        version: config.version,
        longVersion: SOLC_LONG_VERSION,
        compilerPath: SOLC_PATH,
        isSolcJs: true,
        compile: (input) => compile(omitImportedCode(input, tests)),
      };
    },
  });
}
