/**
 * Artifacts of this repository with parsed interfaces. ethers parses an ABI for each new
 * `Interface`, which was half of a deployment's time. It uses parsed fragments unchanged.
 */
import { Contract, Interface, NamedFragment, type BaseContract, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import type { ArtifactResolver } from "@nomicfoundation/ignition-core";
import type { NetworkConnection } from "hardhat/types/network";

type Artifact = Awaited<ReturnType<ArtifactResolver["loadArtifact"]>>;

const parsed = new Map<string, Promise<{ artifact: Artifact; api: Interface }>>();

async function parse(name: string) {
  const artifact: Artifact = await hre.artifacts.readArtifact(name);
  const api = new Interface(artifact.abi as InterfaceAbi);
  for (const fragment of api.fragments)
    if (fragment instanceof NamedFragment) keepSignature(fragment);
  return { artifact: { ...artifact, abi: [...api.fragments] as unknown as Artifact["abi"] }, api };
}

/** Spells a fragment's signature once. ethers spells all of an ABI for each new `Interface`, of which Ignition makes hundreds. */
function keepSignature(fragment: NamedFragment): void {
  const signature = fragment.format();
  const spell = fragment.format.bind(fragment);
  fragment.format = (format) =>
    format === undefined || format === "sighash" ? signature : spell(format);
}

function load(name: string) {
  let entry = parsed.get(name);
  if (entry === undefined) parsed.set(name, (entry = parse(name)));
  return entry;
}

/** The artifacts of this repository for Ignition. */
export class ParsedArtifacts extends HardhatArtifactResolver implements ArtifactResolver {
  constructor() {
    super(hre.artifacts);
  }

  override async loadArtifact(name: string): Promise<Artifact> {
    return (await load(name)).artifact;
  }
}

/** The contract of an artifact at an address, with the first account of the connection if it has one. */
export async function contractAt<T extends BaseContract>(
  { ethers }: NetworkConnection,
  name: string,
  address: string,
): Promise<T> {
  const { api } = await load(name);
  const [signer] = await ethers.getSigners();
  return new Contract(address, api, signer ?? ethers.provider) as unknown as T;
}

const interfaces = new WeakMap<object, Interface>();

/** The interface of an ABI that was read from a file; parsed once. */
export function interfaceOf(abi: InterfaceAbi): Interface {
  if (typeof abi !== "object") return new Interface(abi);
  let api = interfaces.get(abi);
  if (api === undefined) interfaces.set(abi, (api = Interface.from(abi)));
  return api;
}
