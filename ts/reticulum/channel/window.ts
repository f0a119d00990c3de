/**
 * How many channel messages may be under way at once, by the round trip and by what gets lost.
 * @module
 * @see RNS/Channel.py Channel (RNS 1.5.7)
 */

/** Most messages under way on a fast link; also how far ahead a receiver takes messages. */
export const CHANNEL_WINDOW_MAX = 48;

const WINDOW = 2;
const WINDOW_MIN_MEDIUM = 5;
const WINDOW_MIN_FAST = 16;
const WINDOW_MAX_SLOW = 5;
const WINDOW_MAX_MEDIUM = 12;
const RATE_ROUNDS = 10;
const FLEXIBILITY = 4;
const RTT_FAST_MS = 180;
const RTT_MEDIUM_MS = 750;
const RTT_SLOW_MS = 1450;

/** The sender's window of one channel. */
export class ChannelWindow {
  size: number;
  max: number;
  min: number;
  readonly #flexibility: number;
  #fastRounds = 0;
  #mediumRounds = 0;

  constructor(rttMs: number) {
    const slow = rttMs > RTT_SLOW_MS;
    this.size = slow ? 1 : WINDOW;
    this.min = slow ? 1 : WINDOW;
    this.max = slow ? 1 : WINDOW_MAX_SLOW;
    this.#flexibility = slow ? 1 : FLEXIBILITY;
  }

  /** A message was delivered. @see RNS/Channel.py _packet_tx_op */
  grow(rttMs: number): void {
    if (this.size < this.max) this.size += 1;
    if (rttMs === 0) return;
    if (rttMs <= RTT_FAST_MS) {
      this.#fastRounds += 1;
      if (this.max < CHANNEL_WINDOW_MAX && this.#fastRounds === RATE_ROUNDS) {
        this.max = CHANNEL_WINDOW_MAX;
        this.min = WINDOW_MIN_FAST;
      }
      return;
    }
    this.#fastRounds = 0;
    if (rttMs > RTT_MEDIUM_MS) {
      this.#mediumRounds = 0;
      return;
    }
    this.#mediumRounds += 1;
    if (this.max < WINDOW_MAX_MEDIUM && this.#mediumRounds === RATE_ROUNDS) {
      this.max = WINDOW_MAX_MEDIUM;
      this.min = WINDOW_MIN_MEDIUM;
    }
  }

  /** A message was not proven in time. @see RNS/Channel.py _packet_timeout */
  shrink(): void {
    if (this.size <= this.min) return;
    this.size -= 1;
    if (this.max > this.min + this.#flexibility) this.max -= 1;
  }
}
