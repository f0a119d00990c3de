import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { draftOf, hexOf, numberOf, sameMessage } from '../support/lxmf.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { equalBytes } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { Identity } from '../../reticulum/identity.ts';
import * as constants from '../../lxmf/constants.ts';
import {
  contentText,
  deliveryHash,
  packMessage,
  titleText,
  unpackMessage,
  verifyMessage,
  withStamp,
} from '../../lxmf/message.ts';
import { contentSize, planDelivery } from '../../lxmf/method.ts';

const t = suite('lxmf/message', import.meta.url);
const golden = loadGolden('lxmf', 'message');
const methods = loadGolden('lxmf', 'method');

/** Where the reference hands odd types through, and the map that it indexes as if it were an array. */
const STRICTER = new RegExp(
  '^(unpack-(title|content)-(int|float|list|map|bool)|unpack-time-(str|nil|bin|list|bool)' +
    '|quirk-payload-map-by-index)$'
);

t(
  '[lxmf/lxmessage-core-format-pack-unpack] [lxmf/lxmessage-pack] [lxmf/message-id-signature-ed25519] packs and signs the reference’s bytes',
  () => {
    eachCase(
      golden,
      (item) => {
        const { source, draft } = draftOf(item);
        const plain = packMessage(draft, source);
        sameBytes(plain.messageHash, item.out?.['hash'] as string);
        const stamp = item.out?.['stamp'];
        const message = typeof stamp === 'string' ? withStamp(plain, fromHex(stamp)) : plain;
        sameLong(message.packed, item.out?.['packed']);
        assert.is(message.packed.length, item.out?.['size']);
        assert.is(verifyMessage(message, source), 'verified');
      },
      // A time set as integer stays one in the reference; here a timestamp is always float64.
      (item) => item.in['op'] === 'pack' && !/^pack-(stamp-)?time-int/.test(item.id)
    );
  }
);

t(
  '[lxmf/lxmessage-core-format-pack-unpack] [lxmf/lxmessage-unpack-from-bytes] [lxmf/lxmessage-payload-repack-exact] unpacks what the reference unpacks, foreign encodings included',
  () => {
    eachCase(
      golden,
      (item) => sameMessage(unpackMessage(hexOf(item, 'bytes')), expectedOf(item)),
      unpacks
    );
  }
);

t(
  '[lxmf/message-id-signature-ed25519] [lxmf/lxmessage-unverified-reasons] judges signatures as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const message = unpackMessage(hexOf(item, 'bytes'));
        const state = verifyMessage(message, knownSource(item, message.sourceHash));
        const reason = item.out?.['unverifiedReason'];
        const expected =
          reason === 1 ? 'unknown-source' : reason === 2 ? 'invalid' : ('verified' as const);
        assert.is(state, expected);
        assert.is(item.out?.['signatureValidated'], state === 'verified');
      },
      unpacks
    );
  }
);

t('[lxmf/lxmessage-unpack-from-bytes] refuses what the reference refuses', () => {
  eachCase(
    golden,
    (item) => {
      const error = throwsCode(() => unpackMessage(hexOf(item, 'bytes')), item.error as ErrorCode);
      assert.ok(error.at?.startsWith('message'), error.message);
      assert.type(error.offset, 'number');
    },
    (item) => item.in['op'] === 'unpack' && item.error !== undefined
  );
});

t('odd types of timestamp, title and content are refused at the edge', () => {
  eachCase(
    golden,
    (item) => void throwsCode(() => unpackMessage(hexOf(item, 'bytes')), 'LXMF_PAYLOAD'),
    (item) => STRICTER.test(item.id)
  );
});

