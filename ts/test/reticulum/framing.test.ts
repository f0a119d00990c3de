import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { InterfaceAccessCode } from '../../reticulum/ifac.ts';
import {
  longestFrame,
  streamFraming,
  type FramingName,
} from '../../reticulum/interface-framing.ts';
import { hwMtuOf, interfaceKind } from '../../reticulum/interface-types.ts';

const t = suite('reticulum/framing', import.meta.url);
const golden = loadGolden('reticulum', 'framing');

const isOp =
  (op: string, framing: FramingName) =>
  (item: GoldenCase): boolean =>
    item.in['op'] === op && item.in['framing'] === framing;

for (const framing of ['hdlc', 'kiss'] as const) {
  t(`[reticulum/${framing}-framing] ${framing} frames packets as the reference`, () => {
    eachCase(
      golden,
      (item) => {
        const packet = fromHex(item.in['packet'] as string);
        sameLong(streamFraming(framing, 1000).encode(packet), item.out?.['frame']);
      },
      isOp('encode', framing)
    );
  });

  t(`[reticulum/${framing}-framing] ${framing} takes the same packets out of a stream`, () => {
    eachCase(
      golden,
      (item) => {
        const stream = streamFraming(framing, item.in['maxBytes'] as number);
        const chunks = (item.in['chunks'] as string[]).map((hex) => fromHex(hex));
        const packets = chunks.flatMap((chunk) => stream.push(chunk));
        assert.equal(packets.map(toHex), item.out?.['packets']);
      },
      isOp('decode', framing)
    );
  });

  t(`${framing}: half a frame is forgotten after a reset`, () => {
    const stream = streamFraming(framing, 100);
    const whole = stream.encode(new Uint8Array(40).fill(1));
    assert.is(stream.push(whole.subarray(0, 20)).length, 0);
    stream.reset();
    const packets = stream.push(stream.encode(new Uint8Array(30).fill(2)));
    assert.is(packets.length, 1);
    sameBytes(packets[0], new Uint8Array(30).fill(2));
  });
}

t('the longest frame is the MTU with the access code', () => {
  const access = InterfaceAccessCode.of({ passphrase: 'x' }, 8);
  assert.is(longestFrame({ name: 'a' }), 500);
  assert.is(longestFrame({ name: 'a', hwMtu: 1064, access }), 1072);
});

t('kinds without a bit rate of their own have the MTU of the one they are given', () => {
  assert.is(hwMtuOf(interfaceKind('TCPClientInterface'), undefined), 16384);
  assert.is(hwMtuOf(interfaceKind('TCPClientInterface'), 1_000_000_000), 524288);
  assert.is(hwMtuOf(interfaceKind('UDPInterface'), 1_000_000_000), 1064);
  assert.is(hwMtuOf(interfaceKind('SomethingElse'), undefined), undefined);
});

t.run();
