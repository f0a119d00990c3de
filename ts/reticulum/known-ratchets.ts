/**
 * Ratchets that peers announced: the key to encrypt the next packet with, while it is fresh.
 * @module
 * @see RNS/Identity.py _remember_ratchet, get_ratchet, _clean_ratchets (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import type { Core } from './core.ts';
import { HashMap } from './hash-map.ts';
import { MAX_KNOWN_DESTINATIONS } from './known-destinations.ts';
import {
  RATCHET_EXPIRY_MS,
  decodeKnownRatchet,
  encodeKnownRatchet,
  type KnownRatchet,
} from './ratchet.ts';

/** The newest ratchet of each peer. */
export class KnownRatchets {
  readonly #core: Core;
  readonly #ratchets: HashMap<KnownRatchet>;

  constructor(core: Core, limit: number = MAX_KNOWN_DESTINATIONS) {
    this.#core = core;
    this.#ratchets = new HashMap(limit);
  }

  get size(): number {
    return this.#ratchets.size;
  }

  /** Keep a ratchet that was announced; a new one is stored. */
  remember(destinationHash: Uint8Array, ratchet: Uint8Array): void {
    const known = this.#ratchets.get(destinationHash);
    if (known !== undefined && equalBytes(known.ratchet, ratchet)) return;
    const entry = { ratchet: ratchet.slice(), receivedMs: this.#core.now };
    this.#ratchets.set(destinationHash, entry);
    this.#core.push({
      kind: 'store',
      record: 'known-ratchet',
      destinationHash: destinationHash.slice(),
      bytes: encodeKnownRatchet(entry),
    });
  }

  /** Take a stored ratchet in, unless it is too old. @throws ProtocolError `RNS_RATCHET_FILE` */
  load(destinationHash: Uint8Array, file: Uint8Array, now: Millis): boolean {
    const entry = decodeKnownRatchet(file, now);
    if (entry === undefined) return false;
    this.#ratchets.set(destinationHash, entry);
    return true;
  }

  /** The ratchet to encrypt with; `undefined` when none is known or it is older than 30 days. */
  get(destinationHash: Uint8Array): Uint8Array | undefined {
    const known = this.#ratchets.get(destinationHash);
    if (known === undefined || this.#core.now >= known.receivedMs + RATCHET_EXPIRY_MS) {
      return undefined;
    }
    return known.ratchet;
  }

  /** Forget the ratchet of a destination that is not known any more, also where it is stored. */
  forget(destinationHash: Uint8Array): void {
    if (!this.#ratchets.delete(destinationHash)) return;
    this.#core.push({ kind: 'store', record: 'known-ratchet', destinationHash, bytes: undefined });
  }

  /** Forget ratchets that are older than 30 days. */
  clean(): void {
    for (const [destinationHash, { receivedMs }] of this.#ratchets.entries()) {
      if (this.#core.now >= receivedMs + RATCHET_EXPIRY_MS) this.forget(destinationHash);
    }
  }
}
