/**
 * The tickets that a node has issued and received, with the rules of when to hand one out.
 *
 * Times are seconds since the Unix epoch. The book does no I/O: the owner stores {@link TicketBook.encode}
 * whenever a method says that it changed.
 * @module
 * @see LXMF/LXMRouter.py generate_ticket, remember_ticket, clean_available_tickets (LXMF 1.2.1)
 */
import { ProtocolError, within } from '../base/errors.ts';
import { fromHex, toHex } from '../base/hex.ts';
import type { Random } from '../base/random.ts';
import {
  MsgpackFloat,
  encodeMsgpack,
  mapGet,
  type MsgpackMap,
  type MsgpackValue,
} from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { TICKET_GRACE_S, TICKET_INTERVAL_S, TICKET_LENGTH, TICKET_RENEW_S } from './constants.ts';
import { issueTicket, type Ticket } from './ticket.ts';

/** All tickets of one node, by the other side's 16-byte destination hash. */
export class TicketBook {
  /** Received from peers: what stamps messages to them. */
  readonly #outbound = new Map<string, Ticket>();
  /** Issued to peers, oldest first: what their messages may be stamped with. */
  readonly #inbound = new Map<string, Ticket[]>();
  /** When a message with a ticket last reached a peer. */
  readonly #lastDeliveries = new Map<string, number>();

  /**
   * A ticket to include in a message to a peer: an issued one with more than 14 days left, else a fresh
   * one; nothing within a day of the last delivered one.
   * @param random - supplies 16 bytes when a fresh ticket is made
   * @see LXMF/LXMRouter.py generate_ticket
   */
  offer(peer: Uint8Array, nowS: number, random: Random): Ticket | undefined {
    const key = toHex(peer);
    const last = this.#lastDeliveries.get(key);
    if (last !== undefined && nowS - last < TICKET_INTERVAL_S) return undefined;
    const issued = this.#inbound.get(key) ?? [];
    const good = issued.find(({ expires }) => expires - nowS > TICKET_RENEW_S);
    if (good !== undefined) return good;
    const fresh = issueTicket(nowS, random);
    this.#inbound.set(key, [...issued, fresh]);
    return fresh;
  }

  /** Note that a message with a ticket was delivered. @see LXMF/LXMRouter.py process_outbound */
  delivered(peer: Uint8Array, nowS: number): void {
    this.#lastDeliveries.set(toHex(peer), nowS);
  }

  /** Keep a ticket that came from a peer; see `acceptTicket` for which may be kept. */
  remember(peer: Uint8Array, ticket: Ticket): void {
    this.#outbound.set(toHex(peer), ticket);
  }

  /** The ticket that stamps messages to a peer now, if there is a valid one. */
  outbound(peer: Uint8Array, nowS: number): Ticket | undefined {
    const entry = this.#outbound.get(toHex(peer));
    return entry !== undefined && entry.expires > nowS ? entry : undefined;
  }

  /** The tickets that a peer's messages may be stamped with now. */
  inbound(peer: Uint8Array, nowS: number): Uint8Array[] {
    const issued = this.#inbound.get(toHex(peer)) ?? [];
    return issued.filter(({ expires }) => nowS < expires).map(({ ticket }) => ticket);
  }

  /**
   * Forget received tickets that have expired, and issued ones five days later.
   * @see LXMF/LXMRouter.py clean_available_tickets
   */
  clean(nowS: number): void {
    for (const [key, { expires }] of this.#outbound) {
      if (nowS > expires) this.#outbound.delete(key);
    }
    for (const [key, issued] of this.#inbound) {
      const kept = issued.filter(({ expires }) => nowS <= expires + TICKET_GRACE_S);
      this.#inbound.set(key, kept);
    }
  }

  /**
   * The file `available_tickets`: a map of `outbound`, `inbound` and `last_deliveries`.
   * @see LXMF/LXMRouter.py save_available_tickets
   */
  encode(): Uint8Array {
    const outbound = mapped(this.#outbound, ({ expires, ticket }) => [
      new MsgpackFloat(expires),
      ticket,
    ]);
    const inbound = mapped(this.#inbound, (issued) => {
      const byTicket: MsgpackMap = new Map();
      for (const { expires, ticket } of issued) byTicket.set(ticket, [new MsgpackFloat(expires)]);
      return byTicket;
    });
    const deliveries = mapped(this.#lastDeliveries, (seconds) => new MsgpackFloat(seconds));
    return encodeMsgpack(
      new Map([
        ['outbound', outbound],
        ['inbound', inbound],
        ['last_deliveries', deliveries],
      ])
    );
  }

  /**
   * Read the file; a part that is missing is empty, as in the reference.
   * @throws ProtocolError `LXMF_CONTAINER` on another shape, `MSGPACK_*` on damaged bytes
   * @see LXMF/LXMRouter.py reload_available_tickets
   */
  static decode(file: Uint8Array): TicketBook {
    const map = within('available_tickets', 0, () => decodeMsgpack(file));
    if (!(map instanceof Map)) throw shape('available_tickets', 'needs a map');
    const book = new TicketBook();
    each(map, 'outbound', (peer, value, at) => {
      if (!Array.isArray(value)) throw shape(at, 'needs [expires, ticket]');
      book.#outbound.set(peer, readTicket(at, value[0], value[1]));
    });
    each(map, 'inbound', (peer, value, at) => {
      if (!(value instanceof Map)) throw shape(at, 'needs a map');
      const issued = [...value].map(([ticket, entry]) =>
        readTicket(at, Array.isArray(entry) ? entry[0] : undefined, ticket)
      );
      book.#inbound.set(peer, issued);
    });
    each(map, 'last_deliveries', (peer, value, at) => {
      book.#lastDeliveries.set(peer, readSeconds(at, value));
    });
    return book;
  }
}

function mapped<T>(entries: Map<string, T>, value: (item: T) => MsgpackValue): MsgpackMap {
  const out: MsgpackMap = new Map();
  for (const [key, item] of entries) out.set(fromHex(key), value(item));
  return out;
}

function each(
  map: MsgpackMap,
  name: string,
  run: (peer: string, value: MsgpackValue, at: string) => void
): void {
  const part = mapGet(map, name);
  if (part === undefined) return;
  const at = `available_tickets.${name}`;
  if (!(part instanceof Map)) throw shape(at, 'needs a map');
  for (const [peer, value] of part) {
    if (!(peer instanceof Uint8Array)) throw shape(at, 'needs bin keys');
    run(toHex(peer), value, at);
  }
}

function readTicket(
  at: string,
  expires: MsgpackValue | undefined,
  ticket: MsgpackValue | undefined
): Ticket {
  if (!(ticket instanceof Uint8Array) || ticket.length !== TICKET_LENGTH) {
    throw shape(at, `needs a ticket of ${TICKET_LENGTH} bytes`);
  }
  return { expires: readSeconds(at, expires), ticket };
}

function readSeconds(at: string, value: MsgpackValue | undefined): number {
  const seconds = value instanceof MsgpackFloat ? value.value : value;
  if (typeof seconds !== 'number') throw shape(at, 'needs a time in seconds');
  return seconds;
}

function shape(at: string, text: string): ProtocolError {
  return new ProtocolError('LXMF_CONTAINER', text, { at });
}
