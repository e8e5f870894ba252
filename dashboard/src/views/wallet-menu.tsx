/** Connecting a wallet of the browser. The page never asks for a key. */
import { Address } from "../parts/value.js";
import { useWallet } from "../state/wallet.js";

/** The wallets that can be connected, or the one that is. */
export function WalletMenu() {
  const { wallets, connected, failure, connect, disconnect } = useWallet();
  if (connected)
    return (
      <p class="wallet">
        {connected.name}: <Address of={connected.account} />{" "}
        <a href={`#/account/${connected.account}`}>Your account</a>{" "}
        <button type="button" onClick={disconnect}>
          Disconnect
        </button>
      </p>
    );
  return (
    <p class="wallet">
      {wallets.length === 0 && <span class="note">Read only: no wallet was found</span>}
      {wallets.map((wallet) => (
        <button
          key={wallet.id}
          type="button"
          onClick={() => {
            connect(wallet);
          }}
        >
          Connect {wallet.name}
        </button>
      ))}
      {failure !== undefined && (
        <span class="alert" role="alert">
          {failure}
        </span>
      )}
    </p>
  );
}
