import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { collect, neighbors } from '../support/sim.ts';
import { SeededRandom } from '../../base/random.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import {
  DestinationType,
  PacketContext,
  PacketType,
  encodePacket,
} from '../../reticulum/packet.ts';
import { pathRequestHash } from '../../reticulum/path-requests.ts';
import { ReceiptStatus } from '../../reticulum/receipts.ts';
import { Network } from '../../sim/network.ts';
import { concat } from '../../base/bytes.ts';

const t = suite('reticulum/endpoint', import.meta.url);

function single(seed: number, ...aspects: string[]): Destination {
  const identity = Identity.generate(new SeededRandom(seed));
  return Destination.create({ direction: 'in', identity, appName: 'app', aspects });
}

t(
  '[reticulum/transport-register-destination] [reticulum/transport-deregister-destination] an address is registered once',
  () => {
    const { a } = neighbors(1);
    const destination = single(5, 'x');
    a.reticulum.register(destination);
    assert.throws(() => a.reticulum.register(destination), RangeError);
    assert.is(a.reticulum.deregister(destination), true);
    assert.is(a.reticulum.deregister(destination), false);
    const outward = Destination.known(Identity.generate(new SeededRandom(6)), new Uint8Array(16));
    assert.throws(() => a.reticulum.register(outward), TypeError);
  }
);

t('[reticulum/destination-types] destinations say what they lack', () => {
  const identity = Identity.generate(new SeededRandom(1));
  const make = (options: Partial<Parameters<typeof Destination.create>[0]>): Destination =>
    Destination.create({ direction: 'out', appName: 'app', ...options });
  assert.throws(() => make({}), TypeError);
  assert.throws(() => make({ identity, type: DestinationType.PLAIN }), TypeError);
  assert.throws(() => make({ identity: identity.publicOnly(), direction: 'in' }), TypeError);
  assert.throws(() => make({ identity, appName: 'a.b' }), RangeError);
  const group = make({ type: DestinationType.GROUP, identity });
  assert.throws(() => group.encrypt(new Uint8Array(1), new SeededRandom(1)), /holds no key/);
  group.createGroupKey(new SeededRandom(2));
  assert.is(group.groupKey().length, 64);
  assert.throws(() => make({ identity }).loadGroupKey(new Uint8Array(64)), TypeError);
  assert.is(make({ identity }).enforceRatchets(), false);
});

t('[reticulum/destination-proof-strategy] none, all, or the application proves a packet', () => {
  for (const [strategy, delivered] of [
    [ProofStrategy.PROVE_NONE, false],
    [ProofStrategy.PROVE_ALL, true],
    [ProofStrategy.PROVE_APP, true],
  ] as const) {
    const { network, a, b, inbound, outbound } = neighbors(2, { delayMs: 10 });
    inbound.proofStrategy = strategy;
    const packets = collect(b, 'packet');
    b.on('packet', ({ packet, proofRequested }) => {
      assert.is(proofRequested, strategy === ProofStrategy.PROVE_APP);
      if (proofRequested) b.act((reticulum, now) => reticulum.prove(inbound, packet, now));
    });
    const receipts = collect(a, 'receipt');
    const data = Uint8Array.of(1, 2, 3);
    const { receipt } = a.act((reticulum, now) => reticulum.send(outbound, data, now));
    network.run(20_000);
    sameBytes(packets[0]?.data, data);
    assert.is(receipts.length, 1);
    assert.is(receipts[0]?.receipt, receipt);
    assert.is(receipt?.status, delivered ? ReceiptStatus.DELIVERED : ReceiptStatus.FAILED);
    assert.is(receipt?.rttMs, delivered ? 20 : undefined);
  }
});

