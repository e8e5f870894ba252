/** Work in slices, so that the page answers its reader in between. */

/** Milliseconds of work after which the page gets its turn. */
const SLICE = 12;

/** Lets the page do pending work, then continues. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** Handles items one after another, in slices of some milliseconds. */
export async function inSlices<T>(
  items: readonly T[],
  handle: (item: T) => void,
  pause: () => Promise<void> = breathe,
): Promise<void> {
  let started = performance.now();
  for (const item of items) {
    handle(item);
    if (performance.now() - started < SLICE) continue;
    await pause();
    started = performance.now();
  }
}
