/**
 * The reference's flow control tests on the virtual clock; T numbers follow the order of its
 * `overlay/test/OverlayTests.cpp` (v27). @module
 */
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import {
  FLOW_CONTROL_BYTES_EXTRA_BUFFER,
  type OverlayConfig,
} from '../../stellar/overlay/config.ts';
import { BYTE_CAPACITY_READ_FLOOR, MAX_OUTBOUND_CREDIT } from '../../stellar/overlay/capacity.ts';
import { FloodPriority, isFloodMessage } from '../../stellar/overlay/flood-queues.ts';
import type { LoopbackEnd } from '../../stellar/overlay/loopback.ts';
import type { LedgerView } from '../../stellar/overlay/peer-contract.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import {
  hashes,
  scpMessage,
  transaction,
  World,
  type Line,
  type TestNode,
} from './overlay-world.ts';

const t = suite('overlay flow control', import.meta.url);

const sizeOf = (message: StellarMessage): number => StellarMessage.encode(message).length;
const TX = transaction();
const TX_SIZE = sizeOf(TX);
const EXTRA = FLOW_CONTROL_BYTES_EXTRA_BUFFER;
/** A network that takes nothing larger than the transaction above and what a fee bump adds. */
const LEDGER: Partial<LedgerView> = { maxTxSizeBytes: TX_SIZE + EXTRA };
/** Settings of a node that can work in that network with little credit. */
const SMALL: Partial<OverlayConfig> = {
  floodReadingCapacityBytes: 2 * TX_SIZE + EXTRA,
  sendMoreBatchBytes: Math.floor(TX_SIZE / 2),
};

interface FlowPair {
  readonly world: World;
  readonly line: Line;
  readonly a: TestNode;
  readonly b: TestNode;
}

function pair(
  first: Partial<OverlayConfig>,
  second: Partial<OverlayConfig>,
  ledger: Partial<LedgerView> = LEDGER
): FlowPair {
  const world = new World();
  const [a, b] = [world.node(first, ledger), world.node(second, ledger)];
  const line = world.connect(a, b);
  world.network.crank();
  line.assertAuthenticated();
  assert.ok(line.hasFullCredit());
  return { world, line, a, b };
}

const transactionsOf = ({ messages }: LoopbackEnd): number =>
  messages.filter(({ type }) => type === MessageType.TRANSACTION).length;
const txQueueBytes = ({ peer }: LoopbackEnd): number => peer.flow.queues.txByteCount;

t(
  '[stellar-overlay/flowcontrol-beginmessageprocessing] [stellar-overlay/peer-beginmessageprocessing] [stellar-overlay/flowcontrol-flowcontrolcapacity-lockoutboundcapacity] [stellar-overlay/flowcontrol-flowcontrolcapacity-locklocalcapacity] [stellar-overlay/flowcontrol-flowcontrolcapacity-msgbodysize] T4 a flood message costs its bytes on both sides, without the envelope',
  () => {
    const { world, line } = pair({}, SMALL);
    const credit = line.acceptor.peer.flow.initialGrant().numBytes;
    line.acceptor.holdsMessages = true;
    line.initiator.send(TX);
    assert.is(line.initiator.peer.flow.bytes.outbound, credit - TX_SIZE);
    assert.is(line.initiator.peer.flow.messages.outbound, 199);
    assert.is(txQueueBytes(line.initiator), 0, 'written messages leave the queue');
    world.network.crank();
    assert.is(line.acceptor.peer.flow.bytes.flood, credit - TX_SIZE);
    assert.is(line.acceptor.peer.flow.messages.flood, 199);
    const { total } = line.acceptor.peer.flow.bytes;
    assert.is(total, BYTE_CAPACITY_READ_FLOOR + (1 << 20) - TX_SIZE);
  }
);

/** Send one transaction and say whether credit came back, and that nothing was lost. */
function credits(first: Partial<OverlayConfig>, second: Partial<OverlayConfig>): boolean {
  const { world, line, b } = pair(first, second);
  const grants = (): number => b.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count;
  const before = grants();
  const credit = line.initiator.peer.flow.bytes.outbound;
  line.initiator.send(TX);
  world.network.crank();
  const after = line.initiator.peer.flow.bytes.outbound;
  const { flow } = line.acceptor.peer;
  assert.is(flow.bytes.flood, flow.bytes.limits.flood, 'processing gives the capacity back');
  const granted = grants() > before;
  assert.is(after, granted ? credit : credit - TX_SIZE);
  assert.is(line.hasFullCredit(), granted);
  return granted;
}

