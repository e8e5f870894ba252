/** A 32-bit number that looks random and depends on `seed` and `index` only (the MurmurHash3 finaliser). */
export function mix32(seed: number, index: number): number {
  let x = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A sequence of numbers from 0 up to, not including, 1, always the same for one seed. */
export function createRandom(seed: number): () => number {
  let index = 0;
  return () => mix32(seed, index++) / 2 ** 32;
}
