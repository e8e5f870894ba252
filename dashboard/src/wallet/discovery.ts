/** Wallets of the browser: those that announce themselves (EIP-6963), or the one that was put into the page (EIP-1193). */

/** A wallet as pages talk to it (EIP-1193). */
export interface WalletProvider {
  request(call: {
    readonly method: string;
    readonly params?: readonly unknown[];
  }): Promise<unknown>;
  on?(event: string, listener: (...values: unknown[]) => void): void;
  removeListener?(event: string, listener: (...values: unknown[]) => void): void;
}

/** A wallet that can be connected. */
export interface Wallet {
  readonly id: string;
  readonly name: string;
  readonly provider: WalletProvider;
}

interface Announcement {
  readonly info: { readonly uuid: string; readonly name: string };
  readonly provider: WalletProvider;
}

/** Asks wallets to announce themselves, and calls `found` with all that are known each time there is another one. */
export function discoverWallets(found: (wallets: readonly Wallet[]) => void): () => void {
  const wallets = new Map<string, Wallet>();
  const { ethereum } = window as { readonly ethereum?: WalletProvider };
  if (ethereum)
    wallets.set("injected", { id: "injected", name: "Wallet of the browser", provider: ethereum });
  const listen = (announced: Event) => {
    const { info, provider } = (announced as CustomEvent<Announcement>).detail;
    wallets.delete("injected"); // it announces itself now
    wallets.set(info.uuid, { id: info.uuid, name: info.name, provider });
    found([...wallets.values()]);
  };
  addEventListener("eip6963:announceProvider", listen);
  dispatchEvent(new Event("eip6963:requestProvider"));
  found([...wallets.values()]);
  return () => {
    removeEventListener("eip6963:announceProvider", listen);
  };
}
