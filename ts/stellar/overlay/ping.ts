/**
 * Round trips measured by asking for a quorum set that does not exist: the answer is DONT_HAVE.
 * @see overlay/Peer.cpp `pingPeer`, `maybeProcessPingResponse` (stellar-core v27) @module
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/** Latency of a peer that has not answered yet. */
export const PING_UNKNOWN_MS: number = 24 * 3600 * 1000;

/** The pings of one connection; there is one under way at most, and it never expires. */
export class Ping {
  #latencyMs = PING_UNKNOWN_MS;
  #sentAt: Millis | undefined;
  #id: Uint8Array | undefined;

  /** The last round trip. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  /** Whether an answer is due. */
  get isUnderWay(): boolean {
    return this.#id !== undefined;
  }

  /** The hash to ask for: eight random bytes and zeros; `undefined` while an answer is due. */
  start(random: Random, now: Millis): Uint8Array | undefined {
    if (this.#id !== undefined) return undefined;
    this.#id = new Uint8Array(32);
    this.#id.set(random.bytes(8));
    this.#sentAt = now;
    return this.#id;
  }

  /** Take an answer about a hash; returns the round trip when it was ours. */
  answer(hash: Uint8Array, now: Millis): number | undefined {
    if (this.#id === undefined || this.#sentAt === undefined) return undefined;
    if (!equalBytes(hash, this.#id)) return undefined;
    this.#latencyMs = now - this.#sentAt;
    this.#id = undefined;
    return this.#latencyMs;
  }
}
