/**
 * Frames on their way to the connection, in the order in which they got their sequence numbers:
 * gathered into writes, one write under way at a time.
 * @see overlay/TCPPeer.cpp `messageSender`, `TimestampedMessage` (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { FloodItem } from './flood-queues.ts';

/** A frame with the times of its way. */
export interface QueuedFrame {
  readonly frame: Uint8Array;
  readonly enqueuedAt: Millis;
  /** When it was handed to the connection. */
  issuedAt: Millis;
  /** The flood message in it, which leaves its queue when the frame is written. */
  readonly item: FloodItem | undefined;
}

/** Limits of one write. */
export interface WriteLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** The queue of one connection. */
export class WriteQueue {
  readonly #limits: WriteLimits;
  /** Hand out frames although others are under way: for connections with a queue of their own. */
  readonly #pipelined: boolean;
  #waiting: QueuedFrame[] = [];
  #next = 0;
  #underWay: QueuedFrame[] = [];

  constructor(limits: WriteLimits, pipelined: boolean) {
    this.#limits = limits;
    this.#pipelined = pipelined;
  }

  /** Frames that are not written yet. */
  get length(): number {
    return this.#waiting.length - this.#next + this.#underWay.length;
  }

  /** Whether there is a next write. */
  get hasNext(): boolean {
    const isFree = this.#underWay.length === 0 || this.#pipelined;
    return isFree && this.#next < this.#waiting.length;
  }

  /** Add a frame. */
  push(frame: Uint8Array, item: FloodItem | undefined, now: Millis): void {
    this.#waiting.push({ frame, enqueuedAt: now, issuedAt: now, item });
  }

  /** The frames of the next write; none while one is under way or nothing waits. */
  nextWrite(now: Millis): readonly QueuedFrame[] {
    if (!this.hasNext) return NOTHING;
    const from = this.#next;
    let bytes = 0;
    while (this.#next < this.#waiting.length) {
      const entry = this.#waiting[this.#next++] as QueuedFrame;
      entry.issuedAt = now;
      bytes += entry.frame.length;
      // The frame that reaches a limit still goes along.
      if (bytes >= this.#limits.maxBytes || this.#next - from >= this.#limits.maxCount) break;
    }
    const all = from === 0 && this.#next === this.#waiting.length;
    const batch = all ? this.#waiting : this.#waiting.slice(from, this.#next);
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    if (this.#underWay.length === 0) this.#underWay = batch.slice();
    else this.#underWay.push(...batch);
    return batch;
  }

  /** The first `count` frames under way are written. @throws RangeError when there are fewer */
  written(count: number): readonly QueuedFrame[] {
    if (count > this.#underWay.length) {
      throw new RangeError(`"count" must be at most ${this.#underWay.length}, got ${count}`);
    }
    if (count === this.#underWay.length) {
      const done = this.#underWay;
      this.#underWay = [];
      return done;
    }
    return this.#underWay.splice(0, count);
  }

  /** Forget everything. */
  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#underWay = [];
  }
}

const NOTHING: readonly QueuedFrame[] = [];
