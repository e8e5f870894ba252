/** The connection that all views share: the suite, its latest block, and the histories that were read. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

import { openStore } from "../events/indexed-db.js";
import { History } from "../events/history.js";
import type { Scope } from "../events/logs.js";
import { openChain, readHead, type Head } from "../reads/chain.js";
import type { Settings } from "../reads/settings.js";
import { connectSuite, type Suite } from "../reads/suite.js";
import { failureText } from "../words/errors.js";

/** Milliseconds from one look for a new block to the next, and to the next try after a failure. */
const POLL = 2_000;

/** A connection that works, or worked until `interruption`. */
export interface Session {
  readonly rpc: string;
  readonly suite: Suite;
  readonly head: Head;
  /** Why the latest block is not known; undefined while the node answers. */
  readonly interruption: string | undefined;
  readonly historyOf: (scope: Scope) => History;
}

/** A connection in the making, with the reason if it failed. */
export interface NoSession {
  readonly rpc: string;
  readonly failure: string | undefined;
}

export type SessionState = Session | NoSession;

/** Whether a state is a connection. */
export function isSession(state: SessionState): state is Session {
  return "suite" in state;
}

const SessionContext = createContext<Session | undefined>(undefined);

/** Gives the views inside a connection. */
export const SessionProvider = SessionContext.Provider;

/** The connection of a view. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("A view was used without a connection.");
  return session;
}

/** Connects, looks for new blocks while somebody looks at the page, and connects again after a failure. */
export function useConnection({ rpc, deployment }: Settings): SessionState {
  const [state, setState] = useState<SessionState>({ rpc, failure: undefined });
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let session: Session | undefined;
    let isConnected = false;
    const look = async () => {
      try {
        if (!isConnected || !session) {
          session?.suite.provider.destroy();
          session = await connect({ rpc, deployment });
          isConnected = true;
        } else if (!document.hidden) {
          const head = await readHead(session.suite.provider);
          if (head.hash !== session.head.hash) session = { ...session, head };
        }
        if (!isOver) setState(session);
      } catch (error) {
        isConnected = false;
        const failure = failureText(error);
        if (!isOver) setState(session ? { ...session, interruption: failure } : { rpc, failure });
      }
      if (!isOver) timer = setTimeout(() => void look(), POLL);
    };
    setState({ rpc, failure: undefined });
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
      session?.suite.provider.destroy();
    };
  }, [rpc, deployment]);
  return state;
}

async function connect({ rpc, deployment }: Settings): Promise<Session> {
  const provider = await openChain(rpc, deployment);
  try {
    const [suite, head, store] = await Promise.all([
      connectSuite(deployment, provider),
      readHead(provider),
      openStore(),
    ]);
    const histories = new Map<string, History>();
    const key = `${suite.chainId}/${suite.modules.get("system-directory") ?? ""}`;
    const source = { provider, store, from: suite.deploymentBlock, deployment: key };
    const historyOf = (scope: Scope) => {
      const history = histories.get(scope.name) ?? new History(scope, source);
      histories.set(scope.name, history);
      return history;
    };
    return { rpc, suite, head, historyOf, interruption: undefined };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}
