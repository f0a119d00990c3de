/**
 * One end of a link whose key is given by a vector, with its frames and packets under a test's hand.
 * @module
 */
import { SeededRandom, type Random } from '../../base/random.ts';
import { Token } from '../../crypto/token.ts';
import type { Compression } from '../../reticulum/compression.ts';
import { Core } from '../../reticulum/core.ts';
import { Destination } from '../../reticulum/destination.ts';
import type { ReticulumEvent } from '../../reticulum/effect.ts';
import { Identity } from '../../reticulum/identity.ts';
import { LinkStatus } from '../../reticulum/link/constants.ts';
import { linkFrame } from '../../reticulum/link/frame.ts';
import { Link, type LinkHost } from '../../reticulum/link/link.ts';
import { receiveOnLink } from '../../reticulum/link/receive.ts';
import { PacketContext, PacketType, decodePacket } from '../../reticulum/packet.ts';
import { ReceivedPacket } from '../../reticulum/received-packet.ts';
import { Receipts } from '../../reticulum/receipts.ts';
import { HASHMAP_LENGTH } from '../../reticulum/resource/constants.ts';
import type { IncomingResource } from '../../reticulum/resource/incoming.ts';
import type { OutgoingResource } from '../../reticulum/resource/outgoing.ts';
import { SeenHashes } from '../../reticulum/seen.ts';
import { StepRandom } from './endpoints.ts';
import type { GoldenCase } from './golden.ts';
import { hexOf } from './lxmf.ts';

/** Draws from a vector while there are any, then from a seed: later packets need IVs of their own. */
class VectorRandom implements Random {
  readonly #script = new StepRandom();
  readonly #rest = new SeededRandom(11);

  use(draws: readonly string[]): void {
    this.#script.use(draws);
  }

  get left(): number {
    return this.#script.left;
  }

  bytes(length: number): Uint8Array {
    return this.#script.left > 0 ? this.#script.bytes(length) : this.#rest.bytes(length);
  }
}

/** An open link on its own. */
export class SealedLink {
  readonly random: VectorRandom = new VectorRandom();
  readonly core: Core;
  readonly link: Link;
  readonly events: ReticulumEvent[] = [];
  readonly #interfaceId: number;
  #frames: Uint8Array[] = [];

  constructor(key: Uint8Array, linkId: Uint8Array, mtu: number, compression?: Compression) {
    this.core = new Core(this.random, compression, new SeenHashes(), () => undefined);
    this.core.now = 1_700_000_000_000;
    const state = this.core.addInterface({ name: 'link', hwMtu: mtu, mtuDiscovery: true });
    this.#interfaceId = state.id;
    const identity = Identity.fromPrivateKey(new Uint8Array(64).fill(7));
    const destination = Destination.create({ direction: 'out', identity, appName: 'app' });
    const host: LinkHost = {
      core: this.core,
      receipts: new Receipts(this.core),
      closed: () => undefined,
      isShutOut: () => false,
      repeats: false,
    };
    this.link = new Link(host, linkId, {
      initiator: true,
      destination,
      signer: identity,
      interfaceId: state.id,
      expectedHops: 1,
      establishmentTimeoutMs: 1000,
    });
    this.link.token = new Token(key);
    this.link.setMtu(mtu);
    this.link.status = LinkStatus.ACTIVE;
    this.link.activatedMs = this.core.now;
    this.link.rttMs = 250;
  }

  /** Send a resource that was made beforehand. */
  send(resource: OutgoingResource): void {
    this.link.resources.adopt(resource);
  }

  /** Let time pass. */
  advance(ms: number): void {
    this.core.now += ms;
  }

  /** Frames that were sent since the last call. */
  sentFrames(): Uint8Array[] {
    for (const effect of this.core.drain()) {
      if (effect.kind === 'send') this.#frames.push(effect.bytes);
      else if (effect.kind === 'event') this.events.push(effect.event);
    }
    return this.#frames.splice(0);
  }

  /** The content of the first sealed packet of a kind; everything before it is dropped. */
  openSent(context: number): Uint8Array {
    const frames = this.sentFrames();
    const at = frames.findIndex((frame) => frame[18] === context);
    if (at < 0) throw new Error(`nothing of context ${context} was sent`);
    this.#frames = frames.slice(at + 1);
    const plaintext = this.link.openBytes(decodePacket(frames[at] as Uint8Array).data);
    if (plaintext === undefined) throw new Error('the packet does not open');
    return plaintext;
  }

  /** Take in a frame. */
  receive(frame: Uint8Array): void {
    const packet = ReceivedPacket.read(frame, this.#interfaceId);
    if (packet === undefined) throw new Error('the frame is malformed');
    receiveOnLink(this.link, packet);
  }

  /** Take in a packet of which the content is given. */
  deliver(context: number, plaintext: Uint8Array): void {
    const sealed = this.link.sealBytes(plaintext);
    this.receive(linkFrame(this.link.id, PacketType.DATA, context, sealed));
  }

  /** Resources that came in and are concluded. */
  concluded(): IncomingResource[] {
    this.#frames.unshift(...this.sentFrames());
    return this.events.flatMap((event) =>
      event.kind === 'resource-concluded' && 'receivedBytes' in event.resource
        ? [event.resource]
        : []
    );
  }

  /** Ask an outgoing resource for the parts from one place on, as far as the guard lets it answer. */
  askForParts(
    resource: OutgoingResource,
    hash: Uint8Array,
    from: number,
    turn: number
  ): Uint8Array[] {
    const known = resource.mapHashes;
    const wanted = [...known.slice(from, from + HASHMAP_LENGTH)];
    const last =
      from + HASHMAP_LENGTH < known.length ? known[from + HASHMAP_LENGTH - 1] : undefined;
    const packetHash = new Uint8Array(32).fill(turn + 1);
    packetHash[0] = turn >> 8;
    resource.receiveRequest({ hash, wanted, lastMapHash: last }, packetHash);
    return this.sentFrames().filter((frame) => frame[18] === PacketContext.RESOURCE);
  }
}

/** The link of a vector that names key, id and MTU. */
export function sealedLink(item: GoldenCase, compression?: Compression): SealedLink {
  const mtu = item.in['mtu'] as number;
  return new SealedLink(hexOf(item, 'key'), hexOf(item, 'linkId'), mtu, compression);
}
