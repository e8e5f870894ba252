const FIRST_LINE_MS = 2_000;
const NEXT_LINE_MS = 10_000;

/** Reports a build to the person who waits for it: nothing within two seconds, then a line at most every ten. */
export class BuildProgress {
  readonly #subject: string;
  readonly #print: (line: string) => void;
  readonly #startedAt = Date.now();
  #total = 0;
  #done = 0;
  #next: NodeJS.Timeout;
  #hasPrinted = false;

  /** `subject` is the object of the verb, as in "Compiling the contracts". */
  constructor(subject: string, print: (line: string) => void = printLine) {
    this.#subject = subject;
    this.#print = print;
    this.#next = setTimeout(() => {
      this.#report();
    }, FIRST_LINE_MS);
  }

  /** Counts a job of the compiler. */
  add(): void {
    this.#total += 1;
  }

  /** Counts a job as done. */
  finish(): void {
    this.#done += 1;
  }

  /** Ends the report with the time that the build took. */
  end(): void {
    clearTimeout(this.#next);
    if (this.#hasPrinted) this.#print(`Compiled ${this.#subject} in ${this.#seconds()} s.`);
  }

  #report(): void {
    if (this.#total > 0) {
      const progress = `${this.#done} of ${this.#total} compiler jobs done`;
      this.#print(`Compiling ${this.#subject}: ${progress} after ${this.#seconds()} s.`);
      this.#hasPrinted = true;
    }
    this.#next = setTimeout(() => {
      this.#report();
    }, NEXT_LINE_MS);
  }

  #seconds(): number {
    return Math.round((Date.now() - this.#startedAt) / 1_000);
  }
}

function printLine(line: string): void {
  const start = process.stderr.isTTY ? "\r\u001B[K" : ""; // Hardhat's spinner may be on the line
  process.stderr.write(`${start}${line}\n`);
}
