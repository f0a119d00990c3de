/**
 * A Reticulum endpoint: takes bytes from interfaces, the time, and what the application asks for;
 * gives effects and the time of its next deadline.
 *
 * It never reads a clock, sends or waits by itself. A host runs it on real interfaces and timers, a
 * simulation on virtual ones; any number of them may live in one process.
 * @module
 * @see RNS/Transport.py, RNS/Reticulum.py (RNS 1.5.7)
 */
import { concat } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Announces, type AnnounceHandler, type AnnounceOptions } from './announces.ts';
import { Blackhole } from './blackhole.ts';
import type { Compression } from './compression.ts';
import { Core } from './core.ts';
import type { Destination } from './destination.ts';
import type { Effect } from './effect.ts';
import { HashMap } from './hash-map.ts';
import { Inbound } from './inbound.ts';
import { Identity } from './identity.ts';
import type { InterfaceDescription, InterfaceId } from './interface.ts';
import { KNOWN_CLEAN_INTERVAL_MS, KnownDestinations } from './known-destinations.ts';
import { KnownRatchets } from './known-ratchets.ts';
import { PER_HOP_TIMEOUT_MS } from './link/constants.ts';
import type { Link } from './link/link.ts';
import { Links, type LinkOptions } from './link/links.ts';
import { Outbound } from './outbound.ts';
import { DestinationType, MTU, PacketContext, PacketType, encodePacket } from './packet.ts';
import { PATH_REQUEST_GATE_MS, PathRequests, type PathRequestOptions } from './path-requests.ts';
import { PathTable } from './paths.ts';
import { Receipts, type PacketReceipt } from './receipts.ts';
import { hashOfFrame, type ReceivedPacket } from './received-packet.ts';
import { SeenHashes } from './seen.ts';

/** How an endpoint is set up; absent limits have the reference's values. */
export interface ReticulumOptions {
  readonly random: Random;
  /** Packs resources and streams; absent means that packed ones are refused. */
  readonly compression?: Compression | undefined;
  /** The identity by which other nodes address this one in transport; a fresh one unless set. */
  readonly transportIdentity?: Identity | undefined;
  /** Whether proofs leave the packet's hash out; true unless set. @see RNS/Reticulum.py should_use_implicit_proof */
  readonly implicitProofs?: boolean | undefined;
  /**
   * Whether proofs and small responses are sent twice on links with a round trip below 50 ms, where the
   * reference would miss some; true unless set.
   */
  readonly repeats?: boolean | undefined;
  readonly limits?: ReticulumLimits | undefined;
}

/** Sizes of tables. */
export interface ReticulumLimits {
  readonly paths?: number | undefined;
  readonly knownDestinations?: number | undefined;
  readonly receipts?: number | undefined;
  readonly links?: number | undefined;
  readonly seenPackets?: number | undefined;
}

/** How a packet is sent. */
export interface SendOptions {
  /** Only on this interface. */
  readonly interfaceId?: InterfaceId | undefined;
}

/** Tables are looked through this often. @see RNS/Transport.py tables_cull_interval */
const CULL_INTERVAL_MS = 5_000;

/** One endpoint. */
export class Reticulum {
  /** @internal Shared by its parts; read it through snapshots. */
  readonly core: Core;
  readonly transportIdentity: Identity;
  readonly destinations: HashMap<Destination> = new HashMap();
  readonly paths: PathTable;
  readonly known: KnownDestinations;
  readonly ratchets: KnownRatchets;
  readonly receipts: Receipts;
  readonly pathRequests: PathRequests;
  readonly announces: Announces;
  readonly links: Links;
  readonly blackhole: Blackhole = new Blackhole();
  readonly #outbound: Outbound;
  readonly #implicitProofs: boolean;
  readonly #inbound: Inbound;
  #cleanedMs: Millis = 0;

