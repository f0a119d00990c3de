/**
 * What becomes of a frame: read, filtered, and given to whatever it is for.
 * @module
 * @see RNS/Transport.py preprocess_inbound, packet_filter, _inbound (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Announces } from './announces.ts';
import type { Core } from './core.ts';
import { ProofStrategy, type Destination } from './destination.ts';
import type { DropReason } from './drops.ts';
import type { HashMap } from './hash-map.ts';
import type { InterfaceId, InterfaceState } from './interface.ts';
import { isRepeatable } from './link/frame.ts';
import type { Links } from './link/links.ts';
import { DestinationType, PacketContext, PacketType } from './packet.ts';
import type { PathRequests } from './path-requests.ts';
import type { Receipts } from './receipts.ts';
import { ReceivedPacket } from './received-packet.ts';

/** What packets may be for. */
export interface Receivers {
  readonly destinations: HashMap<Destination>;
  readonly announces: Announces;
  readonly links: Links;
  readonly pathRequests: PathRequests;
  readonly receipts: Receipts;
  /** By this address packets in transport come by way of this endpoint. */
  readonly transportHash: Uint8Array;
  /** Proves that a packet arrived. */
  prove(destination: Destination, packet: ReceivedPacket): void;
}

/** Takes frames in. */
export class Inbound {
  readonly #core: Core;
  readonly #to: Receivers;

  constructor(core: Core, receivers: Receivers) {
    this.#core = core;
    this.#to = receivers;
  }

  /** Take in a frame; whatever is wrong with it is counted. */
  receive(interfaceId: InterfaceId, bytes: Uint8Array): void {
    const core = this.#core;
    const state = core.interfaces.get(interfaceId);
    if (state === undefined) return core.drop('interface-unknown');
    if (!state.online) return core.drop('interface-offline');
    state.counters.rxPackets += 1;
    state.counters.rxBytes += bytes.length;
    const raw = openAccess(state, bytes);
    if (raw === undefined) {
      state.counters.accessViolations += 1;
      return core.drop('access-code');
    }
    if (raw.length > state.frameLimit) return core.violation('oversize', interfaceId);
    const packet = ReceivedPacket.read(raw, interfaceId);
    if (packet === undefined) return core.violation('malformed', interfaceId);
    const refused = this.#filter(packet);
    if (refused !== undefined) {
      state.counters.filterHits += 1;
      return core.drop(refused);
    }
    this.#dispatch(packet);
  }

  /** @see RNS/Transport.py packet_filter */
  #filter(packet: ReceivedPacket): DropReason | undefined {
    const { seen } = this.#core;
    const { transportId, context, destinationType } = packet;
    // An announce names the node that passed it on; any other packet the node that is to do so.
    if (packet.isAnnounce) {
      return destinationType === DestinationType.SINGLE ? undefined : 'announce-type';
    }
    if (transportId !== undefined && !equalBytes(transportId, this.#to.transportHash)) {
      return 'other-transport';
    }
    if (isRepeatable(context)) return undefined;
    if (destinationType === DestinationType.PLAIN || destinationType === DestinationType.GROUP) {
      return packet.hops > 2 ? 'transported-broadcast' : undefined;
    }
    if (seen.has(packet.hash)) return 'duplicate';
    // A link proof is for whoever opened the link; until that is known a copy may still come in.
    if (context !== PacketContext.LRPROOF) seen.add(packet.hash);
    return undefined;
  }

  #dispatch(packet: ReceivedPacket): void {
    switch (packet.packetType) {
      case PacketType.ANNOUNCE:
        return this.#to.announces.receive(packet);
      case PacketType.LINKREQUEST:
        return this.#receiveLinkRequest(packet);
      case PacketType.PROOF:
        return this.#receiveProof(packet);
      case PacketType.DATA:
        return packet.isForLink ? this.#to.links.receive(packet) : this.#receiveData(packet);
    }
  }

  #receiveLinkRequest(packet: ReceivedPacket): void {
    const destination = this.#destinationOf(packet);
    if (destination === undefined) return this.#core.drop('destination-unknown');
    this.#to.links.receiveRequest(packet, destination);
  }

  #receiveProof(packet: ReceivedPacket): void {
    const core = this.#core;
    if (packet.context === PacketContext.LRPROOF) return this.#to.links.receiveProof(packet);
    if (packet.isForLink) return this.#to.links.receive(packet);
    const outcome = this.#to.receipts.prove(packet.destinationHash, packet.data, false);
    if (outcome === 'unmatched') core.drop('proof-unmatched');
    else if (outcome === 'invalid') core.drop('proof-invalid');
  }

  #receiveData(packet: ReceivedPacket): void {
    const core = this.#core;
    const { pathRequests } = this.#to;
    const broadcast = packet.destinationType === DestinationType.PLAIN;
    if (broadcast && equalBytes(packet.destinationHash, pathRequests.hash)) {
      return pathRequests.receive(packet);
    }
    const destination = this.#destinationOf(packet);
    if (destination === undefined) return core.drop('destination-unknown');
    let opened: ReturnType<Destination['decrypt']>;
    try {
      opened = destination.decrypt(packet.data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return core.drop('decrypt-failed');
    }
    const { proofStrategy } = destination;
    core.emit({
      kind: 'packet',
      destination,
      data: opened.plaintext,
      packet,
      ratchetId: opened.ratchetId,
      proofRequested: proofStrategy === ProofStrategy.PROVE_APP,
    });
    if (proofStrategy === ProofStrategy.PROVE_ALL) this.#to.prove(destination, packet);
  }

  #destinationOf(packet: ReceivedPacket): Destination | undefined {
    const destination = this.#to.destinations.get(packet.destinationHash);
    return destination?.type === packet.destinationType ? destination : undefined;
  }
}

/** Take the access code off; `undefined` when it is wrong, missing, or not wanted. */
function openAccess(state: InterfaceState, bytes: Uint8Array): Uint8Array | undefined {
  const flagged = bytes.length > 2 && ((bytes[0] as number) & 0x80) !== 0;
  if (state.access === undefined) return flagged ? undefined : bytes;
  return flagged ? state.access.open(bytes) : undefined;
}
