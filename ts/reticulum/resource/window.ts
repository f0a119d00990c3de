/**
 * How many parts a receiver asks for at once: more while the rate holds, fewer after a timeout.
 * @module
 * @see RNS/Resource.py receive_part, __watchdog_job (RNS 1.5.7)
 */
import {
  FAST_RATE_THRESHOLD,
  RATE_FAST,
  RATE_VERY_SLOW,
  VERY_SLOW_RATE_THRESHOLD,
  WINDOW,
  WINDOW_FLEXIBILITY,
  WINDOW_MAX_FAST,
  WINDOW_MAX_SLOW,
  WINDOW_MAX_VERY_SLOW,
  WINDOW_MIN,
} from './constants.ts';

/** The window of one segment. */
export class ResourceWindow {
  size: number;
  max: number = WINDOW_MAX_SLOW;
  min: number = WINDOW_MIN;
  #fastRounds = 0;
  #verySlowRounds = 0;

  /** @param previous - the window at the end of the last resource on the same link */
  constructor(previous?: number) {
    this.size = previous ?? WINDOW;
  }

  /** The first part of a round has come. @param rate - bytes per second from request to part */
  firstPart(rate: number): void {
    this.#countFast(rate);
  }

  /** A round is complete: all parts that were asked for are here. */
  grow(): void {
    if (this.size >= this.max) return;
    this.size += 1;
    if (this.size - this.min > WINDOW_FLEXIBILITY - 1) this.min += 1;
  }

  /** The rate of a complete round, in bytes per second. */
  roundRate(rate: number): void {
    this.#countFast(rate);
    if (this.#fastRounds > 0 || rate >= RATE_VERY_SLOW) return;
    if (this.#verySlowRounds >= VERY_SLOW_RATE_THRESHOLD) return;
    this.#verySlowRounds += 1;
    if (this.#verySlowRounds === VERY_SLOW_RATE_THRESHOLD) this.max = WINDOW_MAX_VERY_SLOW;
  }

  /** Parts did not come in time. */
  shrink(): void {
    if (this.size <= this.min) return;
    this.size -= 1;
    if (this.max <= this.min) return;
    this.max -= 1;
    if (this.max - this.size > WINDOW_FLEXIBILITY - 1) this.max -= 1;
  }

  #countFast(rate: number): void {
    if (rate <= RATE_FAST || this.#fastRounds >= FAST_RATE_THRESHOLD) return;
    this.#fastRounds += 1;
    if (this.#fastRounds === FAST_RATE_THRESHOLD) this.max = WINDOW_MAX_FAST;
  }
}
