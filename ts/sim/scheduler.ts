/**
 * Virtual time: things that happen at given moments, in order, as fast as the machine can run them.
 * @module
 */
import type { Clock, Millis } from '../base/clock.ts';

interface Planned {
  readonly at: Millis;
  /** Breaks ties, so that what was planned first happens first. */
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from one planned moment to the next. */
export class Scheduler implements Clock {
  #now: Millis;
  #order = 0;
  readonly #heap: Planned[] = [];

  constructor(startMs: Millis = 1_700_000_000_000) {
    this.#now = startMs;
  }

  now(): Millis {
    return this.#now;
  }

  /** How many things are planned. */
  get planned(): number {
    return this.#heap.length;
  }

  /** Plan something; a moment that has passed means now. */
  at(when: Millis, run: () => void): void {
    this.#push({ at: Math.max(when, this.#now), order: this.#order++, run });
  }

  /** Plan something `delayMs` from now. */
  after(delayMs: number, run: () => void): void {
    this.at(this.#now + delayMs, run);
  }

  /** Let the next thing happen; false when nothing is planned up to `limitMs`. */
  step(limitMs: Millis = Infinity): boolean {
    const next = this.#heap[0];
    if (next === undefined || next.at > limitMs) return false;
    this.#pop();
    this.#now = next.at;
    next.run();
    return true;
  }

  /**
   * Let things happen until `done` says so or `limitMs` of virtual time have passed.
   * @returns whether it is done
   */
  runUntil(done: () => boolean, limitMs: number): boolean {
    const end = this.#now + limitMs;
    while (!done()) if (!this.step(end)) return done();
    return true;
  }

  /** Let everything of the next `durationMs` happen, and move the clock to their end. */
  run(durationMs: number): void {
    const end = this.#now + durationMs;
    while (this.step(end));
    this.#now = end;
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Planned;
      if (!isBefore(planned, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Planned;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as Planned, heap[child] as Planned)) {
        child = right;
      }
      const below = heap[child] as Planned;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
