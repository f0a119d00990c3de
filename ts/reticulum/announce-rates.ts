/**
 * How often each destination is announced, on interfaces that have a target for it.
 * @module
 * @see RNS/Transport.py announce_rate_table (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { HashMap } from './hash-map.ts';
import type { InterfaceState } from './interface.ts';
import { MAX_PATHS } from './paths.ts';

/** Times that are kept for each destination. @see RNS/Transport.py MAX_RATE_TIMESTAMPS */
export const MAX_RATE_TIMESTAMPS = 16;

/** The announces of one destination. */
export interface AnnounceRate {
  readonly destinationHash: Uint8Array;
  lastMs: Millis;
  violations: number;
  blockedUntilMs: Millis;
  readonly timestampsMs: Millis[];
}

/** Announce rates of all destinations. */
export class AnnounceRates {
  readonly #rates: HashMap<AnnounceRate> = new HashMap(MAX_PATHS);

  get size(): number {
    return this.#rates.size;
  }

  /** Entries, oldest first. */
  values(): IterableIterator<AnnounceRate> {
    return this.#rates.values();
  }

  /** Count an announce; true when it comes too often to be spread further. */
  count(destinationHash: Uint8Array, via: InterfaceState, now: Millis): boolean {
    const {
      announceRateTargetS,
      announceRateGrace = 0,
      announceRatePenaltyS = 0,
    } = via.description;
    if (announceRateTargetS === undefined) return false;
    const known = this.#rates.get(destinationHash);
    if (known === undefined) {
      this.#rates.set(destinationHash, {
        destinationHash: destinationHash.slice(),
        lastMs: now,
        violations: 0,
        blockedUntilMs: 0,
        timestampsMs: [now],
      });
      return false;
    }
    known.timestampsMs.push(now);
    if (known.timestampsMs.length > MAX_RATE_TIMESTAMPS) known.timestampsMs.shift();
    if (now <= known.blockedUntilMs) return true;
    if (now - known.lastMs < announceRateTargetS * 1000) known.violations += 1;
    else known.violations = Math.max(0, known.violations - 1);
    if (known.violations > announceRateGrace) {
      known.blockedUntilMs = known.lastMs + (announceRateTargetS + announceRatePenaltyS) * 1000;
      return true;
    }
    known.lastMs = now;
    return false;
  }
}
