/** A deployment that cannot start or go on; the message is one sentence. */
export class DeploymentError extends Error {
  override readonly name = "DeploymentError";
}
