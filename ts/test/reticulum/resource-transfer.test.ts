import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { SealedLink } from '../support/sealed-link.ts';
import { collect, linked, type Linked } from '../support/sim.ts';
import { concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { bzip2 } from '../../codec/bzip2.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import { LinkStatus, ResourceStrategy } from '../../reticulum/link/constants.ts';
import { PacketContext } from '../../reticulum/packet.ts';
import {
  decodeAdvertisement,
  encodeAdvertisement,
} from '../../reticulum/resource/advertisement.ts';
import {
  COLLISION_GUARD,
  ResourceStatus,
  SEGMENT_BYTES,
} from '../../reticulum/resource/constants.ts';
import { IncomingResource } from '../../reticulum/resource/incoming.ts';
import { OutgoingResource } from '../../reticulum/resource/outgoing.ts';
import { resourceProgress, segmentProgress } from '../../reticulum/resource/progress.ts';
import { prepareSegment } from '../../reticulum/resource/segment.ts';
import { bytesSource } from '../../reticulum/resource/source.ts';
import { ResourceWindow } from '../../reticulum/resource/window.ts';
import { encodeHashmapUpdate, writeMapHashes } from '../../reticulum/resource/wire.ts';

const t = suite('reticulum/resource-transfer', import.meta.url);

function accepting(seed: number, model = {}, options = {}): Linked {
  const pair = linked(seed, { delayMs: 5, mtu: 8192, ...model }, options);
  pair.peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  return pair;
}

function sendAll(pair: Linked, data: Uint8Array, options = {}): OutgoingResource {
  const resource = pair.a.act((_, now) => pair.link.sendResource(data, now, options));
  if (resource === undefined) throw new Error('the link is not open');
  return resource;
}

t(
  '[reticulum/resource-get-progress] [reticulum/resource-progress-callback] [reticulum/resource-get-segment-progress] [reticulum/link-set-resource-started-callback] [reticulum/link-set-resource-concluded-callback] a resource of several segments arrives whole, with progress at both ends',
  () => {
    const pair = accepting(1);
    const data = new SeededRandom(1).bytes(3 * SEGMENT_BYTES - 500);
    const started = collect(pair.b, 'resource-started');
    const concluded = collect(pair.b, 'resource-concluded');
    const metadata: MsgpackValue = new Map([['n', 7] as const]);
    const here: number[] = [];
    const there: number[] = [];
    pair.a.on('resource-progress', ({ resource }) => void here.push(resource.progress));
    pair.b.on('resource-progress', ({ resource }) => void there.push(resource.progress));
    const resource = sendAll(pair, data, { metadata });
    assert.is(resource.totalSegments, 3);
    pair.network.until(() => resource.concluded, 60_000);
    assert.is(resource.status, ResourceStatus.COMPLETE);
    assert.equal([started.length, concluded.length], [1, 1]);
    const received = concluded[0]?.resource as IncomingResource;
    sameBytes(received.data.slice(), data);
    assert.equal(received.metadata, metadata);
    for (const list of [here, there]) {
      assert.ok(list.length > 10);
      assert.equal(
        list,
        [...list].sort((x, y) => x - y),
        'progress never goes back'
      );
    }
    assert.equal([resource.progress, received.progress, resource.segmentProgress], [1, 1, 1]);
  }
);

t('[reticulum/resource-get-progress] progress is reckoned as the reference reckons it', () => {
  const state = {
    complete: false,
    segmentIndex: 1,
    totalSegments: 1,
    doneParts: 3,
    totalParts: 12,
    sdu: 464,
  };
  assert.is(resourceProgress(state), 0.25);
  const perSegment = Math.ceil(SEGMENT_BYTES / 464);
  const second = {
    ...state,
    segmentIndex: 2,
    totalSegments: 4,
    doneParts: perSegment,
    totalParts: perSegment,
  };
  assert.is(resourceProgress(second), 0.5);
  // A short last segment counts as much as a full one.
  assert.is(resourceProgress({ ...second, segmentIndex: 4, doneParts: 5, totalParts: 10 }), 0.875);
  assert.is(segmentProgress(second), 1);
  assert.is(resourceProgress({ ...state, totalParts: 0 }), 0);
});

t(
  '[reticulum/link-ready-for-new-resource] [reticulum/link-register-outgoing-resource] [reticulum/link-resource-concluded] resources of one link are sent one after the other',
  () => {
    const pair = accepting(2);
    const order: number[] = [];
    pair.b.on('resource-concluded', ({ resource }) => {
      if (resource instanceof IncomingResource) order.push(resource.receivedBytes);
    });
    const [first, second, third] = [50_000, 10, 30_000].map((size) =>
      sendAll(pair, new Uint8Array(size), { autoCompress: false })
    ) as [OutgoingResource, OutgoingResource, OutgoingResource];
    assert.is(pair.link.resources.isReady, false);
    assert.equal(
      pair.link.resources.outgoing.map((one) => one.status),
      [ResourceStatus.ADVERTISED, ResourceStatus.QUEUED, ResourceStatus.QUEUED]
    );
    pair.a.act((_, now) => second.cancel(now));
    pair.network.run(20_000);
    assert.equal([first.status, second.status, third.status], [6, 7, 6]);
    assert.equal(order, [50_000, 30_000]);
    assert.is(pair.link.resources.isReady, true);
  }
);

t(
  '[reticulum/link-get-last-resource-window] [reticulum/link-get-last-resource-eifr] [reticulum/link-get-expected-rate] a link remembers the window and rate of its last transfer',
  () => {
    const pair = accepting(3);
    sendAll(pair, new Uint8Array(400_000), { autoCompress: false });
    pair.network.run(20_000);
    const { lastWindow, lastRateBps } = pair.peer.resources;
    assert.ok((lastWindow ?? 0) > 8, `window ${lastWindow}`);
    assert.ok((lastRateBps ?? 0) > 1_000_000, `rate ${lastRateBps}`);
    assert.ok((pair.link.resources.expectedRateBps ?? 0) > 100_000);
    assert.is(new ResourceWindow(lastWindow).size, lastWindow);
  }
);

t(
  '[reticulum/link-set-resource-strategy] [reticulum/resource-reject] [reticulum/link-set-resource-callback] an offer is taken or refused by the application',
  () => {
    const pair = accepting(4);
    pair.peer.resourceStrategy = ResourceStrategy.ACCEPT_APP;
    const offers = collect(pair.b, 'resource-offered');
    const first = sendAll(pair, new Uint8Array(1000), { metadata: 'note' });
    pair.network.run(100);
    const offer = offers[0]?.offer;
    assert.equal([offer?.advertisement.dataBytes, offer?.isOpen], [1000 + 3 + 5, true]);
    assert.is(
      pair.b.act((_, now) => offer?.reject(now)),
      true
    );
    assert.is(
      pair.b.act((_, now) => offer?.accept(now)),
      undefined,
      'one answer only'
    );
    pair.network.run(100);
    assert.is(first.status, ResourceStatus.REJECTED);
    const written: number[] = [];
    const second = sendAll(pair, new Uint8Array(70_000), { autoCompress: false });
    pair.network.run(100);
    const accepted = pair.b.act((_, now) =>
      offers[1]?.offer.accept(now, { write: (bytes) => void written.push(bytes.length) })
    );
    pair.network.run(10_000);
    assert.equal([second.status, accepted?.status], [6, 6]);
    assert.equal(written, [70_000]);
    assert.is(accepted?.data.length, 0, 'the data went to the sink');
    // Nobody answers: the sender gives up after its retries.
    const third = sendAll(pair, new Uint8Array(10));
    pair.network.run(20_000);
    assert.equal(
      [third.status, offers.length, offers[2]?.offer.isOpen],
      [ResourceStatus.FAILED, 3, false]
    );
    pair.peer.resourceStrategy = ResourceStrategy.ACCEPT_NONE;
    const fourth = sendAll(pair, new Uint8Array(10));
    pair.network.run(20_000);
    assert.is(fourth.status, ResourceStatus.FAILED);
  }
);

t(
  '[reticulum/resource-cancel] [reticulum/link-cancel-incoming-resource] either end cancels, and the end of the link cancels all',
  () => {
    for (const byReceiver of [false, true]) {
      const pair = accepting(5);
      const resource = sendAll(pair, new Uint8Array(900_000), { autoCompress: false });
      pair.network.until(() => (pair.peer.resources.incoming[0]?.progress ?? 0) > 0.2, 20_000);
      const [incoming] = pair.peer.resources.incoming as [IncomingResource];
      if (byReceiver) pair.b.act((_, now) => incoming.cancel(now));
      else pair.a.act((_, now) => resource.cancel(now));
      pair.network.run(100);
      const outcome = byReceiver ? ResourceStatus.REJECTED : ResourceStatus.FAILED;
      assert.equal([resource.status, incoming.status], [outcome, ResourceStatus.FAILED]);
      assert.is(pair.peer.resources.incoming.length, 0);
    }
    const pair = accepting(6);
    const resource = sendAll(pair, new Uint8Array(900_000), { autoCompress: false });
    pair.network.run(30);
    const [incoming] = pair.peer.resources.incoming as [IncomingResource];
    pair.b.act((_, now) => pair.peer.close(now));
    pair.network.run(100);
    assert.equal(
      [resource.status, incoming.status],
      [ResourceStatus.FAILED, ResourceStatus.FAILED]
    );
  }
);

t(
  '[reticulum/resource-compression] data is packed when that makes it smaller, and refused where nothing unpacks it',
  () => {
    const text = new TextEncoder().encode('again and again '.repeat(2000));
    const pair = accepting(7, {}, { compression: bzip2 });
    const concluded = collect(pair.b, 'resource-concluded');
    const packed = sendAll(pair, text);
    const noise = sendAll(pair, new SeededRandom(1).bytes(5000));
    const never = sendAll(pair, text, { autoCompress: false });
    const limited = sendAll(pair, text, { autoCompress: 100 });
    pair.network.run(60_000);
    assert.equal(
      [packed, noise, never, limited].map((one) => one.compressed),
      [true, false, false, false]
    );
    const whole = concluded.map(({ resource }) => (resource as IncomingResource).data.length);
    assert.equal(whole, [text.length, 5000, text.length, text.length]);
    const one = accepting(8, {}, { compression: bzip2 });
    const { core } = one.b.reticulum as unknown as { core: { compression: unknown } };
    core.compression = undefined;
    const refused = sendAll(one, text);
    one.network.run(1000);
    assert.is(refused.status, ResourceStatus.REJECTED);
    assert.is(one.b.reticulum.core.drops.count('resource-refused'), 1);
  }
);

t('a segment that unpacks to more than was advertised is refused', () => {
  let allowed = 0;
  const bomb = new SealedLink(new Uint8Array(64).fill(1), new Uint8Array(16), 500, {
    compress: () => new Uint8Array(10),
    decompress: (_, maxBytes) => {
      allowed = maxBytes;
      throw new ProtocolError('RNS_RESOURCE', 'too much');
    },
  });
  bomb.link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  const sender = new SealedLink(new Uint8Array(64).fill(1), new Uint8Array(16), 500, {
    compress: () => new Uint8Array(10),
    decompress: (data) => data,
  });
  const resource = new OutgoingResource(sender.link, bytesSource(new Uint8Array(5000)), {});
  sender.send(resource);
  bomb.deliver(PacketContext.RESOURCE_ADV, sender.openSent(PacketContext.RESOURCE_ADV));
  const request = bomb.openSent(PacketContext.RESOURCE_REQ);
  sender.deliver(PacketContext.RESOURCE_REQ, request);
  for (const frame of sender.sentFrames()) bomb.receive(frame);
  assert.is(allowed, 5000);
  assert.is(bomb.concluded()[0]?.status, ResourceStatus.CORRUPT);
  sender.deliver(PacketContext.RESOURCE_RCL, bomb.openSent(PacketContext.RESOURCE_RCL));
  assert.is(resource.status, ResourceStatus.REJECTED);
});

t(
  '[reticulum/resource-assemble] data that does not match its hash is corrupt, and the sender hears of it',
  () => {
    const [sender, receiver] = [0, 1].map(
      () => new SealedLink(new Uint8Array(64).fill(1), new Uint8Array(16), 500)
    ) as [SealedLink, SealedLink];
    receiver.link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
    const resource = new OutgoingResource(sender.link, bytesSource(new Uint8Array(300)), {});
    sender.send(resource);
    const adv = decodeAdvertisement(sender.openSent(PacketContext.RESOURCE_ADV));
    const hash = adv.hash.map((byte) => byte ^ 1);
    receiver.deliver(PacketContext.RESOURCE_ADV, encodeAdvertisement({ ...adv, hash }));
    receiver.sentFrames();
    const [frame] = sender.askForParts(resource, adv.hash, 0, 1) as [Uint8Array];
    const bent = frame.slice();
    bent[30] = (bent[30] as number) ^ 1;
    receiver.receive(bent);
    assert.is(receiver.core.drops.count('resource-part'), 1, 'a damaged part is not asked for');
    receiver.receive(frame);
    assert.is(receiver.concluded()[0]?.status, ResourceStatus.CORRUPT);
  }
);

t('[reticulum/link-receive] a malformed advertisement ends the link', () => {
  const pair = accepting(9);
  pair.a.act(() => pair.link.sendSealed(PacketContext.RESOURCE_ADV, Uint8Array.of(0x80)));
  pair.network.run(100);
  assert.equal([pair.link.status, pair.peer.status], [LinkStatus.CLOSED, LinkStatus.CLOSED]);
  assert.is(pair.b.reticulum.core.drops.count('resource-malformed'), 1);
});

t('packets of no transfer are counted, and a map update out of place changes nothing', () => {
  const pair = accepting(10);
  const hash = new Uint8Array(32).fill(1);
  const say = (context: number, plaintext: Uint8Array): void => {
    pair.a.act(() => pair.link.sendSealed(context, plaintext));
  };
  say(PacketContext.RESOURCE_REQ, concat(Uint8Array.of(0), hash));
  say(PacketContext.RESOURCE_REQ, hash.subarray(0, 20));
  say(PacketContext.RESOURCE_HMU, encodeHashmapUpdate({ hash, segment: 1, hashes: [1] }));
  say(PacketContext.RESOURCE_HMU, hash);
  say(PacketContext.RESOURCE_ICL, hash);
  say(PacketContext.RESOURCE_RCL, hash);
  pair.network.run(100);
  const { drops } = pair.b.reticulum.core;
  assert.equal([drops.count('resource-unmatched'), drops.count('resource-malformed')], [4, 2]);
  sendAll(pair, new Uint8Array(900_000), { autoCompress: false });
  pair.network.run(25);
  const [incoming] = pair.peer.resources.incoming;
  const segment = incoming?.segment;
  for (const update of [
    { segment: 0, hashes: [1, 2] },
    { segment: 5000, hashes: [1] },
  ]) {
    assert.is(segment?.receiveHashmap({ hash: segment.hash, ...update }), false);
  }
  pair.network.run(20_000);
  assert.is(incoming?.status, ResourceStatus.COMPLETE);
  assert.equal([...writeMapHashes([0x01020304])], [1, 2, 3, 4]);
});

t(
  '[reticulum/transport-cache-request] [reticulum/transport-cache-request-packet] [reticulum/transport-get-cached-packet] a proof that was lost is asked for and sent again',
  () => {
    const pair = accepting(11);
    const { wire } = pair;
    const send = wire.send.bind(wire);
    let lost = 0;
    wire.send = (from, bytes): void => {
      if (bytes[18] === PacketContext.RESOURCE_PRF && lost++ === 0) return;
      send(from, bytes);
    };
    const resource = sendAll(pair, new Uint8Array(20_000), { autoCompress: false });
    pair.network.run(5000);
    assert.is(resource.status, ResourceStatus.AWAITING_PROOF);
    pair.network.run(10_000);
    assert.is(resource.status, ResourceStatus.COMPLETE);
    assert.is(lost, 2);
    pair.a.act(() => pair.link.sendPlain(0, PacketContext.CACHE_REQUEST, new Uint8Array(32)));
    pair.network.run(100);
    assert.is(pair.b.reticulum.core.drops.count('cache-request'), 1);
  }
);

t('[reticulum/resource-get-map-hash] parts close together never share a map hash', () => {
  const part = new Uint8Array(8).fill(1);
  const filler = (n: number): Uint8Array => new SeededRandom(n).bytes(8 * n);
  const input = (sealed: Uint8Array, draws: number): Parameters<typeof prepareSegment>[0] => ({
    data: new Uint8Array(4),
    linkId: new Uint8Array(16),
    sdu: 8,
    compression: undefined,
    seal: () => sealed,
    random: new ScriptedRandom(Array.from({ length: draws }, (_, i) => new Uint8Array(16).fill(i))),
  });
  // Equal parts within the guard: drawn again and again, until there are no draws left.
  const near = concat(part, filler(COLLISION_GUARD - 1), part);
  assert.throws(() => prepareSegment(input(near, 5)), /no random draw left/);
  // Just beyond it they may be equal; then both have one hash.
  const far = concat(part, filler(COLLISION_GUARD), part);
  const segment = prepareSegment(input(far, 2));
  assert.equal(segment.index.get(segment.hashes[0] as number), [0, COLLISION_GUARD + 1]);
});

t('metadata must fit the first segment, and 256 resources wait at most', () => {
  const pair = accepting(12);
  const metadata = new Uint8Array(SEGMENT_BYTES);
  assert.throws(() => sendAll(pair, new Uint8Array(1), { metadata }), RangeError);
  for (let i = 0; i < 257; i++) sendAll(pair, new Uint8Array(1));
  assert.throws(() => sendAll(pair, new Uint8Array(1)), RangeError);
});

t.run();
