/**
 * Every way in which a peer is refused: with which code and text, or in silence; in the reference's
 * order of checks (`overlay/Peer.cpp recvHello, recvAuth, recvRawMessage`, v27). @module
 */
import { utf8 } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { certHash, PeerAuth } from '../../stellar/overlay/auth.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { helloMessage } from '../../stellar/overlay/handshake.ts';
import { overlayConfig } from '../../stellar/overlay/config.ts';
import { LocalNode } from '../../stellar/overlay/local-node.ts';
import { MessageMac } from '../../stellar/overlay/mac.ts';
import { messageSummary, messageTypeName } from '../../stellar/overlay/message-summary.ts';
import { NetworkPassphrase } from '../../stellar/overlay/network.ts';
import type { Peer } from '../../stellar/overlay/peer.ts';
import { PeerRole, PeerState, type PeerEffect } from '../../stellar/overlay/peer-contract.ts';
import { cryptoProvider } from '../../crypto/provider.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { ErrorCode, MessageType, type Hello } from '../../stellar/xdr/overlay.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { hashes, scpMessage, transaction } from './overlay-world.ts';

const t = suite('overlay refusals', import.meta.url);

const NOW = 1_700_000_000_000;
const NONCE = new Uint8Array(32).fill(0xaa);
const SEED = new Uint8Array(32).fill(77);

const messagesOf = (effects: readonly PeerEffect[]): StellarMessage[] =>
  effects.flatMap((effect) =>
    effect.kind === 'write'
      ? effect.frames.map((frame) => StellarMessage.decode(frame.subarray(16, -32)))
      : []
  );

/** An acceptor under test, and a caller made by hand. */
class Trial {
  readonly node: LocalNode;
  readonly peer: Peer;
  readonly auth: PeerAuth;
  readonly mac: MessageMac = new MessageMac();
  sent: StellarMessage[] = [];

  constructor(
    ip: string = '1.2.3.4',
    services: ConstructorParameters<typeof LocalNode>[0]['services'] = {}
  ) {
    const random = new SeededRandom(4);
    this.node = new LocalNode({ seed: new Uint8Array(32).fill(1), random, services });
    this.peer = this.node.accept(ip, NOW, { pipelined: true });
    this.auth = new PeerAuth(NetworkPassphrase.testnet, SEED, random);
  }

  /** Our HELLO with changes; the certificate is good unless it is among them. */
  hello(change: Partial<Hello> = {}, config: Partial<OverlayConfig> = {}): this {
    const message = helloMessage(overlayConfig(config), this.auth, this.auth.cert(NOW), NONCE);
    if (message.type !== MessageType.HELLO) throw new Error('no HELLO');
    return this.send({ type: MessageType.HELLO, value: { ...message.value, ...change } });
  }

  /** Set the keys from the acceptor's HELLO. */
  keys(): this {
    const hello = this.sent.find((message) => message.type === MessageType.HELLO);
    if (hello?.type !== MessageType.HELLO) throw new Error('no HELLO came back');
    const { nonce, cert } = hello.value;
    this.mac.setSendKey(
      this.auth.sendingKey(cert.pubkey.key, NONCE, nonce, PeerRole.WE_CALLED_REMOTE)
    );
    return this;
  }

  auth200(): this {
    return this.keys().send({ type: MessageType.AUTH, value: { flags: 200 } });
  }

  send(message: StellarMessage): this {
    const frame = this.mac.seal(message.type, StellarMessage.encode(message));
    this.sent.push(...messagesOf(this.peer.receive(frame, NOW)));
    return this;
  }

  /** Assert the end: the reason, and the code when the peer was told. */
  ends(reason: string, code?: ErrorCode): void {
    const { dropped } = this.peer;
    assert.is(dropped?.reason, reason);
    assert.is(dropped?.code, code);
    assert.is(this.peer.state, PeerState.CLOSING);
    const errors = this.sent.filter(({ type }) => type === MessageType.ERROR_MSG);
    const told = code === undefined ? [] : [{ type: 0, value: { code, msg: utf8(reason) } }];
    assert.equal(errors, told);
  }
}

t(
  'a certificate that is expired or of another node is refused in silence, before anything else',
  () => {
    const trial = new Trial();
    const old = trial.auth.cert(NOW - 7_200_000);
    trial.hello({ cert: old, overlayVersion: 1 }).ends('failed to verify auth cert');
    assert.equal(trial.sent, []);
    const foreign = new Trial();
    const other = new PeerAuth(
      NetworkPassphrase.testnet,
      new Uint8Array(32).fill(5),
      new SeededRandom(5)
    );
    foreign.hello({ cert: other.cert(NOW) }).ends('failed to verify auth cert');
  }
);

t('a banned node is refused in silence, without our HELLO', () => {
  const trial = new Trial('1.2.3.4', { isBanned: () => true });
  trial.hello({ overlayVersion: 1 }).ends('node is banned');
  assert.equal(trial.sent, []);
});

t('a peer whose address cannot be told is refused in silence, without our HELLO', () => {
  const trial = new Trial('');
  trial.hello({ overlayVersion: 1 }).ends('failed to determine remote address');
  assert.equal(trial.sent, []);
});