t(
  '[stellar-overlay-tests/upstream-tests-flowcontrol-in-overlaytests] [stellar-overlay/flowcontrol-endmessageprocessing] [stellar-overlay/peer-endmessageprocessing] [stellar-overlay/flowcontrol-flowcontrolcapacity-releaselocalcapacity] [stellar-overlay/flowcontrol-maybereleasecapacity] T4 credit goes back when a batch of bytes or messages is processed',
  () => {
    assert.ok(credits({}, SMALL), 'batch smaller than the message');
    const byCount = {
      floodReadingCapacityBytes: 4 * TX_SIZE + EXTRA,
      sendMoreBatchBytes: 2 * TX_SIZE,
      floodReadingCapacity: 1,
      sendMoreBatch: 1,
    };
    assert.ok(credits({}, byCount), 'the message count comes first');
    assert.not(credits({}, {}), 'automatic sizes are larger');
    const exact = { floodReadingCapacityBytes: 2 * TX_SIZE + EXTRA, sendMoreBatchBytes: TX_SIZE };
    const oldest = { overlayVersion: 41, overlayMinVersion: 41 };
    assert.ok(credits({ ...exact, ...oldest }, exact), 'mixed versions');
    assert.ok(credits({ ...exact, ...oldest }, { ...exact, ...oldest }), 'older versions');
  }
);

t(
  '[stellar-overlay/flowcontrol-flowcontrol] [stellar-overlay/flowcontrol-flowcontrolcapacity-getcapacitylimits] T4 settings that could deadlock are refused by name',
  () => {
    const world = new World();
    const make = (config: Partial<OverlayConfig>): void => void world.node(config, LEDGER);
    const bytes = {
      floodReadingCapacityBytes: 2 * TX_SIZE + EXTRA,
      sendMoreBatchBytes: 2 * TX_SIZE,
    };
    assert.throws(() => make(bytes), /floodReadingCapacityBytes/);
    assert.throws(() => make({ readingCapacity: 200 }), /readingCapacity/);
    assert.throws(() => make({ sendMoreBatch: 201 }), /sendMoreBatch/);
    assert.throws(() => make({ overlayMinVersion: 43 }), /overlayMinVersion/);
  }
);

t('T4 automatic credit follows the largest transaction', () => {
  const world = new World();
  const small = world.node({}, { maxTxSizeBytes: 102_400 }).node;
  const large = world.node({}, { maxTxSizeBytes: 250_000 }).node;
  const grant = ({ node }: { node: typeof small }): number =>
    node.accept('1.2.3.4', 0).flow.initialGrant().numBytes;
  assert.is(grant({ node: small }), 300_000);
  assert.is(grant({ node: large }), 350_000);
});

const BIG = transaction(1, 20);
const BIG_SIZE = sizeOf(BIG);
const BUFFER = 100;

/** A pair in a network in which {@link BIG} is too large, after one small transaction. */
function beforeUpgrade(): FlowPair {
  const config = {
    sendMoreBatchBytes: TX_SIZE + 1,
    floodReadingCapacityBytes: TX_SIZE + 1 + TX_SIZE + BUFFER,
  };
  const set = pair(config, config, { maxTxSizeBytes: TX_SIZE + BUFFER });
  set.line.initiator.send(TX);
  return set;
}

t(
  "[stellar-overlay/flowcontrol-addmsgandmaybetrimqueue] T4 a transaction above the network's limit is not queued, one within the buffer is sent",
  () => {
    const { world, line } = beforeUpgrade();
    line.initiator.send(BIG);
    world.network.crank();
    assert.is(txQueueBytes(line.initiator), 0);
    assert.is(transactionsOf(line.acceptor), 1);
    const bumped = transaction(2, 2);
    assert.ok(sizeOf(bumped) > TX_SIZE && sizeOf(bumped) <= TX_SIZE + BUFFER);
    line.initiator.send(bumped);
    world.network.crank();
    assert.is(transactionsOf(line.acceptor), 2);
  }
);

