import { suite, splitTitle } from './support/suite.ts';
import { assert, sameBytes, throwsCode } from './support/assert.ts';
import { ERROR_CODES, ProtocolError, within } from '../base/errors.ts';
import { toHex, fromHex } from '../base/hex.ts';
import { fromBase64Url, toBase64Url } from '../base/base64url.ts';
import {
  compareBytes,
  concat,
  equalBytes,
  equalConstantTime,
  fromUtf8,
  utf8,
} from '../base/bytes.ts';
import { ScriptedRandom, SeededRandom, systemRandom } from '../base/random.ts';
import { ManualClock } from '../base/clock.ts';

const t = suite('base', import.meta.url);

t('[tesserae/error-codes] error codes are unique', () => {
  assert.is(new Set(ERROR_CODES).size, ERROR_CODES.length);
});

t('an error names code, path and offset', () => {
  const error = new ProtocolError('LXMF_TRUNCATED', 'needs 64 bytes, 10 left', {
    at: 'message.signature',
    offset: 32,
  });
  assert.is(
    error.message,
    'LXMF_TRUNCATED: message.signature: needs 64 bytes, 10 left (at byte 32)'
  );
});

t('a nested decoder adds its path and shifts the offset', () => {
  const error = throwsCode(
    () =>
      within('message.payload', 96, () => {
        throw new ProtocolError('MSGPACK_TRUNCATED', 'needs 8 bytes, 1 left', {
          at: '[0]',
          offset: 2,
        });
      }),
    'MSGPACK_TRUNCATED'
  );
  assert.is(error.at, 'message.payload.[0]');
  assert.is(error.offset, 98);
  assert.is(
    error.message,
    'MSGPACK_TRUNCATED: message.payload.[0]: needs 8 bytes, 1 left (at byte 98)'
  );
});

t('hex goes both ways and names the place of a foreign character', () => {
  sameBytes(fromHex('00ffA5'), '00ffa5');
  assert.is(toHex(new Uint8Array([0, 255, 165])), '00ffa5');
  assert.is(throwsCode(() => fromHex('00g0'), 'HEX_INVALID').offset, 2);
  throwsCode(() => fromHex('000'), 'HEX_INVALID');
});

t('base64url agrees with the host for every length', () => {
  const random = new SeededRandom(7);
  for (let length = 0; length < 70; length++) {
    const bytes = random.bytes(length);
    const text = Buffer.from(bytes).toString('base64url');
    assert.is(toBase64Url(bytes), text);
    sameBytes(fromBase64Url(text), bytes);
    sameBytes(fromBase64Url(Buffer.from(bytes).toString('base64url')), bytes);
  }
});

t('base64url refuses foreign characters, leftover bits and impossible lengths', () => {
  assert.is(throwsCode(() => fromBase64Url('AA+A'), 'BASE64_INVALID').offset, 2);
  throwsCode(() => fromBase64Url('A'), 'BASE64_INVALID');
  throwsCode(() => fromBase64Url('AB'), 'BASE64_INVALID');
  sameBytes(fromBase64Url('AA=='), '00');
});

t('byte helpers', () => {
  sameBytes(concat(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])), '010203');
  assert.ok(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assert.not(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1])));
  assert.ok(equalConstantTime(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assert.not(equalConstantTime(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
  assert.ok(compareBytes(new Uint8Array([1]), new Uint8Array([1, 0])) < 0);
  assert.ok(compareBytes(new Uint8Array([2]), new Uint8Array([1, 9])) > 0);
});

t('UTF-8 is strict both ways and keeps a byte-order mark', () => {
  assert.is(fromUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), '\ufeffa');
  assert.is(fromUtf8(new Uint8Array([0xc0, 0x80])), undefined);
  assert.is(fromUtf8(new Uint8Array([0xed, 0xa0, 0x80])), undefined);
  assert.throws(() => utf8('\ud800'), /lone surrogates/);
});

t('scripted randomness refuses a draw of another length', () => {
  const random = new ScriptedRandom([new Uint8Array(4)]);
  assert.throws(() => random.bytes(5), /has 4 bytes/);
  assert.throws(() => new ScriptedRandom([]).bytes(1), /no random draw left/);
});

t(
  'seeded randomness repeats, differs between seeds, and system randomness fills large requests',
  () => {
    sameBytes(new SeededRandom(1).bytes(32), new SeededRandom(1).bytes(32));
    assert.not.equal(new SeededRandom(1).bytes(32), new SeededRandom(2).bytes(32));
    const large = systemRandom.bytes(200_000);
    assert.ok(large.subarray(190_000).some((byte) => byte !== 0));
  }
);

t('a manual clock moves only forward', () => {
  const clock = new ManualClock(5);
  clock.advance(10);
  assert.is(clock.now(), 15);
  assert.throws(() => clock.advance(-1), /deltaMs/);
});

t('row ids are split off a title', () => {
  assert.equal(splitTitle('[lxmf/a-b] [reticulum/c] does it'), {
    rows: ['lxmf/a-b', 'reticulum/c'],
    text: 'does it',
  });
});

t.run();
