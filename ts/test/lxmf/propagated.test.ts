import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { draftOf, hexOf, numberOf, sameMessage } from '../support/lxmf.ts';
import { sameLong } from '../support/long.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { concat } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { Identity } from '../../reticulum/identity.ts';
import { packMessage } from '../../lxmf/message.ts';
import { planUpload } from '../../lxmf/method.ts';
import { openPaper } from '../../lxmf/paper.ts';
import { decodeUpload, encodeUpload, sealPropagated } from '../../lxmf/propagated.ts';

const t = suite('lxmf/propagated', import.meta.url);
const golden = loadGolden('lxmf', 'propagated');

t(
  '[lxmf/propagation-packed-format] [lxmf/lxmessage-pack-payload-updated] seals and wraps the reference’s bytes',
  () => {
    eachCase(
      golden,
      (item) => {
        const { source, recipient, draft } = draftOf(item);
        const draws = (item.in['draws'] as string[]).slice(0, 2).map(fromHex);
        const ratchet = typeof item.in['ratchet'] === 'string' ? hexOf(item, 'ratchet') : undefined;
        const message = packMessage(draft, source);
        sameLong(message.packed, item.out?.['packed']);
        const sealed = sealPropagated(message, recipient, new ScriptedRandom(draws), ratchet);
        sameBytes(sealed.transientId, item.out?.['transientId'] as string);
        const stamp = item.in['propagationStamp'] as string | undefined;
        const upload = encodeUpload(numberOf(item.in['now']), [
          { ...sealed, stamp: typeof stamp === 'string' ? fromHex(stamp) : undefined },
        ]);
        sameLong(upload, item.out?.['propagationPacked']);
        assert.is(planUpload(upload).representation, item.out?.['representation']);
        const read = decodeUpload(upload);
        assert.is(read.timeS, numberOf(item.in['now']));
        assert.is(read.transientData.length, 1);
      },
      (item) => item.in['op'] === 'pack'
    );
  }
);

const receive = (item: { in: Record<string, unknown> }) =>
  openPaper(
    fromHex(item.in['data'] as string),
    Identity.fromPrivateKey(fromHex(item.in['private'] as string)),
    {
      ratchets: ((item.in['ratchets'] as string[] | undefined) ?? []).map(fromHex),
    }
  );

t('[lxmf/lxmrouter-lxmf-propagation] opens what a node hands out, as the reference', () => {
  eachCase(
    golden,
    (item) => sameMessage(receive(item).message, item.out?.['message'] as Record<string, unknown>),
    (item) => item.in['op'] === 'receive' && item.error === undefined
  );
  eachCase(
    golden,
    (item) => void throwsCode(() => receive(item), item.error as ErrorCode),
    (item) => item.in['op'] === 'receive' && item.error !== undefined
  );
});

t('uploads of another shape are refused with their path', () => {
  const bad = (hex: string): string =>
    throwsCode(() => decodeUpload(fromHex(hex)), 'LXMF_PROPAGATION').at ?? '';
  assert.is(bad('90'), 'upload');
  assert.is(bad('c0'), 'upload');
  assert.is(bad('92c090'), 'upload.time');
  assert.is(bad('9201c0'), 'upload.messages');
  assert.is(bad('92019101'), 'upload.messages[0]');
  throwsCode(() => decodeUpload(new Uint8Array()), 'MSGPACK_TRUNCATED');
});

t('a stamp of another size, and a foreign recipient, are refused', () => {
  const lxmfData = concat(new Uint8Array(120));
  assert.throws(
    () => encodeUpload(1, [{ lxmfData, stamp: new Uint8Array(31) }]),
    /"stamp" must be 32/
  );
  const alice = Identity.generate(new SeededRandom(1));
  const bob = Identity.generate(new SeededRandom(2));
  const message = packMessage({ destinationHash: new Uint8Array(16), timestamp: 1 }, alice);
  assert.throws(() => sealPropagated(message, bob, new SeededRandom(1)), /another identity/);
});

t.run();
