/**
 * A link: an encrypted session between an initiator, who may stay anonymous, and a destination.
 *
 * The object is a state machine: it takes packets and the time, and leaves effects with its endpoint.
 * @module
 * @see RNS/Link.py (RNS 1.5.7)
 */
import type { Millis } from '../../base/clock.ts';
import type { Token } from '../../crypto/token.ts';
import { Channel } from '../channel/channel.ts';
import type { Core } from '../core.ts';
import type { Destination } from '../destination.ts';
import type { Identity } from '../identity.ts';
import type { InterfaceId } from '../interface.ts';
import { PacketContext, PacketType, MTU, type PacketTypeCode } from '../packet.ts';
import type { PacketReceipt, Receipts } from '../receipts.ts';
import { hashOfFrame, type ReceivedPacket } from '../received-packet.ts';
import { LinkResources } from '../resource/link-resources.ts';
import type { OutgoingResource, ResourceOptions } from '../resource/outgoing.ts';
import type { ResourceSource } from '../resource/source.ts';
import { Timer } from '../timers.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import {
  KEEPALIVE_MAX_MS,
  LinkMode,
  LinkStatus,
  ResourceStrategy,
  STALE_FACTOR,
  TRAFFIC_TIMEOUT_FACTOR,
  TeardownReason,
  keepaliveFor,
  type LinkStatusCode,
  type ResourceStrategyCode,
  type TeardownReasonCode,
} from './constants.ts';
import { LINK_HEADER_BYTES, isRepeatable, linkFrame } from './frame.ts';
import { watchLink } from './keepalive.ts';
import { LinkRepeats } from './repeats.ts';
import { LinkRequests, type RequestOptions, type RequestReceipt } from './requests.ts';
import { encodeIdentification, linkMdu } from './wire.ts';

/** What a link needs of its endpoint. */
export interface LinkHost {
  readonly core: Core;
  readonly receipts: Receipts;
  /** Called once when the link is closed. */
  closed(link: Link): void;
  /** Whether links of an identity are refused. */
  isShutOut(identityHash: Uint8Array): boolean;
  /** Whether proofs and responses are said twice on fast links. */
  readonly repeats: boolean;
}

/** Signs proofs: the destination's identity at its end, an ephemeral key at the initiator's. */
export interface LinkSigner {
  sign(message: Uint8Array): Uint8Array;
}

/** How a link begins. */
export interface LinkOrigin {
  readonly initiator: boolean;
  readonly destination: Destination;
  readonly signer: LinkSigner;
  readonly interfaceId: InterfaceId | undefined;
  readonly expectedHops: number;
  readonly establishmentTimeoutMs: number;
}

/** One session; made by an endpoint, when it opens a link or is asked for one. */
export class Link {
  /** 16 bytes; known from when the request was made. */
  readonly id: Uint8Array;
  readonly initiator: boolean;
  readonly destination: Destination;
  readonly mode: number = LinkMode.AES256_CBC;
  readonly requestedMs: Millis;
  readonly establishmentTimeoutMs: number;
  readonly requests: LinkRequests;
  readonly resources: LinkResources;
  /** @internal */
  readonly repeats: LinkRepeats;
  status: LinkStatusCode = LinkStatus.PENDING;
  reason: TeardownReasonCode | undefined;
  interfaceId: InterfaceId | undefined;
  expectedHops: number;
  mtu: number = MTU;
  mdu: number = linkMdu(MTU);
  /** Round trip as measured when the link was set up. */
  rttMs: number | undefined;
  activatedMs: Millis | undefined;
  closedMs: Millis | undefined;
  lastInboundMs: Millis = 0;
  lastOutboundMs: Millis = 0;
  lastKeepaliveMs: Millis = 0;
  lastProofMs: Millis = 0;
  lastDataMs: Millis = 0;
  keepaliveMs: number = KEEPALIVE_MAX_MS;
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txBytes = 0;
  /** Bytes that setting the link up took. */
  establishmentBytes = 0;
  /** Who the peer is, once it is known. */
  remoteIdentity: Identity | undefined;
  /** What is done with resources that the peer offers; none are taken unless set. */
  resourceStrategy: ResourceStrategyCode = ResourceStrategy.ACCEPT_NONE;
  /** @internal The key that both ends share. */
  token: Token | undefined;
  /** @internal Checks the peer's proofs. */
  peerCheck: ((signature: Uint8Array, message: Uint8Array) => boolean) | undefined;
  /** @internal */
  readonly host: LinkHost;
  /** @internal */
  readonly watchdog: Timer;
  readonly #signer: LinkSigner;
  #channel: Channel | undefined;

