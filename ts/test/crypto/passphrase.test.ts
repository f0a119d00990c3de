/** Keys from passphrases: the host's scrypt and noble's give the same, and limits are named. @module */
import { scryptSync } from 'node:crypto';
import { SeededRandom } from '../../base/random.ts';
import { keyFromPassphrase, passphraseMemory } from '../../crypto/passphrase.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('crypto/passphrase', import.meta.url);

const random = new SeededRandom(7914);

/** Run `body` as on a host without a library of its own. */
async function portably<T>(body: () => Promise<T>): Promise<T> {
  const before = process.env['TESSERAE_CRYPTO'];
  process.env['TESSERAE_CRYPTO'] = 'portable';
  try {
    return await body();
  } finally {
    if (before === undefined) delete process.env['TESSERAE_CRYPTO'];
    else process.env['TESSERAE_CRYPTO'] = before;
  }
}

t('agrees with OpenSSL, by either library', async () => {
  for (const [logN, r, p] of [
    [1, 1, 1],
    [4, 8, 1],
    [8, 3, 2],
    [10, 8, 4],
  ] as const) {
    const salt = random.bytes(16 + random.below(20));
    const passphrase = `correct horse ${random.next()}`;
    const options = { N: 2 ** logN, r, p };
    const expected = new Uint8Array(scryptSync(passphrase, salt, 32, options));
    sameBytes(await keyFromPassphrase(passphrase, salt, { logN, r, p }), expected);
    const portable = await portably(() => keyFromPassphrase(passphrase, salt, { logN, r, p }));
    sameBytes(portable, expected);
  }
});

t('composed and decomposed letters are the same, capitals are not', async () => {
  const salt = random.bytes(16);
  const cost = { logN: 2, r: 1, p: 1 };
  const key = await keyFromPassphrase('Stra\u00dfe \u00e9', salt, cost);
  sameBytes(await keyFromPassphrase('Stra\u00dfe e\u0301', salt, cost), key);
  const other = await keyFromPassphrase('stra\u00dfe \u00e9', salt, cost);
  assert.is.not(other.join(), key.join());
});

t('states its memory, and refuses what is out of range', async () => {
  assert.is(passphraseMemory({ logN: 17, r: 8, p: 1 }), 128 << 20);
  const salt = new Uint8Array(16);
  const cases: [string, Uint8Array, object, RegExp][] = [
    ['', salt, {}, /"passphrase" must not be empty/],
    ['x', salt.subarray(1), {}, /"salt" must be at least 16 bytes, got 15/],
    ['x', salt, { logN: 25 }, /"logN" must be an integer 1..24, got 25/],
    ['x', salt, { r: 0 }, /"r" must be an integer 1..32, got 0/],
    ['x', salt, { p: 1.5 }, /"p" must be an integer 1..16/],
    ['\ud800', salt, {}, /must not contain lone surrogates/],
  ];
  for (const [passphrase, itsSalt, more, message] of cases) {
    let caught: unknown;
    const cost = { logN: 2, r: 1, p: 1, ...more };
    await keyFromPassphrase(passphrase, itsSalt, cost).catch((error: unknown) => (caught = error));
    assert.match(String(caught), message);
  }
});

t.run();
