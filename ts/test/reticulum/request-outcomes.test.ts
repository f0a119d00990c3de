import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { collect, linked, type Linked } from '../support/sim.ts';
import { SeededRandom } from '../../base/random.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import { Identity } from '../../reticulum/identity.ts';
import { RequestStatus, type RequestReceipt } from '../../reticulum/link/requests.ts';
import { PacketContext } from '../../reticulum/packet.ts';
import { RequestPolicy } from '../../reticulum/request-handlers.ts';
import { requestPathHash } from '../../reticulum/request-handlers.ts';

const t = suite('reticulum/request-outcomes', import.meta.url);

/** A pair whose far end answers `/echo` with what it is asked. */
function echoing(seed: number, delayMs = 5): Linked {
  const pair = linked(seed, { delayMs, mtu: 1064 });
  pair.inbound.requests.register('/echo', { allow: RequestPolicy.ALLOW_ALL });
  pair.b.on('request', ({ request }) =>
    pair.b.act((_, now) => {
      if (request.path === '/echo') request.respond(request.data, now);
    })
  );
  return pair;
}

function ask(pair: Linked, path: string, data: MsgpackValue, options = {}): RequestReceipt {
  const receipt = pair.a.act((_, now) => pair.link.request(path, data, now, options));
  if (receipt === undefined) throw new Error('the link is not open');
  return receipt;
}

t(
  '[reticulum/requestreceipt-get-status] [reticulum/requestreceipt-get-response-time] [reticulum/requestreceipt-concluded] [reticulum/requestreceipt-get-progress] a request passes through its states',
  () => {
    const pair = echoing(1);
    const responses = collect(pair.a, 'response');
    const small = ask(pair, '/echo', 'hello');
    assert.equal([small.status, small.concluded], [RequestStatus.SENT, false]);
    pair.network.run(100);
    assert.equal([small.status, small.response, small.progress], [RequestStatus.READY, 'hello', 1]);
    assert.is(small.responseTimeMs, 10);
    const progress = collect(pair.a, 'request-progress');
    const large = ask(pair, '/echo', new Uint8Array(50_000).fill(7));
    pair.network.until(() => large.status !== RequestStatus.SENT, 5000);
    assert.is(large.status, RequestStatus.DELIVERED);
    pair.network.until(() => large.status === RequestStatus.RECEIVING, 5000);
    pair.network.run(10_000);
    assert.is(large.status, RequestStatus.READY);
    sameBytes(large.response as Uint8Array, new Uint8Array(50_000).fill(7));
    assert.is(responses.length, 2);
    assert.ok(progress.length > 3);
    assert.is(pair.link.requests.size, 0);
  }
);

t('[reticulum/requestreceipt-request-timed-out] a request without answer fails in its time', () => {
  const pair = echoing(2);
  pair.inbound.requests.register('/never', { allow: RequestPolicy.ALLOW_ALL });
  const failed = collect(pair.a, 'request-failed');
  const receipt = ask(pair, '/never', null);
  // Six round trips and 11.25 seconds.
  assert.ok(Math.abs(receipt.timeoutMs - (60 + 11_250)) < 1);
  pair.network.run(receipt.timeoutMs - 1);
  assert.is(failed.length, 0);
  pair.network.run(2);
  assert.equal([failed.length, failed[0]?.failure], [1, 'timeout']);
  assert.is(receipt.responseTimeMs, undefined);
  const soon = ask(pair, '/never', null, { timeoutMs: 500 });
  pair.network.run(501);
  assert.is(soon.failure, 'timeout');
});

t('[reticulum/link-handle-request] nothing is asked that is not registered or not allowed', () => {
  const pair = echoing(3);
  pair.inbound.requests.register('/nobody');
  const who = Identity.generate(new SeededRandom(4));
  pair.inbound.requests.register('/some', {
    allow: RequestPolicy.ALLOW_LIST,
    allowed: [who.hash],
  });
  const requests = collect(pair.b, 'request');
  for (const path of ['/nobody', '/some', '/unknown']) ask(pair, path, null);
  pair.network.run(100);
  assert.is(requests.length, 0);
  assert.is(pair.b.reticulum.core.drops.count('request-refused'), 3);
  pair.a.act((_, now) => pair.link.identify(who, now));
  pair.network.run(100);
  ask(pair, '/some', null);
  pair.network.run(100);
  assert.is(requests.length, 1);
  sameBytes(requests[0]?.request.remoteIdentity?.hash, who.hash);
  assert.equal(pair.inbound.requests.paths(), ['/echo', '/nobody', '/some']);
  assert.is(pair.inbound.requests.deregister('/some'), true);
  assert.is(pair.inbound.requests.deregister('/some'), false);
});