  constructor(host: LinkHost, id: Uint8Array, origin: LinkOrigin) {
    const { now } = host.core;
    this.host = host;
    this.id = id;
    this.initiator = origin.initiator;
    this.destination = origin.destination;
    this.#signer = origin.signer;
    this.interfaceId = origin.interfaceId;
    this.expectedHops = origin.expectedHops;
    this.establishmentTimeoutMs = origin.establishmentTimeoutMs;
    this.requestedMs = now;
    this.requests = new LinkRequests(this);
    this.resources = new LinkResources(this);
    this.repeats = new LinkRepeats(this);
    this.watchdog = new Timer(() => watchLink(this));
  }

  get core(): Core {
    return this.host.core;
  }

  /** Whether packets can be exchanged. */
  get isOpen(): boolean {
    return this.status === LinkStatus.ACTIVE || this.status === LinkStatus.STALE;
  }

  /** Keepalive intervals without a sign after which the link is stale. */
  get staleMs(): number {
    return this.keepaliveMs * STALE_FACTOR;
  }

  /** Bits per second at which the link was set up. @see RNS/Link.py get_establishment_rate */
  get establishmentRateBps(): number | undefined {
    const { rttMs } = this;
    return rttMs === undefined || rttMs <= 0
      ? undefined
      : (this.establishmentBytes * 8 * 1000) / rttMs;
  }

  /** How long a proof or answer may take over this link. */
  get trafficTimeoutMs(): number {
    return (this.rttMs ?? 0) * TRAFFIC_TIMEOUT_FACTOR;
  }

  /** The channel of this link, if one was opened. */
  get openChannel(): Channel | undefined {
    return this.#channel;
  }

  /**
   * Send a packet and wait for the peer's proof; `receipt` tells the outcome.
   * @returns `undefined` when the link is not open
   * @throws RangeError when `data` is larger than {@link mdu}
   */
  send(data: Uint8Array, now: Millis): PacketReceipt | undefined {
    const raw = this.#sealData(data, now);
    if (raw === undefined) return undefined;
    const hash = hashOfFrame(raw);
    if (!this.transmit(raw, hash)) return undefined;
    return this.expectProof(hash, this.trafficTimeoutMs, (receipt) =>
      this.core.emit({ kind: 'receipt', receipt, link: this })
    );
  }

  /**
   * Send a packet without waiting for a proof; false when the link is not open.
   * @throws RangeError when `data` is larger than {@link mdu}
   */
  sendUnproven(data: Uint8Array, now: Millis): boolean {
    const raw = this.#sealData(data, now);
    return raw !== undefined && this.transmit(raw);
  }

  /** Tell the peer who this end is; only an initiator can, and only on an open link. */
  identify(identity: Identity, now: Millis): boolean {
    this.core.now = now;
    if (!this.initiator || !this.isOpen) return false;
    return this.sendSealed(PacketContext.LINKIDENTIFY, encodeIdentification(identity, this.id));
  }

  /**
   * Ask the peer for something; `response` or `request-failed` tells the outcome.
   * @returns `undefined` when the link is not open
   */
  request(
    path: string,
    data: MsgpackValue,
    now: Millis,
    options?: RequestOptions
  ): RequestReceipt | undefined {
    this.core.now = now;
    return this.isOpen ? this.requests.request(path, data, options) : undefined;
  }

  /**
   * Send any amount of data; `resource-concluded` tells the outcome.
   * @returns `undefined` when the link is not open
   */
  sendResource(
    source: Uint8Array | ResourceSource,
    now: Millis,
    options?: ResourceOptions
  ): OutgoingResource | undefined {
    this.core.now = now;
    return this.isOpen ? this.resources.send(source, options) : undefined;
  }

  /** The channel of this link; from the first call on, its messages are taken in. */
  channel(): Channel {
    this.#channel ??= new Channel(this);
    return this.#channel;
  }

  /** Close the link and tell the peer. @see RNS/Link.py teardown */
  close(now: Millis): void {
    this.core.now = now;
    if (this.status === LinkStatus.CLOSED) return;
    this.sendClose();
    this.conclude(
      this.initiator ? TeardownReason.INITIATOR_CLOSED : TeardownReason.DESTINATION_CLOSED
    );
  }

  /** Seal a plaintext of any size. @internal */
  sealBytes(plaintext: Uint8Array): Uint8Array {
    if (this.token === undefined) throw new Error('invariant broken: link has no key');
    return this.token.seal(plaintext, this.core.random);
  }

  /** Seal a plaintext into a frame. @internal */
  seal(context: number, plaintext: Uint8Array): Uint8Array {
    return linkFrame(this.id, PacketType.DATA, context, this.sealBytes(plaintext));
  }

