/**
 * Identities that are shut out: their announces, paths and links are refused.
 * @module
 * @see RNS/Transport.py blackhole_identity (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { HashMap } from './hash-map.ts';

/** One that is shut out. */
export interface BlackholeEntry {
  readonly identityHash: Uint8Array;
  /** Absent means for good. */
  readonly untilMs: Millis | undefined;
  readonly reason: string | undefined;
}

/** Identities that are shut out. */
export class Blackhole {
  readonly #entries: HashMap<BlackholeEntry> = new HashMap();

  get size(): number {
    return this.#entries.size;
  }

  values(): IterableIterator<BlackholeEntry> {
    return this.#entries.values();
  }

  /** Shut an identity out; false when it was already. */
  add(identityHash: Uint8Array, untilMs?: Millis, reason?: string): boolean {
    if (this.#entries.has(identityHash)) return false;
    this.#entries.set(identityHash, { identityHash: identityHash.slice(), untilMs, reason });
    return true;
  }

  /** Let an identity in again. */
  remove(identityHash: Uint8Array): boolean {
    return this.#entries.delete(identityHash);
  }

  /** Whether an identity is shut out at `now`; one whose time is over is forgotten. */
  has(identityHash: Uint8Array, now: Millis): boolean {
    if (this.#entries.size === 0) return false;
    const entry = this.#entries.get(identityHash);
    if (entry === undefined) return false;
    if (entry.untilMs === undefined || now <= entry.untilMs) return true;
    this.#entries.delete(identityHash);
    return false;
  }
}
