// time limit: 300 s
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { collect, linked, neighbors, type Linked } from '../support/sim.ts';
import { concat } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { bzip2 } from '../../codec/bzip2.ts';
import { Identity } from '../../reticulum/identity.ts';
import { LinkStatus, ResourceStrategy } from '../../reticulum/link/constants.ts';
import { PacketContext, PacketType } from '../../reticulum/packet.ts';
import { RequestPolicy } from '../../reticulum/request-handlers.ts';
import { snapshotOf } from '../../reticulum/snapshot.ts';
import type { SimNode } from '../../sim/node.ts';

const t = suite('reticulum/fuzz', import.meta.url);

const LIMITS = { paths: 200, knownDestinations: 200, receipts: 64, links: 50, seenPackets: 2000 };

/** Everything that two endpoints say to each other while they use all there is. */
function conversation(): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const pair = linked(1, { delayMs: 10, mtu: 1064 }, { compression: bzip2 });
  const { wire, a, b, inbound, link, peer } = pair;
  const send = wire.send.bind(wire);
  wire.send = (from, bytes): void => {
    frames.push(bytes.slice());
    send(from, bytes);
  };
  b.act((reticulum, now) => reticulum.announce(inbound, now));
  inbound.proofStrategy = 0x23;
  inbound.requests.register('/x', { allow: RequestPolicy.ALLOW_ALL });
  peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  peer.channel().register(1);
  b.on('request', ({ request }) => b.act((_, now) => request.respond(request.data, now)));
  a.act((reticulum, now) => {
    reticulum.requestPath(new Uint8Array(16), now);
    reticulum.send(pair.outbound, new Uint8Array(50), now);
    reticulum.openLink(pair.outbound, now);
    link.identify(Identity.generate(new SeededRandom(2)), now);
    link.send(new Uint8Array(30), now);
    link.request('/x', 'data', now);
    link.request('/x', new Uint8Array(3000), now);
    link.sendResource(new SeededRandom(3).bytes(90_000), now, { metadata: 'meta' });
    link.channel().send(1, new Uint8Array(20), now);
    link.channel().writer(2).write(new Uint8Array(200), now);
  });
  pair.network.run(30_000);
  a.act((_, now) => link.sendResource(new Uint8Array(5000), now));
  pair.network.run(30);
  a.act((_, now) => link.resources.outgoing[0]?.cancel(now));
  pair.network.run(60_000);
  a.act((_, now) => link.close(now));
  pair.network.run(1000);
  return frames;
}

function mutate(random: SeededRandom, corpus: readonly Uint8Array[]): Uint8Array {
  const one = (): Uint8Array => corpus[random.below(corpus.length)] as Uint8Array;
  const bytes = one().slice();
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      return concat(bytes, random.bytes(random.below(60)));
    case 2: {
      const other = one();
      const at = random.below(Math.min(bytes.length, other.length));
      return concat(bytes.subarray(0, at), other.subarray(at));
    }
    case 3:
      return random.bytes(random.below(600));
    case 4:
      // Another type of packet, destination or context for the same content.
      bytes[0] = random.below(256);
      if (bytes.length > 18) bytes[18] = random.below(256);
      return bytes;
    case 5:
      bytes.fill(random.below(256), random.below(bytes.length));
      return bytes;
    default:
      for (let i = 0; i <= random.below(4) && bytes.length > 0; i++) {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      }
      return bytes;
  }
}

function assertBounded(node: SimNode): void {
  const { reticulum } = node;
  assert.ok(reticulum.paths.size <= LIMITS.paths);
  assert.ok(reticulum.known.size <= LIMITS.knownDestinations);
  assert.ok(reticulum.receipts.size <= LIMITS.receipts);
  assert.ok(reticulum.links.size <= LIMITS.links);
  assert.ok(reticulum.core.seen.size <= LIMITS.seenPackets);
  // One deadline each for what the tables hold, and a few of the endpoint's own.
  const { timers, links, receipts, pathRequests } = snapshotOf(reticulum);
  assert.ok(timers <= links.length * 60 + receipts.length + pathRequests + 8, `${timers} timers`);
}

