/** Why a meter refuses. A program decides by this, a person by the message. */
export type MeterErrorCode =
  /** A value that no statement can hold, or a name that is no name. */
  | "invalid"
  /** The name of a call was used for another request. */
  | "reused"
  /** The call is of an epoch whose names are forgotten, so it cannot be told from a repeat. */
  | "forgotten"
  /** The call is of an epoch that has not begun. */
  | "ahead"
  /** The chain has settled more for a line than was ever signed here. */
  | "overtaken"
  /** A statement that differs from the open use, or a signature that is not its signer's. */
  | "unfit"
  /** The storage is of another deployment or another schema version. */
  | "misplaced"
  /** The storage cannot be reached or cannot be written; the same call can be repeated. */
  | "unavailable";

/** A refusal of a meter, in one sentence. Nothing was counted, signed or lost. */
export class MeterError extends Error {
  override readonly name = "MeterError";

  constructor(
    message: string,
    readonly code: MeterErrorCode = "invalid",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
