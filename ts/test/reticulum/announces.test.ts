import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { collect, neighbors } from '../support/sim.ts';
import { utf8 } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { makeAnnounce } from '../../reticulum/announce.ts';
import { Destination } from '../../reticulum/destination.ts';
import type { AnnounceHandler } from '../../reticulum/announces.ts';
import { Identity } from '../../reticulum/identity.ts';
import { InterfaceMode } from '../../reticulum/interface.ts';
import { encodePacket } from '../../reticulum/packet.ts';
import { decodeRatchetFile, RATCHET_INTERVAL_MS } from '../../reticulum/ratchet.ts';
import { Network } from '../../sim/network.ts';

const t = suite('reticulum/announces', import.meta.url);

t('[reticulum/announce-handlers] a handler hears what its filter asks for', () => {
  const { network, a, b, inbound } = neighbors(1);
  const handlers: Record<string, AnnounceHandler> = {
    all: {},
    same: { aspectFilter: 'app.test' },
    other: { aspectFilter: 'app.other' },
    responses: { aspectFilter: 'app.test', pathResponses: true },
  };
  const heard: string[] = [];
  a.on('announce', ({ handler }) => {
    heard.push(Object.entries(handlers).find(([, one]) => one === handler)?.[0] ?? '?');
  });
  for (const handler of Object.values(handlers)) a.reticulum.onAnnounce(handler);
  network.run(1000);
  b.act((reticulum, now) => reticulum.announce(inbound, now));
  network.run(10);
  assert.equal(heard.splice(0), ['all', 'same', 'responses']);
  network.run(1000);
  b.act((reticulum, now) => reticulum.announce(inbound, now, { pathResponse: true }));
  network.run(10);
  assert.equal(heard.splice(0), ['responses']);
  a.reticulum.announces.removeHandler(handlers['all'] as AnnounceHandler);
  network.run(1000);
  b.act((reticulum, now) => reticulum.announce(inbound, now));
  network.run(10);
  assert.equal(heard, ['same', 'responses']);
});

t('[reticulum/announce-app-data] app data comes from the call, or from the destination', () => {
  const { network, a, b, inbound } = neighbors(2);
  a.reticulum.onAnnounce({});
  const heard = collect(a, 'announce');
  let turn = 0;
  inbound.defaultAppData = () => utf8(`turn ${turn++}`);
  for (const appData of [undefined, utf8('given'), undefined]) {
    network.run(1000);
    b.act((reticulum, now) => reticulum.announce(inbound, now, { appData }));
    network.run(10);
  }
  assert.equal(
    heard.map(({ announce }) => new TextDecoder().decode(announce.appData)),
    ['turn 0', 'given', 'turn 1']
  );
  sameBytes(a.reticulum.known.recallAppData(inbound.hash, a.now), utf8('turn 1'));
});

t('[reticulum/announce-replay] a repeated announce is heard once, however it comes', () => {
  const { network, a, b, inbound } = neighbors(3);
  a.reticulum.onAnnounce({});
  const heard = collect(a, 'announce');
  network.run(1000);
  const { identity } = inbound;
  if (identity === undefined) throw new Error('no identity');
  const packet = makeAnnounce(
    { identity, appName: 'app', aspects: ['test'] },
    b.now,
    new SeededRandom(1)
  );
  const raw = encodePacket(packet);
  for (const hops of [0, 0, 3]) {
    const copy = raw.slice();
    copy[1] = hops;
    a.ports[0]?.receive(copy);
  }
  assert.is(heard.length, 1);
  assert.is(a.reticulum.core.drops.count('announce-stale'), 2);
  // One that was made before is no news either.
  const older = makeAnnounce(
    { identity, appName: 'app', aspects: ['test'] },
    b.now - 5000,
    new SeededRandom(2)
  );
  a.ports[0]?.receive(encodePacket(older));
  assert.is(heard.length, 1);
});

