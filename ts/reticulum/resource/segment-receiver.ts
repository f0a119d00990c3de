/**
 * Taking one segment in: asking for parts by their map hashes, putting them in place, asking again for
 * what does not come, and proving the whole.
 * @module
 * @see RNS/Resource.py request_next, receive_part, hashmap_update, assemble (RNS 1.5.7)
 */
import { concat, equalBytes } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import { sha256 } from '../../crypto/provider.ts';
import type { Link } from '../link/link.ts';
import { LINK_HEADER_BYTES } from '../link/frame.ts';
import { PacketContext } from '../packet.ts';
import { Timer } from '../timers.ts';
import type { Advertisement } from './advertisement.ts';
import {
  COMPRESS_MAX_BYTES,
  HASHMAP_LENGTH,
  MAX_RETRIES,
  PART_TIMEOUT_FACTOR,
  PART_TIMEOUT_FACTOR_AFTER_RTT,
  RANDOM_HASH_BYTES,
  ResourceStatus,
} from './constants.ts';
import type { IncomingResource } from './incoming.ts';
import { mapHashOf } from './segment.ts';
import { partWaitMs } from './timing.ts';
import { ResourceWindow } from './window.ts';
import { encodePartRequest, readMapHashes, type HashmapUpdate } from './wire.ts';

/** One segment on its way in. */
export class SegmentReceiver {
  readonly hash: Uint8Array;
  readonly parts: number;
  readonly window: ResourceWindow;
  received = 0;
  readonly #link: Link;
  readonly #advertisement: Advertisement;
  readonly #owner: IncomingResource;
  readonly #sdu: number;
  readonly #stream: Uint8Array;
  readonly #has: Uint8Array;
  readonly #scratch: Uint8Array;
  /** Map hashes by part, as far as they are known. */
  readonly #hashes: Uint32Array;
  /** How many map hashes are known, from the first on. */
  #height = 0;
  /** First part that is missing. */
  #missing = 0;
  /** Parts asked for in this round, by map hash. */
  readonly #requested = new Map<number, number>();
  #awaitsHashmap = false;
  #stopped = false;
  readonly #timer: Timer;
  #retriesLeft = MAX_RETRIES;
  #partFactor = PART_TIMEOUT_FACTOR;
  #rttMs: number | undefined;
  #lastActivityMs: Millis;
  #requestedMs: Millis = 0;
  #requestBytes = 0;
  #answeredMs: Millis | undefined;
  #answered = false;
  #roundBytes = 0;
  #roundRate = 0;
  readonly #previousRateBps: number | undefined;

