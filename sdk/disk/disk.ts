import { constants, createReadStream } from "node:fs";
import { access, open, rename, rm, stat, truncate } from "node:fs/promises";

import { lockFile } from "./file-lock.js";

// Bytes that are read at once.
const LEAST_PIECE = 1 << 12;
const MOST_PIECE = 1 << 20;

/** Operations of a disk that a journal needs. Tests put one in its place that fails or forgets. */
export interface Disk {
  /** Takes an exclusive lock on this file; resolves to the function that releases it. */
  lock(file: string): Promise<() => Promise<void>>;
  exists(file: string): Promise<boolean>;
  /** The bytes of a file, in pieces. */
  read(file: string): AsyncIterable<Uint8Array>;
  /** Writes a new file. Its bytes are durable on return, its name is once the folder is synchronised. */
  write(file: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<void>;
  /** Opens a file to read parts of it. It goes on to be readable if another file takes its name. */
  open(file: string): Promise<ReadFile>;
  /** Opens a file to write at its end. */
  append(file: string): Promise<AppendFile>;
  /** Cuts a file off; durable on return. */
  cut(file: string, size: number): Promise<void>;
  /** Gives a file another name, in place of the one that had it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file if it is there. */
  remove(file: string): Promise<void>;
  /** Makes the names of a folder's files durable. */
  syncFolder(folder: string): Promise<void>;
}

/** A file that is written at its end only. */
export interface AppendFile {
  append(text: string): Promise<void>;
  /** Makes all writes before it durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file of which parts are read. */
export interface ReadFile {
  /** Text of some bytes. */
  read(at: number, length: number): Promise<string>;
  /** Waits for open reads. */
  close(): Promise<void>;
}

const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY;
/** Has each write return when its bytes are durable, which saves a second call. Some systems do not have it. */
const DURABLE = (constants as { readonly O_DSYNC?: number }).O_DSYNC;

/** The disk of this machine. */
export const NODE_DISK: Disk = {
  lock: lockFile,

  async exists(file) {
    return access(file).then(
      () => true,
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      },
    );
  },

  async *read(file) {
    const { size } = await stat(file);
    // A stream takes memory for a whole piece, also for a small file.
    const highWaterMark = Math.min(Math.max(size, LEAST_PIECE), MOST_PIECE);
    yield* createReadStream(file, { highWaterMark }) as AsyncIterable<Uint8Array>;
  },

  async write(file, pieces) {
    const handle = await open(file, "w");
    try {
      for await (const piece of pieces) await handle.appendFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async open(file) {
    const handle = await open(file, "r");
    return {
      read: async (at, length) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
        if (bytesRead < length) throw new Error(`${file} has no ${length} bytes at ${at}.`);
        return buffer.toString("utf8");
      },
      close: () => handle.close(),
    };
  },

  async append(file) {
    const handle = await open(file, APPEND | (DURABLE ?? 0));
    let isDurable = false; // bytes of a process before this one may not be
    return {
      append: async (text) => {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length;)
          done += (await handle.write(bytes, done)).bytesWritten;
        isDurable &&= DURABLE !== undefined;
      },
      sync: async () => {
        if (isDurable) return;
        await handle.datasync(); // with the file's new length, without which the bytes could not be read
        isDurable = true;
      },
      close: () => handle.close(),
    };
  },

  async cut(file, size) {
    await truncate(file, size);
    const handle = await open(file, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  rename,

  async remove(file) {
    await rm(file, { force: true });
  },

  async syncFolder(folder) {
    if (process.platform === "win32") return; // folders cannot be opened there
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
