/**
 * The connections of a node by direction, pending and authenticated, and who gets a place.
 * @see overlay/OverlayManagerImpl.cpp `PeersList`, `haveSpaceForConnection` (stellar-core v27)
 * @module
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import { toHex } from '../../base/hex.ts';
import { ErrorCode } from '../xdr/overlay.ts';
import { formatAddress, sameAddress, type NodeAddress } from './address.ts';
import { POSSIBLY_PREFERRED_EXTRA, preferredAddresses, type OverlayConfig } from './config.ts';
import type { OverlayMetrics } from './metrics.ts';
import { PeerRole, type PeerIdentity } from './peer-contract.ts';

interface Direction<P> {
  readonly name: 'inbound' | 'outbound';
  /** Name of the meter of connections for which there was no place. */
  readonly refused: 'reject' | 'cancel';
  readonly maxAuthenticated: number;
  pending: P[];
  /** By public key in hexadecimal. */
  readonly authenticated: Map<string, P>;
}

/** All connections of a node. */
export class Connections<P extends PeerIdentity> {
  readonly #config: OverlayConfig;
  readonly #metrics: OverlayMetrics;
  readonly #preferred: ReadonlySet<string>;
  readonly #inbound: Direction<P>;
  readonly #outbound: Direction<P>;
  #isShuttingDown = false;
  #liveInbound = 0;