t(
  '[reticulum/packetreceipt-check-timeout] [reticulum/packetreceipt-is-timed-out] [reticulum/transport-first-hop-timeout] a receipt waits six seconds for each hop and the first one',
  () => {
    const { network, a, wire, outbound } = neighbors(3);
    wire.model = { loss: 1 };
    const { receipt } = a.act((reticulum, now) => reticulum.send(outbound, new Uint8Array(1), now));
    // One hop, and the time that 500 bytes take at 62,500 bits per second.
    assert.is(receipt?.timeoutMs, 64 + 6000 + 6000);
    network.run(12_063);
    assert.is(receipt?.status, ReceiptStatus.SENT);
    network.run(2);
    assert.is(receipt?.status, ReceiptStatus.FAILED);
  }
);

t('[reticulum/transport-receipts] 1024 receipts wait at most: the oldest is culled', () => {
  const { a, wire, outbound } = neighbors(4);
  wire.model = { loss: 1 };
  const receipts = collect(a, 'receipt');
  for (let i = 0; i < 1030; i++) {
    a.act((reticulum, now) => reticulum.send(outbound, new Uint8Array(1), now));
  }
  assert.is(a.reticulum.receipts.size, 1024);
  assert.is(receipts.length, 6);
  assert.is(receipts[0]?.receipt.status, ReceiptStatus.CULLED);
});

t('a packet that no interface takes is not said to be sent', () => {
  const { a, outbound } = neighbors(5);
  a.ports[0]?.setOnline(false);
  const { sent, receipt } = a.act((reticulum, now) =>
    reticulum.send(outbound, new Uint8Array(1), now)
  );
  assert.equal([sent, receipt], [false, undefined]);
  assert.is(a.reticulum.core.drops.count('interface-offline'), 1);
});

t(
  '[reticulum/transport-packet-filter] packets for others, repeated ones and far broadcasts are passed over',
  () => {
    const { network, a, b, inbound, outbound } = neighbors(6);
    const packets = collect(b, 'packet');
    const { drops } = b.reticulum.core;
    const frame = (fields: Partial<Parameters<typeof encodePacket>[0]>): Uint8Array =>
      encodePacket({
        packetType: PacketType.DATA,
        destinationType: DestinationType.SINGLE,
        transported: false,
        contextFlag: false,
        hops: 0,
        transportId: undefined,
        destinationHash: inbound.hash,
        context: PacketContext.NONE,
        data: outbound.encrypt(Uint8Array.of(7), new SeededRandom(1)),
        ...fields,
      });
    const give = (bytes: Uint8Array): void => b.ports[0]?.receive(bytes);
    give(frame({}));
    give(frame({}));
    assert.equal([packets.length, drops.count('duplicate')], [1, 1]);
    give(frame({ transportId: new Uint8Array(16).fill(9), transported: true }));
    assert.is(drops.count('other-transport'), 1);
    give(
      frame({
        transportId: b.reticulum.transportIdentity.hash,
        data: outbound.encrypt(Uint8Array.of(8), new SeededRandom(2)),
      })
    );
    assert.is(packets.length, 2, 'in transport by way of this endpoint');
    for (const [hops, dropped] of [
      [1, 0],
      [2, 1],
    ] as const) {
      give(
        frame({ destinationType: DestinationType.PLAIN, hops, destinationHash: new Uint8Array(16) })
      );
      assert.is(drops.count('transported-broadcast'), dropped);
    }
    give(frame({ packetType: PacketType.ANNOUNCE, destinationType: DestinationType.PLAIN }));
    assert.is(drops.count('announce-type'), 1);
    give(frame({ destinationHash: new Uint8Array(16).fill(3) }));
    assert.is(drops.count('destination-unknown'), 2);
    give(frame({ data: new Uint8Array(100) }));
    assert.is(drops.count('decrypt-failed'), 1);
    network.run(10);
    assert.is(a.reticulum.core.drops.total, 0);
  }
);