t(
  '[stellar-overlay/peer-handlemaxtxsizeincrease] [stellar-overlay/flowcontrol-handletxsizeincrease] [stellar-overlay/flowcontrol-getnummessages] T4 an upgrade on both sides raises the credit, a downgrade takes effect for new messages',
  () => {
    const { world, line, a, b } = beforeUpgrade();
    const now = (): number => world.network.now();
    for (const { node } of [a, b]) node.setMaxTxSize(BIG_SIZE + BUFFER, now());
    world.network.crank();
    line.initiator.send(BIG);
    world.network.crank();
    assert.is(txQueueBytes(line.initiator), 0);
    assert.is(transactionsOf(line.acceptor), 2);
    line.initiator.send(transaction(3, 20));
    for (const { node } of [a, b]) node.setMaxTxSize(TX_SIZE + BUFFER, now());
    const grants = a.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count;
    world.network.crank();
    assert.is(transactionsOf(line.acceptor), 3);
    assert.is(a.node.metrics.sent(MessageType.SEND_MORE_EXTENDED).count, grants);
    line.initiator.send(transaction(4));
    line.initiator.send(transaction(5, 20));
    world.network.crank();
    assert.is(transactionsOf(line.acceptor), 4);
    assert.is(txQueueBytes(line.initiator), 0);
  }
);

t('T4 a large transaction waits until the acceptor has upgraded as well', () => {
  const { world, line, a, b } = beforeUpgrade();
  a.node.setMaxTxSize(BIG_SIZE + BUFFER, world.network.now());
  world.network.crank();
  line.initiator.send(BIG);
  world.network.crank();
  assert.is(txQueueBytes(line.initiator), BIG_SIZE);
  assert.is(transactionsOf(line.acceptor), 1);
  b.node.setMaxTxSize(BIG_SIZE + BUFFER, world.network.now());
  world.network.crank();
  assert.is(txQueueBytes(line.initiator), 0);
  assert.is(transactionsOf(line.acceptor), 2);
});

t('T4 an acceptor that never upgrades is dropped after the time without credit', () => {
  const { world, line, a } = beforeUpgrade();
  a.node.setMaxTxSize(BIG_SIZE + BUFFER, world.network.now());
  world.network.crank();
  line.initiator.send(BIG);
  world.network.crankFor(65_000);
  line.assertOver();
  assert.is(line.acceptor.dropReason, 'idle timeout (no new flood requests)');
});

/** A quorum set that no node would use, large enough to fill the budget for reading. */
function largeQuorumSet(validators: number): StellarMessage {
  const key = { type: 0 as const, value: new Uint8Array(32).fill(1) };
  return {
    type: MessageType.SCP_QUORUMSET,
    value: {
      threshold: 1,
      validators: Array.from({ length: validators }, () => key),
      innerSets: [],
    },
  };
}

t(
  '[stellar-overlay/flowcontrol-maybethrottleread] [stellar-overlay/flowcontrol-isthrottled] [stellar-overlay/flowcontrol-stopthrottling] [stellar-overlay/flowcontrol-canread] [stellar-overlay/peer-canread] T5 the budget of bytes stops reading of messages that take no flood credit',
  () => {
    const message = largeQuorumSet(4000);
    const budget = sizeOf(message) * 3 - 1;
    const { world, line, b } = pair(
      {},
      { readingCapacity: 100_000, totalReadingCapacityBytes: budget },
      {}
    );
    const { flow } = line.acceptor.peer;
    const whole = BYTE_CAPACITY_READ_FLOOR + budget;
    assert.is(flow.bytes.total, whole);
    line.acceptor.holdsMessages = true;
    for (let round = 1; round <= 20; round++) {
      for (let i = 0; i < 4; i++) line.initiator.send(message);
      world.network.crank();
      assert.ok(flow.isThrottled);
      assert.not(flow.canRead);
      assert.is(line.acceptor.heldMessages, 3, 'the fourth is not read');
      assert.is(flow.bytes.flood, flow.bytes.limits.flood);
      for (let i = 0; i < 4; i++) {
        line.acceptor.releaseHeld();
        world.network.crank();
      }
      assert.is(flow.bytes.total, whole);
      assert.not(flow.isThrottled);
      assert.is(b.node.metrics.timer('connection.read-throttle').count, round);
    }
    line.assertAuthenticated();
  }
);