  /** Open the data of a packet; `undefined` when it is not under the link's key. @internal */
  open(packet: ReceivedPacket): Uint8Array | undefined {
    return this.openBytes(packet.data);
  }

  /** Open a token of any size. @internal */
  openBytes(sealed: Uint8Array): Uint8Array | undefined {
    try {
      return this.token?.open(sealed);
    } catch {
      // Whatever the token refuses was not sealed by the peer, or was damaged.
      return undefined;
    }
  }

  /** Seal and send. @internal */
  sendSealed(context: number, plaintext: Uint8Array): boolean {
    const raw = this.seal(context, plaintext);
    return this.transmit(raw);
  }

  /** Send what is not encrypted as a packet of its own. @internal */
  sendPlain(packetType: PacketTypeCode, context: number, data: Uint8Array): boolean {
    const raw = linkFrame(this.id, packetType, context, data);
    return this.transmit(raw);
  }

  /** Send a frame of this link. @internal */
  transmit(raw: Uint8Array, hash?: Uint8Array): boolean {
    const { core, interfaceId } = this;
    if (this.status === LinkStatus.CLOSED || interfaceId === undefined) return false;
    const context = raw[18] as number;
    if (!core.transmit(interfaceId, raw)) return false;
    // A repeated copy of what was sent must not be taken for the peer's.
    if (!isRepeatable(context)) core.seen.add(hash ?? hashOfFrame(raw));
    this.txPackets += 1;
    this.txBytes += raw.length - LINK_HEADER_BYTES;
    this.lastOutboundMs = core.now;
    if (context === PacketContext.KEEPALIVE) this.lastKeepaliveMs = core.now;
    else this.lastDataMs = core.now;
    return true;
  }

  /** Wait for the peer's proof of a packet. @internal */
  expectProof(
    packetHash: Uint8Array,
    timeoutMs: number,
    concluded: (receipt: PacketReceipt) => void
  ): PacketReceipt {
    const check = (signature: Uint8Array, hash: Uint8Array): boolean =>
      this.peerCheck?.(signature, hash) === true;
    return this.host.receipts.add(packetHash, this.id, timeoutMs, check, concluded);
  }

  /** Prove to the peer that a packet arrived. @see RNS/Link.py prove_packet @internal */
  prove(packetHash: Uint8Array): boolean {
    const proof = new Uint8Array(packetHash.length + 64);
    proof.set(packetHash);
    proof.set(this.#signer.sign(packetHash), packetHash.length);
    // Under another context, or the duplicate filter would not let it pass a second time.
    this.repeats.add(() => {
      this.sendPlain(PacketType.PROOF, PacketContext.LINKPROOF, proof);
    });
    return this.sendPlain(PacketType.PROOF, PacketContext.NONE, proof);
  }

  /** Take on an MTU. @internal */
  setMtu(mtu: number): void {
    this.mtu = mtu;
    this.mdu = linkMdu(mtu);
  }

  /** Become active with a round trip. @internal */
  activate(rttMs: number): void {
    const first = this.activatedMs === undefined;
    this.rttMs = rttMs;
    this.keepaliveMs = keepaliveFor(rttMs);
    this.status = LinkStatus.ACTIVE;
    this.activatedMs ??= this.core.now;
    watchLink(this);
    if (first) this.core.emit({ kind: 'link-established', link: this });
  }

  /** Tell the peer that the link ends, where the peer knows of it. @internal */
  sendClose(): void {
    if (this.status === LinkStatus.PENDING || this.token === undefined) return;
    this.sendSealed(PacketContext.LINKCLOSE, this.id);
  }

  /** End the link: everything under way on it fails, and its keys are gone. @internal */
  conclude(reason: TeardownReasonCode): void {
    if (this.status === LinkStatus.CLOSED) return;
    this.status = LinkStatus.CLOSED;
    this.reason = reason;
    this.closedMs = this.core.now;
    this.core.timers.cancel(this.watchdog);
    this.repeats.close();
    // Before their resources, so that requests fail for the right reason.
    this.requests.close();
    this.resources.close();
    this.#channel?.close();
    for (const receipt of [...this.host.receipts.values()]) {
      if (receipt.target === this.id) this.host.receipts.fail(receipt);
    }
    this.token?.wipe();
    this.token = undefined;
    this.host.closed(this);
    this.core.emit({ kind: 'link-closed', link: this, reason });
  }

  #sealData(data: Uint8Array, now: Millis): Uint8Array | undefined {
    this.core.now = now;
    if (data.length > this.mdu) {
      throw new RangeError(`"data" must be at most ${this.mdu} bytes, got ${data.length}`);
    }
    return this.isOpen ? this.seal(PacketContext.NONE, data) : undefined;
  }
}
