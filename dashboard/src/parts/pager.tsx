/** Steps through pages that are read one at a time. */

interface PagerProps {
  readonly count: bigint;
  readonly from: bigint;
  readonly size: number;
  /** What is counted, such as `providers`. */
  readonly noun: string;
  readonly onPage: (from: bigint) => void;
}

/** Buttons for the pages before and after; nothing if one page holds everything. */
export function Pager({ count, from, size, noun, onPage }: PagerProps) {
  const step = BigInt(size);
  if (count <= step) return null;
  return (
    <p class="paging">
      <button
        type="button"
        disabled={from === 0n}
        onClick={() => {
          onPage(from > step ? from - step : 0n);
        }}
      >
        Earlier {noun}
      </button>
      <button
        type="button"
        disabled={from + step >= count}
        onClick={() => {
          onPage(from + step);
        }}
      >
        Later {noun}
      </button>
    </p>
  );
}
