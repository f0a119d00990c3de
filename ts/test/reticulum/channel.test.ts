import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { millisOf } from '../support/endpoints.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { SealedLink } from '../support/sealed-link.ts';
import { stream } from '../support/stream.ts';
import { toHex } from '../../base/hex.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Compression } from '../../reticulum/compression.ts';
import type { Channel } from '../../reticulum/channel/channel.ts';
import { decodeEnvelope, encodeEnvelope } from '../../reticulum/channel/envelope.ts';
import { decodeStreamData, encodeStreamData } from '../../reticulum/channel/stream.ts';
import { ChannelWindow } from '../../reticulum/channel/window.ts';
import { Identity } from '../../reticulum/identity.ts';
import { PacketContext, decodePacket } from '../../reticulum/packet.ts';
import { ReceivedPacket } from '../../reticulum/received-packet.ts';

const t = suite('reticulum/channel', import.meta.url);
const golden = loadGolden('reticulum', 'channel');

function freshLink(compression?: Compression): SealedLink {
  return new SealedLink(new Uint8Array(64).fill(3), new Uint8Array(16).fill(4), 500, compression);
}

t(
  '[reticulum/envelope] [reticulum/envelope-pack] [reticulum/envelope-unpack] packs and reads envelopes as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const envelope = {
          type: item.in['type'] as number,
          sequence: item.in['sequence'] as number,
          data: hexOf(item, 'data'),
        };
        const raw = encodeEnvelope(envelope);
        sameBytes(raw, item.out?.['raw'] as string);
        assert.equal(decodeEnvelope(raw), envelope);
      },
      (item) => item.in['op'] === 'envelope'
    );
  }
);

t('[reticulum/envelope-unpack] reads no envelope from too few bytes', () => {
  eachCase(
    golden,
    (item) => assert.is(decodeEnvelope(hexOf(item, 'raw')), undefined),
    (item) => item.in['op'] === 'open'
  );
});

/** A channel that expects `start` next. */
function channelAt(link: SealedLink, start: number): Channel {
  const channel = link.link.channel();
  channel.register(0x0101);
  for (let sequence = 0; sequence < start; sequence++) {
    channel.receive(encodeEnvelope({ type: 0x0101, sequence, data: new Uint8Array() }));
  }
  link.sentFrames();
  link.events.length = 0;
  return channel;
}

t(
  '[reticulum/channel] [reticulum/channel-add-message-handler] delivers once and in order what the reference delivers',
  () => {
    eachCase(
      golden,
      (item) => {
        const link = freshLink();
        const channel = channelAt(link, item.in['start'] as number);
        for (const sequence of item.in['arriving'] as number[]) {
          const data = Uint8Array.of(sequence >> 8, sequence & 255);
          channel.receive(encodeEnvelope({ type: 0x0101, sequence, data }));
        }
        link.sentFrames();
        const delivered = link.events.flatMap((event) =>
          event.kind === 'channel-message'
            ? [((event.data[0] as number) << 8) | (event.data[1] as number)]
            : []
        );
        assert.equal(delivered, item.out?.['delivered']);
        assert.is(channel.sequences.receive, item.out?.['next']);
      },
      (item) => item.in['op'] === 'sequence'
    );
  }
);

t('[reticulum/channel-windows] widens and narrows the window as the reference does', () => {
  eachCase(
    golden,
    (item) => {
      const rttMs = millisOf(item.in['rtt']);
      const window = new ChannelWindow(rttMs);
      const states: number[][] = [];
      for (const event of item.in['events'] as string) {
        if (event === 'd') window.grow(rttMs);
        else window.shrink();
        states.push([window.size, window.max, window.min]);
      }
      assert.equal(states, item.out?.['states']);
    },
    (item) => item.in['op'] === 'window'
  );
});

t(
  '[reticulum/linkchanneloutlet-rtt] [reticulum/linkchanneloutlet-set-packet-timeout-callback] waits for proofs as long as the reference, but at least a second',
  () => {
    eachCase(
      golden,
      (item) => {
        const rttMs = millisOf(item.in['rtt']);
        const rows = item.out?.['seconds'] as unknown[][];
        for (const [i, ring] of (item.in['rings'] as number[]).entries()) {
          for (let tries = 1; tries <= 5; tries++) {
            const expected = millisOf(rows[i]?.[tries - 1]);
            const ours = 1.5 ** (tries - 1) * Math.max(rttMs * 2.5, 25) * (ring + 1.5);
            assert.ok(Math.abs(ours - expected) < 1e-6);
          }
        }
        // The same by the channel itself: one message under way, counted after it was put in line.
        const link = freshLink();
        link.link.rttMs = rttMs;
        const channel = link.link.channel();
        channel.send(0x0101, new Uint8Array(1), link.core.now);
        const expected = Math.max(1000, millisOf(rows[1]?.[0]));
        const wait = (link.core.timers.due() ?? 0) - link.core.now;
        assert.ok(Math.abs(wait - expected) < 1e-3, `${wait} and ${expected}`);
      },
      (item) => item.in['op'] === 'timeout'
    );
  }
);

