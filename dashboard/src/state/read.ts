/** Reads of a view, repeated with each block. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Progress } from "../events/history.js";
import type { DecodedEvent, Scope } from "../events/logs.js";
import type { Head } from "../reads/chain.js";
import type { Suite } from "../reads/suite.js";
import { failureText } from "../words/errors.js";
import { useSession, type Session } from "./session.js";

/** Inputs of a read. */
export interface ReadContext {
  readonly suite: Suite;
  readonly head: Head;
  /** The events of a scope up to the block; the view shows how far they are. */
  readonly events: (scope: Scope) => Promise<readonly DecodedEvent[]>;
}

/** Values known so far. */
export interface Read<T> {
  readonly value: T | undefined;
  readonly failure: string | undefined;
  /** How far the history is, while it is read. */
  readonly progress: Progress | undefined;
}

/** Value known for a key. */
interface State<T> extends Read<T> {
  readonly key: string;
}

const NOTHING = { value: undefined, failure: undefined, progress: undefined };

/**
 * Reads with each block, and at once if the key changes. One reading begins after the other has ended, so a slow node is
 * not asked twice at a time.
 */
export function useRead<T>(key: string, read: (context: ReadContext) => Promise<T>): Read<T> {
  const session = useSession();
  const [state, setState] = useState<State<T>>({ ...NOTHING, key });
  const latest = useRef({ key, read, session });
  latest.current = { key, read, session };
  const running = useRef<{ again: () => void } | undefined>(undefined);

  // A new suite means that the connection was made anew, so failed reads are repeated.
  const { suite, head } = session;
  useEffect(() => {
    if (running.current) running.current.again();
    else running.current = run(latest, setState, () => (running.current = undefined));
  }, [key, head.hash, suite]);
  useEffect(
    () => () => {
      latest.current = { ...latest.current, key: "" };
    },
    [],
  );
  return state.key === key ? state : NOTHING;
}

interface Job<T> {
  readonly key: string;
  readonly read: (context: ReadContext) => Promise<T>;
  readonly session: Session;
}

/** Runs a job, and again as long as it was asked for in the meantime. */
function run<T>(
  latest: { readonly current: Job<T> },
  set: (change: (before: State<T>) => State<T>) => void,
  onEnd: () => void,
): { again: () => void } {
  let isWanted = true;
  const loop = async () => {
    while (isWanted) {
      isWanted = false;
      const { key, read, session } = latest.current;
      const isCurrent = () => latest.current.key === key;
      const show = (state: Partial<Read<T>>) => {
        if (!isCurrent()) return;
        set((before) => ({ ...(before.key === key ? before : NOTHING), ...state, key }));
      };
      try {
        const value = await read(contextOf(session, isCurrent, show));
        show({ value, failure: undefined, progress: undefined });
      } catch (error) {
        show({ failure: failureText(error), progress: undefined });
      }
    }
    onEnd();
  };
  void loop();
  return {
    again: () => {
      isWanted = true;
    },
  };
}

function contextOf<T>(
  { suite, head, historyOf }: Session,
  isCurrent: () => boolean,
  show: (state: Partial<Read<T>>) => void,
): ReadContext {
  const ending = new AbortController();
  return {
    suite,
    head,
    events: (scope) =>
      historyOf(scope).read(
        head,
        (progress) => {
          if (!isCurrent()) ending.abort(new Error("The view was left."));
          else if (progress.block < progress.to) show({ progress });
        },
        ending.signal,
      ),
  };
}
