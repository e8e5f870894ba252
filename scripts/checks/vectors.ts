/** The golden EIP-712 vectors equal the signatures of the present library. */
import {
  makeAttestationVectors,
  makeReceiptVectors,
  makeVectors,
  renderJson,
  renderSolidity,
} from "../vectors/vectors.js";
import { CheckError, readText } from "./files.js";

/** A file of vectors and its expected content. */
export interface VectorFile {
  readonly file: string;
  readonly content: string;
}

/** All files, made anew. */
export async function renderVectors(): Promise<VectorFile[]> {
  const vectors = await makeVectors();
  return [
    { file: "test/vectors/statements.json", content: renderJson(vectors) },
    { file: "test/vectors/StatementVectors.sol", content: await renderSolidity(vectors) },
    { file: "test/vectors/receipts.json", content: renderJson(await makeReceiptVectors()) },
    { file: "test/vectors/attestations.json", content: renderJson(await makeAttestationVectors()) },
  ];
}

/** Compares files with a fresh rendering. */
export function checkVectors(root: string, rendered: readonly VectorFile[]): string {
  for (const { file, content } of rendered) {
    if (readText(root, file) !== content) {
      throw new CheckError(`${file} is not what the library makes of its cases.`);
    }
  }
  if (rendered.length === 0) throw new CheckError("There are no vectors.");
  return `${rendered.length} files are what the library makes of its cases`;
}
