/** A pool of worker threads that search for stamps. @module */
import { availableParallelism } from 'node:os';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { StampDispatch, WORKERS_MAX } from '../../kernel/stamp-dispatch.ts';
import type {
  StampPort,
  StampPortEvents,
  StampResult,
  StampSearchOptions,
} from '../../kernel/stamp-dispatch.ts';
import type { StampReport } from '../../kernel/stamp-job.ts';
import type { Workblock } from '../../kernel/stamp.ts';

/** How a pool is made. */
export interface StampPoolOptions {
  /** 1..256; the processors open to this program by default. */
  readonly workers?: number | undefined;
  /** Start a worker that runs `stamp-worker`; {@link createStampWorker} by default. */
  readonly createWorker?: (() => Worker) | undefined;
}

/** A clock that no correction of the time of day disturbs. */
const monotonicClock: Clock = { now: () => performance.now() };

/** Other work of the calling thread waits at most about this long while it searches itself. */
const LOCAL_SLICE_MS = 8;

/**
 * Searches for stamps on all processors.
 *
 * Workers start with the first search that needs them, stay for the next ones, and keep the program
 * alive only while they search. Searches queue; each uses all workers. Quick ones, up to cost 12, are
 * done in the calling thread, in slices.
 */
export class StampPool {
  readonly #dispatch: StampDispatch;

  /** @throws RangeError when `workers` is not an integer 1..256 */
  constructor(options: StampPoolOptions = {}) {
    const create = options.createWorker ?? createStampWorker;
    this.#dispatch = new StampDispatch({
      workers: options.workers ?? Math.min(availableParallelism(), WORKERS_MAX),
      open: (events) => threadPort(create(), events),
      clock: monotonicClock,
      local: {
        later: (next) => void setImmediate(next),
        clock: monotonicClock,
        sliceMs: LOCAL_SLICE_MS,
      },
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

/** Start a worker thread from the file beside this one, in the form that this one has. */
export function createStampWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(`./stamp-worker.${isSource ? 'ts' : 'js'}`, import.meta.url);
  const { typescript } = process.features as { readonly typescript?: unknown };
  return isSource && !typescript ? createSourceWorker(entry) : new Worker(entry, workerFlags());
}

/** For development where Node reads no TypeScript: there tsx does not follow into threads by itself. */
function createSourceWorker(entry: URL): Worker {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const program =
    `import { register } from ${tsx}; register(); ` +
    `await import(${JSON.stringify(entry.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
}

/** A thread takes over the flags of the program, but does not start with one that is about `--eval`. */
function workerFlags(): WorkerOptions {
  const flags = process.execArgv;
  const isForEval = (flag: string | undefined): boolean =>
    /^(-e|--eval|--input-type)$/.test(flag ?? '');
  const kept = flags.filter(
    (flag, i) => !/^--(input-type|eval)=/.test(flag) && !isForEval(flag) && !isForEval(flags[i - 1])
  );
  // Named flags are examined more strictly than those taken over, so they are named only if need be.
  return kept.length === flags.length ? {} : { execArgv: kept };
}

function threadPort(worker: Worker, events: StampPortEvents): StampPort {
  worker.unref();
  worker.on('message', (report: StampReport) => events.report(report));
  worker.on('messageerror', (error) => events.failed(error));
  worker.on('error', (error) => events.failed(error));
  worker.on('exit', (code) => events.failed(new Error(`the thread ended with code ${code}`)));
  return {
    post: (command) => worker.postMessage(command),
    hold: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    close: async () => {
      await worker.terminate();
    },
  };
}
