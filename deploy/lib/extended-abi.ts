/** The ABI that answers at the address of a contract that hands calls to an extension. */
import { Interface, type InterfaceAbi, type JsonFragment } from "ethers";

/** The extension that answers all other functions of a contract. */
export const EXTENSIONS: Readonly<Partial<Record<string, "MeterExtension">>> = {
  Meter: "MeterExtension",
};

/** The ABI of a contract and of its extension together, without the constructor of the latter and the way there. */
export function joinAbis(own: InterfaceAbi, extension: InterfaceAbi): JsonFragment[] {
  const fragments = fragmentsOf(own);
  const known = new Set(fragments.map(nameOf));
  const added = fragmentsOf(extension).filter(
    (fragment) => fragment.type !== "constructor" && !known.has(nameOf(fragment)),
  );
  return [...fragments.filter(({ type }) => type !== "fallback"), ...added];
}

function fragmentsOf(abi: InterfaceAbi): JsonFragment[] {
  return JSON.parse(new Interface(abi).formatJson()) as JsonFragment[];
}

/** Kind, name and types, which identify a fragment. */
function nameOf({ type, name, inputs }: JsonFragment): string {
  return JSON.stringify([type, name, inputs]);
}