t(
  '[stellar-overlay/flowcontrol-issendmorevalid] [stellar-overlay/message-types-sendmore] [stellar-overlay/peer-recvsendmore] [stellar-overlay/peer-sendsendmore] T6 grants of nothing and grants of the old kind end the connection',
  () => {
    const cases: readonly [StellarMessage, string][] = [
      [
        { type: MessageType.SEND_MORE_EXTENDED, value: { numMessages: 0, numBytes: 0 } },
        'invalid message SEND_MORE_EXTENDED',
      ],
      [
        { type: MessageType.SEND_MORE, value: { numMessages: 1 } },
        'unexpected message type SEND_MORE',
      ],
    ];
    for (const [message, reason] of cases) {
      const { world, line } = pair({}, {}, {});
      line.acceptor.sendUncontrolled(message);
      world.network.crank();
      line.assertOver();
      assert.is(line.initiator.dropReason, reason);
      assert.is(line.initiator.peer.dropped?.code, undefined, 'no error is sent');
    }
  }
);

t(
  '[stellar-overlay/peer-capacitytrackedmessage] T7 a peer that sends more bytes or messages than it has credit for is dropped',
  () => {
    const bytes = { floodReadingCapacityBytes: TX_SIZE + 1 + EXTRA, sendMoreBatchBytes: 1 };
    const messages = { floodReadingCapacity: 1, sendMoreBatch: 1, readingCapacity: 2 };
    for (const config of [bytes, messages]) {
      const { world, line } = pair(config, {});
      line.initiator.holdsMessages = true;
      const count = config === bytes ? Math.ceil((TX_SIZE + 1 + EXTRA) / TX_SIZE) + 1 : 2;
      for (let i = 0; i < count; i++) line.acceptor.sendUncontrolled(transaction(i));
      world.network.crank();
      line.assertOver();
      assert.is(line.initiator.dropReason, 'unexpected flood message, peer at capacity');
      assert.is(line.initiator.peer.dropped?.code, undefined, 'no error is sent');
    }
  }
);

t(
  '[stellar-overlay/flowcontrol-nooutboundcapacitytimeout] T8 a peer that gives no credit for 60 seconds is dropped',
  () => {
    // Room to read on: what is sent to measure latency must be answered.
    const { world, line } = pair({ readingCapacity: 400 }, {}, {});
    // The acceptor processes nothing, so no credit goes back.
    line.initiator.holdsMessages = true;
    for (let i = 0; i < 201; i++) line.acceptor.send(transaction(i));
    assert.is(line.acceptor.peer.flow.messages.outbound, 0);
    world.network.crankFor(59_000);
    assert.ok(line.isAuthenticated);
    world.network.crankFor(6_000);
    line.assertOver();
    assert.is(line.acceptor.dropReason, 'idle timeout (no new flood requests)');
  }
);

t('a peer that never gives any credit is dropped 60 seconds after the connection began', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  const line = world.connect(a, b);
  world.network.crank();
  const start = world.network.now();
  const fresh = a.node.accept('9.9.9.9', start);
  assert.ok(line.isAuthenticated);
  assert.not(fresh.flow.isStarvedFor(60_000, start + 59_999));
  assert.ok(fresh.flow.isStarvedFor(60_000, start + 60_000));
});

t('T9 credit beyond what can be counted ends the connection', () => {
  for (const unit of ['messages', 'bytes'] as const) {
    const { world, line } = pair({}, {}, {});
    const capacity = line.initiator.peer.flow[unit];
    capacity.grant(MAX_OUTBOUND_CREDIT - capacity.outbound);
    line.acceptor.sendUncontrolled({
      type: MessageType.SEND_MORE_EXTENDED,
      value: { numMessages: 2, numBytes: 2 },
    });
    world.network.crankFor(1000);
    line.assertOver();
    assert.is(line.initiator.dropReason, 'Peer capacity overflow');
  }
});

t(
  '[stellar-overlay/peer-process-query-throttle] [stellar-overlay/peer-recvgetscpstate] [stellar-overlay/peer-sendgetscpstate] [stellar-overlay/message-types-getscpstate] T26 ten GET_SCP_STATE are answered in a window, and again in the next',
  () => {
    const { world, line } = pair({}, {}, {});
    const { scpStateQueries } = line.acceptor.peer;
    world.network.crankFor(61_000);
    line.acceptor.messages.length = 0;
    const ask = (times: number): void => {
      for (let i = 0; i < times; i++) {
        line.initiator.send({ type: MessageType.GET_SCP_STATE, value: 0 });
        world.network.crank();
      }
    };
    ask(10);
    assert.is(scpStateQueries.count, 10);
    ask(5);
    assert.is(scpStateQueries.count, 10);
    assert.is(line.acceptor.messages.length, 10, 'the others do not reach the node');
    world.network.crankFor(61_000);
    ask(1);
    assert.is(scpStateQueries.count, 1);
    line.assertAuthenticated();
  }
);

