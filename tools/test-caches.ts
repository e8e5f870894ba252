/** Loaded by mocha in each of its processes: does once the work that ethers and Hardhat repeat for each contract of a test. */
import { keccak256 } from "ethers";
import hre from "hardhat";

/** Lengths of inputs that repeat: addresses and signatures, and the code of contracts. */
const SHORT = 64;
const LONG = 1_024;
const MOST_HASHES = 50_000;

hashOnce();
readOnce();

/** Keeps the hashes of short and long inputs, which are a tenth of the time of ethers. */
function hashOnce(): void {
  const hash = keccak256._;
  const hashes = new Map<string, Uint8Array>();
  keccak256.register((data) => {
    if (data.length > SHORT && data.length < LONG) return hash(data);
    const key = Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");
    let found = hashes.get(key);
    if (found === undefined) {
      if (hashes.size === MOST_HASHES) hashes.clear();
      hashes.set(key, (found = hash(data)));
    }
    return found;
  });
}

/** Keeps artifacts, which Hardhat reads from the disk for each deployment and each contract at an address. */
function readOnce(): void {
  const read = hre.artifacts.readArtifact.bind(hre.artifacts);
  const artifacts = new Map<string, ReturnType<typeof read>>();
  hre.artifacts.readArtifact = ((name: string) => {
    let artifact = artifacts.get(name);
    if (artifact === undefined) artifacts.set(name, (artifact = read(name)));
    return artifact;
  }) as typeof hre.artifacts.readArtifact;
}
