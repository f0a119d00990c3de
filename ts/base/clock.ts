/** Time as an argument: protocol code never asks the host for it. Bottom layer. @module */

/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** A source of wall-clock time. */
export interface Clock {
  /** Current time in milliseconds since the Unix epoch. */
  now(): Millis;
}

/** A clock that moves only when told to; for tests, simulations and golden runs. */
export class ManualClock implements Clock {
  #now: Millis;

  constructor(now: Millis = 0) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  /** Move forward by `deltaMs`, which must not be negative. */
  advance(deltaMs: number): void {
    if (!(deltaMs >= 0)) throw new RangeError(`"deltaMs" must be >= 0, got ${deltaMs}`);
    this.#now += deltaMs;
  }

  /** Jump to `now`. */
  set(now: Millis): void {
    this.#now = now;
  }
}

/** The host's wall clock. */
export const systemClock: Clock = { now: () => Date.now() };
