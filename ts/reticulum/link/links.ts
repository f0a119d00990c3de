/**
 * The links of an endpoint: opening them, taking them in, and finding the one that a packet is for.
 * @module
 * @see RNS/Link.py __init__, validate_request, validate_proof; RNS/Transport.py _inbound (RNS 1.5.7)
 */
import { concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { Token } from '../../crypto/token.ts';
import { cryptoProvider, type ExchangeKey } from '../../crypto/provider.ts';
import { hkdfSha256 } from '../../kernel/hkdf.ts';
import type { Blackhole } from '../blackhole.ts';
import type { Core } from '../core.ts';
import type { Destination } from '../destination.ts';
import { HashMap } from '../hash-map.ts';
import type { Outbound } from '../outbound.ts';
import {
  DestinationType,
  MTU,
  PacketContext,
  PacketType,
  encodePacket,
  type Packet,
} from '../packet.ts';
import type { PathRequests } from '../path-requests.ts';
import type { PathTable } from '../paths.ts';
import type { Receipts } from '../receipts.ts';
import type { ReceivedPacket } from '../received-packet.ts';
import {
  KEEPALIVE_MAX_MS,
  LinkMode,
  LinkStatus,
  PER_HOP_TIMEOUT_MS,
  TeardownReason,
} from './constants.ts';
import { Link, type LinkHost } from './link.ts';
import { receiveOnLink } from './receive.ts';
import { watchLink } from './keepalive.ts';
import {
  decodeLinkProof,
  decodeLinkRequest,
  encodeLinkProof,
  encodeRoundTrip,
  encodeSignalling,
  linkIdOf,
  type LinkRequest,
} from './wire.ts';

/** Links that one endpoint holds; the reference sets no limit. */
export const MAX_LINKS = 16_384;

/** How a link is opened. */
export interface LinkOptions {
  /** How long setting it up may take; a first hop and six seconds for each hop unless set. */
  readonly establishmentTimeoutMs?: number | undefined;
}

/** What links need of their endpoint. */
export interface LinkTables {
  readonly destinations: HashMap<Destination>;
  readonly paths: PathTable;
  readonly requests: PathRequests;
  readonly receipts: Receipts;
  readonly blackhole: Blackhole;
  readonly repeats: boolean;
}

/** What an initiator keeps until the proof is there. */
interface Opening {
  readonly link: Link;
  readonly exchange: ExchangeKey;
  readonly signalledMtu: number;
}

/** The links of one endpoint. */
export class Links implements LinkHost {
  readonly core: Core;
  readonly receipts: Receipts;
  readonly repeats: boolean;
  readonly #tables: LinkTables;
  readonly #outbound: Outbound;
  readonly #limit: number;
  readonly #links: HashMap<Link> = new HashMap();
  readonly #openings: HashMap<Opening> = new HashMap();

  constructor(core: Core, tables: LinkTables, outbound: Outbound, limit: number = MAX_LINKS) {
    this.core = core;
    this.#limit = limit;
    this.receipts = tables.receipts;
    this.repeats = tables.repeats;
    this.#tables = tables;
    this.#outbound = outbound;
  }

  /** Links that are open or being set up. */
  get size(): number {
    return this.#links.size;
  }

  /** Links, oldest first. */
  values(): IterableIterator<Link> {
    return this.#links.values();
  }

  get(linkId: Uint8Array): Link | undefined {
    return this.#links.get(linkId);
  }

  /** Whether links of an identity are refused. */
  isShutOut(identityHash: Uint8Array): boolean {
    return this.#tables.blackhole.has(identityHash, this.core.now);
  }

  /**
   * Ask a destination for a link; `link-established` or `link-closed` tells the outcome.
   *
   * Draws 32 bytes for the exchange key, then 32 for the signing key.
   * @throws TypeError when the destination is not an outbound SINGLE one
   * @throws RangeError when there are too many links
   * @see RNS/Link.py __init__
   */
  open(destination: Destination, options: LinkOptions = {}): Link {
    const { core } = this;
    if (destination.type !== DestinationType.SINGLE || destination.identity === undefined) {
      throw new TypeError('links are opened to SINGLE destinations only');
    }
    if (!this.#makesRoom()) throw new RangeError(`more than ${this.#limit} links`);
    const { paths } = this.#tables;
    const via = paths.interfaceTo(destination.hash);
    const exchange = cryptoProvider().exchangeKey(core.random.bytes(32));
    const signer = cryptoProvider().signingKey(core.random.bytes(32));
    const mtu = via?.linkMtu ?? MTU;
    const signalling = encodeSignalling(mtu, LinkMode.AES256_CBC);
    const packet: Packet = {
      packetType: PacketType.LINKREQUEST,
      destinationType: DestinationType.SINGLE,
      transported: false,
      contextFlag: false,
      hops: 0,
      transportId: undefined,
      destinationHash: destination.hash,
      context: PacketContext.NONE,
      data: concat(exchange.publicKey, signer.publicKey, signalling),
    };
    const hops = paths.hopsTo(destination.hash);
    const link = new Link(this, linkIdOf(packet), {
      initiator: true,
      destination,
      signer,
      interfaceId: undefined,
      expectedHops: hops,
      establishmentTimeoutMs:
        options.establishmentTimeoutMs ?? this.#setupTimeoutMs(via?.packetTimeMs, hops),
    });
    const raw = encodePacket(packet);
    link.establishmentBytes = raw.length;
    link.lastOutboundMs = core.now;
    this.#links.set(link.id, link);
    this.#openings.set(link.id, { link, exchange, signalledMtu: mtu });
    watchLink(link);
    this.#outbound.send(raw);
    return link;
  }

  /**
   * A destination of this endpoint is asked for a link.
   *
   * Draws 32 bytes for the exchange key.
   * @see RNS/Transport.py _inbound; RNS/Link.py validate_request
   */
  receiveRequest(packet: ReceivedPacket, destination: Destination): void {
    const { core } = this;
    if (!destination.acceptsLinks || !this.#makesRoom()) return core.drop('link-refused');
    const id = linkIdOf(packet);
    if (this.#links.has(id)) return core.drop('duplicate');
    try {
      this.#accept(packet, destination, id, decodeLinkRequest(packet.data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      core.violation('link-request-malformed', packet.interfaceId);
    }
  }

  /** The destination answers a link request. @see RNS/Link.py validate_proof */
  receiveProof(packet: ReceivedPacket): void {
    const { core } = this;
    const opening = this.#openings.get(packet.destinationHash);
    if (opening === undefined) return core.drop('link-unknown');
    try {
      this.#establish(opening, packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      core.violation('link-proof-invalid', packet.interfaceId);
    }
  }

  /** A packet for a link. @see RNS/Transport.py _inbound */
  receive(packet: ReceivedPacket): void {
    const { core } = this;
    const link = this.#links.get(packet.destinationHash);
    if (link === undefined || link.status === LinkStatus.PENDING) return core.drop('link-unknown');
    if (link.interfaceId !== packet.interfaceId) {
      // It may still come by the right way.
      core.seen.delete(packet.hash);
      return core.drop('link-interface');
    }
    const isProof =
      packet.packetType === PacketType.PROOF && packet.context !== PacketContext.RESOURCE_PRF;
    if (!isProof) return receiveOnLink(link, packet);
    this.#receivePacketProof(link, packet);
  }

  /** @see RNS/Transport.py jobs */
  closed(link: Link): void {
    this.#links.delete(link.id);
    this.#openings.delete(link.id);
    if (!link.initiator || link.activatedMs !== undefined) return;
    if (link.reason !== TeardownReason.TIMEOUT) return;
    // A link that never came to be speaks against the path: look for another.
    const { hash } = link.destination;
    this.#tables.paths.expire(hash);
    this.#tables.requests.rediscover(hash);
  }

  /** With too many links, the oldest that was never used makes room. */
  #makesRoom(): boolean {
    if (this.#links.size < this.#limit) return true;
    for (const link of this.#links.values()) {
      if (link.status !== LinkStatus.HANDSHAKE) continue;
      link.conclude(TeardownReason.TIMEOUT);
      return true;
    }
    return false;
  }

  #receivePacketProof(link: Link, packet: ReceivedPacket): void {
    const { core } = this;
    const outcome = this.receipts.prove(link.id, packet.data, true);
    if (outcome === 'unmatched') return core.drop('proof-unmatched');
    if (outcome === 'invalid') return core.drop('proof-invalid');
    link.lastProofMs = core.now;
    if (link.status === LinkStatus.STALE) {
      link.status = LinkStatus.ACTIVE;
      core.timers.schedule(link.watchdog, core.now);
    }
  }

  #accept(
    packet: ReceivedPacket,
    destination: Destination,
    id: Uint8Array,
    request: LinkRequest
  ): void {
    const { core } = this;
    const { identity } = destination;
    const via = core.interfaces.get(packet.interfaceId);
    if (identity === undefined || via === undefined) return core.drop('link-refused');
    const exchange = cryptoProvider().exchangeKey(core.random.bytes(32));
    const token = linkToken(exchange, request.exchangeKey, id);
    const link = new Link(this, id, {
      initiator: false,
      destination,
      signer: identity,
      interfaceId: packet.interfaceId,
      expectedHops: packet.hops,
      establishmentTimeoutMs: PER_HOP_TIMEOUT_MS * Math.max(1, packet.hops) + KEEPALIVE_MAX_MS,
    });
    link.token = token;
    link.setMtu(Math.min(request.mtu ?? MTU, via.linkMtu));
    link.peerCheck = verifier(request.signingKey);
    link.status = LinkStatus.HANDSHAKE;
    link.lastInboundMs = core.now;
    this.#links.set(id, link);
    const proof = encodeLinkProof(identity, id, exchange.publicKey, link.mtu, link.mode);
    link.establishmentBytes = packet.raw.length + proof.length + 19;
    watchLink(link);
    link.sendPlain(PacketType.PROOF, PacketContext.LRPROOF, proof);
  }

  #establish(opening: Opening, packet: ReceivedPacket): void {
    const { core } = this;
    const { link, exchange, signalledMtu } = opening;
    const { identity, hash } = link.destination;
    if (identity === undefined) return core.drop('link-proof-invalid');
    const proof = decodeLinkProof(packet.data, identity, link.id);
    if (proof.mtu > Math.max(signalledMtu, MTU)) {
      throw new ProtocolError('RNS_LINK_PROOF', `MTU of ${proof.mtu} was not signalled`);
    }
    link.token = linkToken(exchange, proof.exchangeKey, link.id);
    core.seen.add(packet.hash);
    this.#openings.delete(link.id);
    if (packet.hops !== link.expectedHops) {
      // The proof is the destination's own, so the way it came is right and the table was not.
      link.expectedHops = packet.hops;
      this.#tables.paths.rebalance(hash, packet.hops);
    }
    link.peerCheck = (signature, message) => identity.validate(signature, message);
    link.interfaceId = packet.interfaceId;
    link.remoteIdentity = identity;
    link.setMtu(proof.mtu);
    link.establishmentBytes += packet.raw.length;
    link.lastInboundMs = core.now;
    link.lastProofMs = core.now;
    link.status = LinkStatus.ACTIVE;
    const rttMs = core.now - link.requestedMs;
    link.rttMs = rttMs;
    link.sendSealed(PacketContext.LRRTT, encodeRoundTrip(rttMs));
    link.activate(rttMs);
  }

  /** @see RNS/Transport.py first_hop_timeout */
  #setupTimeoutMs(firstHopMs: number | undefined, hops: number): number {
    return (firstHopMs ?? 0) + PER_HOP_TIMEOUT_MS + PER_HOP_TIMEOUT_MS * Math.max(1, hops);
  }
}

/** @see RNS/Link.py handshake */
function linkToken(exchange: ExchangeKey, peer: Uint8Array, linkId: Uint8Array): Token {
  const secret = exchange.exchange(peer);
  const key = hkdfSha256(64, secret, linkId);
  const token = new Token(key);
  secret.fill(0);
  key.fill(0);
  return token;
}

function verifier(publicKey: Uint8Array): (signature: Uint8Array, message: Uint8Array) => boolean {
  let key: ReturnType<ReturnType<typeof cryptoProvider>['verifyingKey']> | undefined;
  return (signature, message) => {
    key ??= cryptoProvider().verifyingKey(publicKey);
    return key.verify(signature, message);
  };
}
