/**
 * What a node of the overlay can be told, with the reference's values as defaults.
 * @see main/Config.cpp, overlay/Peer.h, overlay/FlowControl.h (stellar-core v27) @module
 */
import { assertInteger } from '../../base/bytes.ts';
import { formatAddress, parseAddress, type NodeAddress } from './address.ts';
import { NetworkPassphrase } from './network.ts';

/** Flood credit in bytes that a peer gets at first, when the configuration leaves it to us. */
export const INITIAL_FLOOD_CAPACITY_BYTES = 300_000;
/** Flood bytes after which a peer gets them back, when the configuration leaves it to us. */
export const INITIAL_SEND_MORE_BATCH_BYTES = 100_000;
/** What a fee bump may add to the largest contract transaction, in bytes. */
export const FLOW_CONTROL_BYTES_EXTRA_BUFFER = 2000;
/** Largest classic transaction in bytes; the least that `maxTxSizeBytes` of a ledger view is. */
export const MAX_CLASSIC_TX_SIZE_BYTES: number = 100 * 1024;
/** Pending inbound connections above the limit that possibly preferred peers may take. */
export const POSSIBLY_PREFERRED_EXTRA = 2;
/** A dropped connection stays open so long, for the reason to reach the peer. */
export const DROP_LINGER_MS = 5000;
/** How often a peer's timeouts are looked at and a ping is sent. */
export const RECURRENT_TIMER_MS = 5000;
/** GET_SCP_STATE requests answered per window and peer. */
export const GET_SCP_STATE_MAX_RATE = 10;
/** Other queries answered per second of the window and peer. */
export const QUERY_RESPONSE_MULTIPLIER = 5;
/** Most addresses that one PEERS message of ours holds. */
export const MAX_PEERS_SENT = 50;

/** Every setting; all are optional where a node is made. */
export interface OverlayConfig {
  readonly networkPassphrase: string;
  /** Ledger protocol that HELLO claims. */
  readonly ledgerVersion: number;
  /** Highest overlay version that we speak, and that HELLO claims. */
  readonly overlayVersion: number;
  /** Lowest overlay version that we accept. */
  readonly overlayMinVersion: number;
  /** Program and version, at most 100 bytes of UTF-8. */
  readonly versionText: string;
  /** TCP port that HELLO claims, whether or not we listen. */
  readonly listeningPort: number;

  /** Authenticated connections that we opened, at most. */
  readonly targetPeerConnections: number;
  /** Authenticated connections that others opened, at most. */
  readonly maxAdditionalPeerConnections: number;
  readonly maxInboundPendingConnections: number;
  readonly maxOutboundPendingConnections: number;
  /** Always accepted, as `ip:port`. */
  readonly preferredPeers: readonly string[];
  /** Public keys (32 bytes) of nodes that are always accepted. */
  readonly preferredPeerKeys: readonly Uint8Array[];
  readonly preferredPeersOnly: boolean;

  /** Silence that ends a connection before authentication. */
  readonly authenticationTimeoutMs: number;
  /** Silence in both directions that ends an authenticated connection. */
  readonly idleTimeoutMs: number;
  /** Age of the last message handed to the connection that ends it. */
  readonly stragglerTimeoutMs: number;
  /** Time without any credit to flood that ends a connection. */
  readonly noCapacityTimeoutMs: number;

  /** Messages of a peer in processing at a time; more than `floodReadingCapacity`. */
  readonly readingCapacity: number;
  /** Flood messages that a peer may send before it gets credit back. */
  readonly floodReadingCapacity: number;
  /** Processed flood messages after which their credit goes back. */
  readonly sendMoreBatch: number;
  /** As `floodReadingCapacity` in bytes; 0 together with `sendMoreBatchBytes` means automatic. */
  readonly floodReadingCapacityBytes: number;
  /** As `sendMoreBatch` in bytes. */
  readonly sendMoreBatchBytes: number;
  /** Bytes of a peer's messages in processing at a time. */
  readonly totalReadingCapacityBytes: number;
  /** Bytes of waiting transactions at which the whole queue is dropped. */
  readonly outboundTxQueueBytes: number;
  /** Messages in one write to the connection. */
  readonly maxBatchWriteCount: number;
  /** Bytes in one write to the connection, the message that exceeds them included. */
  readonly maxBatchWriteBytes: number;
  /** Ledgers that a query window lasts. */
  readonly maxSlotsToRemember: number;

  /** Take private addresses from PEERS; for networks on one desk. */
  readonly allowPrivateAddresses: boolean;
  /** Take 127.0.0.1 from PEERS; for networks on one machine. */
  readonly allowLocalhost: boolean;
}

