/** Keys, certificates and MACs against known answers. @module */
import { fromHex } from '../../base/hex.ts';
import { ScriptedRandom } from '../../base/random.ts';
import { blake2b256 } from '../../kernel/blake2b.ts';
import { PeerAuth, certHash } from '../../stellar/overlay/auth.ts';
import { openBody } from '../../stellar/overlay/frame.ts';
import { helloMessage } from '../../stellar/overlay/handshake.ts';
import { overlayConfig } from '../../stellar/overlay/config.ts';
import { MessageMac } from '../../stellar/overlay/mac.ts';
import { NetworkPassphrase, networkId } from '../../stellar/overlay/network.ts';
import { PeerRole } from '../../stellar/overlay/peer-contract.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { ErrorCode, MessageType } from '../../stellar/xdr/overlay.ts';
import { utf8 } from '../../base/bytes.ts';
import { HmacKey } from '../../kernel/hmac.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { underBoth } from '../support/providers.ts';
import { suite } from '../support/suite.ts';

const t = suite('overlay authentication', import.meta.url);

const NOW = 1_700_000_000_000 - 3_600_000;
const CALLED = PeerRole.WE_CALLED_REMOTE;
const CALLING = PeerRole.REMOTE_CALLED_US;
const seedRandom = (secret: number): ScriptedRandom =>
  new ScriptedRandom([
    new Uint8Array(32).fill(secret),
    ...Array.from({ length: 2 }, () => new Uint8Array(4)),
  ]);
const authOf = (secret: number, seed: number): PeerAuth =>
  new PeerAuth(NetworkPassphrase.testnet, new Uint8Array(32).fill(seed), seedRandom(secret));
const nonceA = new Uint8Array(32).fill(0xaa);
const nonceB = new Uint8Array(32).fill(0xbb);
const pubB = fromHex('ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59');

/** Key A→B of the known answers, to compare the keys of which only tags can be seen. */
const KEY_AB = new HmacKey(
  fromHex('574afef75feec9c087649e6eb78ebd9875991df9c9351983863dc367a866efcf')
);
const KEY_BA = new HmacKey(
  fromHex('d8b8816d6e94f51f81a3c3a11ae3ff20a22943e08b4e85ff641a1ce1a9d34a64')
);
const SOME = utf8('some message');

t(
  '[stellar-overlay/peerauth-authcontext-peerauth] network id, node id and X25519 key are the known ones',
  () => {
    const auth = authOf(1, 3);
    sameBytes(
      networkId(NetworkPassphrase.testnet),
      'cee0302d59844d32bdca915c8203dd44b33fbb7edc19051ea37abedf28ecd472'
    );
    sameBytes(auth.nodeId, 'ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1');
    sameBytes(auth.publicKey, 'a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209');
    sameBytes(authOf(2, 3).publicKey, pubB);
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-getauthcert] certificate hash and signature are the known ones',
  () => {
    const auth = authOf(1, 3);
    const cert = auth.cert(NOW);
    assert.is(cert.expiration, 1_700_000_000n);
    sameBytes(
      certHash(auth.networkId, cert.expiration, cert.pubkey.key),
      'aa330e54d3f2908cb623f65cb89ff102792a9a7ef67b01f098363c1fa2599462'
    );
    sameBytes(
      cert.sig,
      '2af48ad5d5403db097f4553f563aa425ecb4fd75418abbf45c8448e4c105c57f5131be45d1710d27182f2f0150910a7125827e8ca39dfa485f2ce0755f63d400'
    );
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-getauthcert] a certificate is made anew when less than half of its hour is left',
  () => {
    const auth = authOf(1, 3);
    const first = auth.cert(NOW);
    assert.is(auth.cert(NOW + 1_800_000), first);
    const second = auth.cert(NOW + 1_801_000);
    assert.is(second.expiration, first.expiration + 1801n);
    assert.ok(auth.verifyCert(auth.nodeId, second, NOW + 1_801_000));
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-verifyremoteauthcert] a certificate counts until it expires, for its node, key and network alone',
  () => {
    const auth = authOf(1, 3);
    const other = authOf(2, 4);
    const cert = other.cert(NOW);
    const end = Number(cert.expiration) * 1000;
    assert.ok(auth.verifyCert(other.nodeId, cert, NOW));
    assert.ok(
      auth.verifyCert(other.nodeId, cert, end + 999),
      'the second of expiration still counts'
    );
    assert.not(auth.verifyCert(other.nodeId, cert, end + 1000));
    assert.not(auth.verifyCert(auth.nodeId, cert, NOW));
    assert.not(auth.verifyCert(other.nodeId, { ...cert, expiration: cert.expiration + 1n }, NOW));
    assert.not(auth.verifyCert(other.nodeId, { ...cert, pubkey: { key: auth.publicKey } }, NOW));
    assert.not(auth.verifyCert(other.nodeId, { ...cert, sig: cert.sig.subarray(1) }, NOW));
    const foreign = new PeerAuth(
      NetworkPassphrase.public,
      new Uint8Array(32).fill(4),
      seedRandom(2)
    );
    assert.not(auth.verifyCert(foreign.nodeId, foreign.cert(NOW), NOW));
  }
);

