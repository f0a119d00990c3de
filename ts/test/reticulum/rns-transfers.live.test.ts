// time limit: 600 s
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { pythonReferences } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import {
  LivePair,
  digestOf,
  mapOf,
  openLive,
  prepareLive,
  repeated,
  type LiveLinks,
} from '../support/rns-live.ts';
import { stream } from '../support/stream.ts';
import { toHex } from '../../base/hex.ts';
import { encodeMsgpack } from '../../codec/msgpack.ts';
import { ResourceStrategy } from '../../reticulum/link/constants.ts';
import { ResourceStatus } from '../../reticulum/resource/constants.ts';
import type { IncomingResource } from '../../reticulum/resource/incoming.ts';

const SIZES = [0, 1, 500_000, 1024 * 1024 + 1, 10_000_000];

const references = pythonReferences();
if (references.length === 0) {
  const t = suite('rns transfers live', import.meta.url);
  t.skip('RNS in Python', 'no Python reference: run make interop');
  t.run();
}

const runs = references.flatMap((reference) =>
  (['python-server', 'python-client'] as const).map((role) => ({ reference, role }))
);

for (const { reference, role } of runs) {
  const t = suite(`rns transfers live (${reference.name}, ${role})`, import.meta.url);
  const pair = new LivePair(reference);
  const { python, instance } = pair;
  let links: LiveLinks;

  const live = (title: string, body: () => Promise<void>): void =>
    t(
      title,
      async () => {
        usesReference(pair.version);
        await body();
      },
      120_000
    );

  t.before(async () => {
    const { theirs, ours } = await prepareLive(pair, role);
    await pair.api.path(theirs.hash);
    await python.ask('path', { hash: toHex(ours.hash) });
    links = await openLive(pair, theirs);
  });
  t.after(() => pair.stop());

  live(
    '[reticulum/resource] [reticulum/resource-advertise] [reticulum/resource-segments] [reticulum/resource-validate-proof] [reticulum/resource-metadata] the reference takes our resources, 0 bytes to 10 MB',
    async () => {
      for (const size of SIZES) {
        const data = repeated(stream('resource', Math.min(size, 65536)), size);
        const resource = await links.us.sendResource(data, { autoCompress: false });
        assert.is(resource.status, ResourceStatus.COMPLETE);
        const got = await pair.take('resource');
        assert.equal({ size: got['size'], sha256: got['sha256'] }, digestOf(data));
      }
      const metadata = mapOf({ name: 'a.txt' });
      await links.us.sendResource(stream('meta', 5000), { metadata, autoCompress: false });
      assert.is((await pair.take('resource'))['metadata'], toHex(encodeMsgpack(metadata)));
    }
  );

  live('[reticulum/resource-compression] packed resources pass both ways', async () => {
    const data = repeated(new TextEncoder().encode('compressible text, '), 300_000);
    const resource = await links.us.sendResource(data);
    assert.is(resource.compressed, true);
    const got = await pair.take('resource');
    assert.equal([got['sha256'], got['compressed']], [digestOf(data).sha256, true]);
    const came = pair.next('resource-concluded');
    const answer = await python.ask('resource', {
      link: links.them.id,
      data: toHex(data.subarray(0, 100_000)),
      compress: true,
    });
    assert.is(answer['compressed'], true);
    const { resource: received } = await came;
    sameBytes((received as IncomingResource).data, data.subarray(0, 100_000).slice());
  });

  live(
    '[reticulum/resource-accept] [reticulum/resource-receive-part] [reticulum/resource-assemble] [reticulum/resource-prove] we take the reference’s resources, 0 bytes to 10 MB',
    async () => {
      for (const size of SIZES) {
        const came = pair.next('resource-concluded', (e) => 'receivedBytes' in e.resource);
        const metadata = toHex(encodeMsgpack(mapOf({ size })));
        const answer = await python.ask('resource', {
          link: links.them.id,
          label: 'resource',
          size,
          // The reference loses metadata of a resource without data.
          ...(size === 0 ? {} : { metadata }),
        });
        assert.is(answer['status'], ResourceStatus.COMPLETE, `size ${size}`);
        const resource = (await came).resource as IncomingResource;
        const data = repeated(stream('resource', Math.min(size, 65536)), size);
        assert.equal(digestOf(resource.data), digestOf(data), `size ${size}`);
        if (size > 0) assert.is(toHex(encodeMsgpack(resource.metadata ?? null)), metadata);
      }
    }
  );

  live(
    '[reticulum/resource-cancel] [reticulum/resource-reject] [reticulum/link-set-resource-strategy] either end cancels and refuses',
    async () => {
      const big = repeated(stream('big', 65536), 8_000_000);
      const kinds = ['resource-started', 'resource', 'sent-resource'];
      await python.ask('forget', { kinds });
      // We cancel what we send.
      const sending = instance.act((_, now) =>
        links.us.link.sendResource(big, now, { autoCompress: false })
      );
      await pair.take('resource-started');
      instance.act((_, now) => sending?.cancel(now));
      assert.is((await pair.take('resource'))['status'], ResourceStatus.FAILED);
      assert.is(sending?.status, ResourceStatus.FAILED);
      // They cancel what we send.
      const refused = instance.act((_, now) =>
        links.us.link.sendResource(big, now, { autoCompress: false })
      );
      await python.ask('forget', { kinds: ['resource'] });
      const started = await pair.take('resource-started');
      await python.ask('cancel', { hash: started['hash'] });
      await pair.until(() => refused?.concluded === true, 'the rejection');
      assert.is(refused?.status, ResourceStatus.REJECTED);
      await pair.take('resource');
      // We cancel what they send.
      const begun = pair.next('resource-started');
      const theirs8 = { link: links.them.id, label: 'big', size: 8_000_000, wait: false };
      await python.ask('resource', theirs8);
      const { resource } = await begun;
      instance.act((_, now) => resource.cancel(now));
      for (let tries = 0; tries < 20; tries++) {
        if ((await pair.take('sent-resource'))['status'] === ResourceStatus.REJECTED) break;
        assert.ok(tries < 19);
      }
      // They cancel what they send.
      const again = pair.next('resource-started');
      const second = await python.ask('resource', theirs8);
      const incoming = (await again).resource;
      await python.ask('cancel', { hash: second['hash'] });
      await pair.until(() => incoming.concluded, 'the cancellation');
      assert.is(incoming.status, ResourceStatus.FAILED);
      // We refuse what they offer, and take it the next time.
      links.them.link.resourceStrategy = ResourceStrategy.ACCEPT_APP;
      const offered = pair.next('resource-offered');
      const third = python.ask('resource', { link: links.them.id, label: 'offer', size: 2000 });
      const { offer } = await offered;
      assert.is(offer.advertisement.dataBytes, 2000);
      instance.act((_, now) => offer.reject(now));
      assert.is((await third)['status'], ResourceStatus.REJECTED);
      links.them.link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
    }
  );

  live(
    '[reticulum/channel] [reticulum/channel-send] [reticulum/channel-register-message-type] [reticulum/messagebase] channel messages pass both ways, once and in order',
    async () => {
      const channel = links.us.link.channel();
      channel.register(0x0101);
      await python.ask('channel', { link: toHex(links.us.link.id) });
      const count = 200;
      for (let i = 0; i < count; i++) {
        const data = Uint8Array.of(0, 0, i >> 8, i & 255, 1, 2, 3);
        const sent = (): boolean =>
          instance.act((_, now) => channel.send(0x0101, data, now)) !== undefined;
        if (!sent()) {
          await pair.next('channel-ready');
          assert.ok(sent());
        }
      }
      for (let i = 0; i < count; i++) {
        const message = await pair.take('message');
        assert.is(message['data'], toHex(Uint8Array.of(0, 0, i >> 8, i & 255, 1, 2, 3)));
      }
      const messages = links.us.messages();
      const answer = await python.ask('channel-send', {
        link: toHex(links.us.link.id),
        count,
        size: 300,
      });
      assert.is(answer['left'], 0);
      for (let i = 0; i < count; i++) {
        const { value } = await messages.next();
        assert.is(value?.data.length, 300);
        assert.is(((value?.data[2] ?? 0) << 8) | (value?.data[3] ?? 0), i);
      }
      assert.is(messages.size, 0);
    }
  );

  live(
    '[reticulum/buffer-create-reader] [reticulum/buffer-create-writer] [reticulum/buffer-create-bidirectional-buffer] [reticulum/rawchannelreader-readinto] streams of bytes pass both ways',
    async () => {
      const data = repeated(stream('stream', 65536), 200_000);
      const writer = links.us.writable(1).getWriter();
      const read = python.ask('stream-read', { link: toHex(links.us.link.id), size: data.length });
      await writer.write(data);
      await writer.close();
      const got = await read;
      assert.equal({ size: got['size'], sha256: got['sha256'] }, digestOf(data));
      const readable = links.us.readable(2);
      const writing = python.ask('stream-write', {
        link: toHex(links.us.link.id),
        label: 'stream',
        size: data.length,
        end: true,
      });
      const pieces: number[] = [];
      const reader = readable.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const byte of value) pieces.push(byte);
      }
      assert.is((await writing)['left'], 0);
      assert.equal(digestOf(Uint8Array.from(pieces)), digestOf(data));
    }
  );

  t.run();
}
