/**
 * Ingress control: announces of unknown destinations that come in a flood are held back and let in one
 * by one when it is over.
 * @module
 * @see RNS/Interfaces/Interface.py should_ingress_limit, hold_announce, process_held_announces (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { HashMap } from './hash-map.ts';
import { MAX_HOPS } from './packet.ts';
import type { ReceivedPacket } from './received-packet.ts';

const SAMPLES = 48;
const MIN_SAMPLES = 2;
/** After so long without announces the oldest sample is dropped at each look. */
const DECAY_MS = 10_000;

/** Times of events, and how many come in a second. */
export class RateWindow {
  readonly #times: Millis[] = [];

  add(now: Millis): void {
    this.#times.push(now);
    if (this.#times.length > SAMPLES) this.#times.shift();
  }

  /** Events per second; 0 until there are three. @see RNS/Interfaces/Interface.py incoming_announce_frequency */
  frequencyHz(now: Millis): number {
    const count = this.#times.length;
    if (count <= MIN_SAMPLES) return 0;
    const span = now - (this.#times[0] as Millis);
    if (span > DECAY_MS) this.#times.shift();
    return span <= 0 ? 0 : (count * 1000) / span;
  }

  /** The same without forgetting anything, for snapshots. */
  peekHz(now: Millis): number {
    const count = this.#times.length;
    const span = now - (this.#times[0] ?? now);
    return count <= MIN_SAMPLES || span <= 0 ? 0 : (count * 1000) / span;
  }

  get samples(): number {
    return this.#times.length;
  }
}

/** Thresholds, with the reference's values as defaults. */
export interface IngressLimits {
  /** Announces a second that make a flood on an interface younger than two hours. */
  readonly burstHzNew: number;
  /** The same for an older interface. */
  readonly burstHz: number;
  readonly newForMs: number;
  /** How long a flood is assumed to go on after its last sign. */
  readonly holdMs: number;
  /** How long the first held announce waits. */
  readonly penaltyMs: number;
  /** Time between two that are let in. */
  readonly releaseIntervalMs: number;
  readonly maxHeld: number;
}

/** @see RNS/Interfaces/Interface.py IC_BURST_FREQ */
export const INGRESS_LIMITS: IngressLimits = {
  burstHzNew: 3,
  burstHz: 10,
  newForMs: 2 * 3600 * 1000,
  holdMs: 15_000,
  penaltyMs: 15_000,
  releaseIntervalMs: 5_000,
  maxHeld: 256,
};

/** Held announces are looked at this often. @see RNS/Transport.py interface_jobs_interval */
export const INGRESS_INTERVAL_MS = 5_000;

/** Ingress control of one interface. */
export class IngressControl {
  readonly rate: RateWindow = new RateWindow();
  readonly #limits: IngressLimits;
  readonly #createdMs: Millis;
  readonly #held: HashMap<ReceivedPacket>;
  #burst = false;
  #activatedMs = 0;
  #sustainedMs = 0;
  #releaseMs = 0;

  constructor(createdMs: Millis, limits: IngressLimits = INGRESS_LIMITS) {
    this.#limits = limits;
    this.#createdMs = createdMs;
    this.#held = new HashMap(Infinity);
  }

  /** Whether a flood goes on. */
  get burst(): boolean {
    return this.#burst;
  }

  /** How many announces are held. */
  get held(): number {
    return this.#held.size;
  }

  /** Whether unknown announces are to be held now. */
  shouldLimit(now: Millis): boolean {
    const limits = this.#limits;
    const threshold = this.#threshold(now);
    const frequency = this.rate.frequencyHz(now);
    if (!this.#burst) {
      if (frequency <= threshold) return false;
      this.#burst = true;
      this.#activatedMs = now;
      this.#sustainedMs = now;
      this.#releaseMs = now + limits.penaltyMs;
      return true;
    }
    const held = Math.max(this.#activatedMs, this.#sustainedMs) + limits.holdMs;
    if (frequency < threshold && now > held) {
      if (this.rate.samples >= MIN_SAMPLES) this.#burst = false;
    } else if (frequency >= threshold) {
      this.#sustainedMs = now;
    }
    return true;
  }

  /** Keep an announce for later, the newest of each destination; false when there is no room. */
  hold(packet: ReceivedPacket): boolean {
    if (packet.hops >= MAX_HOPS - 1) return false;
    const known = this.#held.has(packet.destinationHash);
    if (!known && this.#held.size >= this.#limits.maxHeld) return false;
    this.#held.set(packet.destinationHash, packet);
    return true;
  }

  /** The held announce that may come in now, from the nearest destination first. */
  release(now: Millis): ReceivedPacket | undefined {
    if (this.#held.size === 0 || now < this.#releaseMs) return undefined;
    if (this.rate.frequencyHz(now) >= this.#threshold(now)) return undefined;
    let nearest: ReceivedPacket | undefined;
    for (const packet of this.#held.values()) {
      if (nearest === undefined || packet.hops < nearest.hops) nearest = packet;
    }
    if (nearest === undefined) return undefined;
    this.#releaseMs = now + this.#limits.releaseIntervalMs;
    this.#held.delete(nearest.destinationHash);
    return nearest;
  }

  #threshold(now: Millis): number {
    const young = now - this.#createdMs < this.#limits.newForMs;
    return young ? this.#limits.burstHzNew : this.#limits.burstHz;
  }
}
