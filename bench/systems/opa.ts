import hre from "hardhat";

import manifest from "../../package.json" with { type: "json" };
import { describeCompiler, type Compiler } from "../compile.js";
import { type System } from "../measure.js";

const [compiler] = hre.config.solidity.profiles["production"]?.compilers ?? [];
if (!compiler) throw new Error("the production profile has no compiler");

/** OPA itself, compiled as it ships. */
export const opa: System = {
  name: "OPA",
  version: manifest.version,
  settings: describeCompiler({ npm: "solc", settings: compiler.settings as Compiler["settings"] }),
};
