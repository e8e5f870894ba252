/** Returns a finding in one sentence, or throws the reason why it does not pass. */
export type Check = () => string | Promise<string>;

/** Runs checks one after the other, those named or all, and prints a line each; whether all of them passed. */
export async function runChecks(
  checks: Readonly<Record<string, Check>>,
  names: readonly string[],
  print: (line: string) => void,
): Promise<boolean> {
  let passed = true;
  for (const name of names.length > 0 ? names : Object.keys(checks)) {
    try {
      const check = checks[name];
      if (!check) throw new Error("there is no check of this name.");
      print(`ok    ${name}: ${await check()}`);
    } catch (error) {
      passed = false;
      print(`FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return passed;
}