/** The reference's defaults on the test network. */
export const DEFAULT_CONFIG: OverlayConfig = {
  networkPassphrase: NetworkPassphrase.testnet,
  ledgerVersion: 27,
  overlayVersion: 42,
  overlayMinVersion: 41,
  versionText: 'tesserae',
  listeningPort: 11625,
  targetPeerConnections: 8,
  maxAdditionalPeerConnections: 64,
  maxInboundPendingConnections: 444,
  maxOutboundPendingConnections: 56,
  preferredPeers: [],
  preferredPeerKeys: [],
  preferredPeersOnly: false,
  authenticationTimeoutMs: 2000,
  idleTimeoutMs: 30_000,
  stragglerTimeoutMs: 120_000,
  noCapacityTimeoutMs: 60_000,
  readingCapacity: 201,
  floodReadingCapacity: 200,
  sendMoreBatch: 40,
  floodReadingCapacityBytes: 0,
  sendMoreBatchBytes: 0,
  totalReadingCapacityBytes: 1 << 20,
  outboundTxQueueBytes: 3 << 20,
  maxBatchWriteCount: 1024,
  maxBatchWriteBytes: 1 << 20,
  maxSlotsToRemember: 12,
  allowPrivateAddresses: false,
  allowLocalhost: false,
};

/** The largest range of overlay versions whose messages this package can read. */
export const WIDEST_VERSIONS: Pick<OverlayConfig, 'overlayVersion' | 'overlayMinVersion'> = {
  overlayVersion: 42,
  overlayMinVersion: 35,
};

/**
 * Complete and check settings.
 * @throws RangeError naming the setting that cannot work
 */
export function overlayConfig(settings: Partial<OverlayConfig> = {}): OverlayConfig {
  const config = { ...DEFAULT_CONFIG, ...settings };
  assertInteger('overlayVersion', config.overlayVersion, 0, 0xffffffff);
  assertInteger('overlayMinVersion', config.overlayMinVersion, 0, config.overlayVersion);
  assertInteger('listeningPort', config.listeningPort, 0, 0x7fffffff);
  assertInteger('sendMoreBatch', config.sendMoreBatch, 1, config.floodReadingCapacity);
  assertInteger('floodReadingCapacity', config.floodReadingCapacity, 1, 0xffffffff);
  assertInteger('floodReadingCapacityBytes', config.floodReadingCapacityBytes, 0, 0xffffffff);
  assertInteger('maxBatchWriteCount', config.maxBatchWriteCount, 1, 0xffffffff);
  assertInteger('totalReadingCapacityBytes', config.totalReadingCapacityBytes, 1, 0xffffffff);
  if (config.readingCapacity <= config.floodReadingCapacity) {
    throw new RangeError(
      `"readingCapacity" must be more than "floodReadingCapacity" ` +
        `(${config.floodReadingCapacity}), got ${config.readingCapacity}`
    );
  }
  for (const text of config.preferredPeers) {
    if (parseAddress(text) === undefined) {
      throw new RangeError(`"preferredPeers" must be IPv4 addresses with ports, got "${text}"`);
    }
  }
  return config;
}

/** `preferredPeers` in their one spelling. */
export function preferredAddresses(config: OverlayConfig): ReadonlySet<string> {
  return new Set(
    config.preferredPeers.map((text) => formatAddress(parseAddress(text) as NodeAddress))
  );
}

/** Flood credit in bytes that each new peer gets. */
export function floodCapacityBytes(config: OverlayConfig, maxTxSizeBytes: number): number {
  const { floodReadingCapacityBytes, sendMoreBatchBytes } = config;
  if (floodReadingCapacityBytes !== 0 || sendMoreBatchBytes !== 0) return floodReadingCapacityBytes;
  const least = maxTxSizeBytes + INITIAL_SEND_MORE_BATCH_BYTES;
  return Math.max(INITIAL_FLOOD_CAPACITY_BYTES, least);
}

/** Processed flood bytes after which their credit goes back. */
export function sendMoreBatchBytes(config: OverlayConfig): number {
  const automatic = config.floodReadingCapacityBytes === 0 && config.sendMoreBatchBytes === 0;
  return automatic ? INITIAL_SEND_MORE_BATCH_BYTES : config.sendMoreBatchBytes;
}

/**
 * Assert that a peer that has used up its credit down to one batch can still send any transaction;
 * otherwise two nodes would wait for each other.
 * @throws RangeError naming the settings
 */
export function checkFlowControl(config: OverlayConfig, maxTxSizeBytes: number): void {
  const room = floodCapacityBytes(config, maxTxSizeBytes) - sendMoreBatchBytes(config);
  if (room < maxTxSizeBytes) {
    throw new RangeError(
      '"floodReadingCapacityBytes" must exceed "sendMoreBatchBytes" by the largest transaction ' +
        `(${maxTxSizeBytes} bytes), got ${room}`
    );
  }
}
