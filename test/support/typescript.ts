import path from "node:path";

import ts from "typescript";

/** Parsed files by their settings, because projects share the declarations of their packages. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles a project in this process, which also writes its JavaScript unless its settings say otherwise.
 *
 * @param isOwn Files to find errors in. Declarations of other packages are not the matter of a test.
 * @returns its errors; none are an empty text.
 */
export function compileProject(folder: string, isOwn: (file: string) => boolean): string {
  const { config, error } = ts.readConfigFile(path.join(folder, "tsconfig.json"), (file) =>
    ts.sys.readFile(file),
  ) as { config: unknown; error?: ts.Diagnostic };
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, version, ...rest) => {
    const key = JSON.stringify([file, version, options.module]);
    if (!file.includes("/node_modules/")) return read(file, version, ...rest);
    if (!parsed.has(key)) parsed.set(key, read(file, version, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram(fileNames, options, host);
  const found = [
    ...(error === undefined ? [] : [error]),
    ...[...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()],
  ];
  const own = program.getSourceFiles().filter(({ fileName }) => isOwn(fileName));
  if (own.length === 0) throw new Error(`no file of ${folder} is to be checked`);
  for (const file of own)
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  if (options.noEmit !== true) found.push(...program.emit().diagnostics);
  return ts.formatDiagnostics(found, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => "\n",
  });
}
