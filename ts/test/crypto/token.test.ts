import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { underBoth } from '../support/providers.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { fromHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { TOKEN_OVERHEAD, Token, generateTokenKey } from '../../crypto/token.ts';

const t = suite('crypto/token', import.meta.url);
const golden = loadGolden('reticulum', 'token');
const hex = (item: GoldenCase, name: string): Uint8Array => fromHex(item.in[name] as string);

t(
  '[reticulum/token-encrypt] [reticulum/token-aes-128] seals and opens as the reference, under both implementations',
  () => {
    underBoth(() =>
      eachCase(
        golden,
        (item) => {
          const draws = new ScriptedRandom((item.in['draws'] as string[]).map(fromHex));
          const sealed = new Token(hex(item, 'key')).seal(hex(item, 'plaintext'), draws);
          sameBytes(sealed, item.out?.['token'] as string);
          assert.is(draws.left, 0);
          sameBytes(new Token(hex(item, 'key')).open(sealed), item.in['plaintext'] as string);
        },
        (item) => item.in['op'] === 'encrypt' && item.error === undefined
      )
    );
  }
);

t('[reticulum/token-decrypt] opens what the reference opens, lax padding included', () => {
  underBoth(() =>
    eachCase(
      golden,
      (item) => {
        const opened = new Token(hex(item, 'key')).open(hex(item, 'token'));
        sameBytes(opened, item.out?.['plaintext'] as string);
      },
      (item) => item.in['op'] === 'decrypt' && item.error === undefined
    )
  );
});

t('[reticulum/token-decrypt] refuses what the reference refuses', () => {
  underBoth(() =>
    eachCase(
      golden,
      (item) => {
        const open = item.in['op'] === 'decrypt';
        throwsCode(() => {
          const token = new Token(hex(item, 'key'));
          if (open) token.open(hex(item, 'token'));
        }, item.error as ErrorCode);
      },
      (item) => item.error !== undefined
    )
  );
});

t('every flipped bit of a token is found', () => {
  const random = new SeededRandom(3);
  const token = new Token(generateTokenKey(random));
  const sealed = token.seal(random.bytes(20), random);
  assert.is(sealed.length, 32 + TOKEN_OVERHEAD);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = sealed.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    throwsCode(() => token.open(damaged), 'TOKEN_HMAC');
  }
});

t.run();
