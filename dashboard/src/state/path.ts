/** Which view is open: the part of the address after `#/`, so that the page works under any path of a file server. */
import { useEffect, useState } from "preact/hooks";

/** Path of the view that the address names. */
export function usePath(): string {
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

/** A value after the view in the address, such as the account of `#/account/0x…`. */
export function detailOf(): string {
  return location.hash.split("/")[2] ?? "";
}

function pathOf(): string {
  return location.hash.split("/")[1] ?? "";
}
