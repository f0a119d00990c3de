// time limit: 600 s
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { pythonReferences } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import {
  LivePair,
  bytesOf,
  digestOf,
  mapOf,
  openLive,
  prepareLive,
  repeated,
  type LiveLinks,
} from '../support/rns-live.ts';
import { stream } from '../support/stream.ts';
import { toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { encodeMsgpack } from '../../codec/msgpack.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { LinkStatus, TeardownReason } from '../../reticulum/link/constants.ts';
import { DestinationType } from '../../reticulum/packet.ts';
import { ReceiptStatus } from '../../reticulum/receipts.ts';

const REQUEST_SIZES = [1, 400, 8000, 9000, 200_000, 5_000_000];

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
  /** Opened by either end, for the tests that need an open link. */
  let links: LiveLinks;
  let theirs: Destination;
  let ours: Destination;

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
    ({ theirs, ours } = await prepareLive(pair, role));
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
      links = await openLive(pair, theirs);
      assert.ok((links.us.link.rttMs ?? 0) > 0);
    }
  );

  live('[reticulum/link-identify] either initiator says who it is', async () => {
    links.us.identify(pair.ours);
    assert.is((await pair.take('identified'))['hash'], toHex(pair.ours.hash));
    const identified = pair.next('link-identified');
    await python.ask('identify', { link: links.them.id, private: toHex(pair.theirs.privateKey()) });
    const { link, identity } = await identified;
    assert.is(link, links.them.link);
    sameBytes(identity.publicKey, pair.theirs.publicKey);
  });

  live(
    '[reticulum/link-prove-packet] [reticulum/packetreceipt-validate-link-proof] link packets are proven both ways',
    async () => {
      for (const size of [1, 431, links.us.link.mdu]) {
        const data = stream('link packet', size);
        assert.ok((await links.us.send(data)) > 0);
        assert.is((await pair.take('link-packet'))['data'], toHex(data));
        const came = pair.next('link-packet');
        const answer = await python.ask('link-send', { link: links.them.id, data: toHex(data) });
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
        sameBytes((await links.us.request('/echo', data)) as Uint8Array, data, `echo of ${size}`);
        const answer = (await links.us.request('/size', size)) as Uint8Array;
        const block = stream('/size', Math.min(size, 65536));
        assert.equal(digestOf(answer), digestOf(repeated(block, size)), `answer of ${size}`);
      }
      const packed = (await links.us.request('/packed', 300_000)) as Uint8Array;
      assert.is(packed.length, 300_000);
      assert.is(await links.us.request('/echo', 'text'), 'text');
    }
  );

  live(
    '[reticulum/link-handle-request] [reticulum/destination-request-handlers] a request of which nothing comes fails',
    async () => {
      const wait = { timeoutMs: 400 };
      for (const path of ['/nothing', '/unknown']) {
        await rejectsCode(() => links.us.request(path, 'x', wait), 'RNS_REQUEST_FAILED');
      }
      // Ours is on the list, and has said so.
      assert.equal(await links.us.request('/list', null), new TextEncoder().encode('known'));
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
        const echo = await python.ask('ask', { link: links.them.id, path: '/echo', ...label });
        const data = repeated(stream('request', Math.min(size, 65536)), size);
        assert.equal({ size: echo['size'], sha256: echo['sha256'] }, digestOf(data));
        const value = toHex(encodeMsgpack(size));
        const answer = await python.ask('ask', { link: links.them.id, path: '/size', value });
        assert.equal(
          { size: answer['size'], sha256: answer['sha256'] },
          digestOf(new Uint8Array(size))
        );
      }
      const file = await python.ask('ask', { link: links.them.id, path: '/file', value: 'c0' });
      assert.is(file['sha256'], digestOf(stream('file', 3000)).sha256);
      assert.is(file['metadata'], toHex(encodeMsgpack(mapOf({ name: 'file' }))));
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
      const { id, link } = links.them;
      const closed = pair.next('link-closed', (event) => event.link === link);
      await python.ask('close', { link: id });
      assert.is((await closed).reason, TeardownReason.INITIATOR_CLOSED);
      links.us.close();
      const ours2 = [toHex(links.us.link.id), TeardownReason.INITIATOR_CLOSED];
      let event = await pair.take('closed');
      while (event['link'] !== ours2[0]) event = await pair.take('closed');
      assert.equal([event['link'], event['reason']], ours2);
      assert.is(links.us.link.status, LinkStatus.CLOSED);
      sameBytes(bytesOf(event, 'link'), links.us.link.id);
    }
  );

  t.run();
}
