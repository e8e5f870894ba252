/** Every requirement that this release claims has a row in docs/requirements.md and is named by a test. */
import { CheckError, listTestFiles, readText } from "./files.js";

/** Ids of the requirements that this release claims. */
export const CLAIMED = [
  ...["TOK-1", "TOK-2", "TOK-3", "TOK-4", "TOK-5"],
  ...["REL-1", "REL-2", "REL-3", "REL-4", "REL-5", "REL-6", "REL-7"],
  ...["RES-1", "RES-2", "RES-3", "RES-4", "RES-5"],
  ...["ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-5"],
  ...["SET-1", "SET-2", "SET-3", "SET-4", "SET-5", "SET-6", "SET-7"],
  ...["NOD-1", "NOD-2", "NOD-3", "NOD-4", "NOD-5"],
  ...["INC-1", "INC-2", "INC-3", "INC-4", "INC-5", "INC-6", "INC-7"],
  ...["GOV-1", "GOV-2", "GOV-3", "GOV-4", "GOV-5", "GOV-6"],
  ...["RSV-1", "RSV-2", "RSV-3", "SAF-1", "SAF-2", "SAF-3", "SAF-4"],
  ...["EVO-1", "EVO-2", "EVO-3", "OBS-1", "OBS-2", "OBS-3"],
  ...["INT-1", "INT-2", "INT-3", "INT-4", "INT-5", "INT-6", "INT-7"],
];

const DOCUMENT = "docs/requirements.md";

/** Looks for each id in tests and in the rows of the document; the tests of the checks do not count. */
export function checkRequirementIds(root: string, claimed: readonly string[] = CLAIMED): string {
  const tests = listTestFiles(root).filter((file) => !file.startsWith("test/unit/checks/"));
  const inTests = namedIn(root, tests);
  const rows = [...readText(root, DOCUMENT).matchAll(/^\| ([A-Z]{3}-\d+) /gm)].map(
    ([, id = ""]) => id,
  );

  const untested = claimed.filter((id) => !inTests.has(id));
  if (untested.length > 0) throw new CheckError(`No test names ${untested.join(", ")}.`);
  if (rows.join() !== claimed.join()) {
    const missing = claimed.filter((id) => !rows.includes(id));
    throw new CheckError(
      missing.length > 0
        ? `${DOCUMENT} has no row for ${missing.join(", ")}.`
        : `${DOCUMENT} has other rows, or another order, than the requirements claimed.`,
    );
  }
  return `${claimed.length} requirements have a row in ${DOCUMENT} and a test that names them`;
}

/** Ids of requirements in these files. */
function namedIn(root: string, files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => readText(root, file).match(/\b[A-Z]{3}-\d+\b/g) ?? []));
}
