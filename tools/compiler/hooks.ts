import path from "node:path";

import type { SolidityHooks } from "hardhat/types/hooks";
import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";

import { omitImportedContracts } from "./outputs.js";
import { CompilerPool } from "./pool.js";
import { BuildProgress } from "./progress.js";
import { ROOT, SOLC_LONG_VERSION, SOLC_PATH } from "./settings.js";

/** Handlers of a Hardhat runtime: its builds share the compilers. */
export default function createHooks(): Promise<Partial<SolidityHooks>> {
  const pool = new CompilerPool();
  let progress: BuildProgress | undefined;

  async function compile(input: CompilerInput): Promise<CompilerOutput> {
    const text = JSON.stringify(input);
    progress?.add(text.length);
    const output = await pool.compile(text);
    progress?.finish(text.length);
    return withoutBareSources(JSON.parse(output) as CompilerOutput) as CompilerOutput;
  }

  return Promise.resolve({
    // All jobs at once: the pool queues them, and so their number is known. Mocks are compiled with the
    // contracts only, since each of two builds of a file makes Hardhat forget the other one.
    async build(context, files, options, next) {
      const isOfTests = options?.scope === "tests";
      const roots = isOfTests ? files.filter((file) => !isMock(file)) : files;
      progress = new BuildProgress(isOfTests ? "the Solidity tests" : "the contracts");
      try {
        return await next(context, roots, { ...options, concurrency: Infinity });
      } finally {
        progress.end();
      }
    },

    async getCompiler(context, config, next) {
      if (config.path !== SOLC_PATH) return next(context, config);

      const own = Object.values(context.config.solidity.profiles)
        .flatMap(({ overrides }) => Object.entries(overrides))
        .filter(([, settings]) => settings === config)
        .map(([file]) => file);
      return {
        version: config.version,
        longVersion: SOLC_LONG_VERSION,
        compilerPath: SOLC_PATH,
        isSolcJs: true,
        compile: (input) => compile(omitImportedContracts(input, own)),
      };
    },
  });
}

function isMock(file: string): boolean {
  return file.startsWith(path.join(ROOT, "test/mocks") + path.sep);
}

/** Removes sources without a syntax tree, which the decoder of error traces refuses. Input that solc refuses has none. */
function withoutBareSources(output: Partial<CompilerOutput>): Partial<CompilerOutput> {
  if (output.sources === undefined) return output;
  const sources = Object.entries(output.sources).filter(([, { ast }]) => ast !== undefined);
  return { ...output, sources: Object.fromEntries(sources) };
}
