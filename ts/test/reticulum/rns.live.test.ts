// time limit: 600 s
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { pythonReferences } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import { LivePair, bytesOf, digestOf, repeated, type Role } from '../support/rns-live.ts';
import { stream } from '../support/stream.ts';
import { toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { encodeMsgpack, type MsgpackMap, type MsgpackValue } from '../../codec/msgpack.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import type { LinkSession } from '../../reticulum/link-session.ts';
import { LinkStatus, ResourceStrategy, TeardownReason } from '../../reticulum/link/constants.ts';
import type { Link } from '../../reticulum/link/link.ts';
import { DestinationType } from '../../reticulum/packet.ts';
import { ReceiptStatus } from '../../reticulum/receipts.ts';
import { RequestPolicy } from '../../reticulum/request-handlers.ts';
import { ResourceStatus } from '../../reticulum/resource/constants.ts';
import type { IncomingResource } from '../../reticulum/resource/incoming.ts';

const SIZES = [0, 1, 500_000, 1024 * 1024 + 1, 10_000_000];
const REQUEST_SIZES = [1, 400, 8000, 9000, 200_000, 5_000_000];

function mapOf(values: Record<string, MsgpackValue>): MsgpackMap {
  return new Map(Object.entries(values));
}

const references = pythonReferences();
if (references.length === 0) {
  const t = suite('rns live', import.meta.url);
  t.skip('RNS in Python', 'no Python reference: run make interop');
  t.run();
}

const runs = references.flatMap((reference) =>
  (['python-server', 'python-client'] as const).map((role) => ({ reference, role }))
);

for (const { reference, role } of runs) {
  const t = suite(`rns live (${reference.name}, ${role})`, import.meta.url);
  const pair = new LivePair(reference);
  const { python, api, instance } = pair;
  /** Established by either end, for the tests that need an open link. */
  const sessions: { us?: LinkSession; them?: { link: Link; id: string } } = {};
  let theirs: Destination;
  let ours: Destination;
  const us = (): LinkSession => sessions.us as LinkSession;
  const them = (): { link: Link; id: string } => sessions.them as { link: Link; id: string };

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
    await pair.start(role satisfies Role);
    theirs = await pair.theirDestination(['their'], {
      proof: 'all',
      paths: {
        '/echo': { echo: true, compress: false },
        '/size': { asked: true, compress: false },
        '/packed': { asked: true, compress: true },
        '/nothing': { nothing: true },
      },
      listPaths: ['/list'],
      allowed: [toHex(pair.ours.hash)],
    });
    ours = pair.ourDestination(['our']);
    ours.proofStrategy = ProofStrategy.PROVE_ALL;
    for (const path of ['/echo', '/size']) {
      ours.requests.register(path, { allow: RequestPolicy.ALLOW_ALL, autoCompress: false });
    }
    ours.requests.register('/file', { allow: RequestPolicy.ALLOW_ALL });
    instance.on('request', ({ request }) =>
      instance.act((_, now) => {
        if (request.path === '/echo') request.respond(request.data, now);
        if (request.path === '/size') request.respond(new Uint8Array(request.data as number), now);
        if (request.path === '/file') {
          request.respondWithData(stream('file', 3000), mapOf({ name: 'file' }), now);
        }
      })
    );
    instance.on('link-established', ({ link }) => {
      link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
    });
  });
  t.after(() => pair.stop());

  live(
    '[reticulum/announce-build] [reticulum/announce-app-data] [reticulum/announce-handlers] announces are heard both ways',
    async () => {
      const appData = stream('app data', 40);
      api.announce(ours, { appData });
      const heard = await pair.take('announce');
      assert.is(heard['hash'], toHex(ours.hash));
      assert.is(heard['appData'], toHex(appData));
      assert.is(heard['public'], toHex(pair.ours.publicKey));
      assert.is(heard['hops'], 1);
      const announces = api.announces({ aspectFilter: 'app.their' });
      const others = api.announces({ aspectFilter: 'app.other' });
      await python.ask('announce', { hash: toHex(theirs.hash), appData: '0102' });
      const { value } = await announces.next();
      sameBytes(value?.announce.appData, '0102');
      sameBytes(value?.announce.identity.publicKey, pair.theirs.publicKey);
      assert.is(value?.hops, 1);
      assert.is(others.size, 0);
      await announces.return();
      await others.return();
    }
  );

  live(
    '[reticulum/transport-request-path] [reticulum/transport-path-request] [reticulum/announce-path-response] [reticulum/identity-recall] paths are asked for and answered both ways',
    async () => {
      const quiet = await pair.theirDestination(['quiet']);
      assert.is(await api.path(quiet.hash), 1);
      const identity = await api.identity(quiet.hash);
      sameBytes(identity.publicKey, pair.theirs.publicKey);
      const hidden = pair.ourDestination(['hidden']);
      const answer = await python.ask('path', { hash: toHex(hidden.hash) });
      assert.equal([answer['found'], answer['hops']], [true, 1]);
      const known = await python.ask('known', { hash: toHex(hidden.hash) });
      assert.is(known['public'], toHex(pair.ours.publicKey));
      const nowhere = stream('nowhere', 16);
      await rejectsCode(() => api.path(nowhere, { timeoutMs: 300 }), 'RNS_PATH_UNKNOWN');
    }
  );

  live(
    '[reticulum/packet-send] [reticulum/packet-prove] [reticulum/packetreceipt-validate-proof] opportunistic packets are proven both ways',
    async () => {
      for (const size of [1, 100, 383]) {
        const data = stream('packet', size);
        const rtt = await api.send(theirs, data);
        assert.ok(rtt > 0);
        assert.is((await pair.take('packet'))['data'], toHex(data));
        const came = pair.next('packet');
        const answer = await python.ask('send', { ...pair.toOurs(['our']), data: toHex(data) });
        assert.is(answer['status'], ReceiptStatus.DELIVERED);
        sameBytes((await came).data, data);
      }
    }
  );

  live(
    '[reticulum/destination-encrypt-group] [reticulum/destination-group-key] GROUP and PLAIN packets pass both ways',
    async () => {
      const key = systemRandom.bytes(64);
      const shared = Identity.generate(systemRandom);
      const fields = {
        private: toHex(shared.privateKey()),
        public: toHex(shared.publicKey),
        app: 'app',
        aspects: ['group'],
        type: 'group',
        groupKey: toHex(key),
      };
      const type = DestinationType.GROUP;
      const group = (direction: 'in' | 'out'): Destination => {
        const made = Destination.create({
          direction,
          type,
          identity: shared,
          appName: 'app',
          aspects: ['group'],
        });
        made.loadGroupKey(key);
        return made;
      };
      await python.ask('destination', fields);
      const receiving = group('in');
      instance.reticulum.register(receiving);
      const data = stream('group', 200);
      instance.act((reticulum, now) => reticulum.send(group('out'), data, now));
      assert.is((await pair.take('packet'))['data'], toHex(data));
      const came = pair.next('packet');
      await python.ask('send', { ...fields, data: toHex(data), seconds: 0 });
      const event = await came;
      sameBytes(event.data, data);
      assert.is(event.destination, receiving);
      const plain = { app: 'app', aspects: ['plain'], type: 'plain' };
      await python.ask('destination', plain);
      const open = (direction: 'in' | 'out'): Destination =>
        Destination.create({
          direction,
          type: DestinationType.PLAIN,
          appName: 'app',
          aspects: ['plain'],
        });
      instance.reticulum.register(open('in'));
      instance.act((reticulum, now) => reticulum.send(open('out'), data, now));
      assert.is((await pair.take('packet'))['data'], toHex(data));
      const plainCame = pair.next('packet');
      await python.ask('send', { ...plain, data: toHex(data), seconds: 0 });
      sameBytes((await plainCame).data, data);
    }
  );

  live(
    '[reticulum/link] [reticulum/link-handshake] [reticulum/link-mtu-discovery] [reticulum/link-receive] links are set up by either end',
    async () => {
      sessions.us = await api.openLink(theirs);
      assert.is(us().link.mtu, 8192);
      const heard = await pair.take('link');
      assert.is(heard['link'], toHex(us().link.id));
      assert.is(heard['mtu'], 8192);
      const accepted = pair.next('link-established', (event) => !event.link.initiator);
      const answer = await python.ask('link', pair.toOurs(['our']));
      assert.is(answer['established'], true);
      assert.is(answer['mtu'], 8192);
      sessions.them = { link: (await accepted).link, id: String(answer['link']) };
      assert.is(toHex(them().link.id), answer['link']);
      await pair.take('link');
    }
  );

  live('[reticulum/link-identify] either initiator says who it is', async () => {
    us().identify(pair.ours);
    assert.is((await pair.take('identified'))['hash'], toHex(pair.ours.hash));
    const identified = pair.next('link-identified');
    await python.ask('identify', { link: them().id, private: toHex(pair.theirs.privateKey()) });
    const { link, identity } = await identified;
    assert.is(link, them().link);
    sameBytes(identity.publicKey, pair.theirs.publicKey);
  });

  live(
    '[reticulum/link-prove-packet] [reticulum/packetreceipt-validate-link-proof] link packets are proven both ways',
    async () => {
      for (const size of [1, 431, us().link.mdu]) {
        const data = stream('link packet', size);
        assert.ok((await us().send(data)) > 0);
        assert.is((await pair.take('link-packet'))['data'], toHex(data));
        const came = pair.next('link-packet');
        const answer = await python.ask('link-send', { link: them().id, data: toHex(data) });
        assert.is(answer['status'], ReceiptStatus.DELIVERED);
        sameBytes((await came).data, data);
      }
    }
  );

  live(
    '[reticulum/link-request] [reticulum/link-handle-response] [reticulum/link-response-resource-concluded] [reticulum/requestreceipt] our requests are answered, 1 byte to 5 MB each way',
    async () => {
      for (const size of REQUEST_SIZES) {
        const data = repeated(stream('request', Math.min(size, 65536)), size);
        sameBytes((await us().request('/echo', data)) as Uint8Array, data, `echo of ${size}`);
        const answer = (await us().request('/size', size)) as Uint8Array;
        const block = stream('/size', Math.min(size, 65536));
        assert.equal(digestOf(answer), digestOf(repeated(block, size)), `answer of ${size}`);
      }
      const packed = (await us().request('/packed', 300_000)) as Uint8Array;
      assert.is(packed.length, 300_000);
      assert.is(await us().request('/echo', 'text'), 'text');
    }
  );

  live(
    '[reticulum/link-handle-request] [reticulum/destination-request-handlers] a request of which nothing comes fails',
    async () => {
      const wait = { timeoutMs: 400 };
      for (const path of ['/nothing', '/unknown']) {
        await rejectsCode(() => us().request(path, 'x', wait), 'RNS_REQUEST_FAILED');
      }
      // Ours is on the list, and has said so.
      assert.equal(await us().request('/list', null), new TextEncoder().encode('known'));
      const stranger = await api.openLink(theirs);
      await rejectsCode(() => stranger.request('/list', null, wait), 'RNS_REQUEST_FAILED');
      stranger.close();
    }
  );

  live(
    '[reticulum/link-handle-request] [reticulum/link-request-resource-concluded] the reference’s requests are answered, 1 byte to 5 MB each way',
    async () => {
      for (const size of REQUEST_SIZES) {
        const label = { label: 'request', size };
        const echo = await python.ask('ask', { link: them().id, path: '/echo', ...label });
        const data = repeated(stream('request', Math.min(size, 65536)), size);
        assert.equal({ size: echo['size'], sha256: echo['sha256'] }, digestOf(data));
        const value = toHex(encodeMsgpack(size));
        const answer = await python.ask('ask', { link: them().id, path: '/size', value });
        assert.equal(
          { size: answer['size'], sha256: answer['sha256'] },
          digestOf(new Uint8Array(size))
        );
      }
      const file = await python.ask('ask', { link: them().id, path: '/file', value: 'c0' });
      assert.is(file['sha256'], digestOf(stream('file', 3000)).sha256);
      assert.is(file['metadata'], toHex(encodeMsgpack(mapOf({ name: 'file' }))));
    }
  );

  live(
    '[reticulum/resource] [reticulum/resource-advertise] [reticulum/resource-segments] [reticulum/resource-validate-proof] [reticulum/resource-metadata] the reference takes our resources, 0 bytes to 10 MB',
    async () => {
      for (const size of SIZES) {
        const data = repeated(stream('resource', Math.min(size, 65536)), size);
        const resource = await us().sendResource(data, { autoCompress: false });
        assert.is(resource.status, ResourceStatus.COMPLETE);
        const got = await pair.take('resource');
        assert.equal({ size: got['size'], sha256: got['sha256'] }, digestOf(data));
      }
      const metadata = mapOf({ name: 'a.txt' });
      await us().sendResource(stream('meta', 5000), { metadata, autoCompress: false });
      assert.is((await pair.take('resource'))['metadata'], toHex(encodeMsgpack(metadata)));
    }
  );

  live('[reticulum/resource-compression] packed resources pass both ways', async () => {
    const data = repeated(new TextEncoder().encode('compressible text, '), 300_000);
    const resource = await us().sendResource(data);
    assert.is(resource.compressed, true);
    const got = await pair.take('resource');
    assert.equal([got['sha256'], got['compressed']], [digestOf(data).sha256, true]);
    const came = pair.next('resource-concluded');
    const answer = await python.ask('resource', {
      link: them().id,
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
          link: them().id,
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
        us().link.sendResource(big, now, { autoCompress: false })
      );
      await pair.take('resource-started');
      instance.act((_, now) => sending?.cancel(now));
      assert.is((await pair.take('resource'))['status'], ResourceStatus.FAILED);
      assert.is(sending?.status, ResourceStatus.FAILED);
      // They cancel what we send.
      const refused = instance.act((_, now) =>
        us().link.sendResource(big, now, { autoCompress: false })
      );
      await python.ask('forget', { kinds: ['resource'] });
      const started = await pair.take('resource-started');
      await python.ask('cancel', { hash: started['hash'] });
      await pair.until(() => refused?.concluded === true, 'the rejection');
      assert.is(refused?.status, ResourceStatus.REJECTED);
      await pair.take('resource');
      // We cancel what they send.
      const begun = pair.next('resource-started');
      const theirs8 = { link: them().id, label: 'big', size: 8_000_000, wait: false };
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
      them().link.resourceStrategy = ResourceStrategy.ACCEPT_APP;
      const offered = pair.next('resource-offered');
      const third = python.ask('resource', { link: them().id, label: 'offer', size: 2000 });
      const { offer } = await offered;
      assert.is(offer.advertisement.dataBytes, 2000);
      instance.act((_, now) => offer.reject(now));
      assert.is((await third)['status'], ResourceStatus.REJECTED);
      them().link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
    }
  );

  live(
    '[reticulum/channel] [reticulum/channel-send] [reticulum/channel-register-message-type] [reticulum/messagebase] channel messages pass both ways, once and in order',
    async () => {
      const channel = us().link.channel();
      channel.register(0x0101);
      await python.ask('channel', { link: toHex(us().link.id) });
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
      const messages = us().messages();
      const answer = await python.ask('channel-send', {
        link: toHex(us().link.id),
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
      const writer = us().writable(1).getWriter();
      const read = python.ask('stream-read', { link: toHex(us().link.id), size: data.length });
      await writer.write(data);
      await writer.close();
      const got = await read;
      assert.equal({ size: got['size'], sha256: got['sha256'] }, digestOf(data));
      const readable = us().readable(2);
      const writing = python.ask('stream-write', {
        link: toHex(us().link.id),
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

  live(
    '[reticulum/ratchet-enable] [reticulum/ratchet-rotate] [reticulum/ratchet-remember] [reticulum/destination-encrypt-single] ratchets are used across rotations both ways',
    async () => {
      const rotating = await pair.theirDestination(['rotating'], {
        ratchets: true,
        enforce: true,
        proof: 'all',
      });
      const seen = new Set<string>();
      for (let turn = 0; turn < 3; turn++) {
        const announces = api.announces({ aspectFilter: 'app.rotating' });
        await python.ask('announce', { hash: toHex(rotating.hash) });
        const { value } = await announces.next();
        await announces.return();
        seen.add(toHex(value?.announce.ratchet ?? new Uint8Array()));
        await api.send(rotating, stream('ratchet', 50));
        assert.ok((await pair.take('packet'))['ratchet'] !== null);
        await new Promise((resolve) => setTimeout(resolve, 1100));
      }
      assert.is(seen.size, 3);
      const own = pair.ourDestination(['own-ratchets']);
      own.proofStrategy = ProofStrategy.PROVE_ALL;
      own.enableRatchets(undefined, 512, 1);
      own.enforceRatchets();
      for (let turn = 0; turn < 3; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const before = own.ratchets?.ratchets.length ?? 0;
        api.announce(own);
        assert.is(own.ratchets?.ratchets.length, before + 1);
        for (let tries = 0; tries < 4; tries++) {
          if ((await pair.take('announce'))['hash'] === toHex(own.hash)) break;
        }
        const came = pair.next('packet');
        const answer = await python.ask('send', {
          ...pair.toOurs(['own-ratchets']),
          data: '01',
        });
        assert.is(answer['status'], ReceiptStatus.DELIVERED);
        assert.ok((await came).ratchetId !== undefined);
      }
      const known = await python.ask('known', { hash: toHex(own.hash) });
      assert.ok(known['ratchet'] !== null);
    }
  );

  live(
    '[reticulum/link-teardown] [reticulum/link-teardown-packet] either end closes its link',
    async () => {
      const { id, link } = them();
      const closed = pair.next('link-closed', (event) => event.link === link);
      await python.ask('close', { link: id });
      assert.is((await closed).reason, TeardownReason.INITIATOR_CLOSED);
      us().close();
      const ours2 = [toHex(us().link.id), TeardownReason.INITIATOR_CLOSED];
      let event = await pair.take('closed');
      while (event['link'] !== ours2[0]) event = await pair.take('closed');
      assert.equal([event['link'], event['reason']], ours2);
      assert.is(us().link.status, LinkStatus.CLOSED);
      sameBytes(bytesOf(event, 'link'), us().link.id);
    }
  );

  t.run();
}