  constructor(config: OverlayConfig, metrics: OverlayMetrics) {
    this.#config = config;
    this.#metrics = metrics;
    this.#preferred = preferredAddresses(config);
    this.#inbound = {
      name: 'inbound',
      refused: 'reject',
      maxAuthenticated: config.maxAdditionalPeerConnections,
      pending: [],
      authenticated: new Map(),
    };
    this.#outbound = {
      name: 'outbound',
      refused: 'cancel',
      maxAuthenticated: config.targetPeerConnections,
      pending: [],
      authenticated: new Map(),
    };
  }

  /** Connections that others opened and that are not authenticated. */
  get inboundPending(): readonly P[] {
    return this.#inbound.pending;
  }

  /** Connections that we opened and that are not authenticated. */
  get outboundPending(): readonly P[] {
    return this.#outbound.pending;
  }

  /** Authenticated connections that others opened. */
  get inboundAuthenticated(): readonly P[] {
    return [...this.#inbound.authenticated.values()];
  }

  /** Authenticated connections that we opened. */
  get outboundAuthenticated(): readonly P[] {
    return [...this.#outbound.authenticated.values()];
  }

  /** All that are not authenticated: ours first. */
  get pending(): readonly P[] {
    return [...this.#outbound.pending, ...this.#inbound.pending];
  }

  /** All that are authenticated, ours first; a node only once. */
  get authenticated(): readonly P[] {
    return [...new Map([...this.#inbound.authenticated, ...this.#outbound.authenticated]).values()];
  }

  /** Inbound connections that still take up a socket, ended ones included. */
  get liveInbound(): number {
    return this.#liveInbound;
  }

  /** An inbound connection was opened or, with -1, its socket is gone. */
  countLiveInbound(change: 1 | -1): void {
    this.#liveInbound += change;
  }

  /** Whether an inbound connection from there may wait for authentication. */
  hasSpaceFor(ip: string): boolean {
    const unauthenticated = this.#liveInbound - this.#inbound.authenticated.size;
    const count = Math.max(this.#inbound.pending.length, unauthenticated);
    const most = this.#config.maxInboundPendingConnections;
    if (count < most) return true;
    return count < most + POSSIBLY_PREFERRED_EXTRA && this.isPossiblyPreferred(ip);
  }

  /** Whether one more outbound connection may wait for authentication; ask before opening one. */
  get hasOutboundSpace(): boolean {
    const { maxOutboundPendingConnections } = this.#config;
    return !this.#isShuttingDown && this.#outbound.pending.length < maxOutboundPendingConnections;
  }

  /** Whether a preferred peer has that IP. */
  isPossiblyPreferred(ip: string): boolean {
    for (const address of this.#preferred) if (address.startsWith(`${ip}:`)) return true;
    return false;
  }

  /** Preferred by address, or by key once authenticated. */
  isPreferred(peer: P): boolean {
    if (this.#preferred.has(formatAddress(peer.address))) return true;
    const { nodeId } = peer;
    if (!peer.isAuthenticated || nodeId === undefined) return false;
    return this.#config.preferredPeerKeys.some((key) => equalBytes(key, nodeId));
  }

  /** Take a new connection in as pending; the reason when there is no place for it. */
  add(peer: P): string | undefined {
    const direction = this.#of(peer);
    this.#mark(direction, 'attempt');
    const fits =
      direction === this.#inbound ? this.hasSpaceFor(peer.address.ip) : this.hasOutboundSpace;
    if (this.#isShuttingDown || !fits) {
      this.#mark(direction, direction.refused);
      return direction === this.#inbound
        ? 'all pending inbound connections are taken'
        : 'all outbound connections taken';
    }
    this.#mark(direction, 'establish');
    direction.pending.push(peer);
    this.#count();
    return undefined;
  }

  /** Count an inbound connection that ended before there was a peer for it. */
  refuseUnseen(): void {
    this.#mark(this.#inbound, 'attempt');
    this.#mark(this.#inbound, 'reject');
  }

  /**
   * Give a peer that has shown who it is its place among the authenticated ones. A preferred peer may
   * take the place of one that is not.
   */
  accept(peer: P, now: Millis): boolean {
    const direction = this.#of(peer);
    const isFull = direction.authenticated.size >= direction.maxAuthenticated;
    if (this.isPreferred(peer)) {
      if (!isFull) return this.#move(direction, peer);
      for (const victim of direction.authenticated.values()) {
        if (this.isPreferred(victim)) continue;
        victim.sendErrorAndDrop(ErrorCode.ERR_LOAD, 'preferred peer selected instead', now);
        return this.#move(direction, peer);
      }
    }
    return !this.#config.preferredPeersOnly && !isFull && this.#move(direction, peer);
  }

  /** A connection ended. */
  remove(peer: P): void {
    const direction = this.#of(peer);
    const before = direction.pending.length;
    direction.pending = direction.pending.filter((other) => other !== peer);
    let found = direction.pending.length < before;
    const key = peer.nodeId === undefined ? undefined : toHex(peer.nodeId);
    if (!found && key !== undefined && direction.authenticated.get(key) === peer) {
      direction.authenticated.delete(key);
      found = true;
    }
    if (!found) return;
    this.#mark(direction, 'drop');
    this.#count();
  }

  /** Whether another connection, pending or not, is to that node. */
  isConnectedTo(nodeId: Uint8Array, except: PeerIdentity): boolean {
    return [...this.authenticated, ...this.pending].some(
      (peer) => peer !== except && peer.nodeId !== undefined && equalBytes(peer.nodeId, nodeId)
    );
  }

  /** The connection to an address, ours before others'. */
  byAddress(address: NodeAddress): P | undefined {
    for (const { pending, authenticated } of [this.#outbound, this.#inbound]) {
      const found = [...pending, ...authenticated.values()].find((peer) =>
        sameAddress(peer.address, address)
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Authenticated connections that we opened to nodes that are not preferred. */
  get nonPreferredAuthenticatedCount(): number {
    return this.outboundAuthenticated.filter((peer) => !this.isPreferred(peer)).length;
  }

  /** Whether new connections are refused altogether. */
  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** Refuse new connections, and tell those there are. */
  shutdown(now: Millis): void {
    if (this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    for (const peer of [...this.pending, ...this.authenticated]) {
      peer.sendErrorAndDrop(ErrorCode.ERR_MISC, 'shutdown', now);
    }
  }

  #of(peer: P): Direction<P> {
    return peer.role === PeerRole.WE_CALLED_REMOTE ? this.#outbound : this.#inbound;
  }

  #move(direction: Direction<P>, peer: P): boolean {
    const key = peer.nodeId === undefined ? undefined : toHex(peer.nodeId);
    const isPending = direction.pending.includes(peer);
    if (key === undefined || !isPending || direction.authenticated.has(key)) {
      this.#mark(direction, direction.refused);
      return false;
    }
    direction.pending = direction.pending.filter((other) => other !== peer);
    direction.authenticated.set(key, peer);
    this.#count();
    return true;
  }

  #mark(direction: Direction<P>, what: string): void {
    this.#metrics.meter(`${direction.name}.${what}`).mark();
  }

  #count(): void {
    this.#metrics.setCounter('connection.pending', this.pending.length);
    this.#metrics.setCounter('connection.authenticated', this.authenticated.length);
  }
}
