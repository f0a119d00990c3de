/** StrKey against stellar-base and the stellar-xdr crate. @module */
import { fromHex, toHex } from '../../base/hex.ts';
import {
  decodeStrKey,
  decodeStrKeyOf,
  encodeStrKey,
  isStrKey,
  packMuxedAccount,
  packSignedPayload,
  STRKEY_MAX_LENGTH,
  StrKeyVersion,
  unpackMuxedAccount,
  unpackSignedPayload,
  type StrKeyKind,
} from '../../crypto/strkey.ts';
import { SeededRandom } from '../../base/random.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const t = suite('crypto/strkey', import.meta.url);
const golden = loadGolden('stellar', 'strkey');

t('[tesserae/xdr-types] every kind has the text of stellar-base, both ways', () => {
  const kinds = new Set<string>();
  eachCase(
    golden,
    (item) => {
      const kind = String(item.in['kind']) as StrKeyKind;
      const payload = String(item.in['payload']);
      const text = String(item.out?.['text']);
      assert.is(encodeStrKey(kind, fromHex(payload)), text);
      const found = decodeStrKey(text);
      assert.is(found.kind, kind);
      sameBytes(found.payload, payload);
      sameBytes(decodeStrKeyOf(kind, text), payload);
      assert.ok(isStrKey(text) && isStrKey(text, kind));
      kinds.add(kind);
    },
    (item) => item.error === undefined
  );
  assert.equal([...kinds].sort(), Object.keys(StrKeyVersion).sort());
});

t('[tesserae/xdr-types] what is no StrKey is refused, and never shown in the message', () => {
  eachCase(
    golden,
    (item) => {
      const text = String(item.in['text']);
      const error = throwsCode(() => decodeStrKey(text), item.error as 'STRKEY_TEXT');
      assert.not(isStrKey(text));
      if (text.length > 8) assert.not(error.message.includes(text.slice(0, 8)));
    },
    (item) => item.error !== undefined
  );
});

t('a StrKey of another kind is refused where one kind is due', () => {
  const text = encodeStrKey('contract', new Uint8Array(32));
  throwsCode(() => decodeStrKeyOf('publicKey', text), 'STRKEY_VERSION');
  assert.not(isStrKey(text, 'publicKey'));
});

t('no payload of a wrong size becomes text', () => {
  for (const kind of Object.keys(StrKeyVersion) as StrKeyKind[]) {
    for (const size of [0, 31, 34, 41, 101]) {
      throwsCode(
        () => encodeStrKey(kind, new Uint8Array(size)),
        'STRKEY_PAYLOAD',
        `${kind} ${size}`
      );
    }
  }
  throwsCode(() => encodeStrKey('claimableBalance', new Uint8Array(33).fill(1)), 'STRKEY_PAYLOAD');
});

t('muxed accounts and signed payloads are packed and unpacked', () => {
  const key = fromHex('3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a');
  // SEP-23, "Valid test cases".
  assert.is(
    encodeStrKey('publicKey', key),
    'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
  );
  assert.is(
    encodeStrKey('muxedAccount', packMuxedAccount(key, 9223372036854775808n)),
    'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK'
  );
  for (const id of [0n, 1n, 0xffffffffffffffffn]) {
    const back = unpackMuxedAccount(packMuxedAccount(key, id));
    sameBytes(back.ed25519, key);
    assert.is(back.id, id);
  }
  assert.throws(() => packMuxedAccount(key, -1n), /"id"/);
  for (const length of [1, 2, 63, 64]) {
    const data = new SeededRandom(length).bytes(length);
    const text = encodeStrKey('signedPayload', packSignedPayload(key, data));
    assert.ok(text.length <= STRKEY_MAX_LENGTH);
    const back = unpackSignedPayload(decodeStrKeyOf('signedPayload', text));
    sameBytes(back.ed25519, key);
    sameBytes(back.data, data);
  }
});

t('changing one character never gives another valid text', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const text = encodeStrKey('publicKey', new SeededRandom(5).bytes(32));
  for (let i = 0; i < text.length; i++) {
    for (const letter of alphabet) {
      if (letter === text.charAt(i)) continue;
      assert.not(isStrKey(text.slice(0, i) + letter + text.slice(i + 1)), `${i} ${letter}`);
    }
  }
  assert.is(toHex(decodeStrKey(text).payload).length, 64);
});

t.run();
