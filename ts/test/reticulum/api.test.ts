import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { neighbors, type Neighbors } from '../support/sim.ts';
import { SeededRandom } from '../../base/random.ts';
import { ReticulumApi } from '../../reticulum/api.ts';
import { AsyncQueue } from '../../reticulum/async-queue.ts';
import { ProofStrategy } from '../../reticulum/destination.ts';
import { LinkStatus, ResourceStrategy, TeardownReason } from '../../reticulum/link/constants.ts';
import type { LinkSession } from '../../reticulum/link-session.ts';
import { RequestPolicy } from '../../reticulum/request-handlers.ts';
import { IncomingResource } from '../../reticulum/resource/incoming.ts';

const t = suite('reticulum/api', import.meta.url);

interface World extends Neighbors {
  near: ReticulumApi;
  far: ReticulumApi;
}

function world(seed: number): World {
  const pair = neighbors(seed, { delayMs: 10, mtu: 1064 });
  pair.inbound.proofStrategy = ProofStrategy.PROVE_ALL;
  return {
    ...pair,
    near: new ReticulumApi(pair.a.instance),
    far: new ReticulumApi(pair.b.instance),
  };
}

/** Let virtual time pass until a promise settles. */
async function run<T>({ network }: World, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = promise.finally(() => {
    settled = true;
  });
  done.catch(() => undefined);
  for (let i = 0; i < 10_000 && !settled; i++) {
    network.run(20);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

async function joined(w: World): Promise<{ us: LinkSession; them: LinkSession }> {
  const links = w.far.links(w.inbound);
  const us = await run(w, w.near.openLink(w.outbound));
  const { value } = await run(w, links.next());
  await links.return();
  return { us, them: value as LinkSession };
}

t('paths, identities and proven packets are awaited', async () => {
  const w = world(1);
  assert.is(await w.near.path(w.outbound.hash), 1);
  const nowhere = new Uint8Array(16).fill(1);
  await rejectsCode(() => run(w, w.near.path(nowhere, { timeoutMs: 500 })), 'RNS_PATH_UNKNOWN');
  const identity = await run(w, w.near.identity(w.outbound.hash));
  sameBytes(identity.publicKey, w.inbound.identity?.publicKey ?? '');
  const packets = w.far.packets(w.inbound);
  assert.is(await run(w, w.near.send(w.outbound, Uint8Array.of(5))), 20);
  sameBytes((await packets.next()).value?.data, Uint8Array.of(5));
  w.inbound.proofStrategy = ProofStrategy.PROVE_NONE;
  await rejectsCode(() => run(w, w.near.send(w.outbound, Uint8Array.of(6))), 'RNS_UNPROVEN');
  w.a.ports[0]?.setOnline(false);
  await rejectsCode(() => w.near.send(w.outbound, Uint8Array.of(6)), 'RNS_UNPROVEN');
});

t('announces are iterated until that ends', async () => {
  const w = world(2);
  const [first, second] = [w.near.announces({ aspectFilter: 'app.test' }), w.near.announces()];
  w.network.run(2000);
  w.far.announce(w.inbound);
  w.network.run(100);
  for (const queue of [first, second]) {
    const { value } = await queue.next();
    sameBytes(value?.announce.destinationHash, w.inbound.hash);
  }
  await first.return();
  w.network.run(2000);
  w.far.announce(w.inbound);
  w.network.run(100);
  assert.equal([(await first.next()).done, second.size], [true, 1]);
  const aborted = w.near.announces({}, AbortSignal.abort());
  assert.is((await aborted.next()).done, true);
});

t('a link carries packets, requests and resources, each awaited', async () => {
  const w = world(3);
  const { us, them } = await joined(w);
  assert.is(w.near.session(us.link), us);
  assert.is(await run(w, us.send(Uint8Array.of(1))), 20);
  const packets = them.packets();
  await run(w, us.send(Uint8Array.of(2)));
  sameBytes((await packets.next()).value?.data, Uint8Array.of(2));
  w.inbound.requests.register('/double', { allow: RequestPolicy.ALLOW_ALL });
  const serve = (async (): Promise<void> => {
    for await (const { request } of them.requests()) {
      w.b.act((_, now) => request.respond((request.data as number) * 2, now));
    }
  })();
  assert.is(await run(w, us.request('/double', 21)), 42);
  const wait = { timeoutMs: 100 };
  const failed = await rejectsCode(
    () => run(w, us.request('/none', null, wait)),
    'RNS_REQUEST_FAILED'
  );
  assert.match(failed.message, 'timeout');
  const data = new SeededRandom(1).bytes(50_000);
  them.link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
  const resources = them.resources();
  await run(w, us.sendResource(data));
  const { value } = await resources.next();
  sameBytes((value?.resource as IncomingResource).data.slice(), data);
  them.link.resourceStrategy = ResourceStrategy.ACCEPT_APP;
  const offers = them.offers();
  const refused = us.sendResource(data);
  const { value: offered } = await run(w, offers.next());
  w.b.act((_, now) => offered?.offer.reject(now));
  await rejectsCode(() => run(w, refused), 'RNS_RESOURCE');
  us.close();
  assert.is(await run(w, them.closed), TeardownReason.INITIATOR_CLOSED);
  await serve;
  assert.is((await offers.next()).done, true, 'an iteration ends with its link');
  for (const after of [
    () => us.send(Uint8Array.of(1)),
    () => us.request('/double', 1),
    () => us.sendResource(data),
  ]) {
    await rejectsCode(after, 'RNS_LINK_CLOSED');
  }
  assert.is(await w.near.session(us.link).closed, TeardownReason.INITIATOR_CLOSED);
});

t('a signal gives up what is waited for', async () => {
  const w = world(4);
  const { us, them } = await joined(w);
  w.inbound.requests.register('/slow', { allow: RequestPolicy.ALLOW_ALL });
  const control = new AbortController();
  const waits = [
    us.request('/slow', null, { signal: control.signal }),
    us.sendResource(new Uint8Array(90_000), { signal: control.signal }),
    w.near.path(new Uint8Array(16), { signal: control.signal }),
  ];
  const outcomes = Promise.allSettled(waits);
  control.abort(new Error('enough'));
  for (const outcome of await outcomes) {
    assert.is(outcome.status, 'rejected');
    assert.is((outcome as PromiseRejectedResult).reason.message, 'enough');
  }
  assert.equal([us.link.requests.size, us.link.resources.outgoing.length], [0, 0]);
  const opening = new AbortController();
  const link = w.near.openLink(w.outbound, { signal: opening.signal });
  opening.abort();
  assert.is((await Promise.allSettled([link]))[0]?.status, 'rejected');
  assert.is(w.a.reticulum.links.size, 1, 'only the first link is left');
  void them;
  w.wire.model = { loss: 1 };
  await rejectsCode(() => run(w, w.near.openLink(w.outbound)), 'RNS_LINK_CLOSED');
});

t('[reticulum/buffer-create-bidirectional-buffer] channel streams are web streams', async () => {
  const w = world(5);
  const { us, them } = await joined(w);
  const data = new SeededRandom(1).bytes(30_000);
  const readable = them.readable(7);
  const messages = them.messages();
  them.link.channel().register(1);
  const writer = us.writable(7).getWriter();
  const read = (async (): Promise<number[]> => {
    const got: number[] = [];
    const reader = readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return got;
      got.push(...value);
    }
  })();
  await run(w, writer.write(data));
  await run(w, writer.close());
  sameBytes(Uint8Array.from(await run(w, read)), data);
  w.a.act((_, now) => us.link.channel().send(1, Uint8Array.of(3), now));
  sameBytes((await run(w, messages.next())).value?.data, Uint8Array.of(3));
  const cut = us.writable(8).getWriter();
  const stuck = cut.write(new Uint8Array(500_000));
  stuck.catch(() => undefined);
  w.network.run(100);
  them.close();
  await rejectsCode(() => run(w, stuck), 'RNS_LINK_CLOSED');
});

t('what a listener throws is thrown to whoever acted, after all else was done', () => {
  const w = world(6);
  const { instance } = w.a;
  const heard: string[] = [];
  const off = instance.on('link-closed', () => {
    throw new Error('mistake');
  });
  instance.on('link-closed', () => void heard.push('second'));
  const link = w.a.act((reticulum, now) => reticulum.openLink(w.outbound, now));
  assert.throws(() => w.a.act((_, now) => link.close(now)), /mistake/);
  assert.equal(heard, ['second']);
  off();
  instance.close();
  w.wire.model = { loss: 1 };
  const asleep = w.a.act((reticulum, now) => reticulum.openLink(w.outbound, now));
  w.network.run(1_000_000);
  assert.is(asleep.status, LinkStatus.PENDING, 'a closed instance is not woken');
});

t('values wait for those who ask, and those who ask for values', async () => {
  let ended = 0;
  const queue = new AsyncQueue<number>(() => void ended++);
  queue.push(1);
  const waiting = [queue.next(), queue.next()];
  queue.push(2);
  assert.equal(
    (await Promise.all(waiting)).map(({ value }) => value),
    [1, 2]
  );
  const last = queue.next();
  queue.push(3);
  queue.push(4);
  queue.end();
  queue.end();
  queue.push(5);
  assert.equal([(await last).value, (await queue.next()).value], [3, 4]);
  assert.is((await queue.next()).done, true);
  assert.is(ended, 1);
});

t.run();
