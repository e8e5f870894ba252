/** Copying, with a word that it was done. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useState } from "preact/hooks";

type Announce = (message: string) => void;

const Announcer = createContext<Announce>(() => undefined);

/** Milliseconds for which a message stays. */
const SHOWN = 3_000;

/** Says messages to everybody, also to those who cannot see them. */
export function Announcements({ children }: { readonly children: ComponentChildren }) {
  const [message, setMessage] = useState("");
  const announce = (text: string) => {
    setMessage(text);
    setTimeout(() => {
      setMessage((shown) => (shown === text ? "" : shown));
    }, SHOWN);
  };
  return (
    <Announcer.Provider value={announce}>
      {children}
      <p class={message === "" ? "toast" : "toast shown"} role="status">
        {message}
      </p>
    </Announcer.Provider>
  );
}

/** A function that copies a text and says so. */
export function useCopy(): (text: string, what: string) => void {
  const announce = useContext(Announcer);
  return (text, what) => {
    copy(text).then(
      () => {
        announce(`${what} copied`);
      },
      () => {
        announce(`${what} could not be copied: ${text}`);
      },
    );
  };
}

/** Copies a text, also where the page has no access to the clipboard because it came over plain HTTP. */
async function copy(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  // The only way to copy without a secure context; browsers keep it for pages like this one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("The browser refused.");
}