t(
  '[reticulum/announce-validate] bad announces, one’s own and shut out ones are counted, not taken',
  () => {
    const { network, a, b, inbound } = neighbors(4);
    const { drops } = a.reticulum.core;
    const raw = (fields: { now: number; seed: number }): Uint8Array =>
      encodePacket(
        makeAnnounce(
          { identity: inbound.identity as Identity, appName: 'app', aspects: ['test'] },
          fields.now,
          new SeededRandom(fields.seed)
        )
      );
    const good = raw({ now: a.now + 10_000, seed: 1 });
    const bad = good.slice();
    bad[100] = (bad[100] as number) ^ 1;
    a.ports[0]?.receive(bad);
    assert.is(drops.count('announce-invalid'), 1);
    a.ports[0]?.receive(good.subarray(0, 60));
    assert.is(drops.count('announce-invalid'), 2);
    b.ports[0]?.receive(good.slice());
    assert.is(b.reticulum.core.drops.count('announce-own'), 1);
    a.reticulum.blackhole.add((inbound.identity as Identity).hash);
    a.ports[0]?.receive(good.slice());
    assert.is(drops.count('announce-blackholed'), 1);
    const long = new Uint8Array(600).fill(1);
    long[0] = 1;
    a.ports[0]?.receive(long);
    assert.is(drops.count('oversize') + drops.count('announce-size'), 1);
    network.run(1);
  }
);

t(
  'only inbound SINGLE destinations are announced, within 500 bytes, and not to access points',
  () => {
    const { network, a, b, inbound, outbound } = neighbors(5);
    assert.throws(() => a.act((reticulum, now) => reticulum.announce(outbound, now)), TypeError);
    const appData = new Uint8Array(400);
    assert.throws(() => b.act((r, now) => r.announce(inbound, now, { appData })), RangeError);
    const point = network.medium();
    const port = b.connect(point, { mode: InterfaceMode.ACCESS_POINT, name: 'point' });
    b.act((reticulum, now) => reticulum.announce(inbound, now));
    assert.is(point.counts.sent, 0);
    b.act((reticulum, now) => reticulum.announce(inbound, now, { interfaceId: port.id }));
    assert.is(point.counts.sent, 1);
    assert.is(b.reticulum.core.interfaces.get(port.id)?.counters.announcesOut, 1);
  }
);

t(
  '[reticulum/ratchet-rotate] [reticulum/ratchet-file] [reticulum/ratchet-settings] ratchets rotate with announces, are stored signed, and are used by peers',
  () => {
    const { network, a, b, inbound, outbound } = neighbors(6);
    inbound.enableRatchets(undefined, 3);
    assert.is(inbound.enforceRatchets(), true);
    const packets = collect(b, 'packet');
    const ids = new Set<string>();
    for (let turn = 0; turn < 5; turn++) {
      b.act((reticulum, now) => reticulum.announce(inbound, now));
      network.run(1000);
      a.act((reticulum, now) => reticulum.send(outbound, Uint8Array.of(turn), now));
      network.run(RATCHET_INTERVAL_MS + 1);
      ids.add(String(packets.at(-1)?.ratchetId));
    }
    assert.is(packets.length, 5);
    assert.is(ids.size, 5);
    assert.is(inbound.ratchets?.ratchets.length, 3, 'no more are kept than was set');
    const files = b.stored.filter((one) => one.record === 'ratchets');
    assert.is(files.length, 5);
    const stored = decodeRatchetFile(
      inbound.identity as Identity,
      files.at(-1)?.bytes as Uint8Array
    );
    assert.equal(stored, [...(inbound.ratchets?.ratchets ?? [])]);
    // After a restart with that file the newest packet still opens.
    const again = Destination.create({
      direction: 'in',
      identity: inbound.identity,
      appName: 'app',
      aspects: ['test'],
    });
    again.enableRatchets(files.at(-1)?.bytes);
    const sealed = outbound.encrypt(
      Uint8Array.of(9),
      new SeededRandom(1),
      a.reticulum.ratchets.get(inbound.hash)
    );
    sameBytes(again.decrypt(sealed).plaintext, Uint8Array.of(9));
    // What is for the identity's own key is refused once ratchets are enforced.
    assert.throws(() => inbound.decrypt(outbound.encrypt(Uint8Array.of(1), new SeededRandom(2))));
    assert.ok(a.stored.some((one) => one.record === 'known-ratchet'));
  }
);

