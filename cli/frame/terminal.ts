/** Where `opa` prints: answers to one stream, progress and errors to the other. */
import { visible, visibleInJson } from "../../sdk/visible.js";
import { renderJson, renderText, type Report } from "./report.js";

/** A stream that text is written to. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How to print. */
export interface TerminalOptions {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FIRST_PROGRESS_MS = 1_000;
const NEXT_PROGRESS_MS = { terminal: 200, other: 5_000 };

/** Prints answers, warnings and progress. */
export class Terminal {
  readonly #options: TerminalOptions;
  json = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Prints an answer. */
  report(report: Report): void {
    if (this.json) this.print(renderJson(report));
    else {
      const [title = "", ...lines] = renderText(report);
      this.print([this.#style(title, "1"), ...lines].join("\n"));
    }
  }

  /** Prints text to the stream for answers. */
  print(text: string): void {
    this.#options.out.write(`${text}\n`);
  }

  /** Prints a sentence beside the answer. */
  remark(text: string): void {
    this.#options.err.write(`${visible(text)}\n`);
  }

  /** Prints why a command ends without success. */
  error(message: string, code: number): void {
    const text = this.json
      ? visibleInJson(JSON.stringify({ error: message, code }, null, 2))
      : this.#style(visible(message), "31", this.#options.err);
    this.#options.err.write(`${text}\n`);
  }

  /** Reports work that takes longer than a second: a line that changes on a terminal, a line every few seconds elsewhere. */
  async during<T>(subject: string, work: (step: (text: string) => void) => Promise<T>): Promise<T> {
    const { err } = this.#options;
    const isTerminal = err.isTTY === true;
    const startedAt = Date.now();
    let last = "";
    const show = (): void => {
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      const line = visible(`${subject}${last === "" ? "" : `: ${last}`} (${seconds} s)`);
      err.write(isTerminal ? `\r\u001B[K${line}` : `${line}\n`);
    };
    const shown = { any: false };
    let timer = setTimeout(function tick() {
      show();
      shown.any = true;
      timer = setTimeout(tick, isTerminal ? NEXT_PROGRESS_MS.terminal : NEXT_PROGRESS_MS.other);
    }, FIRST_PROGRESS_MS);
    try {
      return await work((text) => (last = text));
    } finally {
      clearTimeout(timer);
      if (shown.any && isTerminal) err.write("\r\u001B[K");
    }
  }

  /** Colour on a terminal, unless NO_COLOR is set or the terminal has none. */
  #style(text: string, code: string, sink: Sink = this.#options.out): string {
    const { NO_COLOR: noColour, TERM: term } = this.#options.env;
    const isPlain = sink.isTTY !== true || (noColour ?? "") !== "" || term === "dumb";
    return isPlain ? text : `\u001B[${code}m${text}\u001B[0m`;
  }
}
