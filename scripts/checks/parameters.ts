/** Every parameter file is valid, and .env.example names its environment variables. */
import path from "node:path";

import { toBeHex, zeroPadValue } from "ethers";
import json5 from "json5";

import { parseParameters } from "../../deploy/parameters/reader.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { CheckError, listFiles, readText } from "./files.js";

const EXAMPLE = ".env.example";

/** Parses each file, with made-up values for environment variables. */
export function readParameterFiles(root: string): Parameters[] {
  const files = listFiles(root, "deploy/parameters").filter((file) => file.endsWith(".json5"));
  if (files.length === 0) throw new CheckError("There is no parameter file.");
  return files.map((file) => {
    try {
      const content = json5.parse<unknown>(readText(root, file));
      const name = path.basename(file, ".json5");
      return parseParameters(name, content, inventEnvironment(root, content));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CheckError(`${file}: ${reason}`, { cause: error });
    }
  });
}

/** Says that each file can be deployed from. */
export function checkParameters(root: string): string {
  const names = readParameterFiles(root).map(({ name }) => name);
  return `${names.join(" and ")} can be deployed from`;
}

/** A value for each variable that the content names: another address each, or the number of a chain. */
function inventEnvironment(root: string, content: unknown): Record<string, string> {
  const example = readText(root, EXAMPLE);
  const references = JSON.stringify(content).match(/(?<="env:)\w+(?=")/g);
  const variables = [...new Set(references)];
  const unknown = variables.find((name) => !new RegExp(`\\b${name}=`).test(example));
  if (unknown !== undefined) {
    throw new CheckError(
      `${unknown} is taken from the environment, but ${EXAMPLE} does not name it.`,
    );
  }
  return Object.fromEntries(
    variables.map((name, i) => [
      name,
      name.endsWith("_ADDRESS") ? zeroPadValue(toBeHex(i + 1), 20) : "11155111",
    ]),
  );
}
