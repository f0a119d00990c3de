/** Mining a stamp in this process: in slices, so that progress shows and Ctrl-C ends it. @module */
import { StampSearch, type Workblock } from '../kernel/stamp.ts';
import { InterruptedError } from './exit.ts';
import type { CliIo } from './io.ts';

// A slice lasts about this long: short enough for Ctrl-C, long enough not to cost speed.
const SLICE_MS = 50;
const FIRST_SLICE = 2_000;
// However still the clock stands.
const MOST_SLICE = 1 << 20;
const REPORT_MS = 250;

/**
 * Search until a stamp of `costBits` is found; a terminal sees how far it is.
 * @throws InterruptedError on Ctrl-C
 */
export async function mine(workblock: Workblock, costBits: number, io: CliIo): Promise<Uint8Array> {
  const search = new StampSearch(workblock, costBits, io.random.bytes(28));
  const progress = new Progress(costBits, io);
  return io.interruptible(async (signal) => {
    try {
      for (let slice = FIRST_SLICE; ;) {
        const before = io.clock.now();
        const stamp = search.run(slice);
        if (stamp !== undefined) return stamp;
        const tookMs = Math.max(1, io.clock.now() - before);
        await progress.add(slice);
        await io.breathe();
        if (signal.aborted) throw new InterruptedError();
        slice = Math.min(
          MOST_SLICE,
          Math.ceil(slice * Math.min(4, Math.max(0.25, SLICE_MS / tookMs)))
        );
      }
    } finally {
      await progress.clear();
    }
  });
}

/** One line that rewrites itself; silent where nobody watches. */
class Progress {
  readonly #io: CliIo;
  readonly #costBits: number;
  readonly #startedMs: number;
  #shownMs: number;
  #tries = 0;
  #dirty = false;

  constructor(costBits: number, io: CliIo) {
    this.#io = io;
    this.#costBits = costBits;
    this.#startedMs = io.clock.now();
    this.#shownMs = this.#startedMs;
  }

  async add(tries: number): Promise<void> {
    this.#tries += tries;
    const now = this.#io.clock.now();
    if (!this.#io.stderr.isTerminal || now - this.#shownMs < REPORT_MS) return;
    this.#shownMs = now;
    this.#dirty = true;
    const perSecond = (this.#tries * 1000) / Math.max(1, now - this.#startedMs);
    // Tries are independent: the expected work never shrinks, it only may have been passed.
    const share = (100 * this.#tries) / 2 ** this.#costBits;
    await this.#io.stderr.write(
      `\rstamp of cost ${this.#costBits}: ${Math.round(perSecond / 1000)} k tries a second, ` +
        `${share.toFixed(0)} % of the expected work\u001b[K`
    );
  }

  async clear(): Promise<void> {
    if (this.#dirty) await this.#io.stderr.write('\r\u001b[K');
  }
}
