/**
 * What a {@link Peer} is to the outside: roles and states, the effects it asks for, and the questions
 * that it puts to its node.
 * @see overlay/Peer.h (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { StellarMessage } from '../xdr/message.ts';
import type { ErrorCode } from '../xdr/overlay.ts';
import type { SCPQuorumSet } from '../xdr/scp.ts';
import type { NodeAddress } from './address.ts';

/** Who opened the connection. */
export const PeerRole = { REMOTE_CALLED_US: 0, WE_CALLED_REMOTE: 1 } as const;
/** A value of {@link PeerRole}. */
export type PeerRole = (typeof PeerRole)[keyof typeof PeerRole];

/** How far a connection has come; the order matters. */
export const PeerState = {
  CONNECTING: 0,
  CONNECTED: 1,
  GOT_HELLO: 2,
  GOT_AUTH: 3,
  CLOSING: 4,
} as const;
/** A value of {@link PeerState}. */
export type PeerState = (typeof PeerState)[keyof typeof PeerState];

/** Who ended a connection. */
export type DropDirection = 'we-dropped-remote' | 'remote-dropped-us';

/** A message taken from the peer; it holds reading capacity until it is said to be processed. */
export interface Received {
  readonly message: StellarMessage;
  /** The message as XDR: a view of what the connection delivered. */
  readonly bytes: Uint8Array;
  /** BLAKE2b-256 of `bytes`; of SCP_MESSAGE and TRANSACTION only. */
  readonly hash?: Uint8Array | undefined;
}

/** Why a connection ended. */
export interface Drop {
  /** The reference's words for it. */
  readonly reason: string;
  readonly direction: DropDirection;
  /** Of the ERROR_MSG that was sent or received, if there was one. */
  readonly code?: ErrorCode | undefined;
}

/** What a peer asks of whoever runs its connection. */
export type PeerEffect =
  /** Write these frames in order, then call `written` with their count. */
  | { readonly kind: 'write'; readonly frames: readonly Uint8Array[] }
  /** Frames wait: call `flush` when nothing more is about to be sent. Only with `gathers`. */
  | { readonly kind: 'writable' }
  /** Do not read from the connection until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** The handshake is done and the peer was accepted. */
  | { readonly kind: 'authenticated' }
  /** A message for the node, which calls `processed` when it is done with it. */
  | { readonly kind: 'message'; readonly received: Received }
  /** An answer to a ping came in. */
  | { readonly kind: 'pong'; readonly latencyMs: number }
  /** The peer is given up; what is queued may still be written. */
  | { readonly kind: 'dropped'; readonly drop: Drop }
  /** Close the connection now. */
  | { readonly kind: 'close' };

/** What the overlay needs to know of the ledger; the node keeps it up to date. */
export interface LedgerView {
  /** False while the node catches up: transactions, adverts and demands are then dropped unread. */
  readonly isSynced: boolean;
  /** Largest transaction that the network takes, in bytes of its envelope and what a fee bump adds. */
  readonly maxTxSizeBytes: number;
  /** Operations in the largest transaction set; bounds the queues for each peer. */
  readonly maxTxSetOps: number;
  /** SCP messages for older slots are not sent any more, except those of `checkpointSlot`. */
  readonly minSlotToRemember: bigint;
  readonly checkpointSlot: bigint;
  /** First ledger whose SCP messages a new peer is asked for. */
  readonly minLedgerToAsk: number;
  readonly expectedCloseMs: number;
  /** Ledger protocol 20 or later: a missing set is a GENERALIZED_TX_SET. */
  readonly hasGeneralizedTxSets: boolean;
}

/** The part of a peer that its node sees when it is asked about it. */
export interface PeerIdentity {
  readonly role: PeerRole;
  readonly state: PeerState;
  readonly address: NodeAddress;
  /** 32 bytes, once HELLO was accepted. */
  readonly nodeId: Uint8Array | undefined;
  readonly isAuthenticated: boolean;
  /** Tell the peer why and give it up; the effects come with the peer's next call or `takeEffects`. */
  sendErrorAndDrop(code: ErrorCode, reason: string, now: Millis): void;
}

/** The node's answers to its peers; everything here is synchronous and must not call back. */
export interface PeerHost {
  readonly ledger: LedgerView;
  isBanned(nodeId: Uint8Array): boolean;
  /** Whether another connection, pending or not, is to the same node. */
  isConnectedTo(nodeId: Uint8Array, except: PeerIdentity): boolean;
  /** HELLO was in order: the address belongs to a node of our network. */
  identified(peer: PeerIdentity): void;
  /** AUTH was in order, before a place is sought for the peer. */
  handshaken(peer: PeerIdentity): void;
  /** Take the peer into the authenticated ones, or refuse. */
  accept(peer: PeerIdentity, now: Millis): boolean;
  /** At most `max` addresses for PEERS, none of them the peer's own. */
  peersToSend(max: number, peer: PeerIdentity): readonly NodeAddress[];
  /** Addresses that a PEERS message brought, screened. */
  heardOf(addresses: readonly NodeAddress[]): void;
  quorumSet(hash: Uint8Array): SCPQuorumSet | undefined;
  /** TX_SET or GENERALIZED_TX_SET with that hash. */
  txSet(hash: Uint8Array): StellarMessage | undefined;
}
