/** No contract needs the IR pipeline to compile, so that tools which lack it can build the suite. */
import hre from "hardhat";

import { CheckError } from "./files.js";

const PROFILE = "legacy";

/** Finds an error of the compiler's legacy pipeline, or says how many files it compiled. */
export function checkWithoutIr({ files, errors }: LegacyBuild): string {
  const [error] = errors;
  if (error !== undefined) throw new CheckError(`Without IR: ${error}`);
  return `${files} files of contracts/ compile without IR`;
}

/** Outcome of the legacy pipeline. */
export interface LegacyBuild {
  readonly files: number;
  readonly errors: readonly string[];
}

/** Compiles every contract without IR and without optimiser; keeps no artifact. */
export async function compileWithoutIr(): Promise<LegacyBuild> {
  const roots = (await hre.solidity.getRootFilePaths({ scope: "contracts" })).filter(
    (file) => !file.includes("/test/"),
  );
  const options = { buildProfile: PROFILE, scope: "contracts", force: true, quiet: true } as const;
  const found = await hre.solidity.getCompilationJobs(roots, options);
  if (!found.success) throw new CheckError(found.formattedReason);

  const errors: string[] = [];
  for (const job of new Set(found.compilationJobsPerFile.values())) {
    const { output } = await hre.solidity.runCompilationJob(job, options);
    const failed = (output.errors ?? []).filter(({ severity }) => severity === "error");
    errors.push(...failed.map(({ message, formattedMessage }) => formattedMessage ?? message));
  }
  return { files: roots.length, errors };
}
