// time limit: 300 s
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { usesReference } from '../support/reference.ts';
import { PythonPeer, pythonReferences, type Answer } from '../support/python.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackMap } from '../../codec/msgpack.ts';
import { Identity } from '../../reticulum/identity.ts';
import { RATCHET_BYTES, ratchetPublicKey } from '../../reticulum/ratchet.ts';
import {
  decodeDeliveryAnnounceData,
  decodePropagationAnnounceData,
  encodeDeliveryAnnounceData,
  encodePropagationAnnounceData,
} from '../../lxmf/announce-data.ts';
import { Field } from '../../lxmf/constants.ts';
import { decodeContainer, encodeContainer } from '../../lxmf/container.ts';
import {
  deliveryHash,
  packMessage,
  unpackMessage,
  verifyMessage,
  withStamp,
  type Message,
  type MessageDraft,
} from '../../lxmf/message.ts';
import { openPaper, paperUri, parsePaperUri, sealPaper } from '../../lxmf/paper.ts';
import { decodeUpload, encodeUpload, sealPropagated } from '../../lxmf/propagated.ts';
import {
  checkPropagationStamp,
  checkStamp,
  messageWorkblock,
  mineStamp,
  peeringWorkblock,
  propagationWorkblock,
} from '../../lxmf/stamp.ts';
import { ticketStamp } from '../../lxmf/ticket.ts';

const nowS = Date.now() / 1000;

const DRAFTS: { title: string; content: string; fields?: MsgpackMap; timestamp: number }[] = [
  { title: '', content: '', timestamp: nowS },
  { title: 'Hi', content: 'Hello', timestamp: Math.floor(nowS) },
  { title: 'Grüße', content: 'äöü € 𝄞 \u0000 end', timestamp: nowS },
  {
    title: 'files',
    content: 'x'.repeat(300),
    timestamp: nowS,
    fields: new Map<never, never>([
      [Field.FILE_ATTACHMENTS, [['a.txt', new Uint8Array([1, 2, 3])]]],
      [Field.REPLY_TO, new Uint8Array(32).fill(7)],
      [Field.REACTION, new Map([[0, new Uint8Array(32)] as const])],
      [Field.TELEMETRY, [new MsgpackFloat(1), 1, true, null, 2n ** 60n, new MsgpackFloat(0.5)]],
    ] as never),
  },
  { title: 'long', content: 'y'.repeat(1990), timestamp: nowS },
];

function isSame(answer: Answer, message: Message): void {
  assert.is(answer['messageHash'], toHex(message.messageHash));
  assert.is(answer['destinationHash'], toHex(message.destinationHash));
  assert.is(answer['sourceHash'], toHex(message.sourceHash));
  assert.is(answer['title'], toHex(message.title));
  assert.is(answer['content'], toHex(message.content));
  assert.is(answer['fields'], toHex(encodeMsgpack(message.fields)));
  assert.is(answer['timestamp'], message.timestamp);
}

const references = pythonReferences();
if (references.length === 0) {
  const t = suite('lxmf live', import.meta.url);
  t.skip('LXMF in Python', 'no Python reference: run make interop');
  t.run();
}

