import { compile, describeCompiler, packageVersion, type Compiler } from "../compile.js";
import { type System } from "../measure.js";

const COMPILER: Compiler = {
  npm: "solc",
  settings: { optimizer: { enabled: true, runs: 1_000 }, evmVersion: "paris" },
};

/** Solady: an ERC-20 in assembly, here without the infinite allowance it gives Permit2. */
export const solady: System = {
  name: "Solady",
  version: packageVersion("solady"),
  settings: describeCompiler(COMPILER),
  token: {
    async deploy(lab, holder) {
      const contract = await lab.deploy(holder, compile("SoladyToken", COMPILER));
      return { contract, domain: { name: "Bench", version: "1" } };
    },
  },
};
