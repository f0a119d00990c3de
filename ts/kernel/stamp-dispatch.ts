/**
 * The pool's side of a search over several workers, without knowing what a worker is: parts that
 * cannot overlap, a queue, cancel, progress, and the replacement of workers that fail. Hosts bring the
 * ports; `stamp-job.ts` has the protocol. @module
 */
import { assertInteger } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { forcedEngine } from './loader.ts';
import { assertWorkblock } from './stamp.ts';
import type { Workblock } from './stamp.ts';
import { StampRunner } from './stamp-job.ts';
import type { StampCommand, StampHost, StampReport } from './stamp-job.ts';

/** Most workers of one pool; their prefixes differ in one byte. */
export const WORKERS_MAX = 256;

/** The pool's end of a worker. */
export interface StampPort {
  post(command: StampCommand): void;
  /** Tell whether there is work, for hosts where an idle worker must not keep the program alive. */
  hold(isBusy: boolean): void;
  /** End the worker, whatever it does. */
  close(): Promise<void>;
}

/** What a port calls; never from within `post`. */
export interface StampPortEvents {
  report(report: StampReport): void;
  /** The worker is gone or unusable; nothing comes from this port any more. */
  failed(cause: unknown): void;
}

/** How a pool gets its workers. */
export interface StampDispatchOptions {
  /** 1..256. */
  readonly workers: number;
  /** Start a worker; called at the first search and after a failure. */
  readonly open: (events: StampPortEvents) => StampPort;
  readonly clock: Clock;
  /** The calling thread, for searches that are over before a worker could be told; optional. */
  readonly local?: LocalHost | undefined;
}

/** What a runner in the calling thread needs of it. */
export type LocalHost = Omit<StampHost, 'post'>;

/** Searches of up to this cost, 4096 tries on average, are done locally. */
export const LOCAL_COST_BITS = 12;

/** How far a search is. */
export interface StampPoolProgress {
  /** Stamps tried by all workers. */
  readonly tries: number;
  readonly ratePerSecond: number;
  /** Tries after which a search of this cost ends on average; they are never "used up". */
  readonly expectedTries: number;
  /** Time since the search left the queue. */
  readonly elapsedMs: number;
}

/** Options of one search. */
export interface StampSearchOptions {
  /** Supplies 28 bytes for each worker. */
  readonly random: Random;
  /** Ends the search, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called some twenty times a second for each worker. */
  readonly onProgress?: ((progress: StampPoolProgress) => void) | undefined;
}

/** A stamp, and what it took. */
export interface StampResult {
  /** 32 bytes. */
  readonly stamp: Uint8Array;
  /** Stamps tried by all workers together. */
  readonly tries: number;
}

interface Task {
  readonly id: number;
  readonly workblock: Workblock;
  readonly costBits: number;
  readonly options: StampSearchOptions;
  readonly resolve: (result: StampResult) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
  startedMs: number;
  stamp: Uint8Array | undefined;
  /** The caller has its answer, but workers may still be at it. */
  isSettled: boolean;
}

interface Slot {
  readonly index: number;
  port: StampPort | undefined;
  /** Tries of the current task. */
  tries: number;
  isBusy: boolean;
}

/**
 * Runs searches one after the other, each over all workers.
 *
 * A search is over when every worker has stopped; only then the next one begins. So the count of tries
 * is exact, and no worker is left behind at work.
 */
export class StampDispatch {
  readonly #options: StampDispatchOptions;
  readonly #slots: readonly Slot[];
  readonly #local: StampDispatch | undefined;
  #queue: Task[] = [];
  #current: Task | undefined;
  #lastId = 0;
  #isClosed = false;