t(
  '[lxmf/lxmessage-method-selection] [lxmf/lxmessage-encrypted-packet-limits] method and representation by size',
  () => {
    eachCase(
      methods,
      (item) => {
        const { source, draft } = draftOf(item);
        const message = packMessage(draft, source);
        const desired = item.in['desiredMethod'] as 'opportunistic' | 'direct';
        const type = item.in['destinationType'] as 'single' | 'plain';
        if (item.error !== undefined) {
          throwsCode(() => planDelivery(message, desired, type), item.error as ErrorCode);
          return;
        }
        const plan = planDelivery(message, desired ?? 'direct', type);
        assert.is(plan.method, item.out?.['method']);
        assert.is(plan.representation, item.out?.['representation']);
        assert.is(contentSize(message), item.out?.['payloadBeyond16']);
      },
      (item) =>
        item.in['destinationType'] !== 'group' &&
        [null, 'opportunistic', 'direct'].includes(item.in['desiredMethod'] as string | null)
    );
  }
);

t(
  '[lxmf/lxmessage-size-constants] [lxmf/lxmessage-paper-mdu] sizes derive to the reference’s numbers',
  () => {
    assert.equal(
      [
        constants.LXMF_OVERHEAD,
        constants.ENCRYPTED_PACKET_MDU,
        constants.ENCRYPTED_PACKET_MAX_CONTENT,
        constants.LINK_PACKET_MDU,
        constants.LINK_PACKET_MAX_CONTENT,
        constants.PLAIN_PACKET_MDU,
        constants.PLAIN_PACKET_MAX_CONTENT,
        constants.PAPER_MDU,
      ],
      [112, 383, 287, 431, 319, 464, 368, 2210]
    );
  }
);

const alice = Identity.generate(new SeededRandom(1));

t(
  '[lxmf/lxmessage-title-accessors] [lxmf/lxmessage-content-accessors] text that is not UTF-8 is undefined, not garbage',
  () => {
    const message = packMessage(
      {
        destinationHash: deliveryHash(alice),
        timestamp: 1,
        title: 'ü',
        content: new Uint8Array([0xff]),
      },
      alice
    );
    assert.is(titleText(message), 'ü');
    assert.is(contentText(message), undefined);
  }
);

t('a stamp is not appended where that would change the hash', () => {
  // An array16 head: verifies as received, but not once it is written in canonical form.
  const item = golden.cases.find(({ id }) => id === 'unpack-foreign-bin16') as GoldenCase;
  const message = unpackMessage(hexOf(item, 'bytes'));
  throwsCode(() => withStamp(message, new Uint8Array(32)), 'LXMF_PAYLOAD');
});

t('[lxmf/lxmessage-constructor] drafts that cannot be packed name the argument', () => {
  const destinationHash = deliveryHash(alice);
  const pack = (draft: Record<string, unknown>) => () =>
    packMessage({ destinationHash, timestamp: 1, ...draft } as never, alice);
  assert.throws(
    pack({ destinationHash: new Uint8Array(15) }),
    /"destinationHash" must be 16 bytes/
  );
  assert.throws(pack({ timestamp: '1' }), /"timestamp" must be a number/);
  assert.throws(pack({ fields: { 1: 2 } }), /"fields" must be a Map/);
  assert.throws(pack({ title: '\udc00' }), /lone surrogates/);
  throwsCode(
    () => packMessage({ destinationHash, timestamp: 1 }, alice.publicOnly()),
    'RNS_NO_PRIVATE_KEY'
  );
});

function unpacks(item: GoldenCase): boolean {
  const quirk = item.id === 'quirk-source-of-other-aspect' || STRICTER.test(item.id);
  return item.in['op'] === 'unpack' && item.error === undefined && !quirk;
}

function expectedOf(item: GoldenCase): Record<string, unknown> {
  const out = item.out ?? {};
  assert.type(numberOf(out['timestamp']), 'number');
  return out;
}

function knownSource(item: GoldenCase, sourceHash: Uint8Array): Identity | undefined {
  const known = item.in['known'] as { destinationHash: string; public: string }[];
  const entry = known.find(({ destinationHash }) => destinationHash === toHex(sourceHash));
  if (entry === undefined) return undefined;
  const identity = Identity.fromPublicKey(fromHex(entry.public));
  return equalBytes(deliveryHash(identity), sourceHash) ? identity : undefined;
}

t.run();
