/**
 * What a link does with the packets that are addressed to it.
 * @module
 * @see RNS/Link.py receive (RNS 1.5.7)
 */
import { equalBytes } from '../../base/bytes.ts';
import { ProofStrategy } from '../destination.ts';
import { MAX_HOPS, PacketContext, PacketType } from '../packet.ts';
import type { ReceivedPacket } from '../received-packet.ts';
import {
  KEEPALIVE_PING,
  KEEPALIVE_PONG,
  LinkStatus,
  PER_HOP_TIMEOUT_MS,
  TeardownReason,
} from './constants.ts';
import { LINK_HEADER_BYTES } from './frame.ts';
import type { Link } from './link.ts';
import { decodeIdentification, decodeRoundTrip } from './wire.ts';

/** As long as setting a link up may take over the most hops there are. */
const LONGEST_RTT_MS: number = PER_HOP_TIMEOUT_MS * (MAX_HOPS + 1);

/** Take in a packet for a link, from the link's own interface. */
export function receiveOnLink(link: Link, packet: ReceivedPacket): void {
  const { core } = link;
  if (link.status === LinkStatus.CLOSED) return core.drop('link-closed');
  if (packet.packetType === PacketType.PROOF) {
    noteInbound(link, packet);
    return link.resources.receiveProof(packet.data);
  }
  if (packet.packetType !== PacketType.DATA) return core.drop('link-context');
  switch (packet.context) {
    // These are not sealed as packets of their own.
    case PacketContext.KEEPALIVE:
      return receiveKeepalive(link, packet);
    case PacketContext.RESOURCE:
      noteInbound(link, packet);
      return link.resources.receivePart(packet.data);
    case PacketContext.CACHE_REQUEST:
      noteInbound(link, packet);
      return link.resources.receiveCacheRequest(packet.data);
    default:
      return receiveSealed(link, packet);
  }
}

function receiveSealed(link: Link, packet: ReceivedPacket): void {
  const { core } = link;
  const plaintext = link.open(packet);
  if (plaintext === undefined) return core.drop('decrypt-failed');
  noteInbound(link, packet);
  if (packet.context === PacketContext.LRRTT) return receiveRoundTrip(link, plaintext);
  // PARITY: the reference leaves a link whose LRRTT was lost half open until it times out. What is
  // sealed with the link's key proves as well that the initiator has it.
  if (link.status === LinkStatus.HANDSHAKE) link.activate(core.now - link.requestedMs);
  switch (packet.context) {
    case PacketContext.NONE:
      return receiveData(link, packet, plaintext);
    case PacketContext.LINKIDENTIFY:
      return receiveIdentification(link, plaintext);
    case PacketContext.REQUEST:
      return link.requests.receiveRequest(packet, plaintext);
    case PacketContext.RESPONSE:
      return link.requests.receiveResponse(plaintext);
    case PacketContext.LINKCLOSE:
      return receiveClose(link, plaintext);
    case PacketContext.RESOURCE_ADV:
      return link.resources.receiveAdvertisement(plaintext);
    case PacketContext.RESOURCE_REQ:
      return link.resources.receiveRequest(plaintext, packet.hash);
    case PacketContext.RESOURCE_HMU:
      return link.resources.receiveHashmap(plaintext);
    case PacketContext.RESOURCE_ICL:
      return link.resources.receiveCancel(plaintext);
    case PacketContext.RESOURCE_RCL:
      return link.resources.receiveReject(plaintext);
    case PacketContext.CHANNEL:
      return receiveChannel(link, packet, plaintext);
    default:
      return core.drop('link-context');
  }
}

/** Count a packet, and take it as a sign of life. */
function noteInbound(link: Link, packet: ReceivedPacket): void {
  const { now } = link.core;
  link.lastInboundMs = now;
  if (packet.context !== PacketContext.KEEPALIVE) link.lastDataMs = now;
  link.rxPackets += 1;
  link.rxBytes += packet.raw.length - LINK_HEADER_BYTES;
  if (link.status === LinkStatus.STALE) {
    link.status = LinkStatus.ACTIVE;
    link.core.timers.schedule(link.watchdog, now);
  }
}

function receiveKeepalive(link: Link, packet: ReceivedPacket): void {
  const { core } = link;
  const ping = packet.data.length === 1 && packet.data[0] === KEEPALIVE_PING;
  // An initiator hears its own ping when something sends it back.
  if (link.initiator && ping) return core.drop('link-context');
  noteInbound(link, packet);
  if (link.initiator || !ping || !link.isOpen) return;
  if (core.now < link.lastOutboundMs + link.keepaliveMs) return;
  link.sendPlain(PacketType.DATA, PacketContext.KEEPALIVE, Uint8Array.of(KEEPALIVE_PONG));
}

/** The initiator's round trip makes the link active here. @see RNS/Link.py rtt_packet */
function receiveRoundTrip(link: Link, plaintext: Uint8Array): void {
  const { core } = link;
  if (link.initiator) return core.drop('link-context');
  const rttMs = decodeRoundTrip(plaintext);
  if (rttMs === undefined) {
    core.drop('link-payload');
    return link.close(core.now);
  }
  const measured = link.rttMs ?? core.now - link.requestedMs;
  // A peer's word must not stretch every timeout without end.
  link.activate(Math.max(measured, Math.min(rttMs, LONGEST_RTT_MS)));
}

function receiveData(link: Link, packet: ReceivedPacket, data: Uint8Array): void {
  const { proofStrategy } = link.destination;
  const asked = proofStrategy === ProofStrategy.PROVE_APP;
  if (proofStrategy === ProofStrategy.PROVE_ALL) link.prove(packet.hash);
  link.core.emit({
    kind: 'link-packet',
    link,
    data,
    packetHash: packet.hash,
    proofRequested: asked,
  });
}

function receiveIdentification(link: Link, plaintext: Uint8Array): void {
  const { core } = link;
  const identity = link.initiator ? undefined : decodeIdentification(plaintext, link.id);
  if (identity === undefined) return core.drop('link-payload');
  if (link.host.isShutOut(identity.hash)) return link.close(core.now);
  // The first identification counts; a peer cannot become someone else.
  if (link.remoteIdentity !== undefined) return;
  link.remoteIdentity = identity;
  core.emit({ kind: 'link-identified', link, identity });
}

function receiveClose(link: Link, plaintext: Uint8Array): void {
  if (!equalBytes(plaintext, link.id)) return link.core.drop('link-payload');
  link.conclude(
    link.initiator ? TeardownReason.DESTINATION_CLOSED : TeardownReason.INITIATOR_CLOSED
  );
}

function receiveChannel(link: Link, packet: ReceivedPacket, plaintext: Uint8Array): void {
  const { core, openChannel } = link;
  if (openChannel === undefined) return core.drop('channel-closed');
  // The duplicate filter lets channel packets pass; one of our own that comes back stops here.
  if (core.seen.has(packet.hash)) return core.drop('duplicate');
  link.prove(packet.hash);
  openChannel.receive(plaintext);
}
