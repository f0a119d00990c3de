import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { ProtocolError } from '../../base/errors.ts';
import { concat } from '../../base/bytes.ts';
import { toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { Identity } from '../../reticulum/identity.ts';
import {
  compressionSupportFromAppData,
  decodeDeliveryAnnounceData,
  decodePropagationAnnounceData,
  displayNameFromAppData,
  encodeDeliveryAnnounceData,
  encodePropagationAnnounceData,
  isPropagationAnnounceData,
  propagationNameFromAppData,
  propagationStampCostFromAppData,
  stampCostFromAppData,
} from '../../lxmf/announce-data.ts';
import { contactCard, parseContactCard } from '../../lxmf/contact.ts';
import { decodeContainer, encodeContainer } from '../../lxmf/container.ts';
import { readAttachments, readAudio, readImage, readReferences } from '../../lxmf/fields.ts';
import {
  contentText,
  deliveryHash,
  packMessage,
  titleText,
  unpackMessage,
  verifyMessage,
  withStamp,
} from '../../lxmf/message.ts';
import { openPaper, paperUri, parsePaperUri, sealPaper, sealedSize } from '../../lxmf/paper.ts';
import {
  decodeUpload,
  encodeUpload,
  getRequest,
  readGetRequest,
  readOfferResponse,
} from '../../lxmf/propagated.ts';
import { acceptTicket, ticketField } from '../../lxmf/ticket.ts';

const t = suite('lxmf decoders', import.meta.url);
const SEED = 20261120;
const random = new SeededRandom(SEED);
const alice = Identity.generate(random);
const bob = Identity.generate(random);

const draft = fc.record({
  title: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 40 })),
  content: fc.oneof(fc.string({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 })),
  timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
});

t('what is packed unpacks to the same parts, verified, with and without a stamp', () => {
  fc.assert(
    fc.property(
      draft,
      fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })),
      (parts, stamp) => {
        const plain = packMessage({ ...parts, destinationHash: deliveryHash(bob) }, alice);
        const message = stamp === null ? plain : withStamp(plain, stamp);
        const read = unpackMessage(message.packed);
        sameBytes(read.messageHash, plain.messageHash);
        sameBytes(read.packed, message.packed);
        sameBytes(read.title, message.title);
        sameBytes(read.content, message.content);
        assert.is(read.timestamp, message.timestamp);
        assert.is(read.stamp === undefined, stamp === null);
        assert.is(verifyMessage(read, alice), 'verified');
        assert.is(verifyMessage(read, undefined), 'unknown-source');
        assert.throws(() => verifyMessage(read, bob), /another identity/);
      }
    ),
    { numRuns: 60 }
  );
});

t('a paper message survives its URI, and its size is known beforehand', () => {
  fc.assert(
    fc.property(draft, (parts) => {
      const message = packMessage({ ...parts, destinationHash: deliveryHash(bob) }, alice);
      const sealed = sealPaper(message, bob.publicOnly(), random);
      assert.is(sealed.length, sealedSize(message.packed.length));
      const opened = openPaper(parsePaperUri(paperUri(sealed)), bob);
      sameBytes(opened.message.packed, message.packed);
    }),
    { numRuns: 40 }
  );
});

const sample = packMessage(
  {
    destinationHash: deliveryHash(bob),
    timestamp: 1700000000,
    title: 'title',
    content: 'content',
    fields: new Map<MsgpackValue, MsgpackValue>([
      [5, [['a.txt', new Uint8Array(9)]]],
      [6, ['webp', new Uint8Array(4)]],
      [7, [16, new Uint8Array(4)]],
      [12, ticketField({ expires: 1700000100, ticket: new Uint8Array(16) })],
      [0x40, new Map<MsgpackValue, MsgpackValue>([[0, new Uint8Array(32)]])],
    ]),
  },
  alice,
  new Uint8Array(32)
);
const container = encodeContainer(sample, {
  state: 1,
  transportEncrypted: true,
  transportEncryption: 'Curve25519',
  method: 2,
});
const node = encodePropagationAnnounceData({
  timebaseS: 1700000000,
  enabled: true,
  transferLimitKb: 256,
  syncLimitKb: new MsgpackFloat(10240),
  stampCost: 16,
  stampCostFlexibility: 3,
  peeringCost: 18,
  metadata: new Map([[1, new TextEncoder().encode('node')]]),
});
const delivery = encodeDeliveryAnnounceData({ displayName: 'name', stampCost: 8 });
const upload = encodeUpload(1, [{ lxmfData: new Uint8Array(200), stamp: new Uint8Array(32) }]);
const sealed = sealPaper(sample, bob, random);