t(
  '[reticulum/interface-protocol-violation] [reticulum/interface-ifac-violation] [reticulum/interface-packet-filter-hit] what is wrong with frames is counted on their interface',
  () => {
    const { b } = neighbors(7, { mtu: 1064 });
    const give = (bytes: Uint8Array): void => b.ports[0]?.receive(bytes);
    const counters = b.reticulum.core.interfaces.get(b.ports[0]?.id ?? 0)?.counters;
    give(new Uint8Array(0));
    give(new Uint8Array(5));
    give(new Uint8Array(1065));
    assert.is(counters?.protocolViolations, 3);
    const flagged = new Uint8Array(40);
    flagged[0] = 0x80;
    give(flagged);
    assert.is(counters?.accessViolations, 1);
    b.act((reticulum, now) => reticulum.receive(99, new Uint8Array(30), now));
    assert.equal(b.reticulum.core.drops.snapshot(), {
      malformed: 2,
      oversize: 1,
      'access-code': 1,
      'interface-unknown': 1,
    });
  }
);

t(
  '[reticulum/transport-path-request] [reticulum/transport-path-request-handler] a path request is answered once, by whoever has the destination',
  () => {
    const { network, nodes } = Network.star(8, 4, { delayMs: 5 });
    const [first, second] = nodes;
    const destination = single(77, 'wanted');
    second?.reticulum.register(destination);
    const found = first === undefined ? [] : collect(first, 'path-found');
    first?.act((reticulum, now) => reticulum.requestPath(destination.hash, now));
    network.run(1000);
    assert.is(found.length, 1);
    assert.is(found[0]?.hops, 1);
    sameBytes(
      first?.reticulum.recall(destination.hash, first.now)?.publicKey,
      destination.identity?.publicKey ?? ''
    );
    assert.is(nodes[2]?.reticulum.core.drops.count('path-request-unknown'), 1);
  }
);

t(
  '[reticulum/transport-path-request-limits] requests without a tag, and repeated ones, are not answered',
  () => {
    const { b, inbound } = neighbors(9);
    const give = (data: Uint8Array): void =>
      b.ports[0]?.receive(
        encodePacket({
          packetType: PacketType.DATA,
          destinationType: DestinationType.PLAIN,
          transported: false,
          contextFlag: false,
          hops: 0,
          transportId: undefined,
          destinationHash: pathRequestHash(),
          context: PacketContext.NONE,
          data,
        })
      );
    const sent = (): number => b.ports[0]?.medium.counts.sent ?? 0;
    const before = sent();
    const tag = new Uint8Array(16).fill(4);
    give(inbound.hash);
    give(inbound.hash.subarray(0, 9));
    assert.is(b.reticulum.core.drops.count('path-request-malformed'), 2);
    give(concat(inbound.hash, tag));
    give(concat(inbound.hash, tag));
    assert.is(b.reticulum.core.drops.count('path-request-duplicate'), 1);
    // From a transport node, whose identity comes before the tag; longer tags are cut.
    give(concat(inbound.hash, new Uint8Array(16).fill(5), tag, tag));
    assert.is(b.reticulum.core.drops.count('path-request-duplicate'), 2);
    assert.is(sent() - before, 1);
  }
);

t(
  '[reticulum/transport-await-path] an unanswered request fails after its time, and is forgotten later',
  () => {
    const { network, a } = neighbors(10);
    const failed = collect(a, 'path-failed');
    const nowhere = new Uint8Array(16).fill(1);
    a.act((reticulum, now) => reticulum.requestPath(nowhere, now));
    network.run(14_999);
    assert.is(failed.length, 0);
    network.run(2);
    sameBytes(failed[0]?.destinationHash, nowhere);
    assert.is(a.reticulum.pathRequests.size, 1);
    network.run(100_000);
    assert.is(a.reticulum.pathRequests.size, 0);
  }
);

t('[reticulum/transport-remove-interface] without its interface a path is gone', () => {
  const { a, outbound } = neighbors(11);
  assert.is(a.reticulum.paths.hopsTo(outbound.hash), 1);
  a.ports[0]?.detach();
  assert.is(a.reticulum.paths.get(outbound.hash), undefined);
  assert.throws(() => a.reticulum.addInterface({ name: 'small', hwMtu: 400 }, 0), RangeError);
});

t.run();