t('a certificate with an expiration in milliseconds counts', () => {
  const auth = authOf(1, 3);
  const other = authOf(2, 4);
  const far = other.cert(1_700_000_000_000_000);
  assert.ok(auth.verifyCert(other.nodeId, far, NOW));
});

t(
  '[stellar-overlay/peerauth-authcontext-getsendingmackey] [stellar-overlay/peerauth-authcontext-getreceivingmackey] [stellar-overlay-tests/upstream-tests-auth-n-a] both sides derive the known keys, each in its role',
  () => {
    const a = authOf(1, 3);
    const b = authOf(2, 4);
    const keys: readonly [HmacKey, HmacKey][] = [
      [a.sendingKey(b.publicKey, nonceA, nonceB, CALLED), KEY_AB],
      [b.receivingKey(a.publicKey, nonceB, nonceA, CALLING), KEY_AB],
      [b.sendingKey(a.publicKey, nonceB, nonceA, CALLING), KEY_BA],
      [a.receivingKey(b.publicKey, nonceA, nonceB, CALLED), KEY_BA],
    ];
    for (const [ours, known] of keys) sameBytes(ours.mac(SOME), known.mac(SOME));
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-getsharedkey] shared keys are kept by remote key and role',
  () => {
    const a = authOf(1, 3);
    const first = a.sendingKey(pubB, nonceA, nonceB, CALLED).mac(SOME);
    a.receivingKey(pubB, nonceA, nonceB, CALLED);
    assert.is(a.sharedKeysKept, 1);
    const asAcceptor = a.sendingKey(pubB, nonceA, nonceB, CALLING).mac(SOME);
    assert.is(a.sharedKeysKept, 2);
    assert.is.not(String(first), String(asAcceptor));
    sameBytes(a.sendingKey(pubB, nonceA, nonceB, CALLED).mac(SOME), first);
  }
);

t('a key of low order is refused by every implementation', () => {
  underBoth(() => {
    const auth = authOf(1, 3);
    const zero = new Uint8Array(32);
    throwsCode(() => auth.sendingKey(zero, nonceA, nonceB, CALLED), 'CRYPTO_LOW_ORDER');
  });
});

/** The MACs of side A, with its keys set. */
function macOfA(): MessageMac {
  const auth = authOf(1, 3);
  const mac = new MessageMac();
  assert.ok(mac.setSendKey(auth.sendingKey(pubB, nonceA, nonceB, CALLED)));
  assert.ok(mac.setReceiveKey(auth.receivingKey(pubB, nonceA, nonceB, CALLED)));
  return mac;
}

/** The messages of the known frames, in the order in which A sends them. */
function knownMessages(): Record<string, StellarMessage> {
  const auth = authOf(1, 3);
  const config = overlayConfig({ overlayVersion: 42, overlayMinVersion: 41 });
  return {
    'frame-hello': helloMessage(config, auth, auth.cert(NOW), nonceA),
    'frame-auth': { type: MessageType.AUTH, value: { flags: 200 } },
    'frame-send-more-extended': {
      type: MessageType.SEND_MORE_EXTENDED,
      value: { numMessages: 200, numBytes: 300_000 },
    },
    'frame-error': {
      type: MessageType.ERROR_MSG,
      value: { code: ErrorCode.ERR_CONF, msg: utf8('wrong protocol version') },
    },
  };
}

