/** Peers against js-stellar-node-connector on sockets of this machine, in both roles. @module */
import { toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { encodeStrKey } from '../../crypto/strkey.ts';
import { connectPeer, listenForPeers, type TcpDoor } from '../../host/node/stellar-tcp.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { LocalNode } from '../../stellar/overlay/local-node.ts';
import type { Drop } from '../../stellar/overlay/peer-contract.ts';
import type { PeerListener, PeerRunner } from '../../stellar/overlay/peer-runner.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { usesReference } from '../support/reference.ts';
import { suite } from '../support/suite.ts';
import {
  CONNECTOR,
  connectorInbox,
  connectorNode,
  connectorSend,
  type Connection,
  type Node,
} from './connector.ts';
import { hashes, scpMessage, transaction } from './overlay-world.ts';

const t = suite('overlay with js-stellar-node-connector', import.meta.url);

type Settings = Parameters<typeof connectorNode>[0];

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Our side, and what it heard. */
class Ours {
  readonly node: LocalNode;
  readonly messages: StellarMessage[] = [];
  readonly listener: PeerListener;
  runner: PeerRunner | undefined;
  isAuthenticated = false;
  drop: Drop | undefined;
  isClosed = false;

  constructor(config: Partial<OverlayConfig> = {}) {
    this.node = new LocalNode({ seed: systemRandom.bytes(32), random: systemRandom, config });
    this.listener = {
      authenticated: (peer) => {
        this.runner = peer;
        this.isAuthenticated = true;
      },
      message: ({ message }) => void this.messages.push(message),
      dropped: (drop) => (this.drop = drop),
      closed: () => (this.isClosed = true),
    };
  }

  get peer(): PeerRunner {
    if (this.runner === undefined) throw new Error('not authenticated');
    return this.runner;
  }

  count(type: MessageType): number {
    return this.messages.filter((message) => message.type === type).length;
  }
}

interface Session {
  readonly ours: Ours;
  readonly theirs: Connection;
  readonly inbox: Uint8Array[];
  /** What it says of us after the handshake. */
  readonly known: { publicKey?: string; info?: { overlayVersion: number; versionString: string } };
  end(): Promise<void>;
}

type Role = 'we call' | 'it calls';
const ROLES: readonly Role[] = ['we call', 'it calls'];

/** A connection in one of the roles; it need not come to a handshake. */
async function open(
  role: Role,
  config: Partial<OverlayConfig> = {},
  settings: Settings = {}
): Promise<Session> {
  usesReference(CONNECTOR);
  const ours = new Ours(config);
  const node = connectorNode(settings);
  const known: Session['known'] = {};
  let door: TcpDoor | undefined;
  let theirs: Connection;
  if (role === 'we call') {
    const port = await listenTheirs(node);
    const incoming = new Promise<Connection>((resolve) => node.once('connection', resolve));
    ours.runner = connectPeer(ours.node, { port }, ours.listener);
    theirs = await incoming;
  } else {
    door = await listenForPeers(ours.node, { host: '127.0.0.1', port: 0 }, ours.listener);
    theirs = node.connectTo('127.0.0.1', door.port);
  }
  theirs.on('connect', (publicKey: string, info: NonNullable<Session['known']['info']>) => {
    known.publicKey = publicKey;
    known.info = info;
  });
  const inbox = connectorInbox(theirs);
  const end = async (): Promise<void> => {
    theirs.destroy();
    await new Promise<void>((resolve) => node.stopAcceptingIncomingConnections(() => resolve()));
    await until(() => ours.runner === undefined || ours.runner.isClosed);
    await door?.close();
  };
  return { ours, theirs, inbox, known, end };
}

async function listenTheirs(node: Node): Promise<number> {
  const listening = new Promise((resolve) => node.once('listening', resolve));
  node.acceptIncomingConnections(0, '127.0.0.1');
  await listening;
  const { server } = node as unknown as { server: { address(): { port: number } } };
  return server.address().port;
}

/** A connection after the handshake on both sides. */
async function joined(
  role: Role,
  config: Partial<OverlayConfig> = {},
  settings: Settings = {}
): Promise<Session> {
  const session = await open(role, config, settings);
  await until(() => session.ours.isAuthenticated && session.known.publicKey !== undefined);
  return session;
}

const typesOf = (inbox: readonly Uint8Array[]): MessageType[] =>
  inbox.map((bytes) => StellarMessage.decode(bytes).type);

/** Grants that it has taken from us; it counts them and does nothing else with them. */
const grantsTaken = ({ theirs }: Session): number => theirs.sendMoreMsgReceivedCounter;

t(
  '[stellar-overlay/peer-recvhello] [stellar-overlay/peer-recvauth] [stellar-overlay/peer-sendhello] [stellar-overlay/peer-sendauth] [stellar-overlay/message-types-hello] [stellar-overlay/message-types-auth] [stellar-overlay/peerauth-authcontext-verifyremoteauthcert] [stellar-overlay/peer-getpeerid] [stellar-overlay/peer-getremoteversion] [stellar-overlay/peer-getremoteoverlayversion] both sides shake hands in both roles, and each learns who the other is',
  async () => {
    for (const role of ROLES) {
      const session = await joined(role, { versionText: 'tesserae live' });
      const { ours, theirs, known } = session;
      assert.is(known.publicKey, encodeStrKey('publicKey', ours.node.auth.nodeId));
      assert.is(known.info?.overlayVersion, 42);
      assert.is(known.info?.versionString, 'tesserae live');
      const { peer } = ours.peer;
      assert.is(toHex(peer.nodeId as Uint8Array), theirs.localPublicKeyRaw.toString('hex'));
      assert.is(peer.remoteVersion, 'connector');
      assert.is(peer.remoteOverlayVersion, 42);
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/peer-sendsendmore] [stellar-overlay/peer-sendgetscpstate] our first grant and then GET_SCP_STATE follow AUTH',
  async () => {
    for (const role of ROLES) {
      const session = await joined(role);
      await until(() => session.inbox.length > 0);
      assert.equal(typesOf(session.inbox), [MessageType.GET_SCP_STATE]);
      assert.is(grantsTaken(session), 1);
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/flowcontrol-endmessageprocessing] [stellar-overlay/peer-endmessageprocessing] [stellar-overlay/message-types-floodadvert] credit goes back with the 40th flood message, not before',
  async () => {
    for (const role of ROLES) {
      const session = await joined(role);
      const { ours, theirs } = session;
      await until(() => grantsTaken(session) === 1);
      const before = ours.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count;
      for (let i = 0; i < 39; i++)
        connectorSend(theirs, StellarMessage.encode(hashes('advert', 3, i)));
      await until(() => ours.count(MessageType.FLOOD_ADVERT) === 39);
      assert.is(ours.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count, before);
      for (let i = 39; i < 45; i++)
        connectorSend(theirs, StellarMessage.encode(hashes('advert', 3, i)));
      await until(() => ours.count(MessageType.FLOOD_ADVERT) === 45);
      await until(() => grantsTaken(session) === 2);
      assert.is(ours.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count, before + 1);
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/flowcontrol-maybereleasecapacity] [stellar-overlay/peer-recvsendmore] [stellar-overlay/message-types-sendmoreextended] [stellar-overlay/flowcontrol-getnextbatchtosend] what we flood is held to its credit, and goes on with each of its grants',
  async () => {
    for (const role of ROLES) {
      const session = await joined(role);
      const { ours, inbox } = session;
      const { flow } = ours.peer.peer;
      await until(() => flow.messages.outbound === 200);
      assert.is(flow.bytes.outbound, 300_000);
      for (let i = 0; i < 500; i++) ours.peer.send(transaction(i));
      assert.is(flow.messages.outbound, 0, 'all credit is used at once');
      assert.ok(flow.queues.length(1) >= 300);
      await until(() => inbox.length === 501);
      await until(() => flow.messages.outbound === 200 - (500 % 40));
      assert.is(flow.bytes.outbound, 300_000 - 20 * 220);
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/message-types-scpmessage] [stellar-overlay/message-types-transaction] [stellar-overlay/message-types-flooddemand] [stellar-overlay/message-types-donthave] [stellar-overlay/message-types-getscpquorumset] [stellar-overlay/message-types-scpquorumset] [stellar-overlay/message-types-gettxset] [stellar-overlay/message-types-getscpstate] messages of each kind arrive unchanged, both ways',
  async () => {
    const set = { threshold: 1, validators: [], innerSets: [] };
    const hash = new Uint8Array(32).fill(7);
    const messages: readonly StellarMessage[] = [
      scpMessage(1, 55n),
      transaction(1),
      hashes('advert', 5),
      hashes('demand', 5),
      { type: MessageType.SCP_QUORUMSET, value: set },
      { type: MessageType.DONT_HAVE, value: { type: MessageType.TX_SET, reqHash: hash } },
      { type: MessageType.GET_SCP_STATE, value: 9 },
    ];
    for (const role of ROLES) {
      const session = await joined(role);
      const { ours, theirs, inbox } = session;
      await until(() => inbox.length === 1 && ours.peer.peer.flow.messages.outbound === 200);
      for (const message of messages) ours.peer.send(message);
      await until(() => inbox.length === 1 + messages.length);
      inbox.slice(1).forEach((bytes, i) => {
        sameBytes(bytes, StellarMessage.encode(messages[i] as StellarMessage));
      });
      for (const message of messages) connectorSend(theirs, StellarMessage.encode(message));
      await until(() => ours.messages.length === messages.length);
      assert.equal(
        ours.messages.map((message) => toHex(StellarMessage.encode(message))),
        messages.map((message) => toHex(StellarMessage.encode(message)))
      );
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/peer-senddonthave] [stellar-overlay/peer-recvgettxset] [stellar-overlay/peer-recvgetscpquorumset] [stellar-overlay/message-types-donthave] a set that we do not have is answered with DONT_HAVE',
  async () => {
    const session = await joined('it calls');
    const hash = new Uint8Array(32).fill(3);
    for (const type of [MessageType.GET_TX_SET, MessageType.GET_SCP_QUORUMSET] as const) {
      connectorSend(session.theirs, StellarMessage.encode({ type, value: hash }));
    }
    await until(() => session.inbox.length === 3);
    const answers = session.inbox.slice(1).map((bytes) => StellarMessage.decode(bytes));
    assert.equal(answers, [
      {
        type: MessageType.DONT_HAVE,
        value: { type: MessageType.GENERALIZED_TX_SET, reqHash: hash },
      },
      { type: MessageType.DONT_HAVE, value: { type: MessageType.SCP_QUORUMSET, reqHash: hash } },
    ]);
    await session.end();
  }
);

t(
  '[stellar-overlay/message-types-peers] [stellar-overlay/peer-sendpeers] addresses that we share arrive, and come before the grant',
  async () => {
    usesReference(CONNECTOR);
    const ours = new Ours();
    const node = new LocalNode({
      seed: systemRandom.bytes(32),
      random: systemRandom,
      services: { peersToSend: () => [{ ip: '1.2.3.4', port: 11625 }] },
    });
    const door = await listenForPeers(node, { host: '127.0.0.1', port: 0 }, ours.listener);
    const theirs = connectorNode().connectTo('127.0.0.1', door.port);
    const inbox = connectorInbox(theirs);
    await until(() => inbox.length === 2);
    assert.equal(typesOf(inbox), [MessageType.PEERS, MessageType.GET_SCP_STATE]);
    theirs.destroy();
    await until(() => ours.isClosed);
    await door.close();
  }
);

t(
  '[stellar-overlay/message-types-error] a wrong network ends the connection in silence on either side',
  async () => {
    const foreign = { network: 'Public Global Stellar Network ; September 2015' };
    for (const role of ROLES) {
      const session = await open(role, {}, foreign);
      await until(() => session.ours.drop !== undefined);
      const reason = session.ours.drop?.reason ?? '';
      // It refuses first where we say HELLO first.
      if (role === 'it calls') assert.is(reason, 'failed to verify auth cert');
      else assert.match(reason, /^(failed to verify auth cert|error reading message header)/);
      assert.is(session.ours.node.metrics.sent(MessageType.ERROR_MSG).count, 0);
      assert.is(session.known.publicKey, undefined);
      await session.end();
    }
  }
);

t(
  '[stellar-overlay/message-types-error] [stellar-overlay/peer-senderror] versions that do not meet are told to it in both roles',
  async () => {
    const nodeInfo = {
      ledgerVersion: 23,
      overlayVersion: 38,
      overlayMinVersion: 35,
      versionString: 'old',
    };
    for (const role of ROLES) {
      const session = await open(role, {}, { nodeInfo });
      await until(() => session.ours.drop !== undefined && session.inbox.length > 0);
      assert.is(session.ours.drop?.reason, 'wrong protocol version');
      const error = StellarMessage.decode(session.inbox[session.inbox.length - 1] as Uint8Array);
      assert.is(error.type, MessageType.ERROR_MSG);
      if (error.type !== MessageType.ERROR_MSG) return;
      assert.is(new TextDecoder().decode(error.value.msg), 'wrong protocol version');
      await session.end();
      const older = await joined(role, { overlayMinVersion: 35 }, { nodeInfo });
      assert.is(older.ours.peer.peer.remoteOverlayVersion, 38);
      await older.end();
    }
  }
);

t('it refuses what we send with a wrong MAC or a wrong sequence', async () => {
  for (const role of ROLES) {
    for (const fault of ['mac', 'sequence'] as const) {
      const session = await joined(role);
      const { ours } = session;
      await until(() => session.inbox.length === 1);
      const now = Date.now();
      ours.peer.peer.sendUncontrolled({ type: MessageType.GET_SCP_STATE, value: 1 }, now);
      const effects = ours.peer.peer.flush(now);
      const damaged = effects.map((effect) =>
        effect.kind === 'write'
          ? { ...effect, frames: effect.frames.map((frame) => flipped(frame, fault)) }
          : effect
      );
      assert.ok(damaged.some(({ kind }) => kind === 'write'));
      ours.peer.runEffects(damaged);
      await until(() => ours.drop !== undefined);
      assert.match(ours.drop?.reason ?? '', /^error reading message header/);
      assert.is(session.inbox.length, 1, 'it did not take the message');
      await session.end();
    }
  }
});

function flipped(frame: Uint8Array, fault: 'mac' | 'sequence'): Uint8Array {
  const copy = frame.slice();
  const at = fault === 'mac' ? copy.length - 1 : 15;
  copy[at] = (copy[at] as number) ^ 0x40;
  return copy;
}

/** Its socket, to send what it would never send itself. */
function socketOf(connection: Connection): { write(bytes: Uint8Array): void } {
  return (connection as unknown as { socket: { write(bytes: Uint8Array): void } }).socket;
}

t(
  '[stellar-overlay/peerauth-authcontext-hmac-checkauthenticatedmessage] we refuse frames of its with a wrong MAC, a wrong sequence or damage, and say so',
  async () => {
    const cases: readonly [string, (frame: Uint8Array) => void, string][] = [
      [
        'MAC',
        (frame) => (frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 1),
        'unexpected MAC',
      ],
      [
        'sequence',
        (frame) => (frame[15] = (frame[15] as number) ^ 0x40),
        'unexpected auth sequence',
      ],
      ['content', (frame) => (frame[23] = (frame[23] as number) ^ 1), 'unexpected MAC'],
      ['type', (frame) => (frame[19] = 99), 'received corrupt XDR'],
      ['length', (frame) => (frame[0] = 0x7f), 'error during read'],
    ];
    for (const role of ROLES) {
      for (const [what, damage, reason] of cases) {
        const session = await joined(role);
        const { ours, theirs } = session;
        await until(
          () => session.inbox.length === 1 && ours.peer.peer.flow.messages.outbound === 200
        );
        const socket = socketOf(theirs);
        const write = socket.write.bind(socket);
        socket.write = (bytes) => {
          const copy = new Uint8Array(bytes).slice();
          damage(copy);
          write(copy);
        };
        connectorSend(theirs, StellarMessage.encode({ type: MessageType.GET_SCP_STATE, value: 1 }));
        await until(() => ours.drop !== undefined);
        assert.is(ours.drop?.reason, reason, `${role}, ${what}`);
        if (reason !== 'error during read') {
          await until(() => session.inbox.length === 2);
          assert.equal(typesOf(session.inbox).slice(1), [MessageType.ERROR_MSG]);
        }
        await session.end();
      }
    }
  }
);

t(
  '[stellar-overlay/peer-pingpeer] a ping of ours reaches it as a question for a quorum set, and its answer gives the latency',
  async () => {
    const session = await joined('it calls');
    const { ours, theirs, inbox } = session;
    await until(() => inbox.length === 1);
    // It does not answer by itself; its program does.
    await until(() => inbox.length === 2);
    const question = StellarMessage.decode(inbox[1] as Uint8Array);
    assert.is(question.type, MessageType.GET_SCP_QUORUMSET);
    if (question.type !== MessageType.GET_SCP_QUORUMSET) return;
    const value = { type: MessageType.SCP_QUORUMSET, reqHash: question.value };
    connectorSend(theirs, StellarMessage.encode({ type: MessageType.DONT_HAVE, value }));
    await until(() => !ours.peer.peer.ping.isUnderWay);
    assert.ok(ours.peer.peer.ping.latencyMs < 5000);
    await session.end();
  }
);

t.run();
