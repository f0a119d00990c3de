import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import { Destination } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { Medium, type MediumModel } from '../../sim/medium.ts';
import { Network } from '../../sim/network.ts';
import { virtualDriver } from '../../sim/node.ts';
import { Scheduler } from '../../sim/scheduler.ts';

const t = suite('sim', import.meta.url);

t('things happen in the order of their time, then of their planning', () => {
  const scheduler = new Scheduler(0);
  const seen: string[] = [];
  const random = new SeededRandom(1);
  for (let i = 0; i < 500; i++) {
    const at = random.below(50);
    scheduler.at(at, () =>
      seen.push(`${String(at).padStart(2, '0')}-${String(i).padStart(3, '0')}`)
    );
  }
  assert.is(scheduler.planned, 500);
  scheduler.run(100);
  assert.equal(seen, [...seen].sort());
  assert.equal([seen.length, scheduler.now()], [500, 100]);
});

t('virtual time stops when something is done, or at a limit', () => {
  const scheduler = new Scheduler(0);
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
    scheduler.after(10, tick);
  };
  tick();
  assert.is(
    scheduler.runUntil(() => ticks === 5, 1000),
    true
  );
  assert.is(scheduler.now(), 40);
  assert.is(
    scheduler.runUntil(() => false, 100),
    false
  );
  assert.is(ticks, 15);
  scheduler.at(0, () => void ticks++);
  assert.is(scheduler.step(scheduler.now()), true, 'a moment that has passed means now');
  const driver = virtualDriver(scheduler);
  const off = driver.schedule(scheduler.now() + 5, () => assert.unreachable('called off'));
  off();
  scheduler.run(9);
});

function flood(model: MediumModel, frames: number): { medium: Medium; got: [number, number][] } {
  const scheduler = new Scheduler(0);
  const medium = new Medium(scheduler, new SeededRandom(5), model);
  const got: [number, number][] = [];
  const port = medium.attach(() => undefined);
  medium.attach((bytes) => got.push([scheduler.now(), bytes[0] as number]));
  for (let i = 0; i < frames; i++) medium.send(port, Uint8Array.of(i & 255, 1, 2, 3));
  scheduler.run(1_000_000);
  return { medium, got };
}

t('a medium loses, repeats, delays, reorders and flips as much as it is told to', () => {
  assert.is(flood({}, 100).got.length, 100);
  const lossy = flood({ loss: 0.2 }, 5000);
  assert.ok(Math.abs(lossy.got.length - 4000) < 150, String(lossy.got.length));
  assert.is(lossy.medium.counts.lost + lossy.got.length, 5000);
  const twice = flood({ duplicate: 0.5 }, 1000);
  assert.is(twice.got.length, 1000 + twice.medium.counts.duplicated);
  const late = flood({ delayMs: 50, jitterMs: 100 }, 200);
  assert.ok(late.got.every(([at]) => at >= 50 && at < 150));
  const order = late.got.map(([, i]) => i);
  assert.not.equal(
    order,
    [...order].sort((a, b) => a - b)
  );
  const straight = flood({ delayMs: 50 }, 200).got.map(([, i]) => i);
  assert.equal(
    straight,
    [...straight].sort((a, b) => a - b)
  );
  assert.ok(flood({ corrupt: 0.5 }, 1000).medium.counts.corrupted > 400);
});

t(
  'frames of one sender follow each other at the bit rate, and longer ones than the MTU vanish',
  () => {
    const slow = flood({ bitrateBps: 32_000 }, 3);
    assert.equal(
      slow.got.map(([at]) => at),
      [1, 2, 3]
    );
    assert.is(flood({ mtu: 3 }, 3).got.length, 0);
  }
);

t('a partition keeps groups apart until it heals', () => {
  const { network, nodes, hub } = Network.star(1, 4);
  const destination = Destination.create({
    direction: 'in',
    identity: Identity.generate(new SeededRandom(3)),
    appName: 'app',
  });
  nodes[0]?.reticulum.register(destination);
  const hear = (): number[] =>
    nodes.map(({ reticulum }) => (reticulum.paths.get(destination.hash) === undefined ? 0 : 1));
  hub.part([0, 1], [2, 3]);
  nodes[0]?.act((reticulum, now) => reticulum.announce(destination, now));
  network.run(10);
  assert.equal(hear(), [0, 1, 0, 0]);
  assert.is(hub.counts.parted, 2);
  hub.heal();
  network.run(1000);
  nodes[0]?.act((reticulum, now) => reticulum.announce(destination, now));
  network.run(10);
  assert.equal(hear(), [0, 1, 1, 1]);
});

t('on a hub every pair of endpoints has links of its own', () => {
  const { network, nodes } = Network.star(2, 5, { delayMs: 3, mtu: 1064 });
  const destinations = nodes.map((node, i) => {
    const destination = Destination.create({
      direction: 'in',
      identity: Identity.generate(new SeededRandom(50 + i)),
      appName: 'app',
    });
    node.reticulum.register(destination);
    node.act((reticulum, now) => reticulum.announce(destination, now));
    // More than three unknown announces a second would be held back as a flood.
    network.run(1000);
    return destination;
  });
  let established = 0;
  let packets = 0;
  for (const node of nodes) {
    node.on('link-packet', () => void packets++);
    node.on('link-established', ({ link }) => {
      established += 1;
      if (link.initiator) node.act((_, now) => link.sendUnproven(Uint8Array.of(1), now));
    });
  }
  for (const [i, node] of nodes.entries()) {
    for (const [j, destination] of destinations.entries()) {
      if (i === j) continue;
      const identity = node.reticulum.recall(destination.hash, node.now);
      const target = Destination.create({ direction: 'out', identity, appName: 'app' });
      node.act((reticulum, now) => reticulum.openLink(target, now));
    }
  }
  network.run(5000);
  assert.equal([established, packets], [40, 20]);
});

t.run();
