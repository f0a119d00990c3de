import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { collect, linked, neighbors } from '../support/sim.ts';
import { SeededRandom } from '../../base/random.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { LinkStatus, TeardownReason } from '../../reticulum/link/constants.ts';
import { DestinationType, PacketContext } from '../../reticulum/packet.ts';
import { ReceiptStatus } from '../../reticulum/receipts.ts';

const t = suite('reticulum/link-states', import.meta.url);

t(
  '[reticulum/link-watchdog] [reticulum/link-start-watchdog] a link that nobody answers times out, and its path is given up',
  () => {
    const { network, a, wire, outbound } = neighbors(1);
    wire.model = { loss: 1 };
    const closed = collect(a, 'link-closed');
    const link = a.act((reticulum, now) => reticulum.openLink(outbound, now));
    assert.is(link.status, LinkStatus.PENDING);
    network.run(12_063);
    assert.is(link.status, LinkStatus.PENDING);
    network.run(2);
    assert.is(link.status, LinkStatus.CLOSED);
    assert.equal([closed.length, closed[0]?.reason], [1, TeardownReason.TIMEOUT]);
    assert.is(a.reticulum.paths.get(outbound.hash), undefined);
    assert.ok(a.reticulum.pathRequests.requestedAt(outbound.hash) !== undefined, 'asked again');
    assert.is(a.reticulum.links.size, 0);
  }
);

t('an opening that is given up by hand says nothing against the path', () => {
  const { network, a, outbound } = neighbors(2, { delayMs: 100 });
  const link = a.act((reticulum, now) => reticulum.openLink(outbound, now));
  a.act((_, now) => link.close(now));
  assert.is(link.reason, TeardownReason.INITIATOR_CLOSED);
  network.run(1000);
  assert.is(a.reticulum.core.drops.count('link-unknown'), 1, 'the proof came too late');
  assert.is(a.reticulum.paths.hopsTo(outbound.hash), 1);
});

t(
  '[reticulum/link-keepalive-timing] [reticulum/link-send-keepalive] [reticulum/link-watchdog] a quiet link is kept alive for as long as both ends are there',
  () => {
    const { network, a, b, link, peer } = linked(3, { delayMs: 50 });
    const closed = [...collect(a, 'link-closed'), ...collect(b, 'link-closed')];
    // 100 ms round trip: an interval of 20.57 seconds.
    assert.ok(Math.abs(link.keepaliveMs - (100 * 360) / 1.75) < 1);
    const before = link.txPackets;
    network.run(600_000);
    assert.is(closed.length, 0);
    assert.equal([link.status, peer.status], [LinkStatus.ACTIVE, LinkStatus.ACTIVE]);
    const pings = link.txPackets - before;
    assert.ok(pings >= 28 && pings <= 30, `${pings} pings`);
    assert.ok(peer.txPackets > 20);
  }
);

t('[reticulum/link-watchdog] a link whose other end is gone becomes stale, then ends', () => {
  const { network, a, b, wire, link, peer } = linked(4, { delayMs: 50 });
  wire.part([0], [1]);
  const closed = [collect(a, 'link-closed'), collect(b, 'link-closed')];
  network.run(link.staleMs + 200);
  assert.equal([link.status, peer.status], [LinkStatus.STALE, LinkStatus.STALE]);
  network.run(4 * 100 + 5_000);
  assert.equal([link.status, peer.status], [LinkStatus.CLOSED, LinkStatus.CLOSED]);
  for (const events of closed) {
    assert.equal([events.length, events[0]?.reason], [1, TeardownReason.TIMEOUT]);
  }
});

t('a stale link comes to life with the first packet of the other end', () => {
  const { network, a, wire, inbound, link, peer } = linked(5, { delayMs: 50 });
  inbound.proofStrategy = ProofStrategy.PROVE_ALL;
  wire.part([0], [1]);
  network.run(link.staleMs + 200);
  assert.is(peer.status, LinkStatus.STALE);
  wire.heal();
  a.act((_, now) => link.send(Uint8Array.of(1), now));
  network.run(1000);
  network.run(link.staleMs * 3);
  assert.equal([link.status, peer.status], [LinkStatus.ACTIVE, LinkStatus.ACTIVE]);
});

