import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { Probe, hexes } from '../support/endpoints.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { ProtocolError, type ErrorCode } from '../../base/errors.ts';
import { Destination } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import {
  DestinationType,
  HEADER_MAX_BYTES,
  MAX_HOPS,
  MDU,
  MTU,
  PacketContext,
  decodePacket,
  encodePacket,
  packetHash,
} from '../../reticulum/packet.ts';
import { ReceivedPacket, intoTransport } from '../../reticulum/received-packet.ts';

const t = suite('reticulum/packet', import.meta.url);
const golden = loadGolden('reticulum', 'packet');
const NOW = 1_700_000_000_250;

t(
  '[reticulum/packet-unpack] [reticulum/packet-pack] [reticulum/packet-get-packed-flags] [reticulum/packet-header-types] [reticulum/packet-get-hash] [reticulum/packet-gettruncatedhash] [reticulum/packet-truncated-packet-hash] [reticulum/packet-update-hash] [reticulum/packet-get-hashable-part] reads every combination of flags as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const out = item.out ?? {};
        const raw = hexOf(item, 'packet');
        const received = ReceivedPacket.read(raw, 1) as ReceivedPacket;
        for (const packet of [decodePacket(raw), received]) {
          assert.is(packet.transportId !== undefined, out['headerType'] === 1);
          assert.is(packet.contextFlag, out['contextFlag'] === 1);
          assert.is(packet.transported, out['transportType'] === 1);
          assert.is(packet.destinationType, out['destinationType']);
          assert.is(packet.packetType, out['packetType']);
          assert.is(packet.context, out['context']);
          assert.is(packet.hops, (out['hops'] as number) + (packet === received ? 1 : 0));
          sameBytes(packet.destinationHash, out['destinationHash'] as string);
          sameBytes(packet.data, out['data'] as string);
        }
        sameBytes(received.hash, out['hash'] as string);
        sameBytes(received.truncatedHash, out['truncatedHash'] as string);
        sameBytes(packetHash(decodePacket(raw)), out['hash'] as string);
        sameBytes(encodePacket(decodePacket(raw)), raw);
      },
      (item) => item.in['op'] === 'unpack' && item.error === undefined
    );
  }
);

t('[reticulum/packet-unpack] refuses the packets that the reference refuses', () => {
  eachCase(
    golden,
    (item) => {
      const raw = hexOf(item, 'packet');
      throwsCode(() => decodePacket(raw), item.error as ErrorCode);
      assert.is(ReceivedPacket.read(raw, 1), undefined);
    },
    (item) => item.in['op'] === 'unpack' && item.error !== undefined
  );
});

function senderOf(item: GoldenCase): Destination {
  const type = item.in['type'] as 0 | 1 | 2;
  const identity =
    type === DestinationType.PLAIN
      ? undefined
      : Identity.fromPublicKey(fromHex((item.in['public'] as string | undefined) ?? PUBLIC));
  const destination = Destination.create({
    direction: 'out',
    type,
    identity,
    appName: 'app',
    aspects: item.in['aspects'] as string[],
  });
  if (type === DestinationType.GROUP) {
    destination.loadGroupKey(fromHex((item.in['group'] as string | undefined) ?? 'ab'.repeat(64)));
  }
  return destination;
}

const PUBLIC = golden.cases.find((item) => item.in['op'] === 'send')?.in['public'] as string;

t(
  '[reticulum/packet-send] [reticulum/destination-encrypt-single] [reticulum/destination-encrypt-group] [reticulum/destination-group-key] [reticulum/destination-types] [reticulum/destination-receive] [reticulum/packet] sends to each type of destination in the reference’s bytes',
  () => {
    eachCase(
      golden,
      (item) => {
        const out = item.out ?? {};
        const sender = senderOf(item);
        sameBytes(sender.hash, out['destinationHash'] as string);
        const probe = new Probe(1064);
        probe.random.use(item.in['draws'] as string[]);
        const { sent, receipt } = probe.reticulum.send(sender, hexOf(item, 'data'), NOW);
        assert.is(sent, true);
        assert.equal(hexes(probe.sent()), [out['packet']]);
        if (sender.type === DestinationType.PLAIN) assert.is(receipt, undefined);
        else sameBytes(receipt?.hash, out['hash'] as string);
        receive(item);
      },
      (item) => item.in['op'] === 'send' && item.error === undefined
    );
  }
);

