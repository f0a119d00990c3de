/** A pool of web workers that search for stamps. @module */
import type { Clock } from '../../base/clock.ts';
import { StampDispatch, WORKERS_MAX, localPort } from '../../kernel/stamp-dispatch.ts';
import type {
  LocalHost,
  StampPort,
  StampPortEvents,
  StampResult,
  StampSearchOptions,
} from '../../kernel/stamp-dispatch.ts';
import type { StampReport } from '../../kernel/stamp-job.ts';
import type { Workblock } from '../../kernel/stamp.ts';
import { afterTurn } from './turns.ts';

/** How a pool is made. */
export interface StampPoolOptions {
  /** 1..256; the processors that the browser admits to by default. */
  readonly workers?: number | undefined;
  /** Start a worker that runs `stamp-worker`; by default from the file beside this one. */
  readonly createWorker?: (() => Worker) | undefined;
}

const monotonicClock: Clock = { now: () => performance.now() };

/** Half a frame: the page stays smooth while the search runs in its own thread. */
const LOCAL_SLICE_MS = 8;

/**
 * Searches for stamps on all processors.
 *
 * Workers start with the first search that needs them and stay for the next ones. Searches queue; each
 * uses all workers. Quick ones, up to cost 12, and all of them where the host has no workers, are done
 * in the calling thread, in slices.
 */
export class StampPool {
  readonly #dispatch: StampDispatch;

  /** @throws RangeError when `workers` is not an integer 1..256 */
  constructor(options: StampPoolOptions = {}) {
    const local: LocalHost = {
      later: afterTurn,
      clock: monotonicClock,
      sliceMs: LOCAL_SLICE_MS,
    };
    const hasWorkers = options.createWorker !== undefined || typeof Worker === 'function';
    const create = options.createWorker ?? createWorker;
    this.#dispatch = new StampDispatch({
      workers: hasWorkers ? (options.workers ?? defaultWorkers()) : 1,
      open: (events) => (hasWorkers ? workerPort(create(), events) : localPort(events, local)),
      clock: monotonicClock,
      local,
    });
  }

  /** Workers that search now. */
  get busyWorkers(): number {
    return this.#dispatch.busyWorkers;
  }

  /** Find a stamp; see {@link StampDispatch.search} for arguments and errors. */
  search(
    workblock: Workblock,
    costBits: number,
    options: StampSearchOptions
  ): Promise<StampResult> {
    return this.#dispatch.search(workblock, costBits, options);
  }

  /** End all workers; searches that are under way or wait are rejected. */
  close(): Promise<void> {
    return this.#dispatch.close();
  }
}

function defaultWorkers(): number {
  return Math.min(Math.max(1, navigator.hardwareConcurrency), WORKERS_MAX);
}

function createWorker(): Worker {
  return new Worker(new URL('./stamp-worker.js', import.meta.url), { type: 'module' });
}

function workerPort(worker: Worker, events: StampPortEvents): StampPort {
  worker.onmessage = (event: MessageEvent<StampReport>) => events.report(event.data);
  worker.onmessageerror = () => events.failed(new Error('a report could not be read'));
  worker.onerror = (event) => {
    // Handled here, so the page need not hear of it as an uncaught error.
    event.preventDefault();
    events.failed(new Error(event.message || 'the worker could not be loaded'));
  };
  return {
    post: (command) => worker.postMessage(command),
    hold: () => undefined,
    close: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
}