  constructor(options: ReticulumOptions) {
    const { random, limits = {} } = options;
    this.core = new Core(random, options.compression, new SeenHashes(limits.seenPackets), () =>
      this.#tidy()
    );
    const { core, destinations, blackhole } = this;
    this.transportIdentity = options.transportIdentity ?? Identity.generate(random);
    this.#implicitProofs = options.implicitProofs ?? true;
    this.paths = new PathTable(core.interfaces, limits.paths);
    this.known = new KnownDestinations(limits.knownDestinations);
    this.ratchets = new KnownRatchets(core, limits.knownDestinations);
    this.receipts = new Receipts(core, limits.receipts);
    this.#outbound = new Outbound(core, this.paths);
    this.pathRequests = new PathRequests(core, this.#outbound, (address, _tag, via) =>
      this.#answerPathRequest(address, via)
    );
    const { paths, known, ratchets, receipts, pathRequests: requests } = this;
    this.announces = new Announces(
      core,
      { destinations, paths, known, ratchets, blackhole },
      this.#outbound,
      requests
    );
    this.links = new Links(
      core,
      {
        destinations,
        paths,
        requests,
        receipts,
        blackhole,
        repeats: options.repeats ?? true,
      },
      this.#outbound,
      limits.links
    );
    this.#inbound = new Inbound(core, {
      destinations,
      announces: this.announces,
      links: this.links,
      pathRequests: requests,
      receipts,
      transportHash: this.transportIdentity.hash,
      prove: (destination, packet) => void this.prove(destination, packet, core.now),
    });
  }

  /** Attach an interface. @throws RangeError when it takes less than 500 bytes */
  addInterface(description: InterfaceDescription, now: Millis): InterfaceId {
    if (description.hwMtu !== undefined && description.hwMtu < MTU) {
      throw new RangeError(`"hwMtu" must be at least ${MTU}, got ${description.hwMtu}`);
    }
    this.core.now = now;
    return this.core.addInterface(description).id;
  }

  /** Detach an interface; paths over it are forgotten. */
  removeInterface(id: InterfaceId, now: Millis): boolean {
    this.core.now = now;
    if (!this.core.interfaces.delete(id)) return false;
    this.paths.cull(now);
    return true;
  }

  /** Say whether an interface can send and receive at present. */
  setOnline(id: InterfaceId, online: boolean, now: Millis): void {
    this.core.now = now;
    const state = this.core.interfaces.get(id);
    if (state !== undefined) state.online = online;
  }

  /**
   * Receive for a destination from here on.
   * @throws TypeError when it is outbound
   * @throws RangeError when its address is registered already
   */
  register(destination: Destination): void {
    if (destination.direction !== 'in') throw new TypeError('"destination" must be inbound');
    if (this.destinations.has(destination.hash)) {
      throw new RangeError('a destination of this address is registered already');
    }
    this.destinations.set(destination.hash, destination);
  }

  /** Receive for a destination no more. */
  deregister(destination: Destination): boolean {
    return this.destinations.delete(destination.hash);
  }

  /**
   * Take in a frame of an interface; whatever is wrong with it is counted, never thrown.
   * @param bytes - handed over: they must not be written to any more
   */
  receive(interfaceId: InterfaceId, bytes: Uint8Array, now: Millis): void {
    this.core.now = now;
    this.#inbound.receive(interfaceId, bytes);
  }

  /** Do what is due at `now`. */
  tick(now: Millis): void {
    this.core.now = now;
    this.core.timers.run(now);
  }

  /** When {@link tick} is wanted next; `undefined` while nothing waits. */
  due(): Millis | undefined {
    return this.core.timers.due();
  }

  /** Hand over what is to be done, in order. */
  drain(): Effect[] {
    return this.core.drain();
  }

  /** Whether {@link drain} would hand anything over. */
  get hasEffects(): boolean {
    return this.core.hasEffects;
  }

  /** Announce a destination of this endpoint; see {@link Announces.send}. */
  announce(destination: Destination, now: Millis, options?: AnnounceOptions): boolean {
    this.core.now = now;
    return this.announces.send(destination, options);
  }

  /** Tell a handler of announces from here on. */
  onAnnounce(handler: AnnounceHandler): void {
    this.announces.addHandler(handler);
  }

  /**
   * Send a packet to a destination.
   *
   * What fits: 383 bytes for SINGLE over any number of hops, 464 for PLAIN.
   * @returns the receipt that waits for a proof; `sent` is false when no interface took the packet, and
   *   `receipt` is absent for PLAIN destinations, which prove nothing
   * @throws RangeError when the packet would have more than 500 bytes
   * @throws TypeError when the destination has no key to encrypt with
   */
  send(
    destination: Destination,
    data: Uint8Array,
    now: Millis,
    options: SendOptions = {}
  ): { readonly sent: boolean; readonly receipt: PacketReceipt | undefined } {
    const { core } = this;
    core.now = now;
    const ratchet = this.ratchets.get(destination.hash);
    const raw = encodePacket({
      packetType: PacketType.DATA,
      destinationType: destination.type,
      transported: false,
      contextFlag: false,
      hops: 0,
      transportId: undefined,
      destinationHash: destination.hash,
      context: PacketContext.NONE,
      data: destination.encrypt(data, core.random, ratchet),
    });
    if (raw.length > MTU) throw new RangeError(`packet has ${raw.length} bytes, at most ${MTU}`);
    const sent = this.#outbound.send(raw, options.interfaceId);
    const { identity } = destination;
    if (!sent || identity === undefined || destination.type === DestinationType.PLAIN) {
      return { sent, receipt: undefined };
    }
    const receipt = this.receipts.add(
      hashOfFrame(raw),
      destination.hash,
      this.#receiptTimeoutMs(destination.hash),
      (signature, hash) => identity.validate(signature, hash),
      (concluded) => core.emit({ kind: 'receipt', receipt: concluded, link: undefined })
    );
    return { sent, receipt };
  }

  /** Prove to the sender that a packet arrived. @see RNS/Identity.py prove */
  prove(destination: Destination, packet: ReceivedPacket, now: Millis): boolean {
    this.core.now = now;
    const { identity } = destination;
    if (identity?.hasPrivateKey !== true) return false;
    const signature = identity.sign(packet.hash);
    const data = this.#implicitProofs ? signature : concat(packet.hash, signature);
    const raw = encodePacket({
      packetType: PacketType.PROOF,
      destinationType: DestinationType.SINGLE,
      transported: false,
      contextFlag: false,
      hops: 0,
      transportId: undefined,
      destinationHash: packet.truncatedHash,
      context: PacketContext.NONE,
      data,
    });
    return this.#outbound.send(raw, packet.interfaceId);
  }

  /** Open a link; see {@link Links.open}. */
  openLink(destination: Destination, now: Millis, options?: LinkOptions): Link {
    this.core.now = now;
    return this.links.open(destination, options);
  }

  /** Ask the network for a path; see {@link PathRequests.request}. */
  requestPath(destinationHash: Uint8Array, now: Millis, options?: PathRequestOptions): boolean {
    this.core.now = now;
    return this.pathRequests.request(destinationHash, options);
  }

  /** The identity behind an address, from an announce or from a destination of this endpoint. */
  recall(destinationHash: Uint8Array, now: Millis): Identity | undefined {
    const own = this.destinations.get(destinationHash)?.identity;
    return this.known.recall(destinationHash, now) ?? own?.publicOnly();
  }

  /** Ask the host to store what is known of destinations. */
  persist(now: Millis): void {
    this.core.now = now;
    this.core.push({
      kind: 'store',
      record: 'known-destinations',
      bytes: this.known.encode(),
    });
  }

  #answerPathRequest(destinationHash: Uint8Array, via: InterfaceId): boolean {
    const destination = this.destinations.get(destinationHash);
    if (destination?.type !== DestinationType.SINGLE) return false;
    this.announces.send(destination, { pathResponse: true, interfaceId: via });
    return true;
  }

  /** @see RNS/Packet.py PacketReceipt; RNS/Transport.py first_hop_timeout */
  #receiptTimeoutMs(destinationHash: Uint8Array): number {
    const firstHopMs = this.paths.interfaceTo(destinationHash)?.packetTimeMs ?? 0;
    const hops = this.paths.hopsTo(destinationHash);
    return firstHopMs + PER_HOP_TIMEOUT_MS + PER_HOP_TIMEOUT_MS * hops;
  }

  /** Forget what is old in the tables, and say when that is due again. @see RNS/Transport.py jobs */
  #tidy(): void {
    const { core } = this;
    const { now } = core;
    this.paths.cull(now);
    this.pathRequests.cull();
    if (now >= this.#cleanedMs + KNOWN_CLEAN_INTERVAL_MS) this.#cleanKnown();
    const due: Millis[] = [];
    const expiry = this.paths.earliestExpiry();
    if (expiry !== undefined) due.push(expiry);
    if (this.pathRequests.size > 0) due.push(now + PATH_REQUEST_GATE_MS);
    if (this.known.size > 0) due.push(this.#cleanedMs + KNOWN_CLEAN_INTERVAL_MS);
    if (due.length === 0) return;
    core.timers.schedule(core.tidy, Math.max(now + CULL_INTERVAL_MS, Math.min(...due)));
  }

  #cleanKnown(): void {
    const { core } = this;
    this.#cleanedMs = core.now;
    const gone = this.known.clean((hash) => this.paths.get(hash) !== undefined, core.now);
    for (const destinationHash of gone) this.ratchets.forget(destinationHash);
    this.ratchets.clean();
    if (this.known.takeChanged()) this.persist(core.now);
  }
}