t('a key that gives no secret is refused in silence', () => {
  const trial = new Trial();
  const key = new Uint8Array(32);
  const expiration = BigInt(NOW / 1000 + 60);
  const hash = certHash(trial.auth.networkId, expiration, key);
  const sig = cryptoProvider().signingKey(SEED).sign(hash);
  trial.hello({ cert: { pubkey: { key }, expiration, sig } }).ends('Bad crypto request');
  assert.equal(trial.sent, []);
});

t('the other faults of HELLO are told after our HELLO, in the order of the reference', () => {
  const faults: readonly [Partial<Hello>, string][] = [
    [{ overlayVersion: 40, overlayMinVersion: 40, listeningPort: 0 }, 'wrong protocol version'],
    [{ overlayVersion: 43, overlayMinVersion: 43 }, 'wrong protocol version'],
    [{ overlayVersion: 41, overlayMinVersion: 42 }, 'wrong protocol version'],
    [{ networkID: new Uint8Array(32), listeningPort: 0 }, 'wrong network passphrase'],
    [{ listeningPort: 0 }, 'bad address'],
    [{ listeningPort: -1 }, 'bad address'],
    [{ listeningPort: 65536 }, 'bad address'],
  ];
  for (const [change, reason] of faults) {
    const trial = new Trial();
    trial.hello(change).ends(reason, ErrorCode.ERR_CONF);
    assert.equal(
      trial.sent.map(({ type }) => type),
      [MessageType.HELLO, MessageType.ERROR_MSG]
    );
  }
});

t('an error before HELLO ends the connection by its text, without an answer', () => {
  const trial = new Trial();
  const value = { code: ErrorCode.ERR_LOAD, msg: utf8('peer rejected') };
  trial.send({ type: MessageType.ERROR_MSG, value });
  assert.equal(trial.peer.dropped, {
    reason: 'ERR_LOAD (peer rejected)',
    direction: 'remote-dropped-us',
    code: ErrorCode.ERR_LOAD,
  });
  assert.equal(trial.sent, []);
});

t('AUTH before HELLO is told to be out of order', () => {
  const trial = new Trial();
  trial.send({ type: MessageType.AUTH, value: { flags: 200 } });
  trial.ends('out-of-order AUTH message', ErrorCode.ERR_MISC);
});

t('a second AUTH is told to be out of order', () => {
  const trial = new Trial().hello().auth200();
  assert.ok(trial.peer.isAuthenticated);
  trial.send({ type: MessageType.AUTH, value: { flags: 200 } });
  trial.ends('out-of-order AUTH message', ErrorCode.ERR_MISC);
});

t('a second HELLO is held to its MAC, which it does not have', () => {
  const trial = new Trial().hello().auth200();
  trial.hello();
  trial.ends('unexpected auth sequence', ErrorCode.ERR_AUTH);
});

t(
  '[stellar-overlay/peer-recvmessage-recvrawmessage] any other message before the handshake is refused in silence, by its name',
  () => {
    const early: readonly StellarMessage[] = [
      scpMessage(1, 1n),
      { type: MessageType.GET_SCP_STATE, value: 0 },
      { type: MessageType.PEERS, value: [] },
      { type: MessageType.SEND_MORE_EXTENDED, value: { numMessages: 1, numBytes: 1 } },
      transaction(),
      hashes('advert', 1),
    ];
    for (const message of early) {
      const name = messageTypeName(message.type);
      new Trial().send(message).ends(`received ${name} before completed handshake`);
      const trial = new Trial().hello().keys();
      trial.sent = [];
      trial.send(message).ends(`received ${name} before completed handshake`);
    }
  }
);

t('[stellar-overlay/peer-senderroranddrop] nothing is taken in after the end', () => {
  const trial = new Trial().hello().auth200();
  trial.peer.sendErrorAndDrop(ErrorCode.ERR_MISC, 'enough', NOW);
  trial.peer.takeEffects();
  const before = trial.peer.metrics.messageRead;
  trial.send({ type: MessageType.GET_SCP_STATE, value: 0 });
  assert.is(trial.peer.metrics.messageRead, before);
  assert.equal(trial.peer.drop('again', 'we-dropped-remote', NOW), []);
  assert.is(trial.peer.dropped?.reason, 'enough');
});

t('messages are summed up in the words of the reference', () => {
  const texts: readonly [StellarMessage, string][] = [
    [transaction(), 'TRANSACTION'],
    [scpMessage(1, 1n), 'SCP::EXTERNALIZE (GAAQC)'],
    [hashes('advert', 1), 'FLODADVERT'],
    [hashes('demand', 1), 'FLOODDEMAND'],
    [{ type: MessageType.PEERS, value: [] }, 'PEERS 0'],
    [{ type: MessageType.GET_SCP_STATE, value: 9 }, 'GET_SCP_STATE 9'],
    [{ type: MessageType.GET_TX_SET, value: new Uint8Array(32).fill(0xab) }, 'GETTXSET ababab'],
    [
      { type: MessageType.DONT_HAVE, value: { type: 10, reqHash: new Uint8Array(32) } },
      'DONTHAVE SCP_QUORUMSET:000000',
    ],
    [{ type: MessageType.ERROR_MSG, value: { code: 0, msg: utf8('x') } }, 'ERROR'],
  ];
  for (const [message, text] of texts) assert.is(messageSummary(message), text);
});

t.run();
