// A file whose source is gone must not be packed, so the library is built into an empty folder.
import { rmSync } from "node:fs";

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
