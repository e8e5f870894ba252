/** Takes the prose out of a file: comments of Solidity and TypeScript, paragraphs of Markdown. */
import ts from "typescript";

/** One sentence, with the line of its file in which it begins. */
export interface Sentence {
  readonly line: number;
  readonly text: string;
}

/** A line of a comment. */
interface CommentLine extends Sentence {
  /** Whether code stands before it. */
  readonly isTrailing: boolean;
}

/** A run of words that belongs together: a NatSpec tag, a list item, a paragraph. */
type Passage = readonly Sentence[];

/** Marks that begin a passage, with the name of a parameter. */
const MARK = /^(?:[-*] |\d+\. |@(?:param|custom:\S+)\s+\S+|@\w+)\s*/;

/** Comments for tools. */
const DIRECTIVE = /^(?:SPDX-|eslint-|solhint-|prettier-|c8 |@ts-|hardhat-config:|#)/;

/** Sentences of all comments of a source; NatSpec tags, list items and empty lines end a sentence. */
export function readComments(file: string, source: string): Sentence[] {
  const comments = file.endsWith(".sol") ? listSolidity(source) : listTypeScript(source);
  const passages: Sentence[][] = [];
  let previous: CommentLine | undefined;
  for (const comment of comments) {
    const { line, text, isTrailing } = comment;
    const goesOn = previous?.line === line - 1 && !previous.isTrailing && !isTrailing;
    if (!goesOn || MARK.test(text) || text === "") passages.push([]);
    passages.at(-1)?.push({ line, text: text.replace(MARK, "") });
    previous = comment;
  }
  return passages.flatMap(splitSentences);
}

/** Sentences of a Markdown document without code, tables, quotations of HTML and headings. */
export function readMarkdown(source: string): Sentence[] {
  const passages: Sentence[][] = [[]];
  let isCode = false;
  for (const [index, raw] of source.split("\n").entries()) {
    const text = raw.trim();
    if (text.startsWith("```")) isCode = !isCode;
    const isProse = !isCode && !/^(?:```|\||#|<)/.test(text) && text !== "";
    if (!isProse || /^(?:[-*] |\d+\. )/.test(text)) passages.push([]);
    if (isProse)
      passages.at(-1)?.push({ line: index + 1, text: text.replace(/^(?:[-*] |\d+\. )/, "") });
  }
  return passages.flatMap(splitSentences);
}

/** Number of words; a piece of code and the target of a link are one word at most. */
export function countWords(text: string): number {
  return listWords(text).length;
}

/** Words of a text in lower case, without marks. */
export function listWords(text: string): string[] {
  return text
    .replace(/\]\([^)]*\)/g, "]")
    .replace(/`[^`]*`/g, "code")
    .split(/\s+/)
    .map((word) => word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word !== "");
}

/** Cuts a passage behind each full stop, question mark and exclamation mark that a space follows. */
function splitSentences(passage: Passage): Sentence[] {
  const sentences: { line: number; words: string[] }[] = [];
  let isOpen = false;
  for (const { line, text } of passage) {
    for (const word of text.split(/\s+/).filter((piece) => piece !== "")) {
      if (!isOpen) sentences.push({ line, words: [] });
      sentences.at(-1)?.words.push(word);
      isOpen = !/[.!?][)\]"'*_`”]*$/.test(word) || /^(?:e\.g\.|i\.e\.|etc\.)/.test(word);
    }
  }
  return sentences.map(({ line, words }) => ({ line, text: words.join(" ") }));
}

/** Lines of the comments of a Solidity source, which has neither templates nor regular expressions. */
function listSolidity(source: string): CommentLine[] {
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return [...source.matchAll(tokens)]
    .filter(([token]) => token.startsWith("/"))
    .flatMap((match) => cutLines(source, match.index, match.index + match[0].length));
}

/** Lines of the comments of a TypeScript source, which stand before or behind a token. */
function listTypeScript(source: string): CommentLine[] {
  const file = ts.createSourceFile("source.tsx", source, ts.ScriptTarget.Latest, true);
  const ends = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file).filter(({ kind }) => !isJsDoc(kind));
    children.forEach(visit);
    if (children.length > 0 || node.kind === ts.SyntaxKind.JsxText) return;
    const before = ts.getLeadingCommentRanges(source, node.getFullStart()) ?? [];
    const behind = ts.getTrailingCommentRanges(source, node.getEnd()) ?? [];
    for (const { pos, end } of [...before, ...behind]) ends.set(pos, end);
  };
  visit(file);
  return [...ends]
    .sort(([left], [right]) => left - right)
    .flatMap(([start, end]) => cutLines(source, start, end));
}

/** Whether a node is a part of a comment. */
function isJsDoc(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstJSDocNode && kind <= ts.SyntaxKind.LastJSDocNode;
}

/** Lines of the comment between two places of a source, without its marks; directives of tools are left out. */
function cutLines(source: string, start: number, end: number): CommentLine[] {
  const before = source.slice(0, start).split("\n");
  const isTrailing = before.at(-1)?.trim() !== "";
  return source
    .slice(start, end)
    .split("\n")
    .map((raw, index) => ({
      line: before.length + index,
      text: raw
        .replace(/^\s*(?:\/\*\*?|\*\/|\*(?!\*)|\/\/\/?)?/, "")
        .replace(/\*\/\s*$/, "")
        .trim(),
      isTrailing,
    }))
    .filter(({ text }) => !DIRECTIVE.test(text));
}
