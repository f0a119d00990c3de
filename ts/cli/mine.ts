/** Mining a stamp on all cores: progress for people, and Ctrl-C ends it. @module */
import type { StampPoolProgress } from '../kernel/stamp-dispatch.ts';
import type { Workblock } from '../kernel/stamp.ts';
import { InterruptedError } from './exit.ts';
import type { CliIo } from './io.ts';

const REPORT_MS = 250;

/**
 * Search until a stamp of `costBits` is found; a terminal sees how far it is.
 * @throws InterruptedError on Ctrl-C
 */
export async function mine(workblock: Workblock, costBits: number, io: CliIo): Promise<Uint8Array> {
  const line = new ProgressLine(costBits, io);
  return io.interruptible(async (signal) => {
    try {
      const onProgress = (progress: StampPoolProgress): void => line.show(progress);
      const options = { random: io.random, signal, onProgress };
      return (await io.searchStamp(workblock, costBits, options)).stamp;
    } catch (error) {
      throw signal.aborted ? new InterruptedError() : error;
    } finally {
      await line.clear();
    }
  });
}

/** One line that rewrites itself; silent where nobody watches. */
class ProgressLine {
  readonly #io: CliIo;
  readonly #costBits: number;
  #shownMs = 0;
  #written: Promise<void> = Promise.resolve();
  #dirty = false;

  constructor(costBits: number, io: CliIo) {
    this.#costBits = costBits;
    this.#io = io;
  }

  show({ tries, ratePerSecond, expectedTries, elapsedMs }: StampPoolProgress): void {
    if (!this.#io.stderr.isTerminal || elapsedMs - this.#shownMs < REPORT_MS) return;
    this.#shownMs = elapsedMs;
    this.#dirty = true;
    // Tries are independent: the expected work is never used up, it only may have been passed.
    const text =
      `\rstamp of cost ${this.#costBits}: ${Math.round(ratePerSecond / 1000)} k tries a second, ` +
      `${((100 * tries) / expectedTries).toFixed(0)} % of the expected work\u001b[K`;
    this.#written = this.#written.then(() => this.#io.stderr.write(text));
    // Told by `clear`, which waits for the same promise.
    this.#written.catch(() => undefined);
  }

  async clear(): Promise<void> {
    await this.#written;
    if (this.#dirty) await this.#io.stderr.write('\r\u001b[K');
  }
}
