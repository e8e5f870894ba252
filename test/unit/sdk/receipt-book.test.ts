import { expect } from "chai";
import { id, Wallet } from "ethers";

import {
  createReceiptDomain,
  findEquivocation,
  isReceiptSigned,
  ReceiptBook,
  signReceipt,
  type SignedReceipt,
  type ServiceRequest,
} from "../../../sdk/index.js";
import { ReceiptFile } from "../../../sdk/node/index.js";
import { createRandom } from "../../../scripts/loop/random.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";

const PROVIDER = "0x00000000000000000000000000000000000000B0";
const OTHER = "0x00000000000000000000000000000000000000B1";
const ACCOUNT = "0x00000000000000000000000000000000000000A0";
const FILE = "receipts.journal";
const DAY = 86_400n;
const TOLERANCE = 60n;
const operator = new Wallet(id("receipt test operator"));
const domain = createReceiptDomain(1n, OTHER);

/** A node's machine: a disk, a clock, and a book over the file of its receipts. */
class Machine {
  now = 1_800_000_000n;
  disk = new SimulatedDisk();
  #file: ReceiptFile | undefined;

  get file(): ReceiptFile {
    if (!this.#file) throw new Error("The machine is off.");
    return this.#file;
  }

  async start(options: { signer?: Wallet; isRestored?: boolean; provider?: string } = {}) {
    const { signer = operator, isRestored = false, provider = PROVIDER } = options;
    const clock = () => this.now;
    const disk = this.disk;
    this.#file = await ReceiptFile.open({ file: FILE, domain, provider, clock, disk, isRestored });
    return new ReceiptBook({ provider, signer, domain, store: this.#file });
  }

  /** A book that takes requests from now on: the first minute of a new file is over. */
  async begin() {
    const book = await this.start();
    this.now += TOLERANCE + 1n;
    return book;
  }

  async stop(): Promise<void> {
    await this.file.close();
  }

  request(changes: Partial<ServiceRequest> = {}): ServiceRequest {
    const what = { account: ACCOUNT, provider: PROVIDER, content: id("question") };
    return { ...what, nonce: 1n, issuedAt: this.now, ...changes };
  }
}

function answer(units: bigint) {
  return { uses: [{ resource: 1n, units }], content: id(`answer of ${units}`) };
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}

describe("sdk/receipt-book (NOD-3)", function () {
  it("signs one receipt for a request, and hands it out again for every repeat", async function () {
    const machine = new Machine();
    const book = await machine.begin();
    const request = machine.request();

    expect(await book.find(request)).to.equal(undefined);
    const first = await book.issue(request, answer(1n));
    const repeats = [await book.issue(request, answer(2n)), await book.find(request)];

    expect(isReceiptSigned(domain, first)).to.equal(true);
    expect(first.receipt.uses).to.deep.equal(answer(1n).uses);
    expect(repeats).to.deep.equal([first, first]);
    expect(machine.file.size).to.equal(1);
  });

  it("gives one answer to a request that comes several times at once, and one to each other request", async function () {
    const machine = new Machine();
    const book = await machine.begin();
    const request = machine.request();

    const issued = await Promise.all([
      book.issue(request, answer(1n)),
      book.issue(request, answer(2n)),
      book.issue({ ...request, account: ACCOUNT.toLowerCase() }, answer(3n)),
      book.issue({ ...request, nonce: 2n }, answer(4n)),
      book.issue({ ...request, account: OTHER }, answer(5n)),
    ]);

    const uses = issued.map(({ receipt }) => receipt.uses[0]?.units);
    expect(uses).to.deep.equal([1n, 1n, 1n, 4n, 5n]);
    expect(findEquivocation(issued)).to.deep.equal([]);
  });

  it("remembers after a restart and after a rotation of its key", async function () {
    const machine = new Machine();
    const request = machine.request({ issuedAt: machine.now + TOLERANCE + 1n });
    const first = await (await machine.begin()).issue(request, answer(1n));
    await machine.stop();
    const again = await (await machine.start()).issue(request, answer(2n));
    await machine.stop();
    const signer = new Wallet(id("a fresh key"));
    const later = await (await machine.start({ signer })).issue(request, answer(3n));

    expect(again).to.deep.equal(first);
    expect(later.receipt).to.deep.equal(first.receipt);
    expect(later.signer).to.equal(signer.address);
  });

  it("never contradicts itself, whichever step of the disk it dies at (abuse case 88)", async function () {
    const random = createRandom(15);
    let steps = 1;
    for (let finished = false; !finished; steps += 1) {
      const machine = new Machine();
      machine.disk.stepsLeft = steps;
      const given: SignedReceipt[] = [];
      try {
        const book = await machine.begin();
        for (const nonce of [1n, 2n, 3n])
          given.push(await book.issue(machine.request({ nonce }), answer(nonce)));
        finished = true;
      } catch {
        // died
      }
      const issuedAt = machine.now;
      machine.disk = machine.disk.restart(random);
      const book = await machine.begin();
      for (const nonce of [1n, 2n, 3n])
        await book
          .issue(machine.request({ nonce, issuedAt }), answer(10n + nonce))
          .then((signed) => given.push(signed))
          .catch(() => undefined);

      expect(findEquivocation(given), `dead after ${steps} steps`).to.deep.equal([]);
    }
    expect(steps).to.be.greaterThan(10);
  });

  it("starts nothing at zero: a node that lost its disk refuses what it may have answered (abuse case 88)", async function () {
    const machine = new Machine();
    const old = await machine.begin();
    const ahead = machine.request({ issuedAt: machine.now + TOLERANCE });
    const answered = [
      await old.issue(machine.request(), answer(1n)),
      await old.issue(ahead, answer(2n)),
    ];
    await machine.stop();
    machine.disk = new SimulatedDisk();

    const fresh = await machine.start();
    for (const request of [machine.request(), ahead])
      expect(await failure(fresh.issue(request, answer(9n)))).to.equal(
        `The request was signed at ${request.issuedAt}, and requests are answered from ${machine.now + TOLERANCE + 1n} on; sign it anew.`,
      );
    machine.now += TOLERANCE + 1n;
    const next = await fresh.issue(machine.request(), answer(3n));
    expect(findEquivocation([...answered, next])).to.deep.equal([]);
  });

  it("refuses, on a file from a backup, what the receipts after it may have answered", async function () {
    const machine = new Machine();
    const first = await machine.begin();
    const known = machine.request();
    const kept = await first.issue(known, answer(1n));
    await machine.stop();
    const backup = new SimulatedDisk([[FILE, Buffer.from(machine.disk.bytesOf(FILE))]]);
    const lost = machine.request({ nonce: 2n });
    await (await machine.start()).issue(lost, answer(2n));
    await machine.stop();

    machine.disk = backup;
    const restored = await machine.start({ isRestored: true });

    expect(await failure(restored.issue(lost, answer(3n)))).to.include("sign it anew");
    expect(await restored.issue(known, answer(4n))).to.deep.equal(kept);
  });

  it("answers a request for a day, then forgets it and refuses it, also when its clock is set back", async function () {
    const machine = new Machine();
    const book = await machine.begin();
    const request = machine.request();
    const first = await book.issue(request, answer(1n));
    machine.now += DAY;
    expect(await book.issue(request, answer(2n))).to.deep.equal(first);
    machine.now += 1n;
    expect(
      await failure(
        book.issue(machine.request({ nonce: 2n, issuedAt: request.issuedAt }), answer(1n)),
      ),
    ).to.include("sign it anew");

    await machine.stop();
    const later = await machine.start();
    expect(machine.file.size).to.equal(0);
    expect(machine.file.since).to.equal(machine.now - DAY);
    await machine.stop();
    machine.now -= 2n * DAY;
    const back = await machine.start();
    expect(await failure(back.issue(request, answer(3n)))).to.include("sign it anew");
    expect(await failure(later.find(request))).to.include("is closed");
  });

  it("refuses a request from the future, but for a minute of another clock", async function () {
    const machine = new Machine();
    const book = await machine.begin();

    await book.issue(machine.request({ issuedAt: machine.now + TOLERANCE }), answer(1n));
    expect(
      await failure(
        book.issue(machine.request({ issuedAt: machine.now + TOLERANCE + 1n }), answer(1n)),
      ),
    ).to.equal(
      `The request was signed at ${machine.now + TOLERANCE + 1n}, which is after ${machine.now}.`,
    );
  });

  it("signs nothing that could not be kept", async function () {
    const machine = new Machine();
    let signatures = 0;
    const signer = new Wallet(id("counting"));
    const book = new ReceiptBook({
      provider: PROVIDER,
      domain,
      signer: {
        getAddress: () => signer.getAddress(),
        signTypedData: (...values: Parameters<Wallet["signTypedData"]>) => {
          signatures += 1;
          return signer.signTypedData(...values);
        },
      },
      store: (await machine.begin(), machine.file),
    });
    machine.disk.room = 0;

    for (const units of [1n, 2n])
      expect(await failure(book.issue(machine.request(), answer(units)))).to.include(
        "cannot be written",
      );
    expect(await failure(book.find(machine.request()))).to.include("cannot be written");
    expect(signatures).to.equal(0);
  });

  it("refuses the file of another node, a second process, and a request to somebody else", async function () {
    const machine = new Machine();
    const book = await machine.begin();

    expect(await failure(machine.start())).not.to.equal("none");
    await machine.stop();
    expect(await failure(machine.start({ provider: OTHER }))).to.include(
      "belongs to another deployment: its provider is",
    );
    expect(await failure(book.issue(machine.request({ provider: OTHER }), answer(1n)))).to.equal(
      `A request to ${OTHER} does not belong to the book of ${PROVIDER}.`,
    );
  });

  it("refuses a file with an entry that is no receipt", async function () {
    const machine = new Machine();
    await machine.begin();
    await machine.stop();
    const { Journal } = await import("../../../sdk/disk/journal.js");
    const binding = { kind: "receipts", chain: "1", slashing: OTHER, provider: PROVIDER };
    const journal = await Journal.open(
      { file: FILE, binding, disk: machine.disk },
      () => undefined,
    );
    await journal.append('{"issuedAt":"1"}');
    await journal.close();

    expect(await failure(machine.start())).to.match(/has an entry at byte \d+ that is no receipt/);
  });

  it("is the only signer that a node needs: two stories for one request are what the chain slashes", async function () {
    const machine = new Machine();
    const book = await machine.begin();
    const honest = await book.issue(machine.request(), answer(1n));
    const lie = await signReceipt(operator, domain, {
      ...honest.receipt,
      uses: [{ resource: 1n, units: 7n }],
    });

    expect(findEquivocation([honest, lie])).to.deep.equal([[honest, lie]]);
  });
});
