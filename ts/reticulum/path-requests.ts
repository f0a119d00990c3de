/**
 * Path requests: asking the network for a way to a destination, and answering for one's own.
 * @module
 * @see RNS/Transport.py request_path, path_request_handler, path_request (RNS 1.5.7)
 */
import { concat } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import { sha256 } from '../crypto/provider.ts';
import type { Core } from './core.ts';
import { destinationHash } from './destination-hash.ts';
import { HashMap } from './hash-map.ts';
import { TRUNCATED_HASH_BYTES, truncatedHash } from './identity.ts';
import type { InterfaceId } from './interface.ts';
import type { Outbound } from './outbound.ts';
import { DestinationType, PacketContext, PacketType, encodePacket } from './packet.ts';
import type { ReceivedPacket } from './received-packet.ts';
import { SeenHashes } from './seen.ts';
import { Timer } from './timers.ts';

/** How long an answer is waited for. @see RNS/Transport.py PATH_REQUEST_TIMEOUT */
export const PATH_REQUEST_TIMEOUT_MS: number = 15 * 1000;
/** Shortest time between requests that nobody asked for. @see RNS/Transport.py PATH_REQUEST_MI */
export const PATH_REQUEST_INTERVAL_MS: number = 20 * 1000;
/** How long a request is remembered. @see RNS/Transport.py PATH_REQUEST_GATE_TIMEOUT */
export const PATH_REQUEST_GATE_MS: number = 45 * 1000;
/** Tags that are remembered: two generations of 16,000. @see RNS/Transport.py max_pr_tags */
export const PATH_REQUEST_TAGS = 32_000;
/** Requests under way at the same time; the reference sets no limit. */
export const MAX_PATH_REQUESTS = 4096;

/** The PLAIN destination that path requests are sent to. */
export function pathRequestHash(): Uint8Array {
  return destinationHash(undefined, 'rnstransport', 'path', 'request');
}

/** A request under way. */
interface Waiting {
  readonly destinationHash: Uint8Array;
  requestedMs: Millis;
  /** Undefined once it has timed out, while the request is still remembered. */
  timer: Timer | undefined;
}

/** How to ask for a path. */
export interface PathRequestOptions {
  /** Ask only on this interface. */
  readonly interfaceId?: InterfaceId | undefined;
  /** 16 bytes that tell this request from others; drawn when absent. */
  readonly tag?: Uint8Array | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Path requests of one endpoint, both ways. */
export class PathRequests {
  readonly #core: Core;
  readonly #outbound: Outbound;
  readonly #hash: Uint8Array = pathRequestHash();
  readonly #requests: HashMap<Waiting>;
  readonly #tags = new SeenHashes(PATH_REQUEST_TAGS);
  /** Answers for a destination of this endpoint; false when it is not one. */
  readonly #answer: (destination: Uint8Array, tag: Uint8Array, via: InterfaceId) => boolean;

  constructor(
    core: Core,
    outbound: Outbound,
    answer: (destination: Uint8Array, tag: Uint8Array, via: InterfaceId) => boolean
  ) {
    this.#core = core;
    this.#outbound = outbound;
    this.#answer = answer;
    this.#requests = new HashMap(MAX_PATH_REQUESTS, (oldest) => this.#stopWaiting(oldest));
  }

  /** The address to which requests go. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  /** Requests remembered at present. */
  get size(): number {
    return this.#requests.size;
  }

  /** When a path was last asked for. */
  requestedAt(destination: Uint8Array): Millis | undefined {
    return this.#requests.get(destination)?.requestedMs;
  }

  /**
   * Ask for a path; `path-found` or `path-failed` tells the outcome.
   *
   * Data of the packet: `destination 16 ‖ tag 16`.
   * @returns whether any interface took the request
   * @see RNS/Transport.py request_path
   */
  request(destination: Uint8Array, options: PathRequestOptions = {}): boolean {
    this.#wait(destination.slice(), options.timeoutMs ?? PATH_REQUEST_TIMEOUT_MS);
    return this.#send(destination, options);
  }

