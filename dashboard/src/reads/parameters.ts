/** Governed parameters: the value in force, an announced one, and the bounds. */
import type { IBoundedParameter } from "../../../typechain-types/contracts/interfaces/IBoundedParameter.js";

/** A parameter of a module. */
export interface Parameter {
  readonly value: bigint;
  /** The value that is announced, and the first epoch with it. */
  readonly announced: { readonly value: bigint; readonly epoch: bigint } | undefined;
  readonly minimum: bigint;
  readonly maximum: bigint;
}

/** Reads a parameter at a block. */
export async function readParameter(
  module: Pick<IBoundedParameter, "parameterOf">,
  name: string,
  at: { readonly blockTag: number },
): Promise<Parameter> {
  const { current, bounds } = await module.parameterOf(name, at);
  const { value, next, effectiveEpoch } = current;
  return {
    value,
    announced: effectiveEpoch === 0n ? undefined : { value: next, epoch: effectiveEpoch },
    minimum: bounds.minimum,
    maximum: bounds.maximum,
  };
}
