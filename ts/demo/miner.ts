/** Stamps by all cores of this device: the worker pool, started at first use, and what it is known to do. @module */
import { systemRandom } from '../base/random.ts';
import { StampPool } from '../host/browser/stamp-pool.ts';
import type { Message } from '../lxmf/message.ts';
import { messageWorkblock } from '../lxmf/stamp.ts';
import { prepareWorkblock, type Workblock } from '../kernel/stamp.ts';

/** How far a search is. */
export interface Mined {
  readonly tries: number;
  readonly ratePerSecond: number;
}

/** How a search is watched and ended. */
export interface Search {
  readonly signal: AbortSignal;
  onProgress(progress: Mined): void;
}

/** The part of the page's files that mining needs. */
export interface MinerFiles {
  stampWorker(): Worker;
}

// The first search wakes the workers; the second is long enough for a rate and short enough to wait for.
const WAKE_MS = 150;
const MEASURE_MS = 400;

/** A cost that no search of half a second meets. */
const HOPELESS = 200;

// Beyond this the page gains little, and the device has other work to do.
const MOST_WORKERS = 32;

/** Searches for stamps away from the page. */
export class Miner {
  readonly #files: MinerFiles;
  #pool: StampPool | undefined;
  #rate: number | undefined;

  constructor(files: MinerFiles) {
    this.#files = files;
  }

  /** Tries a second, as last seen; `undefined` before the first search. */
  get ratePerSecond(): number | undefined {
    return this.#rate;
  }

  /** Workers that search at the same time. */
  get workers(): number {
    return Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency));
  }

  /** Find a stamp for a message. Rejects with the reason of `signal` when it is aborted. */
  async find(message: Message, costBits: number, search: Search): Promise<Uint8Array> {
    const { stamp } = await this.#search(messageWorkblock(message.messageHash), costBits, search);
    return stamp;
  }

  /** Find out the rate by searching for what cannot be found, for half a second. */
  async measure(): Promise<void> {
    if (this.#rate === undefined) await this.#searchInVain(WAKE_MS);
    await this.#searchInVain(MEASURE_MS);
  }

  async #searchInVain(durationMs: number): Promise<void> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), durationMs);
    try {
      const workblock = prepareWorkblock(new Uint8Array(32), 8);
      await this.#search(workblock, HOPELESS, { signal: end.signal, onProgress: () => undefined });
    } catch (error) {
      // Being stopped is the plan here; a pool that cannot start is not.
      if (!end.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #open(): StampPool {
    this.#pool ??= new StampPool({
      workers: this.workers,
      createWorker: () => this.#files.stampWorker(),
    });
    return this.#pool;
  }

  #search(workblock: Workblock, costBits: number, search: Search): Promise<{ stamp: Uint8Array }> {
    return this.#open().search(workblock, costBits, {
      random: systemRandom,
      signal: search.signal,
      onProgress: ({ tries, ratePerSecond }) => {
        this.#rate = ratePerSecond;
        search.onProgress({ tries, ratePerSecond });
      },
    });
  }
}
