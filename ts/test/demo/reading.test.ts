import {
  isCard,
  isReadable,
  paperKey,
  readText,
  stampStep,
  type Reader,
} from '../../demo/model/reading.ts';
import { parseRoute, linkTo } from '../../demo/model/route.ts';
import { ingest } from '../../demo/ingest.ts';
import type { Scanner } from '../../demo/worker/scanner.ts';
import { concat } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { sha256 } from '../../crypto/provider.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { deliveryHash, packMessage, withStamp } from '../../lxmf/message.ts';
import { paperUri, parsePaperUri, sealPaper } from '../../lxmf/paper.ts';
import { ticketStamp } from '../../lxmf/ticket.ts';
import { Identity } from '../../reticulum/identity.ts';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode } from '../support/assert.ts';

const t = suite('demo reading model', import.meta.url);

const random = new SeededRandom(7);
const me = Identity.generate(random);
const other = Identity.generate(random);

function reader(change: Partial<Reader> = {}): Reader {
  return {
    identity: me,
    locked: false,
    known: () => undefined,
    firstRead: () => undefined,
    ...change,
  };
}

function paper(content: string, source = other, target = me): string {
  const draft = { destinationHash: deliveryHash(target), timestamp: 1, content };
  return paperUri(sealPaper(packMessage(draft, source), target, random));
}

function states(text: string, change: Partial<Reader> = {}): string[] {
  return readText(text, reader(change)).steps.map(({ id, state }) => `${id} ${state}`);
}

t('[tesserae/demo-reading] the six steps of a first contact, in their order', () => {
  assert.equal(states(paper('x')), [
    'parsed ok',
    'addressed ok',
    'decrypted ok',
    'signature warn',
    'stamp note',
    'duplicate ok',
  ]);
});

t('[tesserae/demo-reading] the sender is verified when known, by name, or as oneself', () => {
  const known = (): { identity: Identity; name: string } => ({ identity: other, name: 'Ana' });
  const { opened, steps } = readText(paper('x'), reader({ known }));
  assert.is(opened?.signature, 'verified');
  assert.match(steps[3]?.reason ?? '', /Signed by Ana/);
  const own = readText(
    paper('x', me),
    reader({ known: () => ({ identity: me, name: undefined }) })
  );
  assert.match(own.steps[3]?.reason ?? '', /Signed by you/);
});

t('[tesserae/demo-reading] without an identity the way on is told, locked or not', () => {
  const none = readText(paper('x'), reader({ identity: undefined }));
  assert.equal(
    none.steps.map(({ state }) => state),
    ['ok', 'wait']
  );
  assert.match(none.steps[1]?.title ?? '', /no identity/);
  const locked = readText(paper('x'), reader({ identity: undefined, locked: true }));
  assert.match(locked.steps[1]?.title ?? '', /locked/);
});

t('[tesserae/demo-reading] a paper for a contact is named as theirs', () => {
  const known = (): { identity: Identity; name: string } => ({ identity: other, name: 'Ana' });
  const { steps, opened } = readText(paper('x', me, other), reader({ known }));
  assert.is(opened, undefined);
  assert.is(steps[1]?.state, 'fail');
  assert.match(steps[1]?.reason ?? '', /your contact Ana/);
});

t('[tesserae/demo-reading] what was sealed but is no message says so', () => {
  const sealed = concat(deliveryHash(me), me.encrypt(new Uint8Array(90), random));
  const { steps } = readText(paperUri(sealed), reader());
  assert.is(steps[2]?.title, 'Decrypted, but not a message');
});

t('[tesserae/demo-reading] a duplicate is told by the sealed bytes, as the reference does', () => {
  const uri = paper('x');
  const { transientId } = readText(uri, reader());
  assert.is(paperKey(transientId as Uint8Array), paperKey(sha256(parsePaperUri(uri))));
  assert.is(states(uri, { firstRead: () => 1000 })[5], 'duplicate note');
});

t('[tesserae/demo-reading] stamps: absent, of a value, by ticket', () => {
  const plain = packMessage(
    { destinationHash: deliveryHash(me), timestamp: 1, content: 'x' },
    other
  );
  assert.is(stampStep(plain).title, 'No stamp');
  assert.match(stampStep(withStamp(plain, new Uint8Array(32))).title, /^Stamp of value \d+$/);
  const ticket = ticketStamp(random.bytes(16), plain.messageHash);
  assert.is(stampStep(withStamp(plain, ticket)).title, 'Ticket stamp');
});

t('[tesserae/demo-reading] cards are told from papers, and a false card is refused', () => {
  const card = contactCard(other);
  assert.ok(isCard(card) && !isReadable(card));
  assert.ok(isReadable(' LXM://abc') && isReadable('web+lxm://abc') && !isCard('lxm://abc'));
  assert.is(readText(card, reader()).card?.identity.publicKey.length, 64);
  const wrong = readText(
    card.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
    reader()
  );
  assert.is(wrong.card, undefined);
  assert.match(wrong.steps[0]?.reason ?? '', /does not belong/);
});

t('[tesserae/demo-reading] the address of the page names a part, or hands over a text', () => {
  assert.equal(parseRoute(''), { kind: 'view', view: 'write' });
  assert.equal(parseRoute('#read'), { kind: 'view', view: 'read' });
  assert.equal(parseRoute('#constructor'), { kind: 'view', view: 'write' });
  assert.equal(parseRoute('#lxm://aB_-'), { kind: 'handed', text: 'lxm://aB_-' });
  assert.equal(parseRoute('#web%2Blxm%3A%2F%2FaB'), { kind: 'handed', text: 'lxm://aB' });
  assert.equal(parseRoute('#lxma://ab:cd'), { kind: 'handed', text: 'lxma://ab:cd' });
  assert.equal(parseRoute('#lxm://%zz'), { kind: 'handed', text: 'lxm://%zz' });
  assert.is(linkTo('https://h.org/p/?q=1#write', 'lxm://x'), 'https://h.org/p/#lxm://x');
});

t('[tesserae/demo-reading] everything that comes in goes through one door', async () => {
  const uri = paper('x');
  const card = contactCard(other);
  const seen = (texts: readonly string[]): Scanner =>
    ({ scanPicture: () => Promise.resolve(texts) }) as unknown as Scanner;
  const picture = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]);
  assert.equal(await ingest(uri, seen([])), { text: uri, cards: [] });
  assert.equal(await ingest(picture, seen(['menu', card, uri])), { text: uri, cards: [card] });
  assert.equal(await ingest(picture, seen(['menu', card])), { text: card, cards: [] });
  assert.equal(await ingest(new Blob([`${uri}\n`], { type: 'text/plain' }), seen([])), {
    text: `${uri}\n`,
    cards: [],
  });
  await rejectsCode(() => ingest(new Blob(['%PDF-1.7']), seen([])), 'IMAGE_FORMAT');
});

t.run();
