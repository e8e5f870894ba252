/** Parts of views: sections, figures with their names, and the state of a read. */
import type { ComponentChildren } from "preact";

import { grouped } from "../words/amounts.js";
import type { Read } from "../state/read.js";

/** A part of a view. */
export function Section({
  title,
  children,
}: {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** A figure with its name. */
export interface NamedFigure {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
}

/** Figures side by side. */
export function Figures({ of }: { readonly of: readonly NamedFigure[] }) {
  return (
    <dl class="figures">
      {of.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note !== undefined && <p class="note">{note}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** State of a read in a view: value, progress, or reason of the failure. */
export function Reading<T>({
  of: { value, failure, progress },
  children,
}: {
  readonly of: Read<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const isWaiting = value === undefined && failure === undefined;
  return (
    <>
      {failure !== undefined && (
        <p class="alert" role="alert">
          {failure}
        </p>
      )}
      {progress !== undefined && (
        <div class="progress">
          <progress
            aria-label="History read"
            value={progress.block - progress.from}
            max={Math.max(1, progress.to - progress.from)}
          />
          <p title="Source: eth_getLogs">
            History read to block {grouped(BigInt(progress.block))} of{" "}
            {grouped(BigInt(progress.to))}: {grouped(BigInt(progress.events))} events
          </p>
        </div>
      )}
      {isWaiting && progress === undefined && <p class="empty">Reading…</p>}
      {value !== undefined && children(value)}
    </>
  );
}