/** The other end opens what the reference sent. */
function receive(item: GoldenCase): void {
  const type = item.in['type'] as 0 | 1 | 2;
  const identity =
    type === DestinationType.PLAIN ? undefined : Identity.fromPrivateKey(hexOf(item, 'private'));
  const inbound = Destination.create({
    direction: 'in',
    type,
    identity,
    appName: 'app',
    aspects: item.in['aspects'] as string[],
  });
  if (type === DestinationType.GROUP) inbound.loadGroupKey(hexOf(item, 'group'));
  const probe = new Probe(1064);
  probe.reticulum.register(inbound);
  probe.receive(fromHex(item.out?.['packet'] as string), NOW);
  const event = probe.last('packet');
  sameBytes(event.data, item.in['data'] as string);
  assert.is(event.destination, inbound);
}

t('[reticulum/packet-send] refuses data that would make a packet above 500 bytes', () => {
  eachCase(
    golden,
    (item) => {
      const probe = new Probe(8192);
      const draws = ['01'.repeat(32), '02'.repeat(16)];
      probe.random.use(item.in['type'] === DestinationType.SINGLE ? draws : draws.slice(1));
      const data = new Uint8Array(item.in['size'] as number);
      assert.throws(() => probe.reticulum.send(senderOf(item), data, NOW), RangeError);
      assert.equal(probe.sent(), []);
    },
    (item) => item.in['op'] === 'send' && item.error !== undefined
  );
});

t('[reticulum/transport-outbound] a packet over more than one hop goes to the next hop', () => {
  eachCase(
    golden,
    (item) => {
      const raw = hexOf(item, 'packet');
      const hops = item.in['hops'] as number;
      const sent = hops > 1 ? intoTransport(raw, hexOf(item, 'nextHop')) : raw;
      sameBytes(sent, item.out?.['sent'] as string);
      const probe = new Probe(1064);
      const identity = Identity.fromPublicKey(fromHex(PUBLIC));
      const sender = Destination.known(identity, decodePacket(raw).destinationHash);
      probe.knowPath(sender.hash, NOW, hops, hexOf(item, 'nextHop'));
      probe.random.use(item.in['draws'] as string[]);
      probe.reticulum.send(sender, new TextEncoder().encode('data'), NOW);
      assert.equal(hexes(probe.sent()), [item.out?.['sent']]);
    },
    (item) => item.in['op'] === 'transport'
  );
});

t('[reticulum/transport-request-path] asks for a path in the reference’s bytes', () => {
  eachCase(
    golden,
    (item) => {
      const probe = new Probe(1064);
      probe.random.use(item.in['draws'] as string[]);
      const tag = item.in['tag'];
      probe.reticulum.requestPath(hexOf(item, 'wanted'), NOW, {
        tag: typeof tag === 'string' ? fromHex(tag) : undefined,
      });
      assert.equal(hexes(probe.sent()), [item.out?.['packet']]);
    },
    (item) => item.in['op'] === 'path-request'
  );
});

t('[reticulum/packet-contexts] names sizes and contexts as the reference does', () => {
  eachCase(
    golden,
    (item) => {
      if (item.in['op'] === 'contexts') {
        assert.equal({ ...PacketContext }, item.out);
      } else {
        const { out = {} } = item;
        assert.is(out['MTU'], MTU);
        assert.is(out['MDU'], MDU);
        assert.is(out['HEADER_MAXSIZE'], HEADER_MAX_BYTES);
        assert.is(out['PATHFINDER_M'], MAX_HOPS);
      }
    },
    (item) => item.in['op'] === 'contexts' || item.in['op'] === 'sizes'
  );
});

t('a frame and its fields share memory, so large parts are not copied', () => {
  const raw = new Uint8Array(8192).fill(1);
  raw[0] = 0x0c;
  raw[1] = 0;
  const packet = ReceivedPacket.read(raw, 1);
  assert.is(packet?.data.buffer, raw.buffer);
  assert.is(toHex(packet?.hash ?? new Uint8Array()), toHex(packetHash(decodePacket(raw))));
  assert.instance(new ProtocolError('RNS_PACKET', ''), Error);
});

t.run();