t(
  '[reticulum/streamdatamessage] [reticulum/streamdatamessage-pack] [reticulum/streamdatamessage-unpack] packs and reads stream messages as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const piece = {
          streamId: item.in['streamId'] as number,
          end: item.in['end'] as boolean,
          packed: item.in['packed'] as boolean,
          data: hexOf(item, 'data'),
        };
        const raw = encodeStreamData(piece);
        sameBytes(raw, item.out?.['raw'] as string);
        assert.equal(decodeStreamData(raw), piece);
      },
      (item) => item.in['op'] === 'stream'
    );
  }
);

t(
  '[reticulum/rawchannelreader] a packed piece of a stream is unpacked before it is told, within the limit',
  () => {
    eachCase(
      golden,
      (item) => {
        const unpacked = item.out?.['unpacked'] as string;
        let limit = 0;
        const link = freshLink({
          compress: () => undefined,
          decompress: (data, maxBytes) => {
            limit = maxBytes;
            assert.is(toHex(data), item.in['data']);
            if (maxBytes < unpacked.length / 2) throw new ProtocolError('RNS_CHANNEL', 'too long');
            return Uint8Array.from(unpacked.match(/../g) ?? [], (pair) => parseInt(pair, 16));
          },
        });
        const channel = link.link.channel();
        channel.reader(9);
        channel.receive(
          encodeEnvelope({ type: 0xff00, sequence: 0, data: raw(item.out?.['raw']) })
        );
        link.sentFrames();
        const event = link.events.find((one) => one.kind === 'stream-data');
        sameBytes((event as { data: Uint8Array }).data, unpacked);
        assert.is(limit, 16384);
      },
      (item) => item.in['op'] === 'stream' && item.in['packed'] === true
    );
  }
);

function raw(hex: unknown): Uint8Array {
  return Uint8Array.from((hex as string).match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

t(
  '[reticulum/rawchannelwriter] [reticulum/rawchannelwriter-write] cuts what is written as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const link = freshLink();
        const writer = link.link.channel().writer(item.in['streamId'] as number);
        const data = stream(item.in['label'] as string, item.in['size'] as number);
        assert.is(writer.write(data, link.core.now), item.out?.['taken']);
        const envelope = link.openSent(PacketContext.CHANNEL);
        sameBytes(envelope, item.out?.['raw'] as string);
      },
      (item) => item.in['op'] === 'write'
    );
  }
);

t(
  '[reticulum/channel-send] [reticulum/channel-mdu] [reticulum/linkchanneloutlet-send] [reticulum/linkchanneloutlet-mdu] sends a message over a link, and the proof for it',
  () => {
    eachCase(
      golden,
      (item) => {
        const link = new SealedLink(hexOf(item, 'key'), hexOf(item, 'linkId'), 500);
        const channel = link.link.channel();
        link.random.use(item.in['draws'] as string[]);
        assert.is(channel.mdu, item.out?.['mdu']);
        const type = item.in['type'] as number;
        const message = channel.send(type, hexOf(item, 'data'), link.core.now);
        const [frame] = link.sentFrames() as [Uint8Array];
        sameBytes(frame, item.out?.['packet'] as string);
        assert.is(message?.state, 'sent');
        // The destination's identity signs the proof; the initiator checks it.
        const identity = Identity.fromPrivateKey(hexOf(item, 'signer'));
        link.link.peerCheck = (signature, hash) => identity.validate(signature, hash);
        const proof = ReceivedPacket.read(raw(item.out?.['proof']), 1) as ReceivedPacket;
        link.link.host.receipts.prove(link.link.id, proof.data, true);
        assert.is(message?.state, 'delivered');
        assert.is(decodePacket(proof.raw).data.length, 96);
      },
      (item) => item.in['op'] === 'packet'
    );
  }
);

t.run();
