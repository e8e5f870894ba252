/** Which view is open: the part of the address after `#/`, so that the page works under any path of a file server. */
import { useEffect, useState } from "preact/hooks";

/** Subject of the address: a view, and an item in it, such as the account of `#/account/0x…`. */
export interface Path {
  readonly view: string;
  readonly detail: string;
}

/** The path that the address names. */
export function usePath(): Path {
  const [path, setPath] = useState(pathOf);
  useEffect(() => {
    const change = () => {
      setPath(pathOf());
    };
    addEventListener("hashchange", change);
    return () => {
      removeEventListener("hashchange", change);
    };
  }, []);
  return path;
}

function pathOf(): Path {
  const [, view = "", detail = ""] = location.hash.split("/");
  return { view, detail };
}