t(
  '[stellar-overlay/peer-recvgettxset] [stellar-overlay/peer-recvgetscpquorumset] [stellar-overlay/peer-senddonthave] [stellar-overlay/message-types-donthave] [stellar-overlay/message-types-gettxset] [stellar-overlay/message-types-getscpquorumset] 300 queries for sets are answered in a minute, the rest is ignored',
  () => {
    const kinds = [MessageType.GET_TX_SET, MessageType.GET_SCP_QUORUMSET] as const;
    for (const type of kinds) {
      const { world, line } = pair({}, {}, {});
      line.initiator.messages.length = 0;
      for (let i = 0; i < 320; i++) {
        line.initiator.send({ type, value: new Uint8Array(32).fill(i) });
        world.network.crank();
      }
      assert.is(line.initiator.messages.length, 300);
      const [first] = line.initiator.messages;
      assert.ok(first?.type === MessageType.DONT_HAVE);
      if (first?.type !== MessageType.DONT_HAVE) return;
      assert.is(
        first.value.type,
        type === MessageType.GET_TX_SET ? MessageType.GENERALIZED_TX_SET : MessageType.SCP_QUORUMSET
      );
    }
  }
);

t(
  'T30 transactions, adverts and demands that come while the node catches up are dropped, and their credit returns',
  () => {
    const { world, line, b } = pair({}, { sendMoreBatch: 1 }, {});
    b.node.ledger.isSynced = false;
    line.acceptor.messages.length = 0;
    for (let i = 0; i < 500; i++) line.initiator.send(transaction(i));
    line.initiator.send(hashes('advert', 3));
    line.initiator.send(hashes('demand', 3));
    line.initiator.send(scpMessage(1, 5n));
    world.network.crank();
    assert.equal(
      line.acceptor.messages.map(({ type }) => type),
      [MessageType.SCP_MESSAGE]
    );
    assert.ok(line.hasFullCredit());
    b.node.ledger.isSynced = true;
    line.initiator.send(transaction(501));
    world.network.crank();
    assert.is(transactionsOf(line.acceptor), 1);
  }
);

t(
  '[stellar-overlay/flowcontrol-processsentmessages] T39 messages leave the queue when they are written; a peer that takes none loses the whole queue',
  () => {
    const limits = { outboundTxQueueBytes: 2000 };
    const stuck = pair(limits, {}, {});
    stuck.line.initiator.setCorked(true);
    for (let i = 0; i < 1000; i++) stuck.line.initiator.send(transaction(i));
    const drops = stuck.a.node.metrics.meter('outbound-queue.drop-tx').count;
    const queue = stuck.line.initiator.peer.flow.queues;
    assert.ok(drops > 0);
    assert.ok(queue.length(FloodPriority.TRANSACTION) < 1000);
    stuck.world.network.crankFor(1000);
    assert.is(transactionsOf(stuck.line.acceptor), 0);

    const open = pair(limits, {}, {});
    for (let i = 0; i < 1000; i++) {
      open.line.initiator.send(transaction(i));
      open.world.network.crankFor(1);
    }
    assert.is(transactionsOf(open.line.acceptor), 1000);
    assert.is(open.line.initiator.peer.flow.queues.length(FloodPriority.TRANSACTION), 0);
    assert.is(open.a.node.metrics.meter('outbound-queue.drop-tx').count, 0);
  }
);

t(
  '[stellar-overlay/overlaymanager-isfloodmessage] four types take flood credit, surveys and sets do not',
  () => {
    const flood = Object.values(MessageType).filter((type) => isFloodMessage(type));
    assert.equal(
      flood.sort((a, b) => a - b),
      [
        MessageType.TRANSACTION,
        MessageType.SCP_MESSAGE,
        MessageType.FLOOD_ADVERT,
        MessageType.FLOOD_DEMAND,
      ]
    );
  }
);

