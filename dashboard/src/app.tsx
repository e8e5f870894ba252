/** The page: which node it reads, its views, and the one that is open. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Announcements } from "./parts/copy.js";
import type { PartialSettings, Settings } from "./reads/settings.js";
import {
  isSession,
  SessionProvider,
  useConnection,
  type Session,
  type SessionState,
} from "./state/session.js";
import { useWallets, WalletsProvider } from "./state/wallet.js";
import { usePath } from "./state/path.js";
import { grouped } from "./words/amounts.js";
import { timeText } from "./words/times.js";
import { PlanDialog } from "./views/plan-dialog.js";
import { WalletMenu } from "./views/wallet-menu.js";
import { SettingsForm } from "./views/settings.js";
import { FIRST_VIEW, VIEWS } from "./views/index.js";

/** The whole page. */
export function App({ known }: { readonly known: PartialSettings }) {
  const [settings, setSettings] = useState(known);
  const [isChanging, setChanging] = useState(false);
  const { rpc, deployment } = settings;
  const [chosen, setChosen] = useState<Settings | undefined>(
    rpc === undefined || deployment === undefined ? undefined : { rpc, deployment },
  );
  return (
    <Announcements>
      {chosen === undefined || isChanging ? (
        <Frame status="Not connected">
          <SettingsForm
            known={chosen ?? settings}
            onDone={(entered) => {
              setSettings(entered);
              setChosen(entered);
              setChanging(false);
            }}
          />
        </Frame>
      ) : (
        <Connected
          settings={chosen}
          onChange={() => {
            setChanging(true);
          }}
        />
      )}
    </Announcements>
  );
}

/** The page once it knows which node to read. */
function Connected({
  settings,
  onChange,
}: {
  readonly settings: Settings;
  readonly onChange: () => void;
}) {
  const state = useConnection(settings);
  const wallets = useWallets();
  const path = usePath();
  const view = VIEWS.find((each) => each.path === path.view) ?? FIRST_VIEW;
  const change = (
    <button type="button" onClick={onChange}>
      Change node
    </button>
  );
  if (!isSession(state))
    return (
      <Frame status={state.failure === undefined ? "Connecting…" : "Not connected"} extra={change}>
        {state.failure === undefined ? (
          <p class="empty">Connecting to {state.rpc}…</p>
        ) : (
          <p class="alert" role="alert">
            {state.failure} The page tries again every few seconds.
          </p>
        )}
      </Frame>
    );
  const Page = view.page;
  return (
    <SessionProvider value={state}>
      <WalletsProvider value={wallets}>
        <Frame
          status={<Status of={state} />}
          extra={
            <>
              <WalletMenu />
              {change}
            </>
          }
          open={view.path}
        >
          <Interruption of={state} />
          <Heading title={view.title} />
          <Page />
        </Frame>
        <PlanDialog />
      </WalletsProvider>
    </SessionProvider>
  );
}

interface FrameProps {
  readonly status: ComponentChildren;
  readonly extra?: ComponentChildren;
  /** Path of the view that is open. */
  readonly open?: string;
  readonly children: ComponentChildren;
}

/** Frame of every view. */
function Frame({ status, extra, open, children }: FrameProps) {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header>
        <h1>OPA</h1>
        <p class="status">{status}</p>
        {extra}
      </header>
      <nav aria-label="Views">
        <ul>
          {VIEWS.map(({ path, title }) => (
            <li key={path}>
              <a href={`#/${path}`} aria-current={path === open ? "page" : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer>
        <p>
          Read in this browser from the node that you named, and from nowhere else. Hover over a
          number for its exact value and its source; press it to copy it.
        </p>
      </footer>
    </>
  );
}

/** Moves the focus to the content; the address keeps naming the view. */
function skip(click: MouseEvent): void {
  click.preventDefault();
  document.getElementById("main")?.focus();
}

function Status({ of: { suite, head } }: { readonly of: Session }) {
  return (
    <>
      Chain <data title="Source: eth_chainId">{`${suite.chainId}`}</data>, block{" "}
      <data class="block" value={head.number} title={`${head.hash}. Source: eth_getBlockByNumber`}>
        {grouped(BigInt(head.number))}
      </data>
      , <time title="Time of the block. Source: eth_getBlockByNumber">{timeText(head.time)}</time>
    </>
  );
}

function Interruption({ of }: { readonly of: SessionState }) {
  if (!isSession(of) || of.interruption === undefined) return null;
  return (
    <p class="alert" role="alert">
      {of.interruption} What is shown is of block {grouped(BigInt(of.head.number))}. The page tries
      again every few seconds.
    </p>
  );
}

/** The title of a view, which gets the focus when the view changes. */
function Heading({ title }: { readonly title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} – OPA`;
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [title]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {title}
    </h2>
  );
}