t(
  '[stellar-overlay/peerauth-authcontext-hmac-setauthenticatedmessagebody] [stellar-overlay/messagecodec-rm-framing-4-byte-header] [stellar-overlay/messagecodec-auth-bit-handling-bit-31] [stellar-overlay/message-types-hello] [stellar-overlay/message-types-auth] [stellar-overlay/message-types-error] [stellar-overlay/message-types-sendmoreextended] the frames of HELLO, AUTH, the first grant and an error are the known ones',
  () => {
    const mac = macOfA();
    const messages = knownMessages();
    eachCase(loadGolden('stellar', 'frames'), ({ id, in: input }) => {
      const message = messages[id];
      assert.ok(message !== undefined, 'a frame without its message');
      if (message === undefined) return;
      sameBytes(mac.seal(message.type, StellarMessage.encode(message)), String(input['frame']));
    });
    assert.is(mac.sendSequence, 2n, 'HELLO and ERROR_MSG do not count');
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-hmac-checkauthenticatedmessage] the acceptor takes the known frames in their order and no other',
  () => {
    const auth = authOf(2, 4);
    const mac = new MessageMac();
    const pubA = authOf(1, 3).publicKey;
    const bodies = new Map<string, Uint8Array>();
    eachCase(loadGolden('stellar', 'frames'), ({ id, in: input }) => {
      bodies.set(id, fromHex(String(input['frame'])).subarray(4));
    });
    const open = (id: string): ReturnType<typeof openBody> =>
      openBody(bodies.get(id) as Uint8Array);
    assert.is(mac.check(open('frame-auth')), 'receive mac key is zero');
    mac.setReceiveKey(auth.receivingKey(pubA, nonceB, nonceA, CALLING));
    assert.is(mac.check(open('frame-send-more-extended')), 'unexpected auth sequence');
    assert.is(mac.check(open('frame-hello')), 'unexpected MAC');
    assert.is(mac.receiveSequence, 0n, 'a fault counts nothing');
    assert.is(mac.check(open('frame-auth')), undefined);
    assert.is(mac.check(open('frame-auth')), 'unexpected auth sequence');
    const damaged = (bodies.get('frame-send-more-extended') as Uint8Array).slice();
    damaged[damaged.length - 33] = (damaged[damaged.length - 33] as number) ^ 1;
    assert.is(mac.check(openBody(damaged)), 'unexpected MAC');
    assert.is(mac.check(open('frame-send-more-extended')), undefined);
    assert.is(mac.receiveSequence, 2n);
  }
);

t(
  '[stellar-overlay/peerauth-authcontext-hmac-setsendmackey] [stellar-overlay/peerauth-authcontext-hmac-setrecvmackey] keys are set once; later ones are refused and change nothing',
  () => {
    const mac = macOfA();
    assert.not(mac.setSendKey(new HmacKey(new Uint8Array(32).fill(1))));
    assert.not(mac.setReceiveKey(new HmacKey(new Uint8Array(32).fill(1))));
    const known = knownMessages()['frame-auth'] as StellarMessage;
    const frame = mac.seal(known.type, StellarMessage.encode(known));
    sameBytes(frame.slice(-32), '79bc6bd9e24532977fd30e1804a8cb08d4a5f83aa7a2571183c483e23dd38e54');
  }
);

t('messages are named by BLAKE2b-256', () => {
  sameBytes(
    blake2b256(new Uint8Array(0)),
    '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'
  );
});

t(
  '[stellar-overlay-tests/upstream-tests-codec-n-a] a body that is not canonical is refused with its field',
  () => {
    const good = fromHex(
      '00000000000000000000000000000002000000c879bc6bd9e24532977fd30e1804a8cb08d4a5f83aa7a2571183c483e23dd38e54'
    );
    assert.is(openBody(good).message.type, MessageType.AUTH);
    const change = (at: number, byte: number): Uint8Array => {
      const bytes = good.slice();
      bytes[at] = byte;
      return bytes;
    };
    throwsCode(() => openBody(change(3, 1)), 'XDR_UNION', 'another version');
    throwsCode(() => openBody(change(15, 99)), 'XDR_ENUM', 'an unknown message type');
    throwsCode(() => openBody(change(15, 25)), 'XDR_ENUM', 'a message type of the future');
    throwsCode(() => openBody(good.subarray(0, -1)), 'XDR_TRUNCATED');
    throwsCode(() => openBody(Uint8Array.of(...good, 0)), 'XDR_TRAILING');
    throwsCode(() => openBody(new Uint8Array(0xff)), 'XDR_TRAILING', 'a record of zeros');
  }
);

t.run();
