/**
 * Messages of all connections that are in processing, and those seen lately: so that a copy is not
 * processed beside its twin, and copies are counted.
 * @see overlay/OverlayManagerImpl.cpp `checkScheduledAndCache`, `recordMessageMetric`
 *   (stellar-core v27) @module
 */
import type { Random } from '../../base/random.ts';
import { blake2b256 } from '../../kernel/blake2b.ts';
import { MessageType } from '../xdr/overlay.ts';
import { BoundedMap } from './bounded-map.ts';
import { isFloodMessage } from './flood-queues.ts';
import type { OverlayMetrics, PeerMetrics } from './metrics.ts';

/** Messages remembered for telling copies. */
export const SEEN_KEPT = 0xffff;

/** The index of a message in flooding: BLAKE2b-256 of the StellarMessage, discriminant included. */
export function messageHash(message: Uint8Array): Uint8Array {
  return blake2b256(message);
}

/** A 32-byte digest as a key of a map. */
export function digestKey(digest: Uint8Array): string {
  let key = '';
  for (let i = 0; i < 32; i += 2) {
    key += String.fromCharCode(((digest[i] as number) << 8) | (digest[i + 1] as number));
  }
  return key;
}

/** What all connections of a node share about messages. */
export class ScheduledMessages {
  readonly #scheduled = new Set<string>();
  readonly #seen: BoundedMap<string, true>;
  readonly #metrics: OverlayMetrics;

  constructor(random: Random, metrics: OverlayMetrics) {
    this.#seen = new BoundedMap(SEEN_KEPT, random);
    this.#metrics = metrics;
  }

  /** Messages in processing. */
  get size(): number {
    return this.#scheduled.size;
  }

  /** Take a message in; false when the same is in processing already. */
  add(key: string): boolean {
    const before = this.#scheduled.size;
    return this.#scheduled.add(key).size > before;
  }

  /** The message has been processed. */
  remove(key: string): void {
    this.#scheduled.delete(key);
  }

  /** Count a message as unique or as a copy, here and for the peer it came from. */
  record(
    type: MessageType,
    bytes: Uint8Array,
    knownKey: string | undefined,
    peer: PeerMetrics
  ): void {
    const flood = isFloodMessage(type) || isSurvey(type);
    if (!flood && !isFetched(type)) return;
    const key = knownKey ?? digestKey(messageHash(bytes));
    const isCopy = this.#seen.has(key);
    if (!isCopy) this.#seen.set(key, true);
    const size = bytes.length;
    if (flood && isCopy) {
      this.#metrics.duplicateFlood.mark(size);
      peer.duplicateFloodBytes += size;
      peer.duplicateFloodMessages += 1;
    } else if (flood) {
      this.#metrics.uniqueFlood.mark(size);
      peer.uniqueFloodBytes += size;
      peer.uniqueFloodMessages += 1;
    } else if (isCopy) {
      this.#metrics.duplicateFetch.mark(size);
      peer.duplicateFetchBytes += size;
      peer.duplicateFetchMessages += 1;
    } else {
      this.#metrics.uniqueFetch.mark(size);
      peer.uniqueFetchBytes += size;
      peer.uniqueFetchMessages += 1;
    }
  }
}

function isSurvey(type: MessageType): boolean {
  return (
    type >= MessageType.TIME_SLICED_SURVEY_REQUEST &&
    type <= MessageType.TIME_SLICED_SURVEY_STOP_COLLECTING
  );
}

function isFetched(type: MessageType): boolean {
  return (
    type === MessageType.TX_SET ||
    type === MessageType.GENERALIZED_TX_SET ||
    type === MessageType.SCP_QUORUMSET
  );
}
