/** A wallet for tests that announces itself to the page (EIP-6963) and signs with an unlocked account of the node. */

/**
 * Script that puts the wallet into a page as `testWallet`. It agrees to everything and keeps the
 * transactions, unless its `refuses` or its `chainId` is set. `switchTo` changes its account.
 */
export function walletScript(rpc: string, account: string): string {
  return `
    const provider = {
      sent: [],
      account: "${account}",
      listeners: new Map(),
      on(event, listener) {
        provider.listeners.set(event, listener);
      },
      removeListener(event) {
        provider.listeners.delete(event);
      },
      switchTo(account, isSilent) {
        provider.account = account;
        if (!isSilent) provider.listeners.get("accountsChanged")?.(account ? [account] : []);
      },
      async request({ method, params = [] }) {
        if (method === "eth_requestAccounts" || method === "eth_accounts") return provider.account ? [provider.account] : [];
        if (method === "eth_chainId" && provider.chainId) return provider.chainId;
        if (method === "eth_sendTransaction") {
          if (provider.refuses)
            throw Object.assign(new Error("User rejected the request."), { code: 4001 });
          provider.sent.push(params[0]);
        }
        const response = await fetch("${rpc}", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        });
        const { result, error } = await response.json();
        if (error) throw Object.assign(new Error(error.message), error);
        return result;
      },
    };
    globalThis.testWallet = provider;
    const detail = Object.freeze({
      info: Object.freeze({
        uuid: "350670db-19fa-4704-a166-e52e178b59d2",
        name: "Test wallet",
        icon: "data:image/svg+xml,<svg/>",
        rdns: "org.example.wallet",
      }),
      provider,
    });
    const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    addEventListener("eip6963:requestProvider", announce);
    announce();
  `;
}
