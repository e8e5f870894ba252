/** What a meter cannot do, in one sentence. Nothing was counted, signed or lost. */
export class MeterError extends Error {
  override readonly name = "MeterError";
}
