/** XDR values, their JSON form and what must be refused, as the reference programs made them. @module */
import { fromHex } from '../../base/hex.ts';
import { encodeRecord, RecordReader } from '../../codec/record-marking.ts';
import type { XdrCodec } from '../../codec/xdr.ts';
import { AuthenticatedMessage, StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { fromJson } from '../../stellar/xdr/json/from-json.ts';
import { toJson } from '../../stellar/xdr/json/to-json.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { suite } from '../support/suite.ts';
import { codecOf } from './xdr-random.ts';

const t = suite('stellar/xdr golden', import.meta.url);
const values = loadGolden('stellar', 'xdr');
const refused = loadGolden('stellar', 'xdr-refused');
const frames = loadGolden('stellar', 'frames');

const text = (item: GoldenCase, key: string): string => String(item.in[key]);
const codec = (item: GoldenCase): XdrCodec<unknown> => codecOf(text(item, 'type'));

t(
  '[tesserae/xdr-types] [stellar-overlay-tests/upstream-tests-codec-n-a] values of every type decode and encode to the same bytes',
  () => {
    const types = new Set<string>();
    eachCase(values, (item) => {
      const type = codec(item);
      sameBytes(type.encode(type.decode(fromHex(text(item, 'xdr')))), text(item, 'xdr'));
      types.add(type.name);
    });
    assert.ok(types.size >= 450, `${types.size} types`);
  }
);

t('[tesserae/xdr-types] the golden messages cover every message type', () => {
  const seen = new Set<number>();
  eachCase(
    values,
    (item) => seen.add(StellarMessage.decode(fromHex(text(item, 'xdr'))).type),
    (item) => text(item, 'type') === 'StellarMessage'
  );
  assert.equal([...seen].sort(), Object.values(MessageType).sort());
});

t('[tesserae/xdr-types] the JSON form is the one of the stellar-xdr crate, both ways', () => {
  eachCase(values, (item) => {
    const type = codec(item);
    const json = String(item.out?.['json']);
    assert.is(JSON.stringify(toJson(type, type.decode(fromHex(text(item, 'xdr'))))), json);
    const read = (): unknown => fromJson(type, JSON.parse(json));
    if (item.out?.['oneWay'] === true) throwsCode(read, 'STRKEY_PAYLOAD', item.id);
    else sameBytes(type.encode(read()), text(item, 'xdr'));
  });
});

t(
  '[tesserae/xdr-types] [tesserae/codec-limits] what the reference refuses is refused with its own code',
  () => {
    eachCase(refused, (item) => {
      const error = throwsCode(
        () => codec(item).decode(fromHex(text(item, 'xdr'))),
        item.error as 'XDR_ENUM'
      );
      assert.ok(error.offset !== undefined, 'names the offset');
    });
  }
);

t(
  '[stellar-overlay/messagecodec-rm-framing-4-byte-header] [stellar-overlay/messagecodec-auth-bit-handling-bit-31] frames of the handshake are read and written byte for byte',
  () => {
    eachCase(frames, (item) => {
      const frame = fromHex(text(item, 'frame'));
      const reader = new RecordReader();
      reader.push(frame);
      const body = reader.next() as Uint8Array;
      const message = AuthenticatedMessage.decode(body);
      assert.is(String(message.value.sequence), item.out?.['sequence']);
      sameBytes(message.value.mac.mac, String(item.out?.['mac']));
      assert.is(JSON.stringify(toJson(AuthenticatedMessage, message)), item.out?.['json']);
      sameBytes(AuthenticatedMessage.encode(message), body);
      sameBytes(encodeRecord(AuthenticatedMessage.encode(message)), frame);
    });
  }
);

t.run();