  constructor(link: Link, advertisement: Advertisement, owner: IncomingResource) {
    this.#link = link;
    this.#advertisement = advertisement;
    this.#owner = owner;
    this.hash = advertisement.hash;
    this.#sdu = link.mtu - 36;
    this.parts = Math.ceil(advertisement.transferBytes / this.#sdu);
    this.#stream = new Uint8Array(advertisement.transferBytes);
    this.#has = new Uint8Array(this.parts);
    this.#hashes = new Uint32Array(this.parts);
    this.#scratch = new Uint8Array(this.#sdu + RANDOM_HASH_BYTES);
    this.window = new ResourceWindow(link.resources.lastWindow);
    this.#previousRateBps = link.resources.lastRateBps;
    this.#lastActivityMs = link.core.now;
    this.#timer = new Timer(() => this.#watch());
  }

  /** Expected bits per second in flight. @see RNS/Resource.py update_eifr */
  get expectedRateBps(): number {
    if (this.#roundRate > 0) return this.#roundRate * 8;
    // PARITY: until its first round is complete the reference goes by the rate at which the link was set
    // up, and waits so long for a lost part of a large packet that the sender gives up.
    if (this.#roundBytes > 0) {
      const ms = Math.max(this.#lastActivityMs - this.#requestedMs, MIN_RTT_MS);
      return (this.#roundBytes * 8 * 1000) / ms;
    }
    if (this.#previousRateBps !== undefined) return this.#previousRateBps;
    const rttMs = Math.max(this.#rttMs ?? this.#link.rttMs ?? 0, MIN_RTT_MS);
    return (this.#link.establishmentBytes * 8 * 1000) / rttMs;
  }

  /** Take the hashes of the advertisement and ask for the first parts. */
  start(): void {
    this.#takeHashes(0, readMapHashes(this.#advertisement.hashmap));
    // The sender may not know yet that it has advertised, and pass the request over.
    this.#link.repeats.add(() => {
      if (!this.#stopped) this.repeat();
    });
  }

  /** The sender advertises again: nothing of what was asked for has reached it. */
  repeat(): void {
    if (this.received > 0 || this.#awaitsHashmap) return;
    this.#requestNext();
  }

  /** Stop waiting. */
  stop(): void {
    this.#stopped = true;
    this.#link.core.timers.cancel(this.#timer);
  }

  /** Tell the sender that no more is wanted. */
  sendCancel(): void {
    this.#link.resources.sendRefusal(this.hash);
  }

  /** More map hashes. @returns false when they are not waited for, or out of place */
  receiveHashmap(update: HashmapUpdate): boolean {
    if (!this.#awaitsHashmap) return false;
    const first = update.segment * HASHMAP_LENGTH;
    if (first + update.hashes.length > this.parts || first > this.#height) return false;
    this.#retriesLeft = MAX_RETRIES;
    this.#lastActivityMs = this.#link.core.now;
    this.#takeHashes(first, update.hashes);
    return true;
  }

  /** A part. @returns false when it was not asked for */
  receivePart(part: Uint8Array): boolean {
    if (part.length > this.#sdu) return false;
    const mapHash = mapHashOf(part, this.#advertisement.randomHash, this.#scratch);
    const place = this.#requested.get(mapHash);
    if (place === undefined || part.length !== this.#lengthOf(place)) return false;
    const { now } = this.#link.core;
    this.#requested.delete(mapHash);
    this.#lastActivityMs = now;
    this.#retriesLeft = MAX_RETRIES;
    if (this.#answeredMs === undefined) this.#firstOfRound(part.length + LINK_HEADER_BYTES);
    this.#stream.set(part, place * this.#sdu);
    this.#has[place] = 1;
    this.received += 1;
    this.#roundBytes += part.length;
    while (this.#has[this.#missing] === 1) this.#missing += 1;
    if (this.received === this.parts) this.#assemble();
    else if (this.#requested.size === 0) this.#finishRound();
    return true;
  }

  #lengthOf(place: number): number {
    const last = this.parts - 1;
    return place < last ? this.#sdu : this.#stream.length - last * this.#sdu;
  }

  /** The first answer to a request tells the round trip. */
  #firstOfRound(bytes: number): void {
    const { now } = this.#link.core;
    const rttMs = now - this.#requestedMs;
    this.#answeredMs = now;
    this.#answered = true;
    this.#partFactor = PART_TIMEOUT_FACTOR_AFTER_RTT;
    const known = this.#rttMs ?? this.#link.rttMs ?? rttMs;
    this.#rttMs = rttMs < known ? Math.max(known * 0.95, rttMs) : Math.min(known * 1.05, rttMs);
    if (this.#rttMs <= 0) this.#rttMs = MIN_RTT_MS;
    if (rttMs > 0) this.window.firstPart(((bytes + this.#requestBytes) * 1000) / rttMs);
  }

  #finishRound(): void {
    const rttMs = this.#link.core.now - this.#requestedMs;
    this.window.grow();
    if (rttMs > 0) {
      this.#roundRate = (this.#roundBytes * 1000) / rttMs;
      this.window.roundRate(this.#roundRate);
      this.#link.resources.expectedRateBps = this.expectedRateBps;
    }
    this.#owner.progressed();
    this.#requestNext();
  }

  #takeHashes(first: number, hashes: readonly number[]): void {
    if (hashes.length === 0) return this.#owner.fail();
    for (const [i, mapHash] of hashes.entries()) {
      if (first + i < this.parts) this.#hashes[first + i] = mapHash;
    }
    this.#height = Math.max(this.#height, Math.min(first + hashes.length, this.parts));
    this.#awaitsHashmap = false;
    this.#requestNext();
  }

  /** Ask for the missing parts within the window, and for more map hashes when they run out. */
  #requestNext(): void {
    if (this.#awaitsHashmap) return;
    const { core } = this.#link;
    this.#requested.clear();
    const wanted: number[] = [];
    const end = Math.min(this.#missing + this.window.size, this.parts);
    let exhausted = false;
    for (let place = this.#missing; place < end && !exhausted; place++) {
      if (this.#has[place] === 1) continue;
      if (place >= this.#height) {
        exhausted = true;
      } else {
        const mapHash = this.#hashes[place] as number;
        this.#requested.set(mapHash, place);
        wanted.push(mapHash);
      }
    }
    this.#awaitsHashmap = exhausted;
    const request = encodePartRequest({
      hash: this.hash,
      wanted,
      lastMapHash: exhausted ? this.#hashes[this.#height - 1] : undefined,
    });
    const frame = this.#link.seal(PacketContext.RESOURCE_REQ, request);
    this.#link.transmit(frame);
    this.#requestBytes = frame.length;
    this.#lastActivityMs = core.now;
    this.#requestedMs = core.now;
    this.#roundBytes = 0;
    this.#answeredMs = undefined;
    core.timers.schedule(this.#timer, this.#deadline());
  }

  #deadline(): Millis {
    const wait = partWaitMs({
      sdu: this.#sdu,
      rateBps: Math.max(this.expectedRateBps, 1),
      outstanding: this.#requested.size,
      awaitsHashmap: this.#awaitsHashmap,
      factor: this.#partFactor,
      retriesUsed: MAX_RETRIES - this.#retriesLeft,
      answered: this.#answered,
    });
    return this.#lastActivityMs + wait;
  }

  #watch(): void {
    const { core } = this.#link;
    const deadline = this.#deadline();
    if (core.now < deadline) return core.timers.schedule(this.#timer, deadline);
    if (!this.#link.isOpen || this.#retriesLeft <= 0) return this.#owner.fail();
    this.#retriesLeft -= 1;
    this.window.shrink();
    this.#awaitsHashmap = false;
    this.#requestNext();
  }

  #assemble(): void {
    this.stop();
    this.#owner.status = ResourceStatus.ASSEMBLING;
    const content = this.#content();
    if (content === undefined) return this.#refuse(ResourceStatus.CORRUPT);
    const { randomHash } = this.#advertisement;
    const hashed = new Uint8Array(content.length + 32);
    hashed.set(content);
    hashed.set(randomHash, content.length);
    const hash = sha256(hashed.subarray(0, content.length + RANDOM_HASH_BYTES));
    if (!equalBytes(hash, this.hash)) return this.#refuse(ResourceStatus.CORRUPT);
    hashed.set(hash, content.length);
    const proof = concat(hash, sha256(hashed));
    if (!this.#owner.take(content)) return this.#refuse(ResourceStatus.CORRUPT);
    this.#owner.status = ResourceStatus.TRANSFERRING;
    this.#link.resources.segmentReceived(this, proof);
    this.#owner.progressed();
    if (this.#owner.segmentIndex === this.#owner.totalSegments) {
      this.#owner.conclude(ResourceStatus.COMPLETE);
    }
  }

  /** Unseal, unpack, and cut the random prefix off; `undefined` when any of it fails. */
  #content(): Uint8Array | undefined {
    const { encrypted, compressed } = this.#advertisement;
    const opened = encrypted ? this.#link.openBytes(this.#stream) : this.#stream;
    if (opened === undefined || opened.length < RANDOM_HASH_BYTES) return undefined;
    const body = opened.subarray(RANDOM_HASH_BYTES);
    // An honest sender's segments add up to what was advertised; metadata may come on top.
    const metadata = this.#owner.hasMetadata && this.#owner.segmentIndex === 1;
    const limit = metadata ? COMPRESS_MAX_BYTES : Math.min(COMPRESS_MAX_BYTES, this.#owner.room);
    if (!compressed) return body.length <= limit ? body : undefined;
    try {
      return this.#link.core.compression?.decompress(body, limit);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return undefined;
    }
  }

  /** What came is not what was advertised: tell the sender, who would wait for a proof. */
  #refuse(status: typeof ResourceStatus.CORRUPT): void {
    this.sendCancel();
    this.#owner.conclude(status);
  }
}

/** Round trips below this count as this, so that rates stay finite. */
const MIN_RTT_MS = 0.1;
