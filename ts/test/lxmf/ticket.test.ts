import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf, numberOf } from '../support/lxmf.ts';
import { fromNotation, toNotation } from '../support/notation.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { ScriptedRandom } from '../../base/random.ts';
import { encodeMsgpack, mapGet, type MsgpackMap } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { Identity } from '../../reticulum/identity.ts';
import { unpackMessage, verifyMessage, type Message } from '../../lxmf/message.ts';
import { checkStamp } from '../../lxmf/stamp.ts';
import { TicketBook } from '../../lxmf/ticket-book.ts';
import { acceptTicket, ticketStamp, type Ticket } from '../../lxmf/ticket.ts';

const t = suite('lxmf/ticket', import.meta.url);
const golden = loadGolden('lxmf', 'ticket');
const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;
const tickets = (notation: unknown): Uint8Array =>
  encodeMsgpack(fromNotation((notation as { t?: unknown }).t === undefined ? null : notation));

t('[lxmf/tickets-stamp-derivation] the stamp that a ticket gives', () => {
  eachCase(
    golden,
    (item) =>
      sameBytes(
        ticketStamp(hexOf(item, 'ticket'), hexOf(item, 'messageHash')),
        item.out?.['stamp'] as string
      ),
    op('derive')
  );
});

t('[lxmf/lxmessage-validate-stamp] tickets are tried before work', () => {
  eachCase(
    golden,
    (item) => {
      const stamp = item.in['stamp'];
      const message = {
        messageHash: hexOf(item, 'messageHash'),
        stamp: typeof stamp === 'string' ? fromHex(stamp) : undefined,
      } as Message;
      const list = (item.in['tickets'] as string[] | null) ?? [];
      const check = checkStamp(message, item.in['cost'] as number, list.map(fromHex));
      const good = check.state === 'ticket' || check.state === 'valid';
      assert.is(good, item.out?.['valid']);
      if (good) assert.is((check as { value: number }).value, item.out?.['value']);
    },
    op('validate')
  );
});

t('[lxmf/lxmrouter-ticket-field] which tickets of a message are kept', () => {
  eachCase(
    golden,
    (item) => {
      const message = unpackMessage(hexOf(item, 'bytes'));
      const known = item.in['known'] as { destinationHash: string; public: string }[];
      const entry = known.find((one) => one.destinationHash === toHex(message.sourceHash));
      const source =
        entry === undefined ? undefined : Identity.fromPublicKey(fromHex(entry.public));
      const accepted = acceptTicket(
        message.fields,
        verifyMessage(message, source),
        numberOf(item.in['now'])
      );
      const outbound = fromNotation(item.out?.['outbound']) as MsgpackMap;
      const kept = mapGet(outbound, message.sourceHash);
      if (kept === undefined) assert.is(accepted, undefined);
      else sameBytes(accepted?.ticket, (kept as [unknown, Uint8Array])[1]);
    },
    // An expiry that cannot be compared loses the whole message in the reference; here only the ticket.
    op('receive')
  );
});

t('[lxmf/lxmrouter-generate-ticket] a ticket is reused while it has fourteen days left', () => {
  eachCase(
    golden,
    (item) => {
      const book = new TicketBook();
      replay(item, book);
      sameBytes(book.encode(), tickets(item.out?.['tickets']));
      const later = golden.cases.find(op('issue-after-delivery')) as GoldenCase;
      book.delivered(hexOf(later, 'peer'), numberOf(later.in['lastDelivery']));
      replay(later, book);
    },
    op('issue')
  );
});

function replay(item: GoldenCase, book: TicketBook): void {
  const issued = item.out?.['issued'] as ({ expires: unknown; ticket: string } | null)[];
  for (const [i, step] of (item.in['steps'] as { draws: string[]; now: unknown }[]).entries()) {
    const random = new ScriptedRandom(step.draws.map(fromHex));
    const ticket = book.offer(hexOf(item, 'peer'), numberOf(step.now), random);
    const expected = issued[i];
    if (expected === null || expected === undefined) assert.is(ticket, undefined);
    else {
      sameBytes((ticket as Ticket).ticket, expected.ticket);
      assert.is((ticket as Ticket).expires, numberOf(expected.expires));
    }
    assert.is(random.left, 0);
  }
}

t('[lxmf/lxmrouter-get-inbound-tickets] issued tickets are accepted until they expire', () => {
  eachCase(
    golden,
    (item) => {
      const book = TicketBook.decode(tickets(item.in['tickets']));
      const found = item.out?.['found'] as (string[] | null)[];
      for (const [i, time] of (item.in['times'] as unknown[]).entries()) {
        const inbound = book.inbound(hexOf(item, 'peer'), numberOf(time)).map(toHex);
        assert.equal(inbound, found[i] ?? []);
      }
    },
    op('inbound')
  );
});

t('[lxmf/lxmrouter-remember-ticket] a received ticket is used until it expires', () => {
  eachCase(
    golden,
    (item) => {
      const book = new TicketBook();
      const peer = new Uint8Array(16).fill(1);
      book.remember(peer, { expires: numberOf(item.in['expires']), ticket: hexOf(item, 'ticket') });
      const found = book.outbound(peer, numberOf(item.in['now']));
      const expected = item.out?.['ticket'];
      if (expected === null) assert.is(found, undefined);
      else sameBytes(found?.ticket, expected as string);
    },
    op('outbound')
  );
});

t('[lxmf/lxmrouter-available-tickets-file] the file of tickets, read, cleaned and written', () => {
  eachCase(
    golden,
    (item) => {
      const bytes = hexOf(item, 'bytes');
      sameBytes(TicketBook.decode(bytes).encode(), bytes);
      assert.equal(toNotation(decodeMsgpack(bytes)), item.out?.['tickets']);
    },
    op('file')
  );
  eachCase(
    golden,
    (item) => {
      const book = TicketBook.decode(tickets(item.in['tickets']));
      book.clean(numberOf(item.in['now']));
      sameBytes(book.encode(), tickets(item.out?.['tickets']));
    },
    op('clean')
  );
});

t('a damaged file of tickets is refused with its path', () => {
  const file = new TicketBook().encode();
  throwsCode(() => TicketBook.decode(file.subarray(0, 5)), 'MSGPACK_TRUNCATED');
  throwsCode(() => TicketBook.decode(new Uint8Array([0x90])), 'LXMF_CONTAINER');
  const bad = encodeMsgpack(new Map([['outbound', new Map([[new Uint8Array(16), [1]]])]]) as never);
  assert.is(
    throwsCode(() => TicketBook.decode(bad), 'LXMF_CONTAINER').at,
    'available_tickets.outbound'
  );
  sameBytes(TicketBook.decode(new Uint8Array([0x80])).encode(), file);
  assert.throws(() => ticketStamp(new Uint8Array(15), new Uint8Array(32)), /"ticket" must be 16/);
});

t.run();
