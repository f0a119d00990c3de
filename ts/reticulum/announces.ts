/**
 * Announces of an endpoint: sending one's own, taking others' in, and telling who wants to know.
 * @module
 * @see RNS/Destination.py announce; RNS/Transport.py _inbound, register_announce_handler (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { makeAnnounce, readAnnounce, type Announce } from './announce.ts';
import { AnnounceRates } from './announce-rates.ts';
import type { Blackhole } from './blackhole.ts';
import type { Core } from './core.ts';
import { nameHash, splitName } from './destination-hash.ts';
import type { Destination } from './destination.ts';
import { HashMap } from './hash-map.ts';
import { IngressControl, INGRESS_INTERVAL_MS } from './ingress.ts';
import type { InterfaceId } from './interface.ts';
import { KNOWN_CLEAN_INTERVAL_MS, type KnownDestinations } from './known-destinations.ts';
import type { KnownRatchets } from './known-ratchets.ts';
import type { Outbound } from './outbound.ts';
import { DestinationType, MTU, encodePacket } from './packet.ts';
import type { PathRequests } from './path-requests.ts';
import { pathExpiryMs, type PathTable } from './paths.ts';
import { encodeRatchetFile, ratchetPublicKey } from './ratchet.ts';
import type { ReceivedPacket } from './received-packet.ts';
import { Timer } from './timers.ts';

/** Who is told of announces. */
export interface AnnounceHandler {
  /** Dotted name such as `lxmf.delivery`; absent means every announce. */
  readonly aspectFilter?: string | undefined;
  /** Whether answers to path requests count too; false unless set. */
  readonly pathResponses?: boolean | undefined;
}

/** How a destination is announced. */
export interface AnnounceOptions {
  /** Instead of the destination's own app data. */
  readonly appData?: Uint8Array | undefined;
  /** Only on this interface. */
  readonly interfaceId?: InterfaceId | undefined;
  /** As the answer to a path request. */
  readonly pathResponse?: boolean | undefined;
}

/** The tables that announces change. */
export interface AnnounceTables {
  readonly destinations: HashMap<Destination>;
  readonly paths: PathTable;
  readonly known: KnownDestinations;
  readonly ratchets: KnownRatchets;
  readonly blackhole: Blackhole;
}

interface Filter {
  readonly handler: AnnounceHandler;
  readonly nameHash: Uint8Array | undefined;
}

/** Announces of one endpoint, both ways. */
export class Announces {
  readonly rates: AnnounceRates = new AnnounceRates();
  readonly #core: Core;
  readonly #tables: AnnounceTables;
  readonly #outbound: Outbound;
  readonly #requests: PathRequests;
  readonly #filters = new Map<AnnounceHandler, Filter>();
  readonly #ingress = new Map<InterfaceId, IngressControl>();
  readonly #release = new Timer(() => this.#releaseHeld());

  constructor(core: Core, tables: AnnounceTables, outbound: Outbound, requests: PathRequests) {
    this.#core = core;
    this.#tables = tables;
    this.#outbound = outbound;
    this.#requests = requests;
  }

  /** Tell `handler` of announces from here on. */
  addHandler(handler: AnnounceHandler): void {
    const filter = handler.aspectFilter;
    let hash: Uint8Array | undefined;
    if (filter !== undefined) {
      const { appName, aspects } = splitName(filter);
      hash = nameHash(appName, ...aspects);
    }
    this.#filters.set(handler, { handler, nameHash: hash });
  }

  /** Tell `handler` nothing any more. */
  removeHandler(handler: AnnounceHandler): boolean {
    return this.#filters.delete(handler);
  }

  /** Ingress control of an interface, for snapshots. */
  ingressOf(interfaceId: InterfaceId): IngressControl | undefined {
    return this.#ingress.get(interfaceId);
  }

  /**
   * Announce a destination of this endpoint; rotates its ratchets when their time has come.
   * @returns whether any interface took the announce
   * @throws TypeError when it is not an inbound SINGLE destination
   * @throws RangeError when the announce would not fit 500 bytes
   */
  send(destination: Destination, options: AnnounceOptions = {}): boolean {
    const { identity } = destination;
    if (destination.type !== DestinationType.SINGLE || identity === undefined) {
      throw new TypeError('only a SINGLE destination can be announced');
    }
    if (destination.direction !== 'in') {
      throw new TypeError('only an inbound destination can be announced');
    }
    const core = this.#core;
    const packet = makeAnnounce(
      {
        identity,
        appName: destination.appName,
        aspects: destination.aspects,
        appData: options.appData ?? defaultAppData(destination),
        ratchet: this.#ratchet(destination),
        pathResponse: options.pathResponse,
      },
      core.now,
      core.random
    );
    const raw = encodePacket(packet);
    if (raw.length > MTU) throw new RangeError(`announce has ${raw.length} bytes, at most ${MTU}`);
    return this.#outbound.send(raw, options.interfaceId);
  }

