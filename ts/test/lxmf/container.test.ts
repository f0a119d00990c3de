import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { draftOf, hexOf, sameMessage } from '../support/lxmf.ts';
import { fromNotation } from '../support/notation.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { mapGet } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { MethodCode } from '../../lxmf/constants.ts';
import { containerFileName, decodeContainer, encodeContainer } from '../../lxmf/container.ts';
import { packMessage } from '../../lxmf/message.ts';

const t = suite('lxmf/container', import.meta.url);
const golden = loadGolden('lxmf', 'container');

t(
  '[lxmf/packed-container-unpack-from-container] [lxmf/lxmessage-packed-container] writes the reference’s container',
  () => {
    eachCase(
      golden,
      (item) => {
        const expected = fromHex((item.out?.['bytes'] ?? item.out?.['container']) as string);
        const map = decodeMsgpack(expected) as Map<never, never>;
        const packed = mapGet(map, 'lxmf_bytes') as Uint8Array;
        const { source, draft } = draftOf(item);
        const message = packMessage(draft, source);
        sameBytes(message.packed, packed);
        const code = (item.in['method'] as string).toUpperCase() as keyof typeof MethodCode;
        const bytes = encodeContainer(message, {
          state: item.in['state'] as number,
          transportEncrypted: item.in['transportEncrypted'] as boolean,
          transportEncryption: (item.in['transportEncryption'] as string | null) ?? undefined,
          method: MethodCode[code],
        });
        sameBytes(bytes, expected);
        assert.is(containerFileName(message), toHex(message.messageHash));
      },
      (item) => item.in['op'] === 'write' && item.in['stamp'] === undefined
    );
  }
);

t(
  '[lxmf/unpack-from-file-container] [lxmf/lxmessage-unpack-from-file] reads what the reference reads',
  () => {
    eachCase(
      golden,
      (item) => {
        const read = decodeContainer(hexOf(item, 'bytes'));
        const out = item.out ?? {};
        sameMessage(read.message, out['message'] as Record<string, unknown>);
        // Where a container lacks a value, or has one of another type, there is none here; the
        // reference falls back to a default, or keeps what it found.
        check(read.state, out['state'], 'number', 0);
        check(read.method, out['method'], 'number', 0);
        check(read.transportEncrypted, out['transportEncrypted'], 'boolean', false);
        check(read.transportEncryption, out['transportEncryption'], 'string', null);
      },
      (item) => item.in['op'] === 'read' && item.error === undefined
    );
  }
);

function check(actual: unknown, notation: unknown, type: string, fallback: unknown): void {
  const expected = fromNotation(notation);
  if (actual === undefined) assert.ok(typeof expected !== type || expected === fallback);
  else assert.is(actual, expected);
}

t('[lxmf/unpack-from-file-container] refuses what the reference refuses', () => {
  eachCase(
    golden,
    (item) => {
      const error = throwsCode(
        () => decodeContainer(hexOf(item, 'bytes')),
        item.error as ErrorCode
      );
      assert.ok(error.at?.startsWith('container'), error.message);
    },
    (item) => item.in['op'] === 'read' && item.error !== undefined
  );
});

t.run();
