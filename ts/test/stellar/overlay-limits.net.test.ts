/** Flow control and query limits, on the virtual clock; T numbers follow the order of the reference's
 * `overlay/test/OverlayTests.cpp` (v27). @module */
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { MAX_OUTBOUND_CREDIT } from '../../stellar/overlay/capacity.ts';
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

const t = suite('overlay limits', import.meta.url);

const sizeOf = (message: StellarMessage): number => StellarMessage.encode(message).length;
interface FlowPair {
  readonly world: World;
  readonly line: Line;
  readonly a: TestNode;
  readonly b: TestNode;
}

function pair(
  first: Partial<OverlayConfig>,
  second: Partial<OverlayConfig>,
  ledger: Partial<LedgerView>
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
