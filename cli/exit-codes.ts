/** Every exit code of `opa`, with its meaning. */
export const EXIT_CODES = {
  done: { code: 0, meaning: "Done; or what was asked about is as it should be." },
  failed: { code: 1, meaning: "An error that the command has no sentence for." },
  usage: {
    code: 2,
    meaning: "The command line is wrong: an unknown option, a missing or a malformed value.",
  },
  setup: {
    code: 3,
    meaning:
      "The setup is wrong: no node, another chain, no manifest, no key, a wrong password, a file that cannot be read.",
  },
  refused: { code: 4, meaning: "The contracts refuse, or would refuse, the transaction." },
  negative: {
    code: 5,
    meaning:
      "The answer is no: `statement check` found a line that does not settle, `doctor` or `safety` found a problem.",
  },
  unknown: {
    code: 6,
    meaning: "A transaction was sent and is not mined yet; its hash was printed.",
  },
  interrupted: { code: 130, meaning: "Interrupted by Ctrl-C." },
} as const satisfies Record<string, { code: number; meaning: string }>;

/** Name of an exit code. */
export type Exit = keyof typeof EXIT_CODES;

/** A command that ends without success; the message is a sentence, with the remedy if there is one. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exit: Exit;

  constructor(exit: Exit, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
  }
}
