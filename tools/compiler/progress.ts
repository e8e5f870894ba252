const FIRST_LINE_MS = 2_000;
/** Milliseconds between two reports: a bar that moves on a terminal, lines elsewhere. */
const NEXT_MS = { terminal: 1_000, other: 10_000 };
const BAR_LENGTH = 24;

/** Where progress is reported. */
export interface ProgressOutput {
  /** Whether the last line can be drawn anew. */
  readonly isTerminal: boolean;
  write(text: string): void;
}

/**
 * Reports a build to the person who waits for it: nothing within two seconds, then a bar on a terminal, and elsewhere a line at
 * most every ten seconds. The time left follows from the work that is done, counted in bytes of compiler input.
 */
export class BuildProgress {
  readonly #subject: string;
  readonly #output: ProgressOutput;
  readonly #startedAt = Date.now();
  #jobs = { total: 0, done: 0 };
  #bytes = { total: 0, done: 0 };
  /** Start of the first job; the time before takes no compiler. */
  #firstJobAt = 0;
  #next: NodeJS.Timeout;
  #hasPrinted = false;

  /** `subject` names the sources, as in "Compiling the contracts". */
  constructor(subject: string, output: ProgressOutput = standardError()) {
    this.#subject = subject;
    this.#output = output;
    this.#next = setTimeout(() => {
      this.#report();
    }, FIRST_LINE_MS);
  }

  /** Counts a job of the compiler with the bytes of its input. */
  add(bytes: number): void {
    if (this.#jobs.total === 0) this.#firstJobAt = Date.now();
    this.#jobs.total += 1;
    this.#bytes.total += bytes;
  }

  /** Counts a job as done. */
  finish(bytes: number): void {
    this.#jobs.done += 1;
    this.#bytes.done += bytes;
  }

  /** Ends the report with the time that the build took. */
  end(): void {
    clearTimeout(this.#next);
    if (!this.#hasPrinted) return;
    const seconds = Math.round((Date.now() - this.#startedAt) / 1_000);
    this.#print(`Compiled ${this.#subject} in ${seconds} s.`, true);
  }

  #report(): void {
    const { isTerminal } = this.#output;
    if (this.#jobs.total > 0) {
      const { done, total } = this.#jobs;
      const count = `${done} of ${total} compiler jobs done`;
      const bar = isTerminal ? `${this.#bar()} ` : "";
      this.#print(`Compiling ${this.#subject}: ${bar}${count}, ${this.#timeLeft()}.`, !isTerminal);
      this.#hasPrinted = true;
    }
    this.#next = setTimeout(
      () => {
        this.#report();
      },
      isTerminal ? NEXT_MS.terminal : NEXT_MS.other,
    );
  }

  #bar(): string {
    const { done, total } = this.#bytes;
    const filled = Math.floor((BAR_LENGTH * done) / total);
    return `[${"#".repeat(filled)}${"-".repeat(BAR_LENGTH - filled)}]`;
  }

  /** Time left at the pace so far; before the first job is done nobody knows it. */
  #timeLeft(): string {
    const { done, total } = this.#bytes;
    const passed = Date.now() - this.#firstJobAt;
    if (done === 0) return `${Math.round(passed / 1_000)} s so far`;
    return `about ${Math.ceil((passed * (total - done)) / done / 1_000)} s left`;
  }

  #print(line: string, isLast: boolean): void {
    const start = this.#output.isTerminal ? "\r\u001B[K" : ""; // Hardhat's spinner may be on the line
    this.#output.write(`${start}${line}${isLast ? "\n" : ""}`);
  }
}

function standardError(): ProgressOutput {
  return {
    isTerminal: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  };
}
