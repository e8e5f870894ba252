/** What is wrong with a journal, in one sentence. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}
