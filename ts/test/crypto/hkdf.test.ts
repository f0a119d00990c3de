import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { fromHex } from '../../base/hex.ts';
import { hkdfSha256 } from '../../kernel/hkdf.ts';

const t = suite('crypto/hkdf', import.meta.url);
const golden = loadGolden('reticulum', 'hkdf');

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
      sameLong(derive(), item.out?.['key']);
    });
  }
);

t.run();
