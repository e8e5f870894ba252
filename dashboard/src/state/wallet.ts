/** The wallet that is connected, if one is, and the plan that waits for its owner. */
import { getAddress } from "ethers";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

import { discoverWallets, type Wallet, type WalletProvider } from "../wallet/discovery.js";
import type { Plan } from "../wallet/plans.js";
import { failureText } from "../words/errors.js";

/** A connected wallet. */
export interface Connected {
  readonly name: string;
  readonly provider: WalletProvider;
  readonly account: string;
}

/** State of wallets for views. */
export interface WalletState {
  readonly wallets: readonly Wallet[];
  readonly connected: Connected | undefined;
  readonly failure: string | undefined;
  readonly connect: (wallet: Wallet) => void;
  readonly disconnect: () => void;
  /** The plan that is shown to the owner before anything is sent. */
  readonly plan: Plan | undefined;
  readonly propose: (plan: Plan | undefined) => void;
}

const WalletContext = createContext<WalletState | undefined>(undefined);

/** Gives the wallets to views. */
export const WalletsProvider = WalletContext.Provider;

/** The wallets of a view. */
export function useWallet(): WalletState {
  const state = useContext(WalletContext);
  if (!state) throw new Error("A view was used without wallets.");
  return state;
}

/** Finds wallets, and connects to the one that the reader chooses. */
export function useWallets(): WalletState {
  const [wallets, setWallets] = useState<readonly Wallet[]>([]);
  const [connected, setConnected] = useState<Connected>();
  const [failure, setFailure] = useState<string>();
  const [plan, setPlan] = useState<Plan>();
  useEffect(() => discoverWallets(setWallets), []);

  const provider = connected?.provider;
  useEffect(() => {
    if (!provider?.on) return undefined;
    const changed = (...values: unknown[]) => {
      const [account] = values[0] as readonly string[];
      setPlan(undefined);
      setConnected((before) =>
        before === undefined || account === undefined
          ? undefined
          : { ...before, account: getAddress(account) },
      );
    };
    provider.on("accountsChanged", changed);
    return () => {
      provider.removeListener?.("accountsChanged", changed);
    };
  }, [provider]);

  const connect = (wallet: Wallet) => {
    wallet.provider.request({ method: "eth_requestAccounts" }).then(
      (accounts) => {
        const [account] = accounts as readonly string[];
        if (account === undefined) {
          setFailure("The wallet gave no account.");
          return;
        }
        setFailure(undefined);
        setConnected({
          name: wallet.name,
          provider: wallet.provider,
          account: getAddress(account),
        });
      },
      (error: unknown) => {
        setFailure(failureText(error));
      },
    );
  };
  const disconnect = () => {
    setConnected(undefined);
    setPlan(undefined);
  };
  return { wallets, connected, failure, connect, disconnect, plan, propose: setPlan };
}