  /** Ask for a path again because using it failed, but not more often than every 20 seconds. */
  rediscover(destination: Uint8Array): boolean {
    const last = this.requestedAt(destination);
    if (last !== undefined && this.#core.now - last <= PATH_REQUEST_INTERVAL_MS) return false;
    this.#note(destination.slice());
    return this.#send(destination, {});
  }

  #send(destination: Uint8Array, options: PathRequestOptions): boolean {
    const core = this.#core;
    const tag = options.tag ?? truncatedHash(core.random.bytes(TRUNCATED_HASH_BYTES));
    const raw = encodePacket({
      packetType: PacketType.DATA,
      destinationType: DestinationType.PLAIN,
      transported: false,
      contextFlag: false,
      hops: 0,
      transportId: undefined,
      destinationHash: this.#hash,
      context: PacketContext.NONE,
      data: concat(destination, tag),
    });
    const sent = this.#outbound.send(raw, options.interfaceId);
    for (const state of core.interfaces.values()) {
      const chosen = options.interfaceId === undefined || options.interfaceId === state.id;
      if (sent && chosen && state.online && state.sends) state.counters.pathRequestsOut += 1;
    }
    return sent;
  }

  /** A path has become known. */
  resolve(destination: Uint8Array, hops: number): void {
    const waiting = this.#requests.get(destination);
    if (waiting?.timer === undefined) return;
    this.#stopWaiting(waiting);
    this.#core.emit({ kind: 'path-found', destinationHash: waiting.destinationHash, hops });
  }

  /**
   * Take in a request of another node.
   * @see RNS/Transport.py preprocess_inbound, path_request_handler
   */
  receive(packet: ReceivedPacket): void {
    const core = this.#core;
    const { data, interfaceId } = packet;
    const size = TRUNCATED_HASH_BYTES;
    if (data.length <= size) return core.violation('path-request-malformed', interfaceId);
    const destination = data.subarray(0, size);
    // A transport node puts its own identity between address and tag.
    const tag = data.length > 2 * size ? data.subarray(2 * size, 3 * size) : data.subarray(size);
    const unique = sha256(concat(destination, tag));
    if (this.#tags.has(unique)) return core.drop('path-request-duplicate');
    this.#tags.add(unique);
    const state = core.interfaces.get(interfaceId);
    if (state !== undefined) state.counters.pathRequestsIn += 1;
    if (!this.#answer(destination, tag, interfaceId)) core.drop('path-request-unknown');
  }

  /** Forget requests after 45 seconds. */
  cull(): void {
    for (const entry of this.#requests.values()) {
      if (this.#core.now <= entry.requestedMs + PATH_REQUEST_GATE_MS) continue;
      if (entry.timer === undefined) this.#requests.delete(entry.destinationHash);
    }
  }

  #note(destination: Uint8Array): Waiting {
    const { now } = this.#core;
    let entry = this.#requests.get(destination);
    if (entry === undefined) {
      entry = { destinationHash: destination, requestedMs: now, timer: undefined };
      this.#requests.set(destination, entry);
    }
    entry.requestedMs = now;
    this.#core.tidyBy(now + PATH_REQUEST_GATE_MS);
    return entry;
  }

  #wait(destination: Uint8Array, timeoutMs: number): void {
    const core = this.#core;
    const entry = this.#note(destination);
    entry.timer ??= new Timer(() => {
      entry.timer = undefined;
      core.emit({ kind: 'path-failed', destinationHash: entry.destinationHash });
    });
    core.timers.schedule(entry.timer, core.now + timeoutMs);
  }

  #stopWaiting(entry: Waiting): void {
    if (entry.timer !== undefined) this.#core.timers.cancel(entry.timer);
    entry.timer = undefined;
  }
}