t(
  '[reticulum/ratchet-remember] [reticulum/ratchet-get] [reticulum/ratchet-clean] a peer’s ratchet is used for thirty days',
  () => {
    const { network, a, b, inbound } = neighbors(7);
    inbound.enableRatchets();
    b.act((reticulum, now) => reticulum.announce(inbound, now));
    network.run(1000);
    const file = a.stored.find((one) => one.record === 'known-ratchet')?.bytes as Uint8Array;
    assert.ok(a.reticulum.ratchets.get(inbound.hash) !== undefined);
    const other = Network.pair(8).a.reticulum;
    assert.is(other.ratchets.load(inbound.hash, file, a.now), true);
    assert.is(other.ratchets.load(inbound.hash, file, a.now + 31 * 24 * 3600 * 1000), false);
    network.run(31 * 24 * 3600 * 1000);
    assert.is(a.reticulum.ratchets.get(inbound.hash), undefined);
  }
);

t(
  '[reticulum/interface-should-ingress-limit] [reticulum/interface-hold-announce] [reticulum/interface-process-held-announces] [reticulum/transport-held-announces] a flood of unknown announces is held back and let in one by one',
  () => {
    const { network, a } = neighbors(9);
    a.reticulum.onAnnounce({});
    const heard = collect(a, 'announce');
    const random = new SeededRandom(5);
    const flood = Array.from({ length: 40 }, () => {
      const identity = Identity.generate(random);
      return encodePacket(makeAnnounce({ identity, appName: 'flood', aspects: [] }, a.now, random));
    });
    for (const raw of flood) {
      a.ports[0]?.receive(raw);
      network.run(50);
    }
    const ingress = a.reticulum.announces.ingressOf(a.ports[0]?.id ?? 0);
    assert.is(ingress?.burst, true);
    const held = ingress?.held ?? 0;
    assert.ok(held >= 30, `${held} held`);
    assert.is(heard.length + held, 40);
    network.run(15_000);
    const before = heard.length;
    network.run(60_000);
    // One every five seconds once the flood is over.
    assert.ok(
      heard.length - before >= 8 && heard.length - before <= 13,
      `${heard.length - before}`
    );
    network.run(300_000);
    assert.is(ingress?.held, 0);
    assert.is(heard.length, 40);
    assert.is(ingress?.burst, false);
  }
);

t(
  '[reticulum/transport-announce-rate] announces that come too often are counted against a destination',
  () => {
    const network = new Network(10);
    const wire = network.medium();
    const a = network.node('a');
    const b = network.node('b');
    a.connect(wire, { announceRateTargetS: 60, announceRateGrace: 2, announceRatePenaltyS: 30 });
    b.connect(wire);
    const identity = Identity.generate(new SeededRandom(1));
    const destination = Destination.create({ direction: 'in', identity, appName: 'app' });
    b.reticulum.register(destination);
    for (let i = 0; i < 6; i++) {
      b.act((reticulum, now) => reticulum.announce(destination, now));
      network.run(10_000);
    }
    const [rate] = [...a.reticulum.announces.rates.values()];
    sameBytes(rate?.destinationHash, destination.hash);
    assert.is(rate?.violations, 3);
    assert.ok((rate?.blockedUntilMs ?? 0) > a.now);
    assert.is(rate?.timestampsMs.length, 6);
  }
);

t('what is known is stored every five minutes, when there is something new', () => {
  const { network, a, b, inbound } = neighbors(11);
  network.run(310_000);
  const files = (): number => a.stored.filter((one) => one.record === 'known-destinations').length;
  assert.is(files(), 1);
  network.run(900_000);
  assert.is(files(), 1);
  b.act((reticulum, now) => reticulum.announce(inbound, now));
  network.run(310_000);
  assert.is(files(), 2);
});

t.run();