  /** @throws RangeError when `workers` is not an integer 1..256 */
  constructor(options: StampDispatchOptions) {
    assertInteger('workers', options.workers, 1, WORKERS_MAX);
    this.#options = options;
    this.#slots = Array.from({ length: options.workers }, (_, index) => ({
      index,
      port: undefined,
      tries: 0,
      isBusy: false,
    }));
    const { local, clock } = options;
    if (local !== undefined) {
      this.#local = new StampDispatch({
        workers: 1,
        open: (events) => localPort(events, local),
        clock,
      });
    }
  }

  /** Workers that are at work now. */
  get busyWorkers(): number {
    return this.#slots.filter((slot) => slot.isBusy).length;
  }

  /**
   * Find a stamp whose digest begins with `costBits` zero bits.
   *
   * Rejects with the signal's reason when aborted, `TypeError` or `RangeError` on wrong arguments,
   * `ProtocolError` `KERNEL_FAULT` when a worker fails or none can be started, `KERNEL_UNAVAILABLE`
   * when the pool is closed.
   * @param costBits - 0..256
   */
  async search(
    workblock: Workblock,
    costBits: number,
    options: StampSearchOptions
  ): Promise<StampResult> {
    assertWorkblock(workblock);
    assertInteger('costBits', costBits, 0, 256);
    if (this.#local !== undefined && costBits <= LOCAL_COST_BITS) {
      return this.#local.search(workblock, costBits, options);
    }
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#isClosed) throw closedError();
    return new Promise((resolve, reject) => {
      const task: Task = {
        id: ++this.#lastId,
        // A copy, because the search may have to wait.
        workblock: { rounds: workblock.rounds, midstate: new Uint8Array(workblock.midstate) },
        costBits,
        options,
        resolve,
        reject,
        onAbort: () => this.#give(task, () => reject(signal?.reason)),
        startedMs: 0,
        stamp: undefined,
        isSettled: false,
      };
      signal?.addEventListener('abort', task.onAbort, { once: true });
      this.#queue.push(task);
      this.#next();
    });
  }

  /** End all workers; searches that are under way or wait are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const tasks = [...(this.#current === undefined ? [] : [this.#current]), ...this.#queue];
    this.#current = undefined;
    for (const task of tasks) this.#give(task, () => task.reject(closedError()));
    const ports = this.#slots.flatMap((slot) => slot.port ?? []);
    for (const slot of this.#slots) {
      slot.port = undefined;
      slot.isBusy = false;
    }
    await Promise.all([this.#local?.close(), ...ports.map((port) => port.close())]);
  }

  #next(): void {
    if (this.#current !== undefined || this.#isClosed) return;
    const task = this.#queue.shift();
    if (task === undefined) return;
    this.#current = task;
    task.startedMs = this.#options.clock.now();
    const { rounds, midstate } = task.workblock;
    try {
      const prefixes = disjointPrefixes(task.options.random, this.#slots.length);
      for (const slot of this.#slots) {
        const port = (slot.port ??= this.#open(slot));
        slot.tries = 0;
        port.post({
          kind: 'search',
          id: task.id,
          rounds,
          midstate,
          costBits: task.costBits,
          prefix: prefixes[slot.index] as Uint8Array,
          engine: forcedEngine(),
        });
        slot.isBusy = true;
        port.hold(true);
      }
    } catch (error) {
      this.#give(task, () => task.reject(error));
    }
    this.#endWhenIdle();
  }

  #open(slot: Slot): StampPort {
    try {
      const port = this.#options.open({
        report: (report) => {
          if (slot.port === port) this.#report(slot, report);
        },
        failed: (cause) => {
          if (slot.port === port) this.#failed(slot, cause);
        },
      });
      return port;
    } catch (error) {
      throw workerError(slot, error);
    }
  }

  #report(slot: Slot, report: StampReport): void {
    const task = this.#current;
    // A report of an earlier search crossed the order that ended it.
    if (task === undefined || report.id !== task.id || !slot.isBusy) return;
    if (report.kind !== 'failed') slot.tries = report.tries;
    if (report.kind === 'progress') {
      this.#progress(task);
      return;
    }
    slot.isBusy = false;
    slot.port?.hold(false);
    if (report.kind === 'found') {
      task.stamp ??= report.stamp;
      this.#cancelWorkers(task);
    } else if (report.kind === 'failed') {
      this.#fail(task, workerError(slot, report.reason));
    }
    this.#endWhenIdle();
  }

  #progress(task: Task): void {
    const { onProgress } = task.options;
    if (onProgress === undefined || task.isSettled) return;
    const elapsedMs = this.#options.clock.now() - task.startedMs;
    const tries = this.#tries();
    try {
      onProgress({
        tries,
        ratePerSecond: elapsedMs > 0 ? (tries * 1000) / elapsedMs : 0,
        expectedTries: 2 ** task.costBits,
        elapsedMs,
      });
    } catch (error) {
      this.#give(task, () => task.reject(error));
    }
  }

  #failed(slot: Slot, cause: unknown): void {
    const wasBusy = slot.isBusy;
    const port = slot.port;
    slot.port = undefined;
    slot.isBusy = false;
    // The worker is useless by now; how its end goes changes nothing.
    port?.close().catch(() => undefined);
    const task = this.#current;
    if (!wasBusy || task === undefined) return;
    this.#fail(task, workerError(slot, cause));
    this.#endWhenIdle();
  }

  /** Give up a search, unless a stamp is there already and the others are only asked to stop. */
  #fail(task: Task, error: ProtocolError): void {
    if (task.stamp === undefined) this.#give(task, () => task.reject(error));
  }

  /** Give the caller its answer, once, and send the workers home. */
  #give(task: Task, answer: () => void): void {
    if (task.isSettled) return;
    task.isSettled = true;
    task.options.signal?.removeEventListener('abort', task.onAbort);
    this.#queue = this.#queue.filter((waiting) => waiting !== task);
    if (this.#current === task) this.#cancelWorkers(task);
    answer();
  }

  #cancelWorkers(task: Task): void {
    for (const slot of this.#slots) {
      if (slot.isBusy) slot.port?.post({ kind: 'cancel', id: task.id });
    }
  }

  #endWhenIdle(): void {
    const task = this.#current;
    if (task === undefined || this.busyWorkers > 0) return;
    this.#current = undefined;
    const { stamp } = task;
    if (stamp !== undefined) {
      const tries = this.#tries();
      this.#give(task, () => task.resolve({ stamp, tries }));
    }
    this.#next();
  }

  #tries(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.tries, 0);
  }
}