t('[reticulum/link-receive] a lost round-trip packet does not leave the link half open', () => {
  const { network, a, b, wire, outbound } = neighbors(6, { delayMs: 20 });
  const established = collect(b, 'link-established');
  const packets = collect(b, 'link-packet');
  const send = wire.send.bind(wire);
  wire.send = (from, bytes): void => {
    if (bytes[18] !== PacketContext.LRRTT) send(from, bytes);
  };
  const link = a.act((reticulum, now) => reticulum.openLink(outbound, now));
  network.run(200);
  assert.is(link.status, LinkStatus.ACTIVE);
  assert.is(established.length, 0);
  const [peer] = [...b.reticulum.links.values()];
  assert.is(peer?.status, LinkStatus.HANDSHAKE);
  a.act((_, now) => link.send(Uint8Array.of(5), now));
  network.run(100);
  assert.is(established.length, 1);
  assert.equal([peer?.status, packets.length], [LinkStatus.ACTIVE, 1]);
});

t(
  '[reticulum/link-validate-request] [reticulum/destination-accepts-links] a link request may be refused',
  () => {
    const { network, a, b, inbound, outbound } = neighbors(7, { delayMs: 5 });
    inbound.acceptsLinks = false;
    const link = a.act((reticulum, now) => reticulum.openLink(outbound, now));
    network.run(100);
    assert.is(b.reticulum.core.drops.count('link-refused'), 1);
    assert.is(link.status, LinkStatus.PENDING);
    const group = Destination.create({
      direction: 'out',
      type: DestinationType.GROUP,
      identity: outbound.identity,
      appName: 'app',
    });
    assert.throws(() => a.act((reticulum, now) => reticulum.openLink(group, now)), TypeError);
  }
);

t('with too many links the oldest that was never used makes room', () => {
  const { network, a, b, outbound } = neighbors(8, { delayMs: 5 }, { limits: { links: 3 } });
  const established = collect(b, 'link-established');
  const first = a.act((reticulum, now) => reticulum.openLink(outbound, now));
  network.run(100);
  assert.is(established.length, 1);
  // Requests of others, who never go on with them.
  const random = new SeededRandom(1);
  for (let i = 0; i < 10; i++) {
    const raw = new Uint8Array(19 + 64);
    raw[0] = 2;
    raw.set(outbound.hash, 2);
    raw.set(Identity.generate(random).publicKey, 19);
    b.ports[0]?.receive(raw);
    assert.ok(b.reticulum.links.size <= 3);
  }
  assert.is(first.status, LinkStatus.ACTIVE);
  assert.ok(b.reticulum.links.get(first.id) !== undefined, 'a link in use stays');
});

t(
  '[reticulum/link-identify] [reticulum/link-get-remote-identity] only an initiator identifies, once, and not when it is shut out',
  () => {
    const { network, a, b, link, peer } = linked(9, { delayMs: 5 });
    const identified = collect(b, 'link-identified');
    const [who, other] = [1, 2].map((seed) => Identity.generate(new SeededRandom(seed))) as [
      Identity,
      Identity,
    ];
    assert.is(
      b.act((_, now) => peer.identify(who, now)),
      false
    );
    assert.is(
      a.act((_, now) => link.identify(who, now)),
      true
    );
    network.run(100);
    a.act((_, now) => link.identify(other, now));
    network.run(100);
    assert.is(identified.length, 1);
    sameBytes(peer.remoteIdentity?.hash, who.hash);
    const second = linked(10, { delayMs: 5 });
    second.b.reticulum.blackhole.add(who.hash);
    second.a.act((_, now) => second.link.identify(who, now));
    second.network.run(100);
    assert.equal([second.link.status, second.peer.status], [LinkStatus.CLOSED, LinkStatus.CLOSED]);
  }
);

t(
  '[reticulum/link-set-packet-callback] [reticulum/linkchanneloutlet-is-usable] packets are proven as the destination says, and fail when the link ends',
  () => {
    const { network, a, b, inbound, link, peer } = linked(11, { delayMs: 10 });
    const receipts = collect(a, 'receipt');
    inbound.proofStrategy = ProofStrategy.PROVE_APP;
    b.on('link-packet', ({ packetHash, proofRequested }) => {
      assert.is(proofRequested, true);
      b.act(() => peer.prove(packetHash));
    });
    a.act((_, now) => link.send(Uint8Array.of(1), now));
    network.run(100);
    assert.is(receipts[0]?.receipt.status, ReceiptStatus.DELIVERED);
    inbound.proofStrategy = ProofStrategy.PROVE_NONE;
    a.act((_, now) => link.send(Uint8Array.of(2), now));
    a.act((_, now) => link.close(now));
    assert.is(receipts[1]?.receipt.status, ReceiptStatus.FAILED);
    assert.is(
      a.act((_, now) => link.send(Uint8Array.of(3), now)),
      undefined
    );
    assert.is(
      a.act((_, now) => link.sendUnproven(Uint8Array.of(3), now)),
      false
    );
    assert.is(
      a.act((_, now) => link.request('/x', null, now)),
      undefined
    );
    assert.is(
      a.act((_, now) => link.sendResource(new Uint8Array(1), now)),
      undefined
    );
    assert.throws(() => link.send(new Uint8Array(link.mdu + 1), 0), RangeError);
  }
);

