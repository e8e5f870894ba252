import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

let folder: string | undefined;

/** Writes files into a new temporary folder and returns it, as a project for the repository checks to read. */
export function makeProject(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(openFolder(), "project-"));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
  return root;
}

/** A folder that is gone when the tests are over. */
function openFolder(): string {
  if (folder === undefined) {
    const created = mkdtempSync(path.join(os.tmpdir(), "opa-projects-"));
    process.once("exit", () => {
      rmSync(created, { recursive: true, force: true });
    });
    folder = created;
  }
  return folder;
}
