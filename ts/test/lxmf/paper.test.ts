import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { draftOf, hexOf, sameMessage } from '../support/lxmf.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { Identity, ratchetId } from '../../reticulum/identity.ts';
import { contactCard, parseContactCard } from '../../lxmf/contact.ts';
import { deliveryHash, packMessage, verifyMessage } from '../../lxmf/message.ts';
import { openPaper, paperUri, parsePaperUri, sealPaper, sealedSize } from '../../lxmf/paper.ts';

const t = suite('lxmf/paper', import.meta.url);
const golden = loadGolden('lxmf', 'paper');

/** URIs whose foreign characters the reference drops in silence; here they are refused by place. */
const STRICTER = new Set([
  'ingest-scheme-twice',
  'ingest-scheme-inside',
  'ingest-foreign-inside',
  'ingest-query',
]);

const open = (item: GoldenCase) =>
  openPaper(
    parsePaperUri(item.in['uri'] as string),
    Identity.fromPrivateKey(hexOf(item, 'private')),
    {
      ratchets: (item.in['ratchets'] as string[]).map(fromHex),
      enforceRatchets: item.in['enforceRatchets'] as boolean,
    }
  );

t(
  '[lxmf/paper-packed-uri-helper] [lxmf/lxmessage-as-uri] seals the reference’s bytes and URI',
  () => {
    eachCase(
      golden,
      (item) => {
        const { source, recipient, draft } = draftOf(item);
        const random = new ScriptedRandom((item.in['draws'] as string[]).map(fromHex));
        const ratchet = item.in['ratchet'] === null ? undefined : hexOf(item, 'ratchet');
        const message = packMessage(draft, source);
        sameBytes(message.packed, item.out?.['packed'] as string);
        const sealed = sealPaper(message, recipient, random, ratchet);
        sameBytes(sealed, item.out?.['paperPacked'] as string);
        assert.is(paperUri(sealed), item.out?.['uri']);
        assert.is(sealed.length, item.out?.['size']);
        assert.is(sealedSize(message.packed.length), item.out?.['size']);
        const id = item.out?.['ratchetId'];
        if (typeof id === 'string') sameBytes(ratchetId(ratchet as Uint8Array), id);
      },
      (item) => item.in['op'] === 'pack' && item.error === undefined
    );
  }
);

t(
  '[lxmf/paper-packed-uri-helper] [lxmf/lxmessage-paper-mdu] says by how many bytes a message is too large',
  () => {
    eachCase(
      golden,
      (item) => {
        const { source, recipient, draft } = draftOf(item);
        const message = packMessage(draft, source);
        const seal = (): unknown => sealPaper(message, recipient, new ScriptedRandom([]));
        const error = throwsCode(seal, item.error as ErrorCode);
        const size = sealedSize(message.packed.length);
        assert.ok(error.message.includes(`${size - 2210} more than the 2210`), error.message);
      },
      (item) => item.in['op'] === 'pack' && item.error !== undefined
    );
  }
);

t('[lxmf/lxmrouter-ingest-lxm-uri] opens the URIs that the reference delivers', () => {
  eachCase(
    golden,
    (item) => {
      const opened = open(item);
      sameMessage(opened.message, item.out?.['message'] as Record<string, unknown>);
      const sender = (item.in['known'] as string[])
        .map((key) => Identity.fromPublicKey(fromHex(key)))
        .find((identity) => toHex(deliveryHash(identity)) === toHex(opened.message.sourceHash));
      const { unverifiedReason } = item.out?.['message'] as { unverifiedReason: number | null };
      const expected =
        unverifiedReason === 1 ? 'unknown-source' : unverifiedReason === 2 ? 'invalid' : 'verified';
      assert.is(verifyMessage(opened.message, sender), expected);
    },
    (item) => item.in['op'] === 'ingest' && item.error === undefined && !STRICTER.has(item.id)
  );
});

t('[lxmf/lxmrouter-ingest-lxm-uri] refuses the URIs that the reference does not deliver', () => {
  eachCase(
    golden,
    (item) => {
      const got = codeOf(() => open(item));
      // A damaged URI may be refused earlier than the reference notices, never later or in silence.
      const earlier = item.error === 'RNS_DECRYPT' && got === 'LXMF_URI';
      assert.ok(got === item.error || earlier, `got ${got}, the reference: ${item.note}`);
    },
    (item) => item.in['op'] === 'ingest' && item.error !== undefined && !opensHere(item)
  );
});

t(
  'an upper-case scheme and space before it are read, where the reference loses the message',
  () => {
    eachCase(golden, (item) => void open(item), opensHere);
  }
);

t('foreign characters in a URI are refused with their place', () => {
  eachCase(
    golden,
    (item) => assert.type(throwsCode(() => open(item), 'LXMF_URI').offset, 'number'),
    (item) => STRICTER.has(item.id)
  );
});

t('[lxmf/lxmrouter-ingest-lxm-uri] URI data decodes to the reference’s bytes or is refused', () => {
  eachCase(
    golden,
    (item) => {
      const uri = item.in['uri'] as string;
      const clean = /^[A-Za-z0-9_+/\s-]*=*$/.test(uri.slice('lxm://'.length));
      if (item.error !== undefined || !clean) throwsCode(() => parsePaperUri(uri), 'LXMF_URI');
      else sameBytes(parsePaperUri(uri), item.out?.['bytes'] as string);
    },
    (item) => item.in['op'] === 'decode'
  );
});

const alice = Identity.generate(new SeededRandom(1));
const bob = Identity.generate(new SeededRandom(2));

t('a message is sealed only for the identity it is addressed to', () => {
  const message = packMessage({ destinationHash: deliveryHash(bob), timestamp: 1 }, alice);
  assert.throws(() => sealPaper(message, alice, new SeededRandom(3)), /another identity/);
});

t('[tesserae/contact-card] cards hold address and key, which must belong together', () => {
  const card = contactCard(alice);
  const contact = parseContactCard(` ${card.toUpperCase().replace('LXMA', 'lxma')}/\n`);
  sameBytes(contact.identity.publicKey, alice.publicKey);
  sameBytes(contact.destinationHash, deliveryHash(alice));
  const address = toHex(deliveryHash(alice));
  for (const bare of [address, `<${address}>`, `lxma://${address}`]) {
    assert.match(throwsCode(() => parseContactCard(bare), 'LXMF_CONTACT').message, /public key/);
  }
  const swapped = card.replace(address, toHex(deliveryHash(bob)));
  assert.match(throwsCode(() => parseContactCard(swapped), 'LXMF_CONTACT').message, /belong/);
  throwsCode(() => parseContactCard('lxm://abc'), 'LXMF_CONTACT');
  throwsCode(() => parseContactCard(''), 'LXMF_CONTACT');
});

function opensHere(item: GoldenCase): boolean {
  return item.id.startsWith('quirk-ingest-scheme-') || item.id === 'ingest-neg-scheme-space';
}

function codeOf(run: () => unknown): string {
  let code = 'nothing';
  try {
    run();
  } catch (error) {
    code = (error as { code?: string }).code ?? String(error);
  }
  return code;
}

t.run();
