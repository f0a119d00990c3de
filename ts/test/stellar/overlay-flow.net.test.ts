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
import { BYTE_CAPACITY_READ_FLOOR } from '../../stellar/overlay/capacity.ts';
import type { LoopbackEnd } from '../../stellar/overlay/loopback.ts';
import type { LedgerView } from '../../stellar/overlay/peer-contract.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { transaction, World, type Line, type TestNode } from './overlay-world.ts';

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

t.run();
