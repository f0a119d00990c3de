/**
 * A medium between ports: what one sends, each of the others hears, unless it is lost on the way.
 *
 * With two ports it is a wire, with more a hub or a radio channel. All chance comes from one seed.
 * @module
 */
import type { SeededRandom } from '../base/random.ts';
import type { Scheduler } from './scheduler.ts';

/** How a medium treats frames; what is absent does not happen. */
export interface MediumModel {
  /** Share of frames that do not arrive, for each receiver anew. */
  readonly loss?: number | undefined;
  /** Share of frames that arrive twice. */
  readonly duplicate?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Up to so much more, at random: frames may overtake each other. */
  readonly jitterMs?: number | undefined;
  /** Share of frames that one bit is flipped in. */
  readonly corrupt?: number | undefined;
  /** Frames that are longer vanish. */
  readonly mtu?: number | undefined;
  /** Bits per second; frames of one sender then follow each other. */
  readonly bitrateBps?: number | undefined;
}

/** Receives what comes out of a medium. */
export type PortReceiver = (bytes: Uint8Array) => void;

/** What a medium has done. */
export interface MediumCounts {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  corrupted: number;
  /** Kept apart by a partition. */
  parted: number;
}

/** A shared medium. */
export class Medium {
  model: MediumModel;
  readonly counts: MediumCounts = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    parted: 0,
  };
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #ports: PortReceiver[] = [];
  readonly #freeAt: number[] = [];
  #sides: readonly (readonly number[])[] | undefined;

  constructor(scheduler: Scheduler, random: SeededRandom, model: MediumModel = {}) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.model = model;
  }

  /** Add a port; its number names it to {@link send}. */
  attach(receiver: PortReceiver): number {
    this.#freeAt.push(0);
    return this.#ports.push(receiver) - 1;
  }

  /** Let only ports within one group hear each other, until {@link heal}. */
  part(...groups: readonly (readonly number[])[]): void {
    this.#sides = groups;
  }

  /** End a partition; frames under way are not affected. */
  heal(): void {
    this.#sides = undefined;
  }

  /** Send a frame from a port to all others. */
  send(from: number, bytes: Uint8Array): void {
    this.counts.sent += 1;
    const { mtu, bitrateBps } = this.model;
    if (mtu !== undefined && bytes.length > mtu) {
      this.counts.lost += 1;
      return;
    }
    const now = this.#scheduler.now();
    const airMs = bitrateBps === undefined ? 0 : (bytes.length * 8 * 1000) / bitrateBps;
    const leaves = Math.max(now, this.#freeAt[from] ?? 0) + airMs;
    this.#freeAt[from] = leaves;
    for (let to = 0; to < this.#ports.length; to++) {
      if (to === from) continue;
      if (!this.#hears(from, to)) this.counts.parted += 1;
      else this.#carry(to, bytes, leaves - now);
    }
  }

  #hears(from: number, to: number): boolean {
    return this.#sides?.some((side) => side.includes(from) && side.includes(to)) ?? true;
  }

  #carry(to: number, bytes: Uint8Array, airMs: number): void {
    const { loss = 0, duplicate = 0, delayMs = 0, jitterMs = 0, corrupt = 0 } = this.model;
    const copies = this.#happens(duplicate) ? 2 : 1;
    if (copies > 1) this.counts.duplicated += 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#happens(loss)) {
        this.counts.lost += 1;
        continue;
      }
      const frame = this.#happens(corrupt) ? this.#flipped(bytes) : bytes;
      const jitter = jitterMs === 0 ? 0 : this.#random.float() * jitterMs;
      this.#scheduler.after(airMs + delayMs + jitter, () => {
        this.counts.delivered += 1;
        this.#ports[to]?.(frame);
      });
    }
  }

  #happens(share: number): boolean {
    return share > 0 && this.#random.float() < share;
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    this.counts.corrupted += 1;
    const frame = bytes.slice();
    const at = this.#random.below(frame.length);
    frame[at] = (frame[at] as number) ^ (1 << this.#random.below(8));
    return frame;
  }
}
