/** Numbers, times and addresses, each with its unit and, on hover, its exact value and its source. */
import type { ComponentChildren } from "preact";

import type { Source } from "../reads/source.js";
import { exactOpa, grouped, shortOpa } from "../words/amounts.js";
import { shortAddress } from "../words/names.js";
import { iso, relativeText, timeText } from "../words/times.js";
import { useSession } from "../state/session.js";
import { useCopy } from "./copy.js";

interface ValueProps {
  /** Where it was read. */
  readonly source: Source;
  /** Whether it is a control that copies; in tables the whole table is copied instead. */
  readonly isPlain?: boolean;
}

/** An amount of OPA. */
export function Opa({ wei, source, isPlain }: ValueProps & { readonly wei: bigint }) {
  const title = `${exactOpa(wei)} OPA. Source: ${source}`;
  return (
    <Figure exact={exactOpa(wei)} what="Amount" title={title} isPlain={isPlain}>
      {shortOpa(wei)} <span class="unit">OPA</span>
    </Figure>
  );
}

/** A price: OPA for one of something. */
export function Price({
  wei,
  unit,
  source,
  isPlain,
}: ValueProps & { readonly wei: bigint; readonly unit: string }) {
  const title = `${exactOpa(wei)} OPA per ${unit}. Source: ${source}`;
  return (
    <Figure exact={exactOpa(wei)} what="Price" title={title} isPlain={isPlain}>
      {shortOpa(wei, 9)} <span class="unit">OPA per {unit}</span>
    </Figure>
  );
}

/** Votes: OPA locked for the longest time. */
export function Votes({ wei, source, isPlain }: ValueProps & { readonly wei: bigint }) {
  const title = `${exactOpa(wei)} votes. Source: ${source}`;
  return (
    <Figure exact={exactOpa(wei)} what="Votes" title={title} isPlain={isPlain}>
      {shortOpa(wei, 2)} <span class="unit">votes</span>
    </Figure>
  );
}

/** A number of something. */
export function Count({
  value,
  unit,
  source,
  isPlain,
}: ValueProps & { readonly value: bigint; readonly unit: string }) {
  const title = `${value} ${unit}. Source: ${source}`;
  return (
    <Figure exact={value.toString()} what="Number" title={title} isPlain={isPlain}>
      {grouped(value)} <span class="unit">{value === 1n ? unit.replace(/s$/, "") : unit}</span>
    </Figure>
  );
}

/** A number that is a text already, such as a percentage. */
export function Share({ text, source }: ValueProps & { readonly text: string }) {
  return <data title={`${text}. Source: ${source}`}>{text}</data>;
}

/** Words of the chain: a name, a number that identifies something, or a sentence with numbers. */
export function Words({
  source,
  children,
}: {
  readonly source: Source;
  readonly children: ComponentChildren;
}) {
  return <span title={`Source: ${source}`}>{children}</span>;
}

/** A time, with how far it is from the latest block. */
export function When({ at, source }: ValueProps & { readonly at: bigint }) {
  const { head } = useSession();
  if (at === 0n) return <data title={`never. Source: ${source}`}>never</data>;
  return (
    <time dateTime={iso(at)} title={`${relativeText(at, head.time)}. Source: ${source}`}>
      {timeText(at)}
    </time>
  );
}

/** An address that can be copied. */
export function Address({ of, name }: { readonly of: string; readonly name?: string | undefined }) {
  const copy = useCopy();
  return (
    <button
      type="button"
      class="address"
      title={`${of}. Copies the address.`}
      onClick={() => {
        copy(of, "Address");
      }}
    >
      {name === undefined ? shortAddress(of) : `${name} ${shortAddress(of)}`}
    </button>
  );
}

/** The hash of a transaction, which can be copied. */
export function Hash({ of }: { readonly of: string }) {
  const copy = useCopy();
  return (
    <button
      type="button"
      class="address"
      title={`${of}. Copies the hash.`}
      onClick={() => {
        copy(of, "Hash");
      }}
    >
      {of.slice(0, 10)}…
    </button>
  );
}

interface FigureProps {
  readonly exact: string;
  readonly what: string;
  readonly title: string;
  readonly isPlain: boolean | undefined;
  readonly children: ComponentChildren;
}

function Figure({ exact, what, title, isPlain = false, children }: FigureProps) {
  const copy = useCopy();
  if (isPlain)
    return (
      <data value={exact} title={title}>
        {children}
      </data>
    );
  return (
    <button
      type="button"
      class="figure"
      value={exact}
      title={title}
      onClick={() => {
        copy(exact, what);
      }}
    >
      {children}
    </button>
  );
}
