/**
 * Resources of one link: one sent at a time, the others waiting in line, and those that come in.
 * @module
 * @see RNS/Link.py receive; RNS/Resource.py accept, reject (RNS 1.5.7)
 */
import { equalBytes } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { HashMap } from '../hash-map.ts';
import { ResourceStrategy } from '../link/constants.ts';
import { linkFrame } from '../link/frame.ts';
import type { Link } from '../link/link.ts';
import { PacketContext, PacketType } from '../packet.ts';
import { hashOfFrame } from '../received-packet.ts';
import { decodeAdvertisement, type Advertisement } from './advertisement.ts';
import {
  KEPT_PROOFS,
  MAX_INCOMING,
  MAX_QUEUED,
  RESOURCE_HASH_BYTES,
  ResourceStatus,
} from './constants.ts';
import { IncomingResource, type AcceptOptions } from './incoming.ts';
import { ResourceOffer } from './offer.ts';
import { OutgoingResource, type ResourceOptions } from './outgoing.ts';
import type { SegmentReceiver } from './segment-receiver.ts';
import { bytesSource, type ResourceSource } from './source.ts';
import { decodeHashmapUpdate, decodePartRequest } from './wire.ts';

/** Resources of one link, both ways. */
export class LinkResources {
  readonly #link: Link;
  #sending: OutgoingResource | undefined;
  readonly #queue: OutgoingResource[] = [];
  /** By the hash of the first segment. */
  readonly #incoming: HashMap<IncomingResource> = new HashMap();
  readonly #offers: HashMap<ResourceOffer>;
  /** Proofs that were sent, by the hash of their packet. */
  readonly #proofs: HashMap<Uint8Array> = new HashMap(KEPT_PROOFS);
  /** Proofs that were sent, by the hash of the segment. */
  readonly #complete: HashMap<Uint8Array> = new HashMap(KEPT_PROOFS);
  /** Segments that were refused, by their hash. */
  readonly #refused: HashMap<true> = new HashMap(KEPT_PROOFS);
  /** Window at the end of the last segment. @see RNS/Link.py get_last_resource_window */
  lastWindow: number | undefined;
  /** Expected rate at the end of the last segment, in bits per second. @see RNS/Link.py get_last_resource_eifr */
  lastRateBps: number | undefined;
  /** Bits per second that transfers are expected to reach. @see RNS/Link.py get_expected_rate */
  expectedRateBps: number | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#offers = new HashMap(MAX_INCOMING);
  }

  /** Outgoing resources: the one under way, then those that wait. */
  get outgoing(): readonly OutgoingResource[] {
    return this.#sending === undefined ? this.#queue : [this.#sending, ...this.#queue];
  }

  /** Incoming resources, oldest first. */
  get incoming(): readonly IncomingResource[] {
    return [...this.#incoming.values()];
  }

  /** Whether a resource would be advertised at once. @see RNS/Link.py ready_for_new_resource */
  get isReady(): boolean {
    return this.#sending === undefined;
  }

  /** Send data; it waits in line while another resource is under way. */
  send(source: Uint8Array | ResourceSource, options: ResourceOptions = {}): OutgoingResource {
    if (this.#queue.length >= MAX_QUEUED) {
      throw new RangeError(`more than ${MAX_QUEUED} resources wait on one link`);
    }
    const from = source instanceof Uint8Array ? bytesSource(source) : source;
    const resource = new OutgoingResource(this.#link, from, options);
    this.adopt(resource);
    return resource;
  }

  /** Advertise a resource that was made ready, or let it wait in line. */
  adopt(resource: OutgoingResource): void {
    if (this.#sending === undefined) {
      this.#sending = resource;
      resource.advertise();
    } else {
      resource.status = ResourceStatus.QUEUED;
      this.#queue.push(resource);
    }
  }

  /** The peer advertises a segment. @see RNS/Link.py receive */
  receiveAdvertisement(plaintext: Uint8Array): void {
    const { core } = this.#link;
    let adv: Advertisement;
    try {
      adv = decodeAdvertisement(plaintext);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // A peer that holds the link's key and sends such is not to be talked to.
      core.drop('resource-malformed');
      return this.#link.close(core.now);
    }
    const done = this.#complete.get(adv.hash);
    if (done !== undefined) return this.#sendProof(done);
    // The refusal was lost, or came before the sender knew that it had advertised.
    if (this.#refused.has(adv.hash)) return this.refuse(adv);
    const known = this.#incoming.get(adv.originalHash);
    if (known !== undefined) {
      if (known.continuesWith(adv)) known.begin(adv);
      // PARITY: the reference takes no notice of a repeated advertisement, though its request was lost.
      else if (equalBytes(known.segment?.hash ?? adv.originalHash, adv.hash)) {
        known.segment?.repeat();
      }
      return;
    }
    if (adv.isRequest) return this.#receiveRequest(adv);
    if (adv.isResponse) return this.#receiveResponse(adv);
    this.#receivePlain(adv);
  }

  /**
   * Take an advertised resource in; `undefined` when too many come in already, it is packed and nothing
   * here unpacks it, or it does not begin with its first segment.
   */
  accept(adv: Advertisement, options: AcceptOptions): IncomingResource | undefined {
    const full = this.#incoming.size >= MAX_INCOMING;
    const unreadable = adv.compressed && this.#link.core.compression === undefined;
    if (full || unreadable || adv.segmentIndex !== 1) {
      this.refuse(adv);
      return undefined;
    }
    const resource = new IncomingResource(this.#link, adv, options);
    this.#offers.delete(adv.hash);
    this.#incoming.set(adv.originalHash, resource);
    if (options.concluded === undefined) {
      this.#link.core.emit({ kind: 'resource-started', resource });
    }
    resource.begin(adv);
    return resource;
  }

  /** Refuse an advertised resource and tell the sender. */
  refuse(adv: Advertisement): void {
    this.#offers.delete(adv.hash);
    this.#link.core.drop('resource-refused');
    this.sendRefusal(adv.hash);
  }

  /** Tell the sender that a segment is not wanted, now and whenever it is advertised again. */
  sendRefusal(hash: Uint8Array): void {
    this.#refused.set(hash, true);
    this.#link.sendSealed(PacketContext.RESOURCE_RCL, hash);
  }

  /** The peer asks for parts. */
  receiveRequest(plaintext: Uint8Array, packetHash: Uint8Array): void {
    const { core } = this.#link;
    const request = decodePartRequest(plaintext);
    if (request === undefined) return core.drop('resource-malformed');
    const resource = this.#outgoingWith(request.hash);
    if (resource === undefined) return core.drop('resource-unmatched');
    resource.receiveRequest(request, packetHash);
  }

  /** The peer sends more map hashes. */
  receiveHashmap(plaintext: Uint8Array): void {
    const { core } = this.#link;
    const update = decodeHashmapUpdate(plaintext);
    if (update === undefined) return core.drop('resource-malformed');
    const segment = this.#segmentWith(update.hash);
    if (segment?.receiveHashmap(update) !== true) core.drop('resource-unmatched');
  }

  /** A part; which resource it belongs to shows by its hash alone. */
  receivePart(part: Uint8Array): void {
    for (const resource of this.#incoming.values()) {
      if (resource.segment?.receivePart(part) === true) return;
    }
    this.#link.core.drop('resource-part');
  }

  /** The peer proves that it has a segment. */
  receiveProof(data: Uint8Array): void {
    const hash = data.subarray(0, RESOURCE_HASH_BYTES);
    const resource = data.length === 2 * RESOURCE_HASH_BYTES ? this.#outgoingWith(hash) : undefined;
    const proof = data.subarray(RESOURCE_HASH_BYTES);
    if (resource?.receiveProof(proof) !== true) this.#link.core.drop('resource-unmatched');
  }

  /** The peer gives up sending. */
  receiveCancel(plaintext: Uint8Array): void {
    const hash = plaintext.subarray(0, RESOURCE_HASH_BYTES);
    const offer = this.#offers.get(hash);
    if (offer !== undefined) {
      this.#offers.delete(hash);
      return offer.withdraw();
    }
    for (const resource of this.#incoming.values()) {
      const ours = resource.segment?.hash ?? resource.originalHash;
      if (equalBytes(ours, hash)) return resource.conclude(ResourceStatus.FAILED);
    }
    this.#link.core.drop('resource-unmatched');
  }

  /** The peer wants no more of what is sent. */
  receiveReject(plaintext: Uint8Array): void {
    const resource = this.#outgoingWith(plaintext.subarray(0, RESOURCE_HASH_BYTES));
    if (resource === undefined) return this.#link.core.drop('resource-unmatched');
    resource.reject();
  }

  /** The peer asks for a proof again by the hash of its packet. @see RNS/Transport.py _inbound */
  receiveCacheRequest(packetHash: Uint8Array): void {
    const proof = packetHash.length === 32 ? this.#proofs.get(packetHash) : undefined;
    if (proof === undefined) return this.#link.core.drop('cache-request');
    this.#link.sendPlain(PacketType.PROOF, PacketContext.RESOURCE_PRF, proof);
  }

  /** A segment is whole: prove it, and keep the proof in case it is lost. */
  segmentReceived(segment: SegmentReceiver, proof: Uint8Array): void {
    this.lastWindow = segment.window.size;
    this.lastRateBps = segment.expectedRateBps;
    this.#complete.set(segment.hash, proof);
    this.#sendProof(proof);
  }

  /** An outgoing resource has come to its end: the next in line begins. */
  outgoingConcluded(resource: OutgoingResource): void {
    this.#noteRate(resource.transferBytes, resource.startedMs);
    const waiting = this.#queue.indexOf(resource);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    if (this.#sending !== resource) return;
    this.#sending = undefined;
    if (!this.#link.isOpen) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#sending = next;
    next.advertise();
  }

  /** An incoming resource has come to its end. */
  incomingConcluded(resource: IncomingResource): void {
    this.#noteRate(resource.receivedBytes, resource.startedMs);
    this.#incoming.delete(resource.originalHash);
  }

  /** Everything under way fails: the link is closed. */
  close(): void {
    for (const resource of [...this.outgoing]) resource.fail();
    for (const resource of this.incoming) resource.fail();
    for (const offer of [...this.#offers.values()]) offer.withdraw();
    this.#offers.clear();
    this.#proofs.clear();
    this.#complete.clear();
    this.#refused.clear();
  }

  #receiveRequest(adv: Advertisement): void {
    const { destination, requests } = this.#link;
    const limit = destination.maxRequestBytes;
    if (destination.requests.size === 0 || (limit !== undefined && adv.dataBytes > limit)) {
      return this.refuse(adv);
    }
    this.accept(adv, {
      concluded: (resource) => requests.receiveRequestResource(resource),
      progressed: () => undefined,
    });
  }

  #receiveResponse(adv: Advertisement): void {
    const { requests } = this.#link;
    const waiting = requests.acceptResponse(adv);
    if (waiting === undefined) return this.refuse(adv);
    const accepted = this.accept(adv, {
      concluded: (resource) => requests.receiveResponseResource(resource),
      progressed: (resource) => requests.responseProgress(resource),
    });
    if (accepted === undefined) requests.refuseResponse(waiting);
  }

  #receivePlain(adv: Advertisement): void {
    const { core, resourceStrategy } = this.#link;
    if (resourceStrategy === ResourceStrategy.ACCEPT_ALL) {
      this.accept(adv, {});
      return;
    }
    if (resourceStrategy !== ResourceStrategy.ACCEPT_APP) return core.drop('resource-refused');
    // A repeated advertisement of what the application still thinks about is no new offer.
    if (this.#offers.has(adv.hash)) return;
    const offer = new ResourceOffer(this.#link, adv);
    this.#offers.set(adv.hash, offer);
    core.emit({ kind: 'resource-offered', offer });
  }

  #sendProof(proof: Uint8Array): void {
    const { id } = this.#link;
    const frame = linkFrame(id, PacketType.PROOF, PacketContext.RESOURCE_PRF, proof);
    this.#proofs.set(hashOfFrame(frame), proof);
    this.#link.transmit(frame);
  }

  #outgoingWith(hash: Uint8Array): OutgoingResource | undefined {
    const sending = this.#sending;
    return sending !== undefined && equalBytes(sending.hash, hash) ? sending : undefined;
  }

  #segmentWith(hash: Uint8Array): SegmentReceiver | undefined {
    for (const { segment } of this.#incoming.values()) {
      if (segment !== undefined && equalBytes(segment.hash, hash)) return segment;
    }
    return undefined;
  }

  #noteRate(bytes: number, startedMs: number | undefined): void {
    if (startedMs === undefined) return;
    const ms = Math.max(this.#link.core.now - startedMs, 0.1);
    this.expectedRateBps = (bytes * 8 * 1000) / ms;
  }
}
