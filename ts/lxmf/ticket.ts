/**
 * Tickets: a secret that a recipient hands to a sender, which then stands in for proof of work.
 * @module
 * @see LXMF/LXMessage.py get_stamp, validate_stamp; LXMF/LXMRouter.py generate_ticket, lxmf_delivery
 */
import { assertBytes, concat, equalConstantTime } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';
import { MsgpackFloat, mapGet, type MsgpackMap, type MsgpackValue } from '../codec/msgpack.ts';
import { truncatedHash } from '../reticulum/identity.ts';
import { Field, TICKET_EXPIRY_S, TICKET_LENGTH } from './constants.ts';
import type { SignatureState } from './message.ts';

/** A ticket as it travels in `Field.TICKET`. */
export interface Ticket {
  /** Seconds since the Unix epoch. */
  readonly expires: number;
  /** 16 random bytes, secret between the two peers. */
  readonly ticket: Uint8Array;
}

/**
 * The stamp that a ticket gives a message: the first 16 bytes of SHA-256(ticket ‖ messageHash).
 * @see LXMF/LXMessage.py get_stamp
 */
export function ticketStamp(ticket: Uint8Array, messageHash: Uint8Array): Uint8Array {
  assertBytes('ticket', ticket, TICKET_LENGTH);
  assertBytes('messageHash', messageHash, 32);
  return truncatedHash(concat(ticket, messageHash));
}

/** Whether `stamp` was made with `ticket` (of any length, as in the reference), in constant time. */
export function isTicketStamp(
  stamp: Uint8Array,
  ticket: Uint8Array,
  messageHash: Uint8Array
): boolean {
  return equalConstantTime(stamp, truncatedHash(concat(ticket, messageHash)));
}

/** Make a ticket that is valid for 21 days from `nowS`. @see LXMF/LXMRouter.py generate_ticket */
export function issueTicket(nowS: number, random: Random): Ticket {
  return { expires: nowS + TICKET_EXPIRY_S, ticket: random.bytes(TICKET_LENGTH) };
}

/** The value of `Field.TICKET`: `[expires float64, ticket bin 16]`. */
export function ticketField(ticket: Ticket): MsgpackValue {
  assertBytes('ticket', ticket.ticket, TICKET_LENGTH);
  return [new MsgpackFloat(ticket.expires), ticket.ticket];
}

/**
 * The ticket in a message's fields, if it may be kept: the signature is verified, it has not expired,
 * and it has its 16 bytes. Anything else is `undefined`, as the reference drops it in silence.
 * @see LXMF/LXMRouter.py lxmf_delivery
 */
export function acceptTicket(
  fields: MsgpackMap,
  signature: SignatureState,
  nowS: number
): Ticket | undefined {
  const entry = mapGet(fields, Field.TICKET);
  if (signature !== 'verified' || !Array.isArray(entry) || entry.length < 2) return undefined;
  const [expiresValue, ticket] = entry;
  const expires = expiresValue instanceof MsgpackFloat ? expiresValue.value : expiresValue;
  if (typeof expires !== 'number' || !(nowS < expires)) return undefined;
  if (!(ticket instanceof Uint8Array) || ticket.length !== TICKET_LENGTH) return undefined;
  return { expires, ticket };
}
