/**
 * A clock that moves only when cranked, and what is to happen at which time; for connections within
 * one process.
 * @see util/Timer.cpp `VirtualClock` (stellar-core v27) @module
 */
import type { Clock, Millis } from '../../base/clock.ts';

interface Event {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time for any number of nodes. */
export class VirtualNetwork implements Clock {
  #now: Millis;
  #order = 0;
  /** A binary heap by time, then by order of posting. */
  readonly #events: Event[] = [];

  constructor(now: Millis = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  /** Events that are still to come. */
  get pending(): number {
    return this.#events.length;
  }

  /** Let something happen after what is due now. */
  post(run: () => void): void {
    this.at(this.#now, run);
  }

  /** Let something happen after a while. */
  after(delayMs: number, run: () => void): void {
    this.at(this.#now + delayMs, run);
  }

  /** Let something happen at a time, at once if it is past. */
  at(time: Millis, run: () => void): void {
    const events = this.#events;
    const event = { at: Math.max(time, this.#now), order: this.#order++, run };
    let child = events.push(event) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[child] = events[parent] as Event;
      child = parent;
    }
    events[child] = event;
  }

  /**
   * Do all that is due now, and what follows from it without time passing.
   * @param most - events after which something must be wrong
   * @throws RangeError when there are more
   */
  crank(most: number = 1_000_000): void {
    for (let count = 0; (this.#events[0]?.at ?? Infinity) <= this.#now; count++) {
      if (count >= most) throw new RangeError(`more than ${most} events without time passing`);
      this.#take().run();
    }
  }

  /** Let time pass, with everything that happens meanwhile. */
  crankFor(durationMs: number): void {
    const end = this.#now + durationMs;
    this.crank();
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      this.#now = next.at;
      this.crank();
    }
    this.#now = end;
  }

  #take(): Event {
    const events = this.#events;
    const first = events[0] as Event;
    const last = events.pop() as Event;
    if (events.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= events.length) break;
      const right = events[child + 1];
      if (right !== undefined && isBefore(right, events[child] as Event)) child += 1;
      if (!isBefore(events[child] as Event, last)) break;
      events[parent] = events[child] as Event;
      parent = child;
    }
    events[parent] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
