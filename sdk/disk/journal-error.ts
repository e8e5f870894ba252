/** A fault of a journal, in one sentence. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}