/**
 * Random prefixes of which no two are alike: the first byte, random too, goes up by one from each to
 * the next. A search changes only the last bytes, so no stamp is tried twice.
 */
export function disjointPrefixes(random: Random, count: number): Uint8Array[] {
  const prefixes = Array.from({ length: count }, () => random.bytes(28));
  const first = prefixes[0]?.[0] ?? 0;
  prefixes.forEach((prefix, index) => (prefix[0] = first + index));
  return prefixes;
}

/** A port to a runner in the calling thread, for hosts without workers and for quick searches. */
export function localPort(events: StampPortEvents, host: LocalHost): StampPort {
  let isOpen = true;
  const runner = new StampRunner({
    ...host,
    later: (next) => host.later(() => isOpen && next()),
    post: (report) => host.later(() => isOpen && events.report(report)),
  });
  return {
    post: (command) => runner.receive(command),
    hold: () => undefined,
    close: () => {
      isOpen = false;
      return Promise.resolve();
    },
  };
}

function workerError(slot: Slot, cause: unknown): ProtocolError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `worker ${slot.index} failed: ${reason}`;
  return new ProtocolError('KERNEL_FAULT', text, { at: 'stamp', cause });
}

function closedError(): ProtocolError {
  return new ProtocolError('KERNEL_UNAVAILABLE', 'the pool is closed', { at: 'stamp' });
}
