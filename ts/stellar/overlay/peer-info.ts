/**
 * A peer as the reference's HTTP interface (`peers`) shows it: its names, seconds and milliseconds.
 * @see overlay/Peer.cpp `getJsonInfo` (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { FlowControlInfo } from './flow-control.ts';
import type { Peer } from './peer.ts';

/** What is known of a connection; the optional part is left out of the compact form. */
export interface PeerInfo {
  readonly address: string;
  /** Seconds since the connection began. */
  readonly elapsed: number;
  /** Milliseconds of the last round trip; a day before the first. */
  readonly latency: number;
  readonly ver: string;
  readonly olver: number;
  readonly flow_control: FlowControlInfo;
  readonly pull_mode?: { readonly pull_latency: number; readonly demand_timeouts: number };
  readonly message_read?: number;
  readonly message_write?: number;
  readonly byte_read?: number;
  readonly byte_write?: number;
  readonly async_read?: number;
  readonly async_write?: number;
  readonly message_drop?: number;
  readonly message_delay_in_write_queue_p75?: number;
  readonly message_delay_in_async_write_p75?: number;
  readonly unique_flood_message_recv?: number;
  readonly duplicate_flood_message_recv?: number;
  readonly unique_fetch_message_recv?: number;
  readonly duplicate_fetch_message_recv?: number;
}

/** Describe a connection. */
export function peerInfo(peer: Peer, compact: boolean, now: Millis): PeerInfo {
  const { metrics } = peer;
  const head: PeerInfo = {
    address: peer.toString(),
    elapsed: Math.floor(peer.lifeTimeMs(now) / 1000),
    latency: peer.ping.latencyMs,
    ver: peer.remoteVersion,
    olver: peer.remoteOverlayVersion,
    flow_control: peer.flow.jsonInfo(compact, now),
  };
  if (compact) return head;
  return {
    ...head,
    pull_mode: {
      pull_latency: metrics.pullLatency.p75(now),
      demand_timeouts: metrics.demandTimeouts,
    },
    message_read: metrics.messageRead,
    message_write: metrics.messageWrite,
    byte_read: metrics.byteRead,
    byte_write: metrics.byteWrite,
    async_read: metrics.asyncRead,
    async_write: metrics.asyncWrite,
    message_drop: metrics.messageDrop,
    message_delay_in_write_queue_p75: metrics.writeQueueDelay.p75(now),
    message_delay_in_async_write_p75: metrics.asyncWriteDelay.p75(now),
    unique_flood_message_recv: metrics.uniqueFloodMessages,
    duplicate_flood_message_recv: metrics.duplicateFloodMessages,
    unique_fetch_message_recv: metrics.uniqueFetchMessages,
    duplicate_fetch_message_recv: metrics.duplicateFetchMessages,
  };
}
