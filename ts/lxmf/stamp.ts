/**
 * Stamps: proof of work over a workblock that is derived from what is being sent.
 *
 * A stamp is valid when SHA-256(workblock ‖ stamp) is at most 2^(256 - cost); its value is the number of
 * leading zero bits. Three materials are in use: the message hash (3000 rounds), the transient id for a
 * propagation node (1000), and the two identity hashes of peering nodes (25).
 * @module
 * @see LXMF/LXStamper.py (LXMF 1.2.1)
 */
import { assertBytes, assertInteger, concat } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';
import { sha256 } from '../crypto/provider.ts';
import { StampSearch, prepareWorkblock, stampDigest, type Workblock } from '../kernel/stamp.ts';
import {
  COST_TICKET,
  LXMF_OVERHEAD,
  STAMP_SIZE,
  WORKBLOCK_EXPAND_ROUNDS,
  WORKBLOCK_EXPAND_ROUNDS_PEERING,
  WORKBLOCK_EXPAND_ROUNDS_PN,
} from './constants.ts';
import type { Message } from './message.ts';
import { isTicketStamp } from './ticket.ts';

/** The workblock for the stamp of a message. @param messageHash - 32 bytes */
export function messageWorkblock(messageHash: Uint8Array): Workblock {
  return prepareWorkblock(messageHash, WORKBLOCK_EXPAND_ROUNDS);
}

/** The workblock for the stamp that a propagation node asks for. @param transientId - 32 bytes */
export function propagationWorkblock(transientId: Uint8Array): Workblock {
  return prepareWorkblock(transientId, WORKBLOCK_EXPAND_ROUNDS_PN);
}

/**
 * The workblock for the key with which a node may sync to another.
 * @param receiverHash - 16-byte identity hash of the node that will receive
 * @param offererHash - 16-byte identity hash of the node that offers
 * @see LXMF/LXMPeer.py generate_peering_key
 */
export function peeringWorkblock(receiverHash: Uint8Array, offererHash: Uint8Array): Workblock {
  assertBytes('receiverHash', receiverHash, 16);
  assertBytes('offererHash', offererHash, 16);
  return prepareWorkblock(concat(receiverHash, offererHash), WORKBLOCK_EXPAND_ROUNDS_PEERING);
}

/** Leading zero bits of a digest, 256 for an all-zero one. */
export function leadingZeroBits(digest: Uint8Array): number {
  let bits = 0;
  for (const byte of digest) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** The value of a stamp: leading zero bits of its digest. @see LXMF/LXStamper.py stamp_value */
export function stampValue(workblock: Workblock, stamp: Uint8Array): number {
  return leadingZeroBits(stampDigest(workblock, stamp));
}

/**
 * Whether a digest meets a cost: at most 2^(256 - cost), where the bound itself still counts.
 * @param costBits - 0..256
 * @see LXMF/LXStamper.py stamp_valid
 */
export function digestMeetsCost(digest: Uint8Array, costBits: number): boolean {
  assertInteger('costBits', costBits, 0, 256);
  const zeros = leadingZeroBits(digest);
  if (zeros >= costBits) return true;
  // One bit short: valid only as the bound itself, a single one bit followed by zeros.
  return zeros === costBits - 1 && isPowerOfTwo(digest, zeros);
}

function isPowerOfTwo(digest: Uint8Array, zeros: number): boolean {
  return digest.every((byte, i) => byte === (i === zeros >> 3 ? 0x80 >> (zeros & 7) : 0));
}

/** Whether a stamp of any length meets a cost over a workblock. */
export function stampValid(workblock: Workblock, stamp: Uint8Array, costBits: number): boolean {
  return digestMeetsCost(stampDigest(workblock, stamp), costBits);
}

/**
 * Search for a stamp to the end, in this thread. For progress, cancel and several cores use a pool.
 * @param random - supplies 28 bytes, the fixed part of every stamp tried
 * @returns the 32-byte stamp
 */
export function mineStamp(workblock: Workblock, costBits: number, random: Random): Uint8Array {
  const search = new StampSearch(workblock, costBits, random.bytes(28));
  for (;;) {
    const stamp = search.run(1_000_000);
    if (stamp !== undefined) return stamp;
  }
}

/** What {@link checkStamp} found. */
export type StampCheck =
  | { readonly state: 'absent' }
  | { readonly state: 'ticket'; readonly value: typeof COST_TICKET }
  | { readonly state: 'valid'; readonly value: number }
  | { readonly state: 'invalid'; readonly value: number };

/**
 * Judge the stamp of a message: tickets first, then proof of work.
 * @param costBits - what the recipient asks for, 0..256
 * @param tickets - tickets that the recipient issued to this sender and that have not expired
 * @see LXMF/LXMessage.py validate_stamp
 */
export function checkStamp(
  message: Message,
  costBits: number,
  tickets: readonly Uint8Array[] = []
): StampCheck {
  const { stamp, messageHash } = message;
  if (stamp === undefined) return { state: 'absent' };
  if (tickets.some((ticket) => isTicketStamp(stamp, ticket, messageHash))) {
    return { state: 'ticket', value: COST_TICKET };
  }
  const digest = stampDigest(messageWorkblock(messageHash), stamp);
  const state = digestMeetsCost(digest, costBits) ? 'valid' : 'invalid';
  return { state, value: leadingZeroBits(digest) };
}

/** A message that reached a propagation node with a stamp good enough. */
export interface StampedTransient {
  /** 32 bytes. */
  readonly transientId: Uint8Array;
  /** The propagated message without its stamp. */
  readonly lxmfData: Uint8Array;
  /** 32 bytes. */
  readonly stamp: Uint8Array;
  readonly value: number;
}

/**
 * Split `lxmfData ‖ stamp(32)` and judge the stamp; `undefined` when it is too short or not good enough.
 * @see LXMF/LXStamper.py validate_pn_stamp
 */
export function checkPropagationStamp(
  transientData: Uint8Array,
  costBits: number
): StampedTransient | undefined {
  if (transientData.length <= LXMF_OVERHEAD + STAMP_SIZE) return undefined;
  const lxmfData = transientData.slice(0, transientData.length - STAMP_SIZE);
  const stamp = transientData.slice(transientData.length - STAMP_SIZE);
  const transientId = sha256(lxmfData);
  const digest = stampDigest(propagationWorkblock(transientId), stamp);
  if (!digestMeetsCost(digest, costBits)) return undefined;
  return { transientId, lxmfData, stamp, value: leadingZeroBits(digest) };
}

/** Whether a peering key meets a cost. @see LXMF/LXStamper.py validate_peering_key */
export function checkPeeringKey(
  receiverHash: Uint8Array,
  offererHash: Uint8Array,
  peeringKey: Uint8Array,
  costBits: number
): boolean {
  return stampValid(peeringWorkblock(receiverHash, offererHash), peeringKey, costBits);
}