t(
  '[reticulum/transport-inbound] 120,000 mutated packets are dropped and counted, and all tables stay bounded',
  () => {
    const corpus = conversation();
    const contexts = new Set(corpus.map((frame) => `${(frame[0] as number) & 3}/${frame[18]}`));
    assert.ok(contexts.size >= 20, [...contexts].join(' '));
    const pair = neighbors(2, { delayMs: 1, mtu: 1064 }, { limits: LIMITS, compression: bzip2 });
    const { a, b, network, inbound, outbound } = pair;
    inbound.proofStrategy = 0x23;
    const random = new SeededRandom(2026);
    const rounds = 120_000;
    // Never in line for the wire: only what the endpoint makes of its input counts here.
    pair.wire.part([0], [1]);
    for (let round = 0; round < rounds; round++) {
      b.ports[0]?.receive(mutate(random, corpus));
      if (round % 2000 === 0) {
        network.run(500);
        assertBounded(b);
      }
    }
    const { drops } = b.reticulum.core;
    const reasons = Object.keys(drops.snapshot());
    assert.ok(drops.total > rounds * 0.95, `${drops.total} of ${rounds} were counted`);
    assert.ok(reasons.length >= 10, reasons.join(' '));
    // The endpoint is none the worse for it.
    pair.wire.heal();
    network.run(400_000);
    b.act((reticulum, now) => reticulum.announce(inbound, now));
    network.run(1000);
    const established = collect(a, 'link-established');
    a.act((reticulum, now) => reticulum.openLink(outbound, now));
    network.run(1000);
    assert.is(established.length, 1);
    assertBounded(b);
  },
  200_000
);

/** What a peer may say under the link's own key, whatever it is worth. */
function say(pair: Linked, random: SeededRandom, context: number, plaintext: Uint8Array): void {
  const { a, link } = pair;
  if (random.below(10) === 0) a.act(() => link.sendPlain(PacketType.DATA, context, plaintext));
  else if (random.below(40) === 0) {
    a.act(() => link.sendPlain(PacketType.PROOF, context, plaintext));
  } else a.act(() => link.sendSealed(context, plaintext));
}

t(
  '[reticulum/link-receive] 40,000 malformed packets under a link’s own key do no more than end that link',
  () => {
    const random = new SeededRandom(77);
    const samples = plaintexts();
    const contexts = Object.values(PacketContext);
    let links = 0;
    let said = 0;
    while (said < 40_000) {
      const pair = linked(1000 + links++, { mtu: 1064 }, { limits: LIMITS, compression: bzip2 });
      const { network, b, link, peer } = pair;
      peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
      peer.channel().register(1);
      peer.channel().reader(2);
      pair.inbound.requests.register('/x', { allow: RequestPolicy.ALLOW_ALL });
      b.on('request', ({ request }) => b.act((_, now) => request.respond(request.data, now)));
      b.act((_, now) => {
        peer.sendResource(new Uint8Array(20_000), now, { autoCompress: false });
        peer.request('/y', null, now);
      });
      for (let i = 0; i < 400 && link.status === LinkStatus.ACTIVE; i++) {
        let context = contexts[random.below(contexts.length)] as number;
        // Closing is tried too, but rarely: it ends the round.
        if (context === PacketContext.LINKCLOSE && random.below(20) > 0) context = 0;
        const plaintext = mutate(random, samples).slice(0, 900);
        say(pair, random, context, plaintext);
        said += 1;
        if (i % 50 === 0) network.run(1);
      }
      network.run(100);
      assertBounded(b);
      assert.ok(peer.resources.incoming.length <= 32);
      assert.ok(peer.requests.size <= 2);
    }
    assert.ok(links > 100 && links < 4000, `${links} links`);
  },
  200_000
);

/** The plaintexts of a conversation: what mutation makes of them is nearly right. */
function plaintexts(): Uint8Array[] {
  const samples: Uint8Array[] = [];
  const pair = linked(3, { delayMs: 1, mtu: 1064 });
  const { link, peer } = pair;
  for (const end of [link, peer]) {
    const seal = end.seal.bind(end);
    end.seal = (context, plaintext): Uint8Array => {
      samples.push(plaintext.slice());
      return seal(context, plaintext);
    };
  }
  peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  peer.channel().register(1);
  pair.inbound.requests.register('/x', { allow: RequestPolicy.ALLOW_ALL });
  pair.b.on('request', ({ request }) => pair.b.act((_, now) => request.respond(1, now)));
  pair.a.act((_, now) => {
    link.identify(Identity.generate(new SeededRandom(2)), now);
    link.request('/x', [1, 'two', new Uint8Array(3)], now);
    link.sendResource(new Uint8Array(90_000), now, { metadata: 'm', autoCompress: false });
    link.channel().send(1, new Uint8Array(5), now);
    link.channel().writer(2).write(new Uint8Array(40), now);
  });
  pair.network.run(60_000);
  pair.a.act((_, now) => link.close(now));
  assert.ok(samples.length > 20, String(samples.length));
  return samples;
}

t.run();
