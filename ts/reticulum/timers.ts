/**
 * Deadlines of everything in one endpoint, in a heap: what is due next, and what is due now.
 *
 * The reference gives each of these a thread that sleeps. Nothing here reads a clock.
 * @module
 */
import type { Millis } from '../base/clock.ts';

const IDLE = -1;
/** Taken out of the heap to fire, and can still be called off by what fires before it. */
const FIRING = -2;

/** A deadline that can be moved and called off; each belongs to one {@link Timers}. */
export class Timer {
  /** Runs once when the time has come; it may schedule the same timer again. */
  readonly fire: () => void;
  /** When it is due; meaningless while it is not scheduled. */
  at: Millis = 0;
  /** Place in the heap; negative while it is not there. */
  index: number = IDLE;

  constructor(fire: () => void) {
    this.fire = fire;
  }

  /** Whether it waits for its time. */
  get scheduled(): boolean {
    return this.index !== IDLE;
  }
}

/** A binary heap of {@link Timer}s; moving one costs the logarithm of their number. */
export class Timers {
  readonly #heap: Timer[] = [];

  /** How many wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first is due; `undefined` when none waits. */
  due(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  /** Set or move a deadline. */
  schedule(timer: Timer, at: Millis): void {
    if (timer.index < 0) {
      timer.at = at;
      timer.index = this.#heap.length;
      this.#heap.push(timer);
      this.#up(timer.index);
      return;
    }
    const earlier = at < timer.at;
    timer.at = at;
    if (earlier) this.#up(timer.index);
    else this.#down(timer.index);
  }

  /** Set a deadline, or move it forward if it is later than `at`; never move it back. */
  scheduleBy(timer: Timer, at: Millis): void {
    if (timer.index < 0 || at < timer.at) this.schedule(timer, at);
  }

  /** Call a deadline off; one that does not wait is left alone. */
  cancel(timer: Timer): void {
    const hole = timer.index;
    timer.index = IDLE;
    if (hole < 0) return;
    const last = this.#heap.pop() as Timer;
    if (last === timer) return;
    this.#heap[hole] = last;
    last.index = hole;
    this.#up(hole);
    this.#down(last.index);
  }

  /**
   * Fire everything that is due at `now`, earliest first.
   *
   * What is scheduled meanwhile waits for the next call, so that no timer can hold the caller here.
   * @returns how many fired
   */
  run(now: Millis): number {
    const due: Timer[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.cancel(first);
      due.push(first);
    }
    let fired = 0;
    for (const timer of due) timer.index = FIRING;
    for (const timer of due) {
      if (timer.index !== FIRING) continue;
      timer.index = IDLE;
      timer.fire();
      fired += 1;
    }
    return fired;
  }

  #up(from: number): void {
    const heap = this.#heap;
    const timer = heap[from] as Timer;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Timer;
      if (above.at <= timer.at) break;
      heap[at] = above;
      above.index = at;
      at = parent;
    }
    heap[at] = timer;
    timer.index = at;
  }

  #down(from: number): void {
    const heap = this.#heap;
    const timer = heap[from] as Timer;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && (heap[right] as Timer).at < (heap[child] as Timer).at) {
        child = right;
      }
      const below = heap[child] as Timer;
      if (below.at >= timer.at) break;
      heap[at] = below;
      below.index = at;
      at = child;
    }
    heap[at] = timer;
    timer.index = at;
  }
}
