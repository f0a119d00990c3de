/**
 * Sending a resource: segment after segment, each advertised, sent part by part as the receiver asks,
 * and proven.
 * @module
 * @see RNS/Resource.py advertise, request, validate_proof, cancel (RNS 1.5.7)
 */
import { concat, equalBytes } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import { encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { hashKey } from '../hash-map.ts';
import { linkFrame } from '../link/frame.ts';
import type { Link } from '../link/link.ts';
import { PacketContext, PacketType } from '../packet.ts';
import { hashOfFrame } from '../received-packet.ts';
import { Timer } from '../timers.ts';
import { encodeAdvertisement } from './advertisement.ts';
import {
  COLLISION_GUARD,
  COMPRESS_MAX_BYTES,
  HASHMAP_LENGTH,
  MAX_ADVERTISEMENT_RETRIES,
  MAX_PROOF_RETRIES,
  METADATA_MAX_BYTES,
  PROCESSING_GRACE_MS,
  RESOURCE_HASH_BYTES,
  ResourceStatus,
  SEGMENT_BYTES,
  WINDOW_MAX_FAST,
  type ResourceStatusCode,
} from './constants.ts';
import { resourceProgress, segmentProgress, type ProgressState } from './progress.ts';
import { prepareSegment, type Segment } from './segment.ts';
import type { ResourceSource } from './source.ts';
import { proofWaitMs, requestWaitMs } from './timing.ts';
import { encodeHashmapUpdate, writeMapHashes, type PartRequest } from './wire.ts';

/** How a resource is sent. */
export interface ResourceOptions {
  /** Told to the receiver along with the data. */
  readonly metadata?: MsgpackValue | undefined;
  /** Whether data is packed when that makes it smaller, or the size up to which it is; true unless set. */
  readonly autoCompress?: boolean | number | undefined;
  /** The request that this is, or answers. */
  readonly requestId?: Uint8Array | undefined;
  readonly isResponse?: boolean | undefined;
  /** How long an advertisement may go unanswered; six round trips unless set. */
  readonly advertiseTimeoutMs?: number | undefined;
  /** @internal Told of the outcome instead of the application. */
  readonly concluded?: ((resource: OutgoingResource) => void) | undefined;
}

/** Requests of one segment that are remembered, so that a repeated packet is not answered twice. */
const KEPT_REQUESTS = 256;

/** A resource on its way to the peer. */
export class OutgoingResource {
  readonly link: Link;
  readonly options: ResourceOptions;
  /** Bytes of data and metadata. */
  readonly totalBytes: number;
  readonly totalSegments: number;
  /** From 1. */
  segmentIndex = 1;
  status: ResourceStatusCode = ResourceStatus.NONE;
  startedMs: Millis | undefined;
  concludedMs: Millis | undefined;
  readonly #source: ResourceSource;
  readonly #metadata: Uint8Array;
  readonly #timer: Timer;
  readonly #preparation: Timer;
  readonly #sdu: number;
  readonly #requests = new Set<string>();
  readonly #originalHash: Uint8Array;
  #segment: Segment;
  #next: Segment | undefined;
  #sent: Uint8Array;
  #sentParts = 0;
  #retriesLeft = 0;
  #rttMs: number | undefined;
  #advertisedMs: Millis = 0;
  #lastActivityMs: Millis = 0;
  #lastPartMs: Millis = 0;
  #receiverHeight = 0;

  /** @throws RangeError when the metadata is too large */
  constructor(link: Link, source: ResourceSource, options: ResourceOptions) {
    this.link = link;
    this.options = options;
    this.#source = source;
    this.#metadata = packMetadata(options.metadata);
    this.totalBytes = source.sizeBytes + this.#metadata.length;
    this.totalSegments = Math.max(1, Math.ceil(this.totalBytes / SEGMENT_BYTES));
    this.#sdu = link.mtu - 36;
    this.#timer = new Timer(() => this.#watch());
    this.#preparation = new Timer(() => this.#prepareNext());
    this.#segment = this.#prepare(1);
    this.#originalHash = this.#segment.hash;
    this.#sent = new Uint8Array(this.#segment.frames.length);
  }

  /** Hash of the segment under way. */
  get hash(): Uint8Array {
    return this.#segment.hash;
  }

  /** Hash of the first segment, which names the resource. */
  get originalHash(): Uint8Array {
    return this.#originalHash;
  }

  /** Bytes of the present segment on the wire. */
  get transferBytes(): number {
    return this.#segment.transferBytes;
  }

  /** Parts of the present segment. */
  get parts(): number {
    return this.#segment.frames.length;
  }

  /** Map hashes of the present segment, one for each part. */
  get mapHashes(): Uint32Array {
    return this.#segment.hashes.slice();
  }

  get compressed(): boolean {
    return this.#segment.compressed;
  }

  /** Whether the outcome is known. */
  get concluded(): boolean {
    return this.status >= ResourceStatus.COMPLETE;
  }

  /** Part that the receiver has asked for so far, 0 to 1. */
  get progress(): number {
    return resourceProgress(this.#progressState());
  }

  /** The same for the present segment. */
  get segmentProgress(): number {
    return segmentProgress(this.#progressState());
  }

  /** Give the transfer up and tell the receiver. */
  cancel(now: Millis): void {
    this.link.core.now = now;
    this.fail();
  }

  /** Advertise the present segment. @internal */
  advertise(): void {
    const { core } = this.link;
    this.#retriesLeft = MAX_ADVERTISEMENT_RETRIES;
    this.#rttMs = undefined;
    this.startedMs ??= core.now;
    this.status = ResourceStatus.ADVERTISED;
    this.#sendAdvertisement();
  }

  /** Send what the receiver asks for. @internal @see RNS/Resource.py request */
  receiveRequest(request: PartRequest, packetHash: Uint8Array): void {
    if (this.concluded || this.status < ResourceStatus.ADVERTISED || this.#seen(packetHash)) return;
    const { core } = this.link;
    this.#rttMs ??= core.now - this.#advertisedMs;
    this.status = ResourceStatus.TRANSFERRING;
    this.#lastActivityMs = core.now;
    this.#sendParts(request.wanted);
    if (request.lastMapHash !== undefined && !this.#sendHashmap(request.lastMapHash)) return;
    if (this.#sentParts === this.parts) {
      this.status = ResourceStatus.AWAITING_PROOF;
      this.#retriesLeft = MAX_PROOF_RETRIES;
      this.#lastPartMs = core.now;
      // What was just sent leaves first; then the next segment is made ready while it travels.
      if (this.segmentIndex < this.totalSegments && this.#next === undefined) {
        core.timers.schedule(this.#preparation, core.now);
      }
    }
    core.timers.schedule(this.#timer, this.#deadline());
    core.emit({ kind: 'resource-progress', resource: this });
  }

  /** Take the receiver's proof of the present segment. @internal @see RNS/Resource.py validate_proof */
  receiveProof(proof: Uint8Array): boolean {
    if (this.concluded || !equalBytes(proof, this.#segment.expectedProof)) return false;
    const { core } = this.link;
    core.timers.cancel(this.#timer);
    if (this.segmentIndex === this.totalSegments) {
      this.#conclude(ResourceStatus.COMPLETE);
      return true;
    }
    core.timers.cancel(this.#preparation);
    const next = this.#next ?? this.#prepare(this.segmentIndex + 1);
    this.#next = undefined;
    this.segmentIndex += 1;
    this.#segment = next;
    this.#sent = new Uint8Array(next.frames.length);
    this.#sentParts = 0;
    this.#receiverHeight = 0;
    this.#requests.clear();
    this.advertise();
    return true;
  }

  /** The receiver wants no more of it. @internal @see RNS/Resource.py _rejected */
  reject(): void {
    if (!this.concluded) this.#conclude(ResourceStatus.REJECTED);
  }

  /** Give up, and tell the receiver while the link is open. @internal */
  fail(): void {
    if (this.concluded) return;
    if (this.link.isOpen && this.status > ResourceStatus.QUEUED) {
      this.link.sendSealed(PacketContext.RESOURCE_ICL, this.hash);
    }
    this.#conclude(ResourceStatus.FAILED);
  }

  #sendAdvertisement(): void {
    const { core } = this.link;
    const { requestId, isResponse = false } = this.options;
    const segment = this.#segment;
    const packed = encodeAdvertisement({
      transferBytes: segment.transferBytes,
      dataBytes: this.totalBytes,
      parts: segment.frames.length,
      hash: segment.hash,
      randomHash: segment.randomHash,
      originalHash: this.#originalHash,
      segmentIndex: this.segmentIndex,
      totalSegments: this.totalSegments,
      requestId,
      encrypted: true,
      compressed: segment.compressed,
      split: this.totalSegments > 1,
      isRequest: requestId !== undefined && !isResponse,
      isResponse: requestId !== undefined && isResponse,
      hasMetadata: this.#metadata.length > 0,
      hashmap: writeMapHashes(segment.hashes.subarray(0, HASHMAP_LENGTH)),
    });
    this.link.sendSealed(PacketContext.RESOURCE_ADV, packed);
    this.#advertisedMs = core.now;
    this.#lastActivityMs = core.now;
    core.timers.schedule(this.#timer, this.#deadline());
  }

  #sendParts(wanted: readonly number[]): void {
    const { core } = this.link;
    const { index, frames } = this.#segment;
    const from = this.#receiverHeight;
    // Each part once, whatever a request repeats, and none outside the scope of the guard.
    const places = new Set<number>();
    for (const mapHash of wanted) {
      for (const place of index.get(mapHash) ?? []) {
        if (place >= from && place < from + COLLISION_GUARD) places.add(place);
      }
    }
    for (const place of [...places].sort((a, b) => a - b)) {
      const frame = frames[place] as Uint8Array;
      if (!this.link.transmit(frame)) continue;
      if (this.#sent[place] === 0) {
        this.#sent[place] = 1;
        this.#sentParts += 1;
      }
      this.#lastPartMs = core.now;
    }
  }

  /** Send the map hashes after the last one that the receiver has; false when the transfer failed. */
  #sendHashmap(lastMapHash: number): boolean {
    const { index, hashes, hash } = this.#segment;
    const from = this.#receiverHeight;
    const places = index.get(lastMapHash) ?? [];
    const place = places.find((one) => one >= from && one < from + COLLISION_GUARD);
    const next = place === undefined ? -1 : place + 1;
    if (next <= 0 || next % HASHMAP_LENGTH !== 0 || next >= hashes.length) {
      this.fail();
      return false;
    }
    this.#receiverHeight = Math.max(next - 1 - WINDOW_MAX_FAST, 0);
    const update = encodeHashmapUpdate({
      hash,
      segment: next / HASHMAP_LENGTH,
      hashes: [...hashes.subarray(next, next + HASHMAP_LENGTH)],
    });
    this.link.sendSealed(PacketContext.RESOURCE_HMU, update);
    return true;
  }

  #watch(): void {
    const { core } = this.link;
    const deadline = this.#deadline();
    if (core.now < deadline) return core.timers.schedule(this.#timer, deadline);
    if (!this.link.isOpen) return this.fail();
    if (this.status === ResourceStatus.TRANSFERRING || this.#retriesLeft <= 0) return this.fail();
    this.#retriesLeft -= 1;
    if (this.status === ResourceStatus.ADVERTISED) return this.#sendAdvertisement();
    // The proof may have been lost after the receiver sent it: ask for that very packet.
    this.link.sendPlain(PacketType.DATA, PacketContext.CACHE_REQUEST, this.#proofPacketHash());
    this.#lastPartMs = core.now;
    core.timers.schedule(this.#timer, this.#deadline());
  }

  #deadline(): Millis {
    const rttMs = this.#rttMs ?? this.link.rttMs ?? 0;
    if (this.status === ResourceStatus.ADVERTISED) {
      const answer = this.options.advertiseTimeoutMs ?? this.link.trafficTimeoutMs;
      return this.#advertisedMs + answer + PROCESSING_GRACE_MS;
    }
    if (this.status === ResourceStatus.AWAITING_PROOF) return this.#lastPartMs + proofWaitMs(rttMs);
    return this.#lastActivityMs + requestWaitMs(rttMs);
  }

  /** Hash of the packet by which the receiver proves the present segment. */
  #proofPacketHash(): Uint8Array {
    const data = concat(this.#segment.hash, this.#segment.expectedProof);
    return hashOfFrame(linkFrame(this.link.id, PacketType.PROOF, PacketContext.RESOURCE_PRF, data));
  }

  #prepareNext(): void {
    if (this.concluded || !this.link.isOpen) return;
    this.#next = this.#prepare(this.segmentIndex + 1);
  }

  #prepare(index: number): Segment {
    const { link } = this;
    const head = index === 1 ? this.#metadata : new Uint8Array();
    // The metadata takes room of the first segment, so the others start that much earlier.
    const offset = index === 1 ? 0 : (index - 1) * SEGMENT_BYTES - this.#metadata.length;
    const room = SEGMENT_BYTES - head.length;
    const length = Math.min(room, this.#source.sizeBytes - offset);
    const body = this.#source.read(offset, length);
    return prepareSegment({
      data: head.length === 0 ? body : concat(head, body),
      linkId: link.id,
      sdu: this.#sdu,
      compression: this.#compresses() ? link.core.compression : undefined,
      seal: (plaintext) => link.sealBytes(plaintext),
      random: link.core.random,
    });
  }

  #compresses(): boolean {
    const { autoCompress = true } = this.options;
    const limit = typeof autoCompress === 'number' ? autoCompress : COMPRESS_MAX_BYTES;
    return autoCompress !== false && this.#source.sizeBytes <= limit;
  }

  #seen(packetHash: Uint8Array): boolean {
    const key = hashKey(packetHash.subarray(0, RESOURCE_HASH_BYTES / 2));
    if (this.#requests.has(key)) return true;
    if (this.#requests.size >= KEPT_REQUESTS) this.#requests.clear();
    this.#requests.add(key);
    return false;
  }

  #conclude(status: ResourceStatusCode): void {
    const { core } = this.link;
    core.timers.cancel(this.#timer);
    core.timers.cancel(this.#preparation);
    this.status = status;
    this.concludedMs = core.now;
    this.link.resources.outgoingConcluded(this);
    if (this.options.concluded !== undefined) this.options.concluded(this);
    else core.emit({ kind: 'resource-concluded', resource: this });
  }

  #progressState(): ProgressState {
    return {
      complete: this.status === ResourceStatus.COMPLETE,
      segmentIndex: this.segmentIndex,
      totalSegments: this.totalSegments,
      doneParts: this.#sentParts,
      totalParts: this.parts,
      sdu: this.#sdu,
    };
  }
}

/** `length 3 ‖ msgpack`, or nothing. */
function packMetadata(metadata: MsgpackValue | undefined): Uint8Array {
  if (metadata === undefined) return new Uint8Array();
  const packed = encodeMsgpack(metadata);
  if (packed.length > METADATA_MAX_BYTES) {
    throw new RangeError(`"metadata" must be at most ${METADATA_MAX_BYTES} bytes packed`);
  }
  const size = packed.length;
  return concat(Uint8Array.of(size >> 16, (size >> 8) & 255, size & 255), packed);
}