t('mutated bytes yield a value or a ProtocolError from every decoder', () => {
  mutate(sample.packed, 4000, (bytes) => {
    const message = unpackMessage(bytes);
    titleText(message);
    contentText(message);
    readAttachments(message.fields);
    readImage(message.fields);
    readAudio(message.fields);
    readReferences(message.fields);
    acceptTicket(message.fields, 'verified', 1);
    if (equal(message.sourceHash, sample.sourceHash)) verifyMessage(message, alice);
  });
  mutate(container, 2000, (bytes) => decodeContainer(bytes));
  mutate(upload, 2000, (bytes) => decodeUpload(bytes));
  mutate(sealed, 300, (bytes) => openPaper(bytes, bob));
  mutate(delivery, 2000, (bytes) => {
    decodeDeliveryAnnounceData(bytes);
    displayNameFromAppData(bytes);
    stampCostFromAppData(bytes);
    compressionSupportFromAppData(bytes);
  });
  mutate(node, 3000, (bytes) => {
    // The helpers answer "no" where the decoder says why.
    isPropagationAnnounceData(bytes);
    propagationNameFromAppData(bytes);
    propagationStampCostFromAppData(bytes);
    decodePropagationAnnounceData(bytes);
  });
});

t('mutated requests of peers yield a value or a ProtocolError', () => {
  const requests = [
    getRequest({ kind: 'list' }),
    getRequest({ kind: 'get', wants: [new Uint8Array(32)], haves: [], limitKb: 5 }),
    getRequest({ kind: 'acknowledge', haves: [new Uint8Array(32)] }),
  ];
  for (const request of requests) {
    const read = readGetRequest(decodeMsgpack(encodeMsgpack(request)));
    sameBytes(encodeMsgpack(getRequest(read)), encodeMsgpack(request));
    mutate(encodeMsgpack(request), 1000, (bytes) => {
      readGetRequest(decodeMsgpack(bytes));
      readOfferResponse(decodeMsgpack(bytes));
    });
  }
});

t('mutated URIs and cards yield a value or a ProtocolError', () => {
  const texts = [paperUri(sealed), contactCard(alice)];
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  for (const text of bytes) {
    mutate(text, 1500, (damaged) => {
      const uri = new TextDecoder('latin1').decode(damaged);
      survives(() => parsePaperUri(uri));
      survives(() => parseContactCard(uri));
    });
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      survives(() => parsePaperUri(`lxm://${text}`));
      survives(() => parseContactCard(`lxma://${text}`));
    })
  );
});

t('nothing that fails to decode repeats what it was given', () => {
  const secret = 'c2VjcmV0c2VjcmV0c2VjcmV0';
  const error = caught(() => parsePaperUri(`lxm://${secret}!`));
  assert.not(error?.message.includes(secret));
  const card = caught(() => parseContactCard(`lxma://${toHex(new Uint8Array(80).fill(0xab))}`));
  assert.not(card?.message.includes('abab'));
});

function mutate(original: Uint8Array, rounds: number, run: (bytes: Uint8Array) => void): void {
  for (let round = 0; round < rounds; round++) {
    let bytes: Uint8Array = original.slice();
    const kind = random.below(10);
    if (kind === 0) bytes = bytes.slice(0, random.below(bytes.length));
    else if (kind === 1) bytes = concat(bytes, random.bytes(random.below(20)));
    for (let i = random.below(3); i >= 0 && bytes.length > 0; i--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    survives(() => run(bytes), `seed ${SEED}, bytes ${toHex(bytes)}`);
  }
}

function survives(run: () => unknown, note = ''): void {
  const error = caught(run);
  if (error !== undefined) assert.instance(error, ProtocolError, `${String(error)} ${note}`);
}

function caught(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return toHex(a) === toHex(b);
}

t.run();
