/** Comments and documents have short sentences and few relative pronouns in place of a noun. */
import { CheckError, listFiles, readText } from "./files.js";
import { countWords, listWords, readComments, readMarkdown, type Sentence } from "./prose.js";

/** Words that describe a thing instead of naming it. */
const VAGUE = new Set(["what", "whatever", "whoever", "whom", "whomever"]);

/** Most vague words in a thousand words of comment. */
const MOST_VAGUE = 2;

/** Most words of a sentence in a comment, and in the documents that everybody reads first. */
const LONGEST_COMMENT = 32;
const LONGEST_PROSE = 30;

const DOCUMENTS = ["README.md", "docs/architecture.md"];

/** Documents for users of each role, which keep the limit of {@link DOCUMENTS} as well. */
const FOR_USERS = /^docs\/(guides\/|runbooks\/|dashboard\.md$|cli\.md$)|^examples\/.*README\.md$/;

/** Top folders of sources; each keeps the limits alone. */
const FOLDERS = [
  ...["contracts", "sdk", "cli", "dashboard", "examples", "deploy"],
  ...["scripts", "tools", "bench", "test"],
];

/** A sentence and its file. */
interface Place extends Sentence {
  readonly file: string;
}

/** Reads all comments and documents and names the places that break a limit. */
export function checkLanguage(root: string): string {
  const faults: string[] = [];
  let words = 0;
  for (const folder of FOLDERS) {
    const comments = readFolder(root, folder);
    const count = comments.reduce((sum, { text }) => sum + countWords(text), 0);
    words += count;
    faults.push(...findVague(folder, comments, count), ...findLong(comments, LONGEST_COMMENT));
  }
  const guides = ["docs", "examples"].flatMap((folder) => listFiles(root, folder));
  const documents = [...DOCUMENTS, ...guides.filter((file) => FOR_USERS.test(file))];
  for (const file of documents) {
    const sentences = readMarkdown(readText(root, file)).map((sentence) => ({ file, ...sentence }));
    faults.push(...findLong(sentences, LONGEST_PROSE));
  }

  if (faults.length > 0) throw new CheckError(faults.join("\n      "));
  return `${words} words of comment and ${documents.length} documents are in plain language`;
}

/** Sentences of all comments below a folder. */
function readFolder(root: string, folder: string): Place[] {
  return listFiles(root, folder)
    .filter((file) => /\.(?:sol|tsx?|mjs)$/.test(file))
    .flatMap((file) =>
      readComments(file, readText(root, file)).map((sentence) => ({ file, ...sentence })),
    );
}

/** One fault if a folder has too many vague words for its `count` of words, with all their places. */
function findVague(folder: string, sentences: readonly Place[], count: number): string[] {
  const vague = sentences.flatMap((place) =>
    listWords(place.text)
      .filter((word) => VAGUE.has(word))
      .map((word) => `${place.file}:${place.line} "${word}"`),
  );
  if (vague.length * 1_000 <= MOST_VAGUE * count) return [];
  const share = ((vague.length * 1_000) / count).toFixed(1);
  return [
    `${folder}/ has ${share} vague words in 1,000 words of comment, and ${MOST_VAGUE} are allowed: ${vague.join(", ")}.`,
  ];
}

/** One fault for each sentence of more than `most` words. */
function findLong(sentences: readonly Place[], most: number): string[] {
  return sentences
    .map((place) => ({ ...place, count: countWords(place.text) }))
    .filter(({ count }) => count > most)
    .map(
      ({ file, line, count }) =>
        `${file}:${line} has a sentence of ${count} words, and ${most} are allowed.`,
    );
}
