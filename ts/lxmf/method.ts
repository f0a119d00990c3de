/**
 * Which way a packed message goes, and in what form.
 * @module
 * @see LXMF/LXMessage.py pack (LXMF 1.2.1)
 */
import { ProtocolError } from '../base/errors.ts';
import {
  ENCRYPTED_PACKET_MAX_CONTENT,
  HEADER_LENGTH,
  LINK_PACKET_MAX_CONTENT,
  PAYLOAD_OVERHEAD,
  PLAIN_PACKET_MAX_CONTENT,
} from './constants.ts';
import type { Message } from './message.ts';

/** The four ways to deliver a message. */
export type Method = 'opportunistic' | 'direct' | 'propagated' | 'paper';

/** One packet, a resource over a link, or a paper. */
export type Representation = 'packet' | 'resource' | 'paper';

/** What the sender will do. */
export interface DeliveryPlan {
  readonly method: Method;
  readonly representation: Representation;
}

/** Bytes of the payload beyond the sixteen that the reference counts as structure. */
export function contentSize(message: Message): number {
  return message.packed.length - HEADER_LENGTH - PAYLOAD_OVERHEAD;
}

/**
 * Choose method and representation for a message that goes over a link or in one packet.
 *
 * An opportunistic message that does not fit one encrypted packet falls back to `direct`.
 * @param destinationType - PLAIN destinations have their own limit and no fallback
 * @throws ProtocolError `LXMF_TOO_LARGE` for an opportunistic message to a PLAIN destination
 */
export function planDelivery(
  message: Message,
  desired: 'opportunistic' | 'direct' = 'direct',
  destinationType: 'single' | 'plain' = 'single'
): DeliveryPlan {
  const size = contentSize(message);
  if (desired === 'opportunistic') {
    const plain = destinationType === 'plain';
    const limit = plain ? PLAIN_PACKET_MAX_CONTENT : ENCRYPTED_PACKET_MAX_CONTENT;
    if (size <= limit) return { method: 'opportunistic', representation: 'packet' };
    if (plain) {
      throw new ProtocolError('LXMF_TOO_LARGE', `content of ${size} bytes, at most ${limit} fit`);
    }
  }
  const representation = size <= LINK_PACKET_MAX_CONTENT ? 'packet' : 'resource';
  return { method: 'direct', representation };
}

/**
 * The representation of an upload to a propagation node, by its whole size.
 *
 * The reference compares the envelope with the limit for direct content, and so does this.
 */
export function planUpload(upload: Uint8Array): DeliveryPlan {
  const representation = upload.length <= LINK_PACKET_MAX_CONTENT ? 'packet' : 'resource';
  return { method: 'propagated', representation };
}