  /** Take in an announce. */
  receive(packet: ReceivedPacket): void {
    const core = this.#core;
    const { interfaceId } = packet;
    if (packet.destinationType !== DestinationType.SINGLE) {
      return core.violation('announce-type', interfaceId);
    }
    if (packet.raw.length > MTU) return core.violation('announce-size', interfaceId);
    if (this.#tables.destinations.has(packet.destinationHash)) return core.drop('announce-own');
    const announce = this.#read(packet);
    if (announce === undefined) return;
    const state = core.interfaces.get(interfaceId);
    if (state !== undefined) state.counters.announcesIn += 1;
    if (this.#holds(packet)) return;
    this.#take(packet, announce);
  }

  /** Check an announce; whatever is wrong with it is counted. */
  #read(packet: ReceivedPacket): Announce | undefined {
    const core = this.#core;
    const known = this.#tables.known.get(packet.destinationHash);
    try {
      const announce = readAnnounce(packet, known?.publicKey);
      if (this.#tables.blackhole.has(announce.identity.hash, core.now)) {
        core.drop('announce-blackholed');
        return undefined;
      }
      return announce;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      core.violation('announce-invalid', packet.interfaceId);
      return undefined;
    }
  }

  /** Hold an announce back when unknown ones flood the interface, unless it was asked for. */
  #holds(packet: ReceivedPacket): boolean {
    const core = this.#core;
    const state = core.interfaces.get(packet.interfaceId);
    if (state === undefined || state.description.ingressControl === false) return false;
    let ingress = this.#ingress.get(state.id);
    if (ingress === undefined) {
      ingress = new IngressControl(state.addedMs);
      this.#ingress.set(state.id, ingress);
    }
    ingress.rate.add(core.now);
    const { destinationHash } = packet;
    if (this.#tables.paths.get(destinationHash) !== undefined) return false;
    if (this.#requests.requestedAt(destinationHash) !== undefined) return false;
    if (!ingress.shouldLimit(core.now)) return false;
    if (!ingress.hold(packet)) core.drop('announce-held');
    core.timers.scheduleBy(this.#release, core.now + INGRESS_INTERVAL_MS);
    return true;
  }

  #releaseHeld(): void {
    const core = this.#core;
    let left = 0;
    for (const ingress of this.#ingress.values()) {
      ingress.shouldLimit(core.now);
      const packet = ingress.release(core.now);
      const announce = packet === undefined ? undefined : this.#read(packet);
      if (packet !== undefined && announce !== undefined) this.#take(packet, announce);
      left += ingress.held;
    }
    if (left > 0) core.timers.schedule(this.#release, core.now + INGRESS_INTERVAL_MS);
  }

  #take(packet: ReceivedPacket, announce: Announce): void {
    const core = this.#core;
    const { paths, known, ratchets } = this.#tables;
    const via = core.interfaces.get(packet.interfaceId);
    if (via === undefined) return core.drop('interface-unknown');
    const { destinationHash, identity, appData, ratchet } = announce;
    known.remember(packet.hash, destinationHash, identity.publicKey, appData, core.now);
    if (ratchet !== undefined) ratchets.remember(destinationHash, ratchet);
    const candidate = {
      destinationHash,
      nextHop: packet.transportId ?? destinationHash,
      hops: packet.hops,
      randomBlob: announce.randomHash,
      packetHash: packet.hash,
      via,
    };
    core.tidyBy(core.now + KNOWN_CLEAN_INTERVAL_MS);
    if (!paths.offer(candidate, core.now)) return core.drop('announce-stale');
    core.tidyBy(core.now + pathExpiryMs(via));
    if (!announce.pathResponse) this.rates.count(destinationHash, via, core.now);
    if (this.#requests.requestedAt(destinationHash) !== undefined) {
      known.use(destinationHash, core.now);
    }
    this.#requests.resolve(destinationHash, packet.hops);
    for (const { handler, nameHash: wanted } of this.#filters.values()) {
      if (announce.pathResponse && handler.pathResponses !== true) continue;
      if (wanted !== undefined && !equalBytes(wanted, announce.nameHash)) continue;
      core.emit({
        kind: 'announce',
        handler,
        announce: { ...announce, destinationHash: destinationHash.slice() },
        hops: packet.hops,
        interfaceId: via.id,
        packetHash: packet.hash,
      });
    }
  }

  /** The public ratchet to announce; a fresh one is stored before it is told to anyone. */
  #ratchet(destination: Destination): Uint8Array | undefined {
    const { ratchets, identity } = destination;
    if (ratchets === undefined || identity === undefined) return undefined;
    const core = this.#core;
    if (ratchets.rotate(core.now, core.random)) {
      core.push({
        kind: 'store',
        record: 'ratchets',
        destinationHash: destination.hash,
        bytes: encodeRatchetFile(identity, ratchets.ratchets),
      });
    }
    const newest = ratchets.ratchets[0];
    if (newest === undefined) return undefined;
    const ratchet = ratchetPublicKey(newest);
    this.#tables.ratchets.remember(destination.hash, ratchet);
    return ratchet;
  }
}

function defaultAppData({ defaultAppData: source }: Destination): Uint8Array | undefined {
  return typeof source === 'function' ? source() : source;
}
