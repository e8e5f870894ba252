import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

const ROOT = path.join(import.meta.dirname, "..", "..");

/**
 * Writes `cjs` beside the folder `esm` of a built library. The declarations are the same, and the types are checked already,
 * so each source is translated alone, which takes half of the time of another build.
 */
export function writeCommonJs(dist: string): void {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(ROOT, "tsconfig.cjs.json"), (name) => ts.sys.readFile(name)).config,
    ts.sys,
    ROOT,
  );
  for (const file of globSync("**/*.{js,d.ts}", { cwd: path.join(dist, "esm") })) {
    const target = path.join(dist, "cjs", file);
    mkdirSync(path.dirname(target), { recursive: true });
    if (file.endsWith(".js")) {
      const source = path.join(ROOT, file.replace(/\.js$/, ".ts"));
      const text = readFileSync(source, "utf8");
      const translated = ts.transpileModule(text, { compilerOptions: options, fileName: source });
      writeFileSync(target, translated.outputText);
    } else copyFileSync(path.join(dist, "esm", file), target);
  }
}
