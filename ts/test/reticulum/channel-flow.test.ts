import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { SealedLink } from '../support/sealed-link.ts';
import { collect, linked, type Linked } from '../support/sim.ts';
import { concat } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { bzip2 } from '../../codec/bzip2.ts';
import { LinkStatus } from '../../reticulum/link/constants.ts';
import { PacketContext } from '../../reticulum/packet.ts';
import type { PacketReceipt } from '../../reticulum/receipts.ts';

const t = suite('reticulum/channel-flow', import.meta.url);

const TYPE = 0x0101;

function channels(seed: number, model = {}, options = {}): Linked {
  const pair = linked(seed, { delayMs: 10, ...model }, options);
  for (const link of [pair.link, pair.peer]) link.channel().register(TYPE);
  return pair;
}

/** Send numbered messages as fast as the window allows. */
function pump(pair: Linked, count: number): void {
  const channel = pair.link.channel();
  let next = 0;
  const more = (): void => {
    while (next < count) {
      const data = Uint8Array.of(next >> 8, next & 255);
      const sent = pair.a.act((_, now) => channel.send(TYPE, data, now));
      if (sent === undefined) return;
      next += 1;
    }
  };
  pair.a.on('channel-ready', more);
  more();
}

function numbers(events: readonly { data: Uint8Array }[]): number[] {
  return events.map(({ data }) => ((data[0] as number) << 8) | (data[1] as number));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

t(
  '[reticulum/channel-is-ready-to-send] [reticulum/channel-windows] [reticulum/linkchanneloutlet-set-packet-delivered-callback] messages flow through a window that grows on a fast link',
  () => {
    const pair = channels(1);
    const messages = collect(pair.b, 'channel-message');
    const settled = collect(pair.a, 'channel-settled');
    pump(pair, 500);
    assert.equal([pair.link.channel().outstanding, pair.link.channel().isReady], [2, false]);
    pair.network.run(20_000);
    assert.equal(numbers(messages), upTo(500));
    assert.is(settled.length, 500);
    assert.ok(settled.every(({ message }) => message.state === 'delivered'));
    const { window } = pair.link.channel();
    assert.equal([window.size, window.max, window.min], [48, 48, 16]);
    assert.equal(pair.peer.channel().sequences, { send: 0, receive: 500 });
  }
);

t('[reticulum/channel] sequence numbers wrap around', () => {
  const link = new SealedLink(new Uint8Array(64).fill(3), new Uint8Array(16).fill(4), 500);
  link.link.peerCheck = (): boolean => true;
  const channel = link.link.channel();
  const { receipts } = link.link.host;
  for (let i = 0; i < 65_600; i++) {
    assert.is(channel.send(TYPE, Uint8Array.of(1), 0)?.sequence, i % 65_536);
    const [receipt] = [...receipts.values()] as [PacketReceipt];
    receipts.prove(link.link.id, concat(receipt.hash, new Uint8Array(64)), true);
  }
  assert.is(channel.sequences.send, 64);
});

t(
  '[reticulum/linkchanneloutlet-resend] [reticulum/linkchanneloutlet-timed-out] a message is sent five times, then the link is given up',
  () => {
    const pair = channels(3);
    const { wire } = pair;
    const send = wire.send.bind(wire);
    let tries = 0;
    wire.send = (from, bytes): void => {
      if (bytes[18] === PacketContext.CHANNEL) tries += 1;
      else send(from, bytes);
    };
    const settled = collect(pair.a, 'channel-settled');
    pair.a.act((_, now) => pair.link.channel().send(TYPE, Uint8Array.of(1), now));
    pair.network.run(30_000);
    assert.is(tries, 5);
    assert.equal([pair.link.status, settled[0]?.message.state], [LinkStatus.CLOSED, 'failed']);
    assert.is(pair.link.channel().send(TYPE, new Uint8Array(1), 0), undefined);
  }
);

t('[reticulum/linkchanneloutlet-get-packet-state] a late proof of an early try counts', () => {
  const pair = channels(4);
  const { wire } = pair;
  const send = wire.send.bind(wire);
  const proofs: Uint8Array[] = [];
  wire.send = (from, bytes): void => {
    const isProof = ((bytes[0] as number) & 3) === 3;
    if (isProof) proofs.push(bytes);
    else send(from, bytes);
  };
  const message = pair.a.act((_, now) => pair.link.channel().send(TYPE, Uint8Array.of(1), now));
  pair.network.until(() => (message?.tries ?? 0) === 3, 20_000);
  pair.a.ports[0]?.receive(proofs[0] as Uint8Array);
  assert.is(message?.state, 'delivered');
  assert.is(pair.b.reticulum.core.drops.count('channel-sequence'), 1);
  pair.network.run(60_000);
  assert.is(message?.tries, 3);
  assert.is(pair.link.status, LinkStatus.ACTIVE);
});

t(
  '[reticulum/channel-register-message-type] [reticulum/channel-remove-message-handler] messages of an unknown type, and without a channel, are counted and hold nothing up',
  () => {
    const pair = channels(5);
    const messages = collect(pair.b, 'channel-message');
    const channel = pair.link.channel();
    const say = (type: number): void => {
      pair.a.act((_, now) => channel.send(type, Uint8Array.of(0, type), now));
      pair.network.run(100);
    };
    say(2);
    say(TYPE);
    pair.peer.channel().deregister(TYPE);
    say(TYPE);
    assert.is(messages.length, 1);
    assert.is(pair.b.reticulum.core.drops.count('channel-message'), 2);
    assert.throws(() => channel.register(0xf000), RangeError);
    assert.throws(() => channel.send(0xff00, new Uint8Array(1), 0), RangeError);
    assert.throws(() => channel.send(TYPE, new Uint8Array(channel.mdu + 1), 0), RangeError);
    const other = linked(6, { delayMs: 10 });
    other.link.channel().register(TYPE);
    other.a.act((_, now) => other.link.channel().send(TYPE, Uint8Array.of(1), now));
    other.network.run(100);
    assert.is(other.b.reticulum.core.drops.count('channel-closed'), 1);
  }
);

t(
  '[reticulum/buffer-create-writer] [reticulum/buffer-create-reader] [reticulum/rawchannelreader-add-ready-callback] [reticulum/rawchannelwriter-close] [reticulum/rawchannelreader-close] a stream arrives whole and ends, packed where that helps',
  () => {
    for (const compression of [undefined, bzip2]) {
      const pair = channels(7, {}, { compression });
      const text = new TextEncoder().encode('stream of text, '.repeat(800));
      const data = new Uint8Array([...text, ...new SeededRandom(1).bytes(3000)]);
      const got: number[] = [];
      const reader = pair.peer.channel().reader(9);
      let ended = 0;
      pair.b.on('stream-data', (event) => {
        assert.is(event.reader, reader);
        got.push(...event.data);
        if (event.end) ended += 1;
      });
      const writer = pair.link.channel().writer(9);
      let rest = data;
      const more = (): void => {
        while (rest.length > 0) {
          const taken = pair.a.act((_, now) => writer.write(rest, now));
          if (taken === 0) return;
          rest = rest.subarray(taken);
        }
        pair.a.act((_, now) => writer.end(now));
      };
      pair.a.on('channel-ready', more);
      more();
      pair.network.run(30_000);
      sameBytes(Uint8Array.from(got), data);
      assert.equal([ended, reader.ended, writer.ended], [1, true, true]);
      assert.is(writer.write(data, 0), 0, 'nothing after the end');
      const messages = pair.link.channel().sequences.send;
      assert.ok(compression === undefined ? messages > 35 : messages < 25, `${messages} messages`);
    }
  }
);

t('a stream ends with its link, and an id has fourteen bits', () => {
  const pair = channels(8);
  pair.peer.channel().reader(1);
  const events = collect(pair.b, 'stream-data');
  pair.a.act((_, now) => pair.link.close(now));
  pair.network.run(100);
  assert.equal([events.length, events[0]?.end], [1, true]);
  assert.throws(() => pair.link.channel().writer(0x4000), RangeError);
  assert.throws(() => pair.link.channel().reader(-1), RangeError);
});

t('a slow link has a window of one', () => {
  const pair = channels(9, { delayMs: 800 });
  assert.is(pair.link.channel().window.size, 1);
  const messages = collect(pair.b, 'channel-message');
  pump(pair, 5);
  pair.network.run(60_000);
  assert.equal(numbers(messages), upTo(5));
});

t.run();
