/**
 * A node of the overlay as its connections see it: settings, keys, places, counters, and the services
 * that a fuller node plugs in. Makes the peers.
 * @see overlay/OverlayManagerImpl.cpp, overlay/PeerDoor.cpp (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { HmacKey } from '../../kernel/hmac.ts';
import type { StellarMessage } from '../xdr/message.ts';
import type { SCPQuorumSet } from '../xdr/scp.ts';
import type { NodeAddress } from './address.ts';
import { PeerAuth } from './auth.ts';
import {
  FLOW_CONTROL_BYTES_EXTRA_BUFFER,
  MAX_CLASSIC_TX_SIZE_BYTES,
  checkFlowControl,
  overlayConfig,
  type OverlayConfig,
} from './config.ts';
import { Connections } from './connections.ts';
import { OverlayMetrics } from './metrics.ts';
import { Peer } from './peer.ts';
import type { PeerOptions } from './peer-link.ts';
import {
  PeerRole,
  type Drop,
  type LedgerView,
  type PeerHost,
  type PeerIdentity,
} from './peer-contract.ts';
import { ScheduledMessages } from './scheduled.ts';

/** What a peer needs of its node. */
export interface PeerNode {
  readonly config: OverlayConfig;
  readonly auth: PeerAuth;
  readonly host: PeerHost;
  readonly metrics: OverlayMetrics;
  readonly scheduled: ScheduledMessages;
  readonly random: Random;
  /** A key that fits nothing. */
  randomKey(): HmacKey;
  removed(peer: PeerIdentity, drop: Drop): void;
}

/** What a fuller node knows; each may be left out. */
export interface NodeServices {
  isBanned(nodeId: Uint8Array): boolean;
  identified(peer: PeerIdentity): void;
  handshaken(peer: PeerIdentity): void;
  removed(peer: PeerIdentity, drop: Drop): void;
  peersToSend(max: number, peer: PeerIdentity): readonly NodeAddress[];
  heardOf(addresses: readonly NodeAddress[]): void;
  quorumSet(hash: Uint8Array): SCPQuorumSet | undefined;
  txSet(hash: Uint8Array): StellarMessage | undefined;
}

/** A ledger view that may change while peers look at it. */
export type MutableLedgerView = { -readonly [K in keyof LedgerView]: LedgerView[K] };

/** What makes a node. */
export interface NodeOptions {
  /** The node's Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array;
  readonly random: Random;
  readonly config?: Partial<OverlayConfig>;
  readonly ledger?: Partial<LedgerView>;
  readonly services?: Partial<NodeServices>;
}

/** The view of a node that follows the ledger but keeps none of it. */
export const DEFAULT_LEDGER: LedgerView = {
  isSynced: true,
  maxTxSizeBytes: MAX_CLASSIC_TX_SIZE_BYTES + FLOW_CONTROL_BYTES_EXTRA_BUFFER,
  maxTxSetOps: 5000,
  minSlotToRemember: 0n,
  checkpointSlot: 0n,
  minLedgerToAsk: 0,
  expectedCloseMs: 5000,
  hasGeneralizedTxSets: true,
};

/** Our own node. */
export class LocalNode implements PeerNode {
  readonly config: OverlayConfig;
  readonly auth: PeerAuth;
  readonly metrics: OverlayMetrics = new OverlayMetrics();
  readonly scheduled: ScheduledMessages;
  readonly random: Random;
  /** Kept up to date by whoever follows the ledger. */
  readonly ledger: MutableLedgerView;
  readonly connections: Connections<Peer>;
  readonly host: PeerHost;
  readonly #services: Partial<NodeServices>;

  /** @throws RangeError naming the setting that cannot work */
  constructor(options: NodeOptions) {
    const { seed, random, services = {} } = options;
    this.config = overlayConfig(options.config);
    this.ledger = { ...DEFAULT_LEDGER, ...options.ledger };
    checkFlowControl(this.config, this.ledger.maxTxSizeBytes);
    this.random = random;
    this.auth = new PeerAuth(this.config.networkPassphrase, seed, random);
    this.scheduled = new ScheduledMessages(random, this.metrics);
    this.connections = new Connections(this.config, this.metrics);
    this.#services = services;
    this.host = hostOf(this, services);
  }

  /**
   * A peer for a connection that we are opening; call `connected` when it is there. When there is no
   * place for it, it comes back dropped.
   */
  initiate(address: NodeAddress, now: Millis, options?: PeerOptions): Peer {
    return this.add(new Peer(this, PeerRole.WE_CALLED_REMOTE, address, now, options), now);
  }

  /** A peer for a connection that came in from an IP; dropped when there is no place for it. */
  accept(ip: string, now: Millis, options?: PeerOptions): Peer {
    const address = { ip, port: 0 };
    return this.add(new Peer(this, PeerRole.REMOTE_CALLED_US, address, now, options), now);
  }

  /** Give a new peer a place among the pending ones, or drop it. */
  add(peer: Peer, now: Millis): Peer {
    const refusal = this.connections.add(peer);
    if (refusal !== undefined) peer.abandon(refusal, now);
    return peer;
  }

  /** The network takes transactions of that size: a larger one raises what every peer may send. */
  setMaxTxSize(maxTxSizeBytes: number, now: Millis): void {
    const increase = maxTxSizeBytes - this.ledger.maxTxSizeBytes;
    this.ledger.maxTxSizeBytes = maxTxSizeBytes;
    if (increase <= 0) return;
    for (const peer of this.connections.authenticated) peer.handleMaxTxSizeIncrease(increase, now);
  }

  randomKey(): HmacKey {
    return new HmacKey(this.random.bytes(32));
  }

  removed(peer: PeerIdentity, drop: Drop): void {
    if (peer instanceof Peer) this.connections.remove(peer);
    this.#services.removed?.(peer, drop);
  }
}

/** The node's answers to its peers, from its connections and what was plugged in. */
function hostOf(node: LocalNode, services: Partial<NodeServices>): PeerHost {
  const { connections, ledger } = node;
  return {
    ledger,
    isBanned: (nodeId) => services.isBanned?.(nodeId) ?? false,
    isConnectedTo: (nodeId, except) => connections.isConnectedTo(nodeId, except),
    identified: (peer) => services.identified?.(peer),
    handshaken: (peer) => services.handshaken?.(peer),
    accept: (peer, now) => peer instanceof Peer && connections.accept(peer, now),
    peersToSend: (max, peer) => services.peersToSend?.(max, peer) ?? [],
    heardOf: (addresses) => services.heardOf?.(addresses),
    quorumSet: (hash) => services.quorumSet?.(hash),
    txSet: (hash) => services.txSet?.(hash),
  };
}
