/**
 * How many queries of one kind a peer gets answered; the rest is ignored without a word.
 * @see overlay/Peer.cpp `process` (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';

/** Counts the queries of one kind in windows that begin with the first query after the last. */
export class QueryLimit {
  #windowStart: Millis = -Infinity;
  #count = 0;

  /** Queries answered in the present window. */
  get count(): number {
    return this.#count;
  }

  /** Whether one more query may be answered now. */
  allows(windowMs: number, most: number, now: Millis): boolean {
    if (now - this.#windowStart >= windowMs) {
      this.#windowStart = now;
      this.#count = 0;
    }
    return this.#count < most;
  }

  /** A query was answered. */
  note(): void {
    this.#count += 1;
  }
}
