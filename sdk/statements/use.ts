/** Use of one resource in a call. */
export interface Use {
  readonly resource: bigint;
  readonly units: bigint;
}
