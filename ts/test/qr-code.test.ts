import { SeededRandom } from '../base/random.ts';
import { toBase64Url } from '../base/base64url.ts';
import { encodeQr, QR_MAX_BYTES, qrCapacity, type QrLevel } from '../qr/code.ts';
import { scanQr } from '../qr/scan.ts';
import { assert, throwsCode } from './support/assert.ts';
import { eachCase, loadGolden } from './support/golden.ts';
import { drawn, matrixFromHex, matrixOf, pixelsOf } from './support/qrmatrix.ts';
import { suite } from './support/suite.ts';

const t = suite('qr code', import.meta.url);
const golden = loadGolden('qr', 'codes');
const LEVELS: readonly QrLevel[] = ['L', 'M', 'Q', 'H'];

/** A URI of exactly `length` characters, `lxm://` included where it fits. */
function uri(length: number, seed = 1): string {
  const noise = toBase64Url(new SeededRandom(seed).bytes(length));
  return ('lxm://' + noise).slice(0, length);
}

t(
  '[lxmf/qr-helper-text-render] draws module for module what the encoder behind as_qr draws',
  () => {
    eachCase(
      golden,
      (item) => {
        const level = item.in['level'] as QrLevel;
        const code = encodeQr(item.in['text'] as string, { minLevel: level, raise: false });
        assert.is(code.version, item.out?.['version']);
        assert.is(code.size, item.out?.['size']);
        assert.is(code.level, level);
        assert.is(
          drawn(matrixOf(code, 1)),
          drawn(matrixFromHex(item.out?.['rows'] as readonly string[]))
        );
      },
      (item) => item.out?.['rows'] !== undefined
    );
  }
);

t('knows the capacity of every version and level as the reference tables give it', () => {
  eachCase(
    golden,
    (item) => {
      const bytes = item.out?.['bytes'] as Record<QrLevel, number[]>;
      for (const level of LEVELS) {
        for (let version = 1; version <= 40; version++) {
          assert.is(qrCapacity(version, level), bytes[level][version - 1], `${version}-${level}`);
        }
      }
    },
    (item) => item.id === 'capacity'
  );
});

t(
  '[lxmf/qr-helper-text-render] refuses what the reference encoder refuses, naming the overshoot',
  () => {
    eachCase(
      golden,
      (item) => {
        const error = throwsCode(() => encodeQr(item.in['text'] as string), 'QR_TOO_LARGE');
        assert.match(error.message, '2954 bytes are 1 too many, version 40 at level L holds 2953');
      },
      (item) => item.error !== undefined
    );
  }
);

t('2953 bytes fill version 40-L exactly', () => {
  const code = encodeQr(uri(QR_MAX_BYTES));
  assert.is(code.version, 40);
  assert.is(code.level, 'L');
  assert.is(code.mode, 'byte');
  assert.is(code.size, 177);
  assert.is(code.modules.length, 177 * 177);
});

t('a demanded level lowers the capacity and the message says so', () => {
  const error = throwsCode(() => encodeQr(uri(3000), { minLevel: 'H' }), 'QR_TOO_LARGE');
  assert.match(error.message, '3000 bytes are 1727 too many, version 40 at level H holds 1273');
});

t(
  'picks the smallest version on both sides of every boundary and raises the level for free',
  () => {
    for (let version = 1; version <= 40; version++) {
      for (const length of [qrCapacity(version, 'L'), qrCapacity(version, 'L') + 1]) {
        if (length > QR_MAX_BYTES) continue;
        const code = encodeQr(uri(length));
        assert.is(code.version, length > qrCapacity(version, 'L') ? version + 1 : version);
        const expected = [...LEVELS].reverse().find((l) => length <= qrCapacity(code.version, l));
        assert.is(code.level, expected, `${length} bytes`);
        assert.is(encodeQr(uri(length), { raise: false }).level, 'L');
        assert.is(encodeQr(uri(length), { raise: false }).version, code.version);
      }
    }
  }
);

t('never falls below the demanded level, whichever it is', () => {
  for (const minLevel of LEVELS) {
    for (const length of [1, 40, 262, 700, 1200]) {
      const code = encodeQr(uri(length), { minLevel });
      assert.ok(LEVELS.indexOf(code.level) >= LEVELS.indexOf(minLevel));
      const smaller = code.version > 1 ? qrCapacity(code.version - 1, minLevel) : 0;
      assert.ok(smaller < length, 'a smaller version would have held it');
    }
  }
});

t('packs digits and the 45-character set tighter, and keeps lower case in bytes', async () => {
  const digits = '0123456789'.repeat(10);
  const upper = 'LXM://ABC-$%*+./: '.repeat(6);
  for (const [text, mode] of [
    [digits, 'numeric'],
    [upper, 'alphanumeric'],
    ['lxm://abc', 'byte'],
    ['grüße ☃ 𝄞', 'byte'],
  ] as const) {
    const code = encodeQr(text);
    assert.is(code.mode, mode);
    assert.equal(await scanQr(pixelsOf(matrixOf(code, 4), 3)), [text]);
  }
  assert.ok(encodeQr(digits).version < encodeQr(digits.replace('0', 'x')).version);
  assert.ok(encodeQr(upper).version < encodeQr(upper.replace('L', 'l')).version);
});

t('every mode is filled to the last character its capacity names', () => {
  for (const [mode, character] of [
    ['numeric', '7'],
    ['alphanumeric', 'A'],
    ['byte', 'a'],
  ] as const) {
    for (const version of [1, 9, 10, 26, 27, 40]) {
      const most = qrCapacity(version, 'Q', mode);
      const options = { minLevel: 'Q', raise: false } as const;
      assert.is(encodeQr(character.repeat(most), options).version, version);
      if (version < 40) {
        assert.is(encodeQr(character.repeat(most + 1), options).version, version + 1);
      } else throwsCode(() => encodeQr(character.repeat(most + 1), options), 'QR_TOO_LARGE');
    }
  }
});

t('round trips texts of 1 to 2953 bytes through its own reader', async () => {
  const random = new SeededRandom(77);
  const lengths = [1, 2, 3, 6, 7, 2952, QR_MAX_BYTES];
  for (let i = 0; i < 60; i++) lengths.push(1 + random.below(QR_MAX_BYTES));
  for (const length of lengths) {
    const text = uri(length, length);
    assert.equal(await scanQr(pixelsOf(matrixOf(encodeQr(text), 4), 3)), [text], `${length}`);
  }
});

t('answers light outside the code', () => {
  const code = encodeQr('lxm://a');
  assert.is(code.get(0, 0), true);
  for (const [x, y] of [
    [-1, 0],
    [0, -1],
    [code.size, 0],
    [0, code.size],
  ] as const) {
    assert.is(code.get(x, y), false);
  }
});

t('refuses empty and malformed text, unknown levels and versions by name', () => {
  assert.throws(() => encodeQr(''), /"text" must not be empty/);
  assert.throws(() => encodeQr('\ud800'), /"text" must not contain lone surrogates/);
  assert.throws(
    () => encodeQr('a', { minLevel: 'X' as QrLevel }),
    /"minLevel" must be L, M, Q or H/
  );
  assert.throws(() => qrCapacity(0, 'L'), /"version" must be 1..40, got 0/);
  assert.throws(() => qrCapacity(41, 'L'), /"version" must be 1..40, got 41/);
});

t.run();
