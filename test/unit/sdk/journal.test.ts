import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { lockName, machineId, markOfHost, thisProcess } from "../../../sdk/disk/file-lock.js";
import { Journal, JournalError, snapshotOf } from "../../../sdk/node/index.js";
import { createRandom } from "../../../scripts/loop/random.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";

const BINDING = { chainId: "31337", settlement: "0xA" };
const ENTRIES = ["first", "", '{"second": "ü€🙂"}', "fourth"];

describe("sdk/journal", function () {
  let folder: string;
  let file: string;

  beforeEach(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-journal-"));
    file = path.join(folder, "meter.journal");
  });

  afterEach(async function () {
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens, and tells the entries found. */
  async function open(binding: Record<string, string> = BINDING) {
    const found: string[] = [];
    const journal = await Journal.open({ file, binding }, (entry) => {
      found.push(entry);
    });
    return { journal, found };
  }

  async function writeAll(entries: readonly string[] = ENTRIES): Promise<void> {
    const { journal } = await open();
    for (const entry of entries) await journal.append(entry);
    await journal.close();
  }

  /** Offset behind each line of the file. */
  async function ends(): Promise<number[]> {
    const bytes = await readFile(file);
    return [...bytes.keys()].filter((i) => bytes[i] === 0x0a).map((i) => i + 1);
  }

  describe("entries", function () {
    it("are found again in their order, whatever is in them", async function () {
      const first = await open();
      for (const entry of ENTRIES) await first.journal.append(entry);
      await first.journal.close();

      const second = await open();
      await second.journal.close();

      expect(first.journal.isNew).to.equal(true);
      expect(second.journal.isNew).to.equal(false);
      expect(second.found).to.deep.equal(ENTRIES);
      expect(await readdir(folder)).to.deep.equal(["meter.journal"]);
    });

    it("are found again when they are longer than what is read at once", async function () {
      const long = ["ü".repeat(700_000), "x".repeat(900_000), "y"];
      await writeAll(long);

      const { journal, found } = await open();
      await journal.close();

      expect(found).to.deep.equal(long);
    });

    it("are one line each", async function () {
      const { journal } = await open();

      const refused = await journal.append("two\nlines").catch((error: unknown) => error);
      await journal.close();

      expect(refused).to.be.instanceOf(JournalError);
      expect(String(refused)).to.include("An entry is one line, and this one has more.");
    });

    it("cannot be added to a closed journal, which can be closed again", async function () {
      const { journal } = await open();
      const written = journal.append("before");
      await journal.close();
      await journal.close();

      await written;
      const refused = await journal.append("after").catch((error: unknown) => error);

      expect(String(refused)).to.equal(`JournalError: The journal ${file} is closed.`);
      expect(() => {
        journal.requireOpen();
      }).to.throw(JournalError, "is closed");
    });

    it("share a synchronisation of the disk when they come together", async function () {
      const disk = new SimulatedDisk();
      const journal = await Journal.open({ file: "j", binding: BINDING, disk }, () => undefined);

      const before = disk.syncs;
      await Promise.all(Array.from({ length: 1_000 }, (_, i) => journal.append(String(i))));
      const together = disk.syncs - before;
      for (let i = 0; i < 10; i += 1) await journal.append(String(i));
      const alone = disk.syncs - before - together;

      expect(together).to.equal(1);
      expect(alone).to.equal(10);
    });
  });

  describe("a crash", function () {
    it("leaves at every byte what was there before, and the journal goes on from it", async function () {
      await writeAll();
      const bytes = await readFile(file);
      const [headerEnd = 0, ...entryEnds] = await ends();

      for (let size = headerEnd; size <= bytes.length; size += 1) {
        await writeFile(file, bytes.subarray(0, size));
        const whole = ENTRIES.filter((_, i) => (entryEnds[i] ?? Infinity) <= size);

        const cut = await open();
        await cut.journal.append("next");
        await cut.journal.close();
        const again = await open();
        await again.journal.close();

        expect(cut.found, `cut to ${size} bytes`).to.deep.equal(whole);
        expect(again.found, `cut to ${size} bytes`).to.deep.equal([...whole, "next"]);
      }
    });

    it("leaves the same when the file grew without its bytes", async function () {
      await writeAll();
      const bytes = await readFile(file);
      const [, , , third = 0] = await ends();

      for (const size of [third, third + 3, third + 18, third + 25]) {
        await writeFile(file, Buffer.concat([bytes.subarray(0, size), Buffer.alloc(50)]));

        const { journal, found } = await open();
        await journal.close();

        expect(found).to.deep.equal(ENTRIES.slice(0, 3));
        expect((await readFile(file)).length).to.equal(third);
      }
    });

    it("leaves none of a group of entries whose second page was never written (L-10)", async function () {
      await writeAll();
      const { journal } = await open();
      const group = Array.from({ length: 100 }, (_, i) => String(i).padEnd(340, "x"));
      await Promise.all(group.map((entry) => journal.append(entry)));
      await journal.close();
      const bytes = await readFile(file);
      const start = (await ends()).at(-2) ?? 0;

      for (const [from, to] of [
        [start + 4_096, start + 8_192],
        [start, start + 4_096],
        [start + 8_192, bytes.length],
      ] as const) {
        const torn = Buffer.from(bytes);
        torn.fill(0, from, to);
        await writeFile(file, torn);

        const again = await open();
        await again.journal.close();

        expect(again.found).to.deep.equal(ENTRIES);
        expect((await readFile(file)).length).to.equal(start);
      }
    });

    it("cannot excuse pages of zeros before the last record", async function () {
      await writeAll(["x".repeat(10_000), "after"]);
      const bytes = await readFile(file);
      bytes.fill(0, 4_096, 8_192);
      await writeFile(file, bytes);

      const refused = await open().catch((error: unknown) => error);

      expect(String(refused)).to.include("does not match its checksum");
      expect(await readFile(file)).to.deep.equal(bytes);
    });

    it("cannot leave less than the header, so that is refused and left as it is", async function () {
      await writeAll();
      const bytes = await readFile(file);
      const [headerEnd = 0] = await ends();

      for (let size = 0; size < headerEnd; size += 1) {
        await writeFile(file, bytes.subarray(0, size));

        const refused = await open().catch((error: unknown) => error);

        expect(String(refused)).to.equal(`JournalError: ${file} is no journal: it has no header.`);
        expect(await readFile(file)).to.deep.equal(bytes.subarray(0, size));
      }
    });

    it("at the beginning leaves no journal or a whole one", async function () {
      const random = createRandom(3);
      const done = new SimulatedDisk();
      await Journal.open({ file: "j", binding: BINDING, disk: done }, () => undefined);

      for (let steps = 0; steps < done.steps; steps += 1)
        for (let i = 0; i < 10; i += 1) {
          const disk = new SimulatedDisk();
          disk.stepsLeft = steps;
          const opened = Journal.open({ file: "j", binding: BINDING, disk }, () => undefined);
          expect(await opened.catch(() => "died")).to.equal("died");

          const next = disk.restart(random);
          const journal = await Journal.open(
            { file: "j", binding: BINDING, disk: next },
            () => undefined,
          );
          await journal.append("goes on");

          expect(journal.isNew).to.equal(true);
          expect(next.files()).to.deep.equal(["j"]);
        }
    });
  });

  describe("damage", function () {
    it("is named at whatever byte it is, and nothing is overwritten", async function () {
      await writeAll();
      const bytes = await readFile(file);
      const starts = [0, ...(await ends())];

      for (const mask of [0x01, 0x40])
        for (let i = 0; i < bytes.length; i += 1) {
          const damaged = Buffer.from(bytes);
          damaged[i] = (damaged[i] ?? 0) ^ mask;
          await writeFile(file, damaged);

          const refused = await open().catch((error: unknown) => error);

          const start = starts.findLast((offset) => offset <= i) ?? 0;
          expect(refused, `byte ${i}`).to.be.instanceOf(JournalError);
          expect(String(refused)).to.include(`The journal ${file} is damaged at byte ${start}: `);
          expect((await readFile(file)).equals(damaged)).to.equal(true);
        }
    });

    it("is noticed when whole records are taken out or change places", async function () {
      await writeAll();
      const lines = (await readFile(file, "utf8")).split("\n");
      const [head = "", first = "", second = "", ...others] = lines;

      for (const changed of [
        [head, second, first, ...others],
        [head, second, ...others],
        [head, first, first, second, ...others],
      ]) {
        await writeFile(file, changed.join("\n"));

        const refused = await open().catch((error: unknown) => error);

        expect(String(refused)).to.match(
          /is damaged at byte \d+: the record there does not match its checksum\.$/,
        );
      }
    });

    it("knows after an opening what size it had after its last compaction", async function () {
      const { journal } = await open();
      await journal.compact(() => snapshotOf(ENTRIES.map((entry) => entry.padEnd(70_000))));
      const { compactedSize } = journal;
      await journal.append("after it");
      await journal.close();

      const again = await open();
      await again.journal.close();

      expect(compactedSize).to.be.greaterThan(4 * 70_000);
      expect(again.journal.compactedSize).to.equal(compactedSize);
      expect(again.journal.size).to.be.greaterThan(compactedSize);
    });

    it("is noticed when a snapshot is not all there", async function () {
      const { journal } = await open();
      await journal.compact(() => snapshotOf(ENTRIES.map((entry) => entry.padEnd(70_000))));
      await journal.close();
      const [, , , third = 0] = await ends();
      await writeFile(file, (await readFile(file)).subarray(0, third));

      const refused = await open().catch((error: unknown) => error);

      expect(String(refused)).to.equal(
        `JournalError: The journal ${file} is damaged at byte ${third}: it ends after 3 of the 4 entries it began with.`,
      );
    });

    it("is what any other file is", async function () {
      await writeFile(file, "TIMESTAMP,ContextTokens,GeneratedTokens\n");

      const refused = await open().catch((error: unknown) => error);

      expect(String(refused)).to.include("is damaged at byte 0");
    });
  });

  describe("binding", function () {
    it("refuses the journal of another deployment, and leaves it as it is", async function () {
      await writeAll();
      const bytes = await readFile(file);

      const chain = await open({ ...BINDING, chainId: "1" }).catch((error: unknown) => error);
      const unknown = await open({ ...BINDING, name: "x" }).catch((error: unknown) => error);

      expect(String(chain)).to.equal(
        `JournalError: The journal ${file} belongs to another deployment: its chainId is 31337 and should be 1.`,
      );
      expect(String(unknown)).to.include("its name is missing and should be x.");
      expect(await readFile(file)).to.deep.equal(bytes);
    });
  });

  describe("lock", function () {
    const dead = () => {
      const { pid } = spawnSync(process.execPath, ["-e", "0"]);
      return pid;
    };

    it("keeps out a second opening in the same process", async function () {
      const { journal } = await open();

      const refused = await open().catch((error: unknown) => error);
      await journal.close();
      const next = await open();
      await next.journal.close();

      expect(String(refused)).to.equal(
        `JournalError: The journal ${file} is open in this process.`,
      );
    });

    it("keeps out another process while the one that has it lives, and not a moment longer", async function () {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      if (child.pid === undefined) throw new Error("no child");
      const { pid } = child;
      const started = await startOf(pid);
      await writeFile(lockName(file, { ...thisProcess(), pid, started }), "");

      const refused = await open().catch((error: unknown) => error);
      const left = await readdir(folder);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      const { journal } = await open();
      await journal.close();

      expect(String(refused)).to.equal(
        `JournalError: The journal ${file} is open in process ${pid}.`,
      );
      expect(left).to.have.length(1);
      expect(await readdir(folder)).to.deep.equal(["meter.journal"]);
    });

    it("is taken over from a dead process, and from one whose number another has now", async function () {
      await writeFile(lockName(file, { ...thisProcess(), pid: dead(), started: "7" }), "");
      await writeFile(lockName(file, { ...thisProcess(), started: "7" }), "");
      await writeFile(lockName(file, thisProcess()), ""); // of an earlier process with the same marks

      const { journal } = await open();
      await journal.close();

      expect(await readdir(folder)).to.deep.equal(["meter.journal"]);
    });

    it("tells machines of one image apart by their number (I-2)", async function () {
      const files = ["first", "second", "empty"].map((name) => path.join(folder, name));
      const [first = "", second = "", empty = ""] = files;
      await writeFile(first, "b0de5c1f\n");
      await writeFile(second, "77aa01d2\n");
      await writeFile(empty, "\n");
      const markOf = (...from: string[]) => markOfHost(["image", machineId(from), "pid:[1]"]);

      expect(machineId([path.join(folder, "missing"), empty, first])).to.equal("b0de5c1f");
      expect(machineId([empty])).to.equal("");
      expect(markOf(first)).to.not.equal(markOf(second));
      expect(markOf(first)).to.equal(markOf(empty, first));
      expect(thisProcess().host).to.match(/^[0-9a-f]{8}$/);
      for (const each of files) await rm(each);
    });

    it("is not taken over from another machine, which may be at work", async function () {
      const lock = lockName(file, { ...thisProcess(), pid: dead(), host: "00000000" });
      await writeFile(lock, "");

      const refused = await open().catch((error: unknown) => error);
      await rm(lock);
      const { journal } = await open();
      await journal.close();

      expect(String(refused)).to.match(
        /is locked by process \d+ on another machine or in another container; if that is gone, remove meter\.journal\.\d+-\d+-00000000\.lock\.$/,
      );
    });

    it("does not mind files that are no locks", async function () {
      await writeFile(path.join(folder, "meter.journal.notes.lock"), "");

      const { journal } = await open();
      await journal.close();

      expect(await readdir(folder)).to.include("meter.journal.notes.lock");
    });

    it("is not left behind by an opening that fails", async function () {
      await writeFile(file, "nothing of ours");

      await open().catch(() => undefined);
      await rm(file);
      const { journal } = await open();
      await journal.close();

      expect(await readdir(folder)).to.deep.equal(["meter.journal"]);
    });
  });

  describe("a full disk", function () {
    it("stops the journal, which keeps what it has confirmed", async function () {
      const disk = new SimulatedDisk();
      const options = { file: "j", binding: BINDING, disk };
      const journal = await Journal.open(options, () => undefined);
      await journal.append("kept");
      disk.room = 10;

      const [first, second] = await Promise.allSettled([
        journal.append("lost"),
        journal.append("too"),
      ]);
      disk.room = Infinity;
      const later = await journal.append("later").catch((error: unknown) => String(error));
      const flushed = await journal.flush().catch((error: unknown) => String(error));
      await journal.close();

      const message =
        "JournalError: The journal j cannot be written: ENOSPC: no space left on device, write. " +
        "What was not confirmed may be lost; open it again.";
      expect([first.status, second.status]).to.deep.equal(["rejected", "rejected"]);
      expect(later).to.equal(message);
      expect(flushed).to.equal(message);
      const found: string[] = [];
      const again = await Journal.open(options, (entry) => {
        found.push(entry);
      });
      await again.append("goes on");
      expect(found).to.deep.equal(["kept"]);
    });

    it("leaves a journal that cannot be compacted in use", async function () {
      const disk = new SimulatedDisk();
      const options = { file: "j", binding: BINDING, disk };
      const journal = await Journal.open(options, () => undefined);
      await journal.append("first");
      disk.room = 300;

      const refused = journal.compact(() => snapshotOf(["x".repeat(1_000)]));
      const beside = journal.append("second");
      expect(String(await refused.catch((error: unknown) => error))).to.equal(
        "JournalError: The journal j cannot be compacted: ENOSPC: no space left on device, write.",
      );
      await beside;
      await journal.close();

      const found: string[] = [];
      await Journal.open(options, (entry) => {
        found.push(entry);
      });
      expect(found).to.deep.equal(["first", "second"]);
      expect(disk.files()).to.deep.equal(["j"]);
    });
  });

  describe("compact", function () {
    it("replaces all entries, and takes those that were waiting for written", async function () {
      const { journal } = await open();
      await journal.append("old");
      const waiting = journal.append("waiting");
      const compacted = journal.compact(() => snapshotOf(["old and waiting"]));
      await Promise.all([waiting, compacted]);
      await journal.append("new");
      await journal.close();

      const { journal: again, found } = await open();
      await again.close();

      expect(found).to.deep.equal(["old and waiting", "new"]);
      expect(await readdir(folder)).to.deep.equal(["meter.journal"]);
    });

    it("leaves the old entries or the new ones when it dies, at every step", async function () {
      const random = createRandom(5);
      const before = ["a", "b", "c"];
      const after = ["abc"];
      const outcomes = new Set<string>();

      for (let steps = 0; steps < 12; steps += 1)
        for (let i = 0; i < 40; i += 1) {
          const disk = new SimulatedDisk();
          const options = { file: "j", binding: BINDING, disk };
          const journal = await Journal.open(options, () => undefined);
          for (const entry of before) await journal.append(entry);
          disk.stepsLeft = steps;
          const compacted = await journal
            .compact(() => snapshotOf(after))
            .then(
              () => true,
              () => false,
            );
          const added = await journal.append("d").then(
            () => true,
            () => false,
          );

          const found: string[] = [];
          await Journal.open({ ...options, disk: disk.restart(random) }, (entry) => {
            found.push(entry);
          });

          outcomes.add(`${compacted} ${added} ${found.join()}`);
          if (added) expect(found.at(-1)).to.equal("d");
          if (compacted) expect(found[0]).to.equal("abc");
          expect(found.filter((entry) => entry !== "d").join("")).to.equal("abc");
        }

      expect([...outcomes]).to.include.members([
        "false false a,b,c",
        "false false abc",
        "true false abc",
        "true true abc,d",
      ]);
    });
  });
});

/** When a process started, as its lock says it; 0 where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
}