t('a copy of a channel packet that comes back to its sender is not taken for the peer’s', () => {
  const { a, b, link, peer } = linked(12);
  peer.channel().register(1);
  const channel = link.channel();
  channel.register(1);
  const messages = collect(a, 'channel-message');
  const sent: Uint8Array[] = [];
  const { medium } = a.ports[0] as { medium: { send(from: number, bytes: Uint8Array): void } };
  const send = medium.send.bind(medium);
  medium.send = (from, bytes): void => {
    if (from === 0 && bytes[18] === PacketContext.CHANNEL) sent.push(bytes);
    send(from, bytes);
  };
  a.act((_, now) => channel.send(1, Uint8Array.of(1), now));
  assert.is(sent.length, 1);
  a.ports[0]?.receive(sent[0] as Uint8Array);
  assert.is(messages.length, 0);
  assert.is(a.reticulum.core.drops.count('duplicate'), 1);
  assert.ok(b.reticulum.links.size === 1);
});

t('[reticulum/link-receive] packets for a link are taken from its own interface only', () => {
  const { network, a, b, link, peer } = linked(13, { delayMs: 5 });
  const packets = collect(b, 'link-packet');
  const aside = b.connect(network.medium());
  const sent: Uint8Array[] = [];
  const { medium } = a.ports[0] as { medium: { send(from: number, bytes: Uint8Array): void } };
  medium.send = (_, bytes): void => void sent.push(bytes);
  a.act((_, now) => link.sendUnproven(Uint8Array.of(1), now));
  aside.receive(sent[0] as Uint8Array);
  assert.is(packets.length, 0);
  assert.is(b.reticulum.core.drops.count('link-interface'), 1);
  b.ports[0]?.receive(sent[0] as Uint8Array);
  assert.is(packets.length, 1, 'it still counts when it comes the right way');
  assert.is(peer.rxPackets, 2);
});

t('[reticulum/link-path-rebalance] a proof that comes another way corrects the path', () => {
  const { network, a, outbound } = neighbors(14, { delayMs: 5 });
  const entry = a.reticulum.paths.get(outbound.hash);
  if (entry !== undefined) entry.hops = 1;
  a.reticulum.paths.rebalance(outbound.hash, 1);
  const { medium } = a.ports[0] as { medium: { send(from: number, bytes: Uint8Array): void } };
  const send = medium.send.bind(medium);
  medium.send = (from, bytes): void => {
    const copy = bytes.slice();
    // As if two nodes lay between.
    if (from === 1) copy[1] = 2;
    send(from, copy);
  };
  const link = a.act((reticulum, now) => reticulum.openLink(outbound, now));
  network.run(100);
  assert.equal([link.status, link.expectedHops], [LinkStatus.ACTIVE, 3]);
  assert.is(a.reticulum.paths.hopsTo(outbound.hash), 3);
});

t(
  '[reticulum/link-rtt-packet] a round trip that is no number ends the link, one without end is bounded',
  () => {
    const { network, a, link, peer } = linked(15, { delayMs: 5 });
    a.act(() =>
      link.sendSealed(PacketContext.LRRTT, Uint8Array.of(0xcb, 0x7f, 0xe0, 0, 0, 0, 0, 0, 0))
    );
    network.run(100);
    assert.ok((peer.rttMs ?? 0) < 1_000_000);
    a.act(() => link.sendSealed(PacketContext.LRRTT, Uint8Array.of(0xa1, 0x41)));
    network.run(100);
    assert.is(peer.status, LinkStatus.CLOSED);
  }
);

t(
  'on a fast link proofs are sent twice, as the reference may miss the first, unless that is turned off',
  () => {
    for (const repeats of [true, false]) {
      const { network, a, inbound, link, peer } = linked(16, { delayMs: 1 }, { repeats });
      inbound.proofStrategy = ProofStrategy.PROVE_ALL;
      const receipts = collect(a, 'receipt');
      const before = peer.txPackets;
      a.act((_, now) => link.send(Uint8Array.of(1), now));
      network.run(100);
      assert.is(receipts.length, 1);
      assert.is(peer.txPackets - before, repeats ? 2 : 1);
      assert.is(a.reticulum.core.drops.count('proof-unmatched'), repeats ? 1 : 0);
    }
  }
);

t.run();
