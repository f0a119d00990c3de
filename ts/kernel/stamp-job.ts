/**
 * What a stamp pool and its workers tell each other, and the worker's side of it without any worker:
 * one search at a time, in slices, between which the host delivers messages. The same runner serves
 * worker threads, web workers, and the calling thread where there are none. @module
 */
import type { Clock } from '../base/clock.ts';
import { forceEngine, forcedEngine } from './loader.ts';
import type { Engine } from './loader.ts';
import { StampSearch } from './stamp.ts';

/** Start a search; a worker does one at a time. Plain data, fit for structured cloning. */
export interface StampRequest {
  readonly kind: 'search';
  /** Names the search in all further messages; never used twice. */
  readonly id: number;
  readonly rounds: number;
  /** 32 bytes. */
  readonly midstate: Uint8Array;
  readonly costBits: number;
  /** 28 bytes, this worker's own part of all stamps. */
  readonly prefix: Uint8Array;
  /** The engine that the asking program is forced to, if it is. */
  readonly engine: Engine | undefined;
}

/** End a search; the worker answers `stopped`, unless it ended by itself before. */
export interface StampCancel {
  readonly kind: 'cancel';
  readonly id: number;
}

/** What a pool tells a worker. */
export type StampCommand = StampRequest | StampCancel;

/** How far a search is; all but `progress` end it. `tries` counts from its start. */
export type StampReport =
  | { readonly kind: 'progress'; readonly id: number; readonly tries: number }
  | { readonly kind: 'stopped'; readonly id: number; readonly tries: number }
  | {
      readonly kind: 'found';
      readonly id: number;
      readonly tries: number;
      readonly stamp: Uint8Array;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };

/** What a runner needs of the thread it is in. */
export interface StampHost {
  /** Send a report to the pool. */
  post(report: StampReport): void;
  /** Call `next` after the messages that wait by now have been delivered. */
  later(next: () => void): void;
  readonly clock: Clock;
  /** How long one slice should take: the time that a cancel or other work has to wait. */
  readonly sliceMs: number;
}

/** Tries of the first slice: far below a millisecond for the slowest engine. */
const FIRST_SLICE = 512;
/** A progress report is due after so much time. */
const PROGRESS_MS = 50;

/** One search in slices whose length follows the speed that is met. */
export class StampJob {
  readonly id: number;
  readonly #search: StampSearch;
  readonly #sliceMs: number;
  #slice = FIRST_SLICE;

  /** @throws TypeError, RangeError when the request is not one */
  constructor(request: StampRequest, sliceMs: number) {
    const { id, rounds, midstate, costBits, prefix } = request;
    this.id = id;
    this.#search = new StampSearch({ rounds, midstate }, costBits, prefix);
    this.#sliceMs = sliceMs;
  }

  /** Stamps tried so far. */
  get tries(): number {
    return this.#search.tries;
  }

  /** Try one slice; the stamp if it is among them. */
  run(clock: Clock): Uint8Array | undefined {
    const startedMs = clock.now();
    const stamp = this.#search.run(this.#slice);
    const tookMs = clock.now() - startedMs;
    // Growth is bounded, so that one lucky measurement cannot make a slice that lasts for seconds.
    const factor = tookMs > 0 ? Math.min(2, this.#sliceMs / tookMs) : 2;
    this.#slice = Math.max(FIRST_SLICE, Math.round(this.#slice * factor));
    return stamp;
  }
}

/** The worker's side of the protocol. */
export class StampRunner {
  readonly #host: StampHost;
  #job: StampJob | undefined;
  #reportedMs = 0;

  constructor(host: StampHost) {
    this.#host = host;
  }

  /** Take one command. A search that was going on is forgotten when the next one comes. */
  receive(command: StampCommand): void {
    const { id } = command;
    if (command.kind === 'cancel') {
      if (this.#job?.id === id) this.#end({ kind: 'stopped', id, tries: this.#job.tries });
      return;
    }
    this.#attempt(id, () => {
      // A change makes every kernel choose anew, so none is made without need.
      if (command.engine !== forcedEngine()) forceEngine(command.engine);
      const job = new StampJob(command, this.#host.sliceMs);
      this.#job = job;
      this.#reportedMs = this.#host.clock.now();
      this.#host.later(() => this.#turn(job));
    });
  }

  #turn(job: StampJob): void {
    if (this.#job !== job) return;
    const { id } = job;
    this.#attempt(id, () => {
      const stamp = job.run(this.#host.clock);
      const { tries } = job;
      if (stamp !== undefined) {
        this.#end({ kind: 'found', id, tries, stamp });
        return;
      }
      const now = this.#host.clock.now();
      if (now - this.#reportedMs >= PROGRESS_MS) {
        this.#reportedMs = now;
        this.#host.post({ kind: 'progress', id, tries });
      }
      this.#host.later(() => this.#turn(job));
    });
  }

  #end(report: StampReport): void {
    this.#job = undefined;
    this.#host.post(report);
  }

  #attempt(id: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#end({ kind: 'failed', id, reason });
    }
  }
}