for (const reference of references) {
  const t = suite(`lxmf live (${reference.name})`, import.meta.url);
  const py = new PythonPeer(reference, 'lxmf_peer.py');
  const us = Identity.generate(systemRandom);
  const them = Identity.generate(systemRandom);
  const names: string[] = [];

  const live = (title: string, body: () => Promise<void>): void =>
    t(
      title,
      async () => {
        for (const name of names) usesReference(name);
        await body();
      },
      120_000
    );
  let made = 0;
  // Each message gets a time of its own: the reference delivers the same message only once.
  const draftTo = (index: number, to: Identity): MessageDraft => ({
    ...(DRAFTS[index] as (typeof DRAFTS)[0]),
    timestamp: (DRAFTS[index] as (typeof DRAFTS)[0]).timestamp + made++,
    destinationHash: deliveryHash(to),
  });

  t.before(async () => {
    const started = await py.ask('start', {
      private: toHex(them.privateKey()),
      stampCost: 8,
      name: 'Python',
    });
    names.push(`lxmf ${String(started['lxmf'])}`, `rns ${String(started['rns'])}`);
    assert.is(started['destinationHash'], toHex(deliveryHash(them)));
  });
  t.after(() => py.stop());

  live('[lxmf/lxmessage-unverified-reasons] a first contact is an unknown source', async () => {
    const message = packMessage(draftTo(1, them), us);
    const uri = paperUri(sealPaper(message, them, systemRandom));
    const answer = await py.ask('ingest', { uri });
    assert.is(answer['result'], 'delivered');
    const [got] = answer['delivered'] as Answer[];
    isSame(got as Answer, message);
    assert.is((got as Answer)['verified'], false);
    assert.is((got as Answer)['reason'], 1);
    const known = await py.ask('remember', { public: toHex(us.publicKey) });
    assert.is(known['destinationHash'], toHex(deliveryHash(us)));
  });

  live(
    '[lxmf/paper-packed-uri-helper] [lxmf/lxmrouter-ingest-lxm-uri] Python ingests our URIs',
    async () => {
      for (let i = 0; i < DRAFTS.length; i++) {
        const message = packMessage(draftTo(i, them), us);
        const uri = paperUri(sealPaper(message, them, systemRandom));
        const answer = await py.ask('ingest', { uri });
        assert.is(answer['result'], 'delivered');
        const [got] = answer['delivered'] as Answer[];
        isSame(got as Answer, message);
        assert.is((got as Answer)['verified'], true);
        const again = await py.ask('ingest', { uri });
        assert.is(again['result'], 'duplicate');
      }
    }
  );

  live(
    '[lxmf/stamps-pow-generation-validation] Python accepts our stamp on a paper message',
    async () => {
      const plain = packMessage(draftTo(1, them), us);
      const stamp = mineStamp(messageWorkblock(plain.messageHash), 8, systemRandom);
      const message = withStamp(plain, stamp);
      const uri = paperUri(sealPaper(message, them, systemRandom));
      const [got] = (await py.ask('ingest', { uri }))['delivered'] as [Answer];
      isSame(got, message);
      assert.is(got['stampValid'], true);
      assert.is(got['stamp'], toHex(stamp));
      assert.is(got['verified'], true);
      const check = checkStamp(message, 8);
      assert.is(check.state, 'valid');
      assert.is(got['stampValue'], check.state === 'valid' ? check.value : undefined);
    }
  );

  live(
    '[lxmf/lxmessage-validate-stamp] both judge stamps alike at and above their value',
    async () => {
      const plain = packMessage(draftTo(2, them), us);
      const message = withStamp(
        plain,
        mineStamp(messageWorkblock(plain.messageHash), 6, systemRandom)
      );
      const value = (checkStamp(message, 0) as { value: number }).value;
      for (const cost of [0, 5, value, value + 1, value + 2]) {
        const answer = await py.ask('judge_stamp', { packed: toHex(message.packed), cost });
        assert.is(answer['valid'], checkStamp(message, cost).state === 'valid', `cost ${cost}`);
      }
    }
  );

  live('[lxmf/tickets-stamp-derivation] tickets stand in for work, both ways', async () => {
    const ticket = systemRandom.bytes(16);
    const plain = packMessage(draftTo(1, them), us);
    const message = withStamp(plain, ticketStamp(ticket, plain.messageHash));
    const packed = toHex(message.packed);
    const tickets = [toHex(systemRandom.bytes(16)), toHex(ticket)];
    const judged = await py.ask('judge_stamp', { packed, cost: 30, tickets });
    assert.equal(judged, { valid: true, value: 256 });
    const uri = paperUri(sealPaper(message, them, systemRandom));
    const [got] = (await py.ask('ingest', { uri }))['delivered'] as [Answer];
    isSame(got, message);
    const made = await py.ask('make', {
      method: 'paper',
      public: toHex(us.publicKey),
      title: '',
      content: toHex(utf8('with a ticket')),
      ticket: toHex(ticket),
    });
    const { message: theirs } = openPaper(parsePaperUri(made['uri'] as string), us);
    assert.is(checkStamp(theirs, 200, [ticket]).state, 'ticket');
    assert.is(checkStamp(theirs, 200, [systemRandom.bytes(16)]).state, 'invalid');
  });

  live('[lxmf/lxmessage-as-uri] we read the URIs that Python makes', async () => {
    for (const draft of DRAFTS) {
      const made = await py.ask('make', {
        method: 'paper',
        public: toHex(us.publicKey),
        title: toHex(utf8(draft.title)),
        content: toHex(utf8(draft.content)),
        fields: draft.fields === undefined ? undefined : toHex(encodeMsgpack(draft.fields)),
        stampCost: draft.title === 'Hi' ? 6 : undefined,
      });
      const { message, ratchetId } = openPaper(parsePaperUri(made['uri'] as string), us);
      isSame(made, message);
      assert.is(ratchetId, undefined);
      assert.is(verifyMessage(message, them.publicOnly()), 'verified');
      assert.is(verifyMessage(message, undefined), 'unknown-source');
      if (draft.title === 'Hi') assert.is(checkStamp(message, 6).state, 'valid');
      const damaged = { ...message, signature: message.signature.map((b) => b ^ 1) };
      assert.is(verifyMessage(damaged, them), 'invalid');
    }
  });

  live(
    '[lxmf/lxmessage-core-format-pack-unpack] packed messages cross in both directions',
    async () => {
      for (let i = 0; i < DRAFTS.length; i++) {
        const ours = packMessage(draftTo(i, them), us);
        const read = await py.ask('unpack', { packed: toHex(ours.packed) });
        isSame(read, ours);
        assert.is(read['verified'], true);
        const draft = DRAFTS[i] as (typeof DRAFTS)[0];
        const made = await py.ask('make', {
          method: 'direct',
          public: toHex(us.publicKey),
          title: toHex(utf8(draft.title)),
          content: toHex(utf8(draft.content)),
          fields: draft.fields === undefined ? undefined : toHex(encodeMsgpack(draft.fields)),
        });
        const theirs = unpackMessage(fromHex(made['packed'] as string));
        isSame(made, theirs);
        assert.is(verifyMessage(theirs, them), 'verified');
      }
    }
  );

  live('[lxmf/message-id-signature-ed25519] a changed message is invalid to both', async () => {
    const packed = packMessage(draftTo(1, them), us).packed;
    packed[packed.length - 2] = (packed[packed.length - 2] as number) ^ 1;
    const read = await py.ask('unpack', { packed: toHex(packed) });
    assert.is(read['verified'], false);
    assert.is(read['reason'], 2);
    assert.is(verifyMessage(unpackMessage(packed), us), 'invalid');
  });

  live(
    '[lxmf/packed-container-unpack-from-container] [lxmf/unpack-from-file-container] [lxmf/lxmessage-write-to-directory] files cross in both directions',
    async () => {
      const message = packMessage(draftTo(3, them), us);
      const file = join(py.storage, 'ours');
      writeFileSync(
        file,
        encodeContainer(message, {
          state: 8,
          transportEncrypted: true,
          transportEncryption: 'Curve25519',
          method: 2,
        })
      );
      const read = await py.ask('read_file', { file });
      isSame(read['message'] as Answer, message);
      assert.is(read['state'], 8);
      assert.is(read['method'], 2);
      assert.is(read['transportEncryption'], 'Curve25519');
      const directory = join(py.storage, 'messages');
      mkdirSync(directory);
      const made = await py.ask('make', {
        method: 'direct',
        public: toHex(us.publicKey),
        title: '',
        content: toHex(utf8('kept')),
        directory,
      });
      assert.is(made['file'], join(directory, made['messageHash'] as string));
      const kept = decodeContainer(new Uint8Array(readFileSync(made['file'] as string)));
      isSame(made, kept.message);
      assert.is(kept.method, 2);
      assert.is(kept.state, 0);
    }
  );

  live(
    '[lxmf/propagation-packed-format] [lxmf/lxmessage-get-propagation-stamp] uploads cross in both directions',
    async () => {
      const message = packMessage(draftTo(2, them), us);
      const sealed = sealPropagated(message, them, systemRandom);
      const stamp = mineStamp(propagationWorkblock(sealed.transientId), 8, systemRandom);
      const data = toHex(concat(sealed.lxmfData, stamp));
      const judged = await py.ask('judge_propagation_stamp', { data, cost: 8 });
      assert.is(judged['valid'], true);
      assert.is(judged['transientId'], toHex(sealed.transientId));
      const upload = encodeUpload(nowS, [{ lxmfData: sealed.lxmfData, stamp }]);
      const read = await py.ask('read_upload', { upload: toHex(upload), stamped: true });
      assert.is(read['time'], nowS);
      isSame((read['delivered'] as Answer[])[0] as Answer, message);

      const made = await py.ask('make', {
        method: 'propagated',
        public: toHex(us.publicKey),
        title: '',
        content: toHex(utf8('by way of a node')),
        propagationCost: 6,
      });
      const { transientData } = decodeUpload(fromHex(made['upload'] as string));
      assert.is(transientData.length, 1);
      const checked = checkPropagationStamp(transientData[0] as Uint8Array, 6);
      if (checked === undefined) assert.unreachable('the propagation stamp was refused');
      else {
        assert.is(toHex(checked.transientId), made['transientId']);
        isSame(made, openPaper(checked.lxmfData, us).message);
      }
    }
  );

  live('[lxmf/lxstamper-validate-peering-key] Python accepts our peering key', async () => {
    const key = mineStamp(peeringWorkblock(them.hash, us.hash), 10, systemRandom);
    const id = toHex(concat(them.hash, us.hash));
    const answer = await py.ask('judge_peering_key', { id, key: toHex(key), cost: 10 });
    assert.is(answer['valid'], true);
  });

  live(
    '[lxmf/pn-helpers-announce-data-name-cost] [lxmf/lxmrouter-get-announce-app-data] announce data crosses in both directions',
    async () => {
      const own = await py.ask('own_app_data');
      const delivery = decodeDeliveryAnnounceData(fromHex(own['delivery'] as string));
      assert.equal(delivery, { displayName: 'Python', stampCost: 8, compression: true });
      sameBytes(encodeDeliveryAnnounceData(delivery), own['delivery'] as string);
      const node = decodePropagationAnnounceData(fromHex(own['node'] as string));
      sameBytes(encodePropagationAnnounceData(node), own['node'] as string);
      const data = toHex(encodeDeliveryAnnounceData({ displayName: 'Wir', stampCost: 12 }));
      const read = await py.ask('app_data', { data });
      assert.equal(read, { name: 'Wir', cost: 12, compression: true });
      const nodeData = encodePropagationAnnounceData({
        ...node,
        enabled: true,
        transferLimitKb: new MsgpackFloat(256),
        metadata: new Map([[1, utf8('Knoten')]]),
      });
      const readNode = await py.ask('node_app_data', { data: toHex(nodeData) });
      assert.equal(readNode, { valid: true, name: 'Knoten', cost: node.stampCost });
    }
  );

  live(
    '[reticulum/identity-from-file] [reticulum/identity-to-file] identity files are the same file',
    async () => {
      const file = join(py.storage, 'identity');
      writeFileSync(file, us.privateKey());
      assert.is((await py.ask('identity_file', { file }))['hash'], toHex(us.hash));
      await py.ask('write_identity_file', { private: toHex(them.privateKey()), file });
      const read = Identity.fromPrivateKey(new Uint8Array(readFileSync(file)));
      sameBytes(read.hash, them.hash);
    }
  );

  live(
    '[reticulum/identity-encrypt] [reticulum/identity-decrypt] [reticulum/identity-encrypt-ratchet] [reticulum/identity-decrypt-ratchets] tokens cross in both directions',
    async () => {
      const ratchet = systemRandom.bytes(RATCHET_BYTES);
      const decoy = systemRandom.bytes(RATCHET_BYTES);
      for (const [target, ratchets] of [
        [undefined, []],
        [ratchetPublicKey(ratchet), [decoy, ratchet]],
      ] as const) {
        for (const size of [0, 1, 15, 16, 17, 400]) {
          const plaintext = systemRandom.bytes(size);
          const token = them.publicOnly().encrypt(plaintext, systemRandom, target);
          const opened = await py.ask('decrypt', {
            private: toHex(them.privateKey()),
            token: toHex(token),
            ratchets: ratchets.map(toHex),
          });
          assert.is(opened['plaintext'], toHex(plaintext));
          const sealed = await py.ask('encrypt', {
            public: toHex(us.publicKey),
            plaintext: toHex(plaintext),
            ratchet: target === undefined ? undefined : toHex(target),
          });
          const theirs = us.decrypt(fromHex(sealed['token'] as string), { ratchets });
          sameBytes(theirs.plaintext, plaintext);
        }
      }
    }
  );

  live(
    '[reticulum/identity-sign] [reticulum/identity-validate] Python validates our signatures',
    async () => {
      const message = systemRandom.bytes(100);
      const signature = us.sign(message);
      const ask = (changed: Uint8Array): Promise<Answer> =>
        py.ask('validate', {
          public: toHex(us.publicKey),
          signature: toHex(signature),
          message: toHex(changed),
        });
      assert.is((await ask(message))['valid'], true);
      assert.is((await ask(message.map((byte) => byte ^ 1)))['valid'], false);
    }
  );

  t.run();
}