t(
  '[stellar-overlay/flowcontrol-getnextbatchtosend] [stellar-overlay/flowcontrol-getmessagepriority] [stellar-overlay/flowcontrol-updatemsgmetrics] [stellar-overlay/flowcontrol-flowcontrolcapacity-hasoutboundcapacity] [stellar-overlay/flowcontrol-flowcontrolcapacity-getmsgresourcecount] what waits for credit goes out by priority, and one that does not fit holds up its own queue alone',
  () => {
    const small = { floodReadingCapacity: 4, sendMoreBatch: 4 };
    const { world, line, a } = pair({}, small, {});
    line.acceptor.holdsMessages = true;
    for (let i = 0; i < 4; i++) line.initiator.send(transaction(i));
    assert.is(line.initiator.peer.flow.messages.outbound, 0);
    line.initiator.send(hashes('advert', 1));
    line.initiator.send(hashes('demand', 1));
    line.initiator.send(transaction(10));
    line.initiator.send(scpMessage(1, 1n));
    world.network.crankFor(250);
    line.acceptor.holdsMessages = false;
    line.acceptor.releaseHeld();
    world.network.crank();
    assert.equal(
      line.acceptor.messages.slice(1).map(({ type }) => type),
      [
        MessageType.SCP_MESSAGE,
        MessageType.TRANSACTION,
        MessageType.FLOOD_DEMAND,
        MessageType.FLOOD_ADVERT,
      ]
    );
    assert.is(a.node.metrics.timer('outbound-queue.advert').maxMs, 250);
    const { flow } = line.initiator.peer;
    const info = flow.jsonInfo(false, world.network.now());
    assert.is(info.outbound_queue_delay_advert_p75, 250);

    // Bytes for an advert, but not for the large transaction before it.
    flow.bytes.spend(flow.bytes.outbound);
    flow.bytes.grant(300);
    flow.messages.grant(10);
    line.acceptor.messages.length = 0;
    line.initiator.send(transaction(11, 20));
    line.initiator.send(transaction(12));
    line.initiator.send(hashes('advert', 1));
    world.network.crank();
    assert.equal(
      line.acceptor.messages.map(({ type }) => type),
      [MessageType.FLOOD_ADVERT]
    );
    assert.is(flow.queues.length(FloodPriority.TRANSACTION), 2);
  }
);

t(
  '[stellar-overlay/overlaymanager-checkscheduledandcache] [stellar-overlay/peer-recvtransaction] [stellar-overlay/peer-recvscpmessage] a copy of a message in processing is dropped, whoever sends it, and its credit returns',
  () => {
    const world = new World();
    const [a, b, hub] = [world.node(), world.node(), world.node({ sendMoreBatch: 1 })];
    const lines = [world.connect(a, hub), world.connect(b, hub)];
    world.network.crank();
    for (const { acceptor } of lines) {
      acceptor.messages.length = 0;
      acceptor.holdsMessages = true;
    }
    for (const message of [transaction(1), scpMessage(1, 7n)]) {
      for (const { initiator } of lines) initiator.send(message);
      for (const { initiator } of lines) initiator.send(message);
    }
    world.network.crank();
    const held = lines.map(({ acceptor }) => acceptor.heldMessages);
    assert.is((held[0] ?? 0) + (held[1] ?? 0), 2);
    assert.is(hub.node.scheduled.size, 2);
    for (const { acceptor } of lines) acceptor.releaseHeld();
    world.network.crank();
    assert.is(hub.node.scheduled.size, 0);
    assert.ok(lines.every((line) => line.hasFullCredit()));
    lines[0]?.initiator.send(transaction(1));
    world.network.crank();
    assert.is(lines[0]?.acceptor.heldMessages, 1, 'later it is taken again');
  }
);

t(
  '[stellar-overlay/overlaymanager-recordmessagemetric] copies of flooded and fetched messages are counted for the node and the peer',
  () => {
    const { world, line, b } = pair({}, {}, {});
    const { metrics } = line.acceptor.peer;
    const set = largeQuorumSet(3);
    for (const message of [transaction(1), hashes('advert', 2), set]) {
      for (let i = 0; i < 3; i++) {
        line.initiator.send(message);
        world.network.crank();
      }
    }
    assert.is(metrics.uniqueFloodMessages, 2);
    assert.is(metrics.duplicateFloodMessages, 4);
    assert.is(metrics.uniqueFetchMessages, 1);
    assert.is(metrics.duplicateFetchMessages, 2);
    const flood = sizeOf(transaction(1)) + sizeOf(hashes('advert', 2));
    assert.is(b.node.metrics.meter('flood.unique-recv').count, flood);
    assert.is(b.node.metrics.meter('flood.duplicate-recv').count, 2 * flood);
    assert.is(b.node.metrics.meter('fetch.duplicate-recv').count, 2 * sizeOf(set));
  }
);

t.run();
