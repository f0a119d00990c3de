import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { fromHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';
import { hkdfSha256 } from '../../kernel/hkdf.ts';

const t = suite('crypto/hkdf', import.meta.url);
const golden = loadGolden('reticulum', 'hkdf');

interface LongKey {
  first: string;
  last: string;
  length: number;
  sha256: string;
}

t(
  '[reticulum/hkdf] [reticulum/hkdf-counter-wrap] derives as the reference at every length, also past 255 blocks',
  () => {
    eachCase(golden, (item) => {
      const { length, ikm, salt, context } = item.in as {
        length: number;
        ikm: string;
        salt: string | null;
        context: string | null;
      };
      const derive = (): Uint8Array =>
        hkdfSha256(
          length,
          fromHex(ikm),
          salt === null ? undefined : fromHex(salt),
          context === null ? undefined : fromHex(context)
        );
      if (item.error !== undefined) {
        assert.throws(derive, /lengthBytes/);
        return;
      }
      const key = item.out?.['key'] as string | LongKey;
      if (typeof key === 'string') {
        sameBytes(derive(), key);
        return;
      }
      const derived = derive();
      assert.is(derived.length, key.length);
      sameBytes(derived.slice(0, key.first.length / 2), key.first);
      sameBytes(derived.slice(-key.last.length / 2), key.last);
      sameBytes(sha256(derived), key.sha256);
    });
  }
);

t.run();