t(
  '[reticulum/destination-max-request-size] requests above the limit are refused, as packets and as resources',
  () => {
    const pair = echoing(4);
    pair.inbound.maxRequestBytes = 200;
    const failed = collect(pair.a, 'request-failed');
    const small = ask(pair, '/echo', new Uint8Array(100));
    ask(pair, '/echo', new Uint8Array(300), { timeoutMs: 1000 });
    ask(pair, '/echo', new Uint8Array(30_000), { timeoutMs: 1000 });
    pair.network.run(5000);
    assert.is(small.status, RequestStatus.READY);
    assert.equal(failed.map(({ failure }) => failure).sort(), ['not-sent', 'timeout']);
  }
);

t(
  '[reticulum/link-max-response-size] [reticulum/requestreceipt-response-rejected] responses above the limit are refused, as packets and as resources',
  () => {
    const pair = echoing(5);
    const failed = collect(pair.a, 'request-failed');
    const fits = ask(pair, '/echo', new Uint8Array(100), { maxResponseBytes: 150 });
    ask(pair, '/echo', new Uint8Array(300), { maxResponseBytes: 150 });
    ask(pair, '/echo', new Uint8Array(30_000), { maxResponseBytes: 150 });
    pair.network.run(20_000);
    assert.is(fits.status, RequestStatus.READY);
    assert.equal(
      failed.map(({ failure }) => failure),
      ['too-large', 'too-large']
    );
  }
);

t('every request fails at once when the link ends', () => {
  const pair = echoing(6, 1000);
  const failed = collect(pair.a, 'request-failed');
  const receipts = [ask(pair, '/echo', 1), ask(pair, '/echo', new Uint8Array(9000))];
  pair.a.act((_, now) => pair.link.close(now));
  assert.equal(
    failed.map(({ failure }) => failure),
    ['link-closed', 'link-closed']
  );
  for (const receipt of receipts) assert.is(receipt.status, RequestStatus.FAILED);
  const offline = echoing(7);
  offline.a.ports[0]?.setOnline(false);
  assert.is(ask(offline, '/echo', 1).failure, 'not-sent');
});

t('a request that is cancelled takes no response any more', () => {
  const pair = echoing(8, 50);
  const responses = collect(pair.a, 'response');
  const receipt = ask(pair, '/echo', 1);
  pair.a.act(() => pair.link.requests.cancel(receipt));
  pair.network.run(1000);
  assert.equal([receipt.failure, responses.length], ['cancelled', 0]);
  assert.is(pair.a.reticulum.core.drops.count('response-unmatched'), 1);
});

t('[reticulum/link-handle-response] malformed requests and responses are counted', () => {
  const pair = echoing(9);
  pair.a.act(() => pair.link.sendSealed(PacketContext.REQUEST, Uint8Array.of(0xc1)));
  pair.a.act(() => pair.link.sendSealed(PacketContext.REQUEST, Uint8Array.of(0x91, 1)));
  pair.b.act(() => pair.peer.sendSealed(PacketContext.RESPONSE, Uint8Array.of(0x92, 1, 2)));
  pair.network.run(100);
  assert.is(pair.b.reticulum.core.drops.count('request-malformed'), 2);
  assert.is(pair.a.reticulum.core.drops.count('request-malformed'), 1);
  assert.is(requestPathHash('/echo').length, 16);
  assert.throws(() => pair.inbound.requests.register(''), RangeError);
});

t('[reticulum/link-response-resource-concluded] an answer of raw data brings its metadata', () => {
  const pair = echoing(10);
  pair.inbound.requests.register('/file', { allow: RequestPolicy.ALLOW_ALL });
  const data = new SeededRandom(1).bytes(5000);
  const metadata = new Map<MsgpackValue, MsgpackValue>([['name', 'a.bin']]);
  pair.b.on('request', ({ request }) =>
    pair.b.act((_, now) => {
      assert.ok(request.respondWithData(data, metadata, now) !== undefined);
      assert.is(request.respondWithData(data, metadata, now), undefined, 'one answer only');
      assert.is(request.answered, true);
    })
  );
  const receipt = ask(pair, '/file', null);
  pair.network.run(10_000);
  sameBytes((receipt.response as Uint8Array).slice(), data);
  assert.equal(receipt.metadata, metadata);
});

t('no more than 1024 requests wait on one link', () => {
  const pair = echoing(11);
  pair.wire.model = { loss: 1 };
  const failed = collect(pair.a, 'request-failed');
  for (let i = 0; i < 1030; i++) ask(pair, '/echo', i);
  assert.equal([pair.link.requests.size, failed.length], [1024, 6]);
});

t.run();
