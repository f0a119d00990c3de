/** T12 of the reference's overlay tests: what the queues for a peer throw away. @module */
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { FloodPriority, FloodQueues, priorityOf } from '../../stellar/overlay/flood-queues.ts';
import { encodeFrame } from '../../stellar/overlay/frame.ts';
import { DEFAULT_LEDGER } from '../../stellar/overlay/local-node.ts';
import type { LedgerView } from '../../stellar/overlay/peer-contract.ts';
import { isNewerStatement } from '../../stellar/overlay/statement-order.ts';
import {
  SCPStatementType,
  type SCPStatement,
  type SCPStatementPledges,
} from '../../stellar/xdr/scp.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import {
  externalize,
  hashes,
  nominate,
  prepare,
  scpMessage,
  transaction,
} from './overlay-world.ts';

const t = suite('overlay queues', import.meta.url);

const LEDGER: LedgerView = {
  ...DEFAULT_LEDGER,
  maxTxSetOps: 100,
  minSlotToRemember: 100n,
  checkpointSlot: 64n,
};

/** Add a message as flow control does; returns what was dropped. */
function add(queues: FloodQueues, message: StellarMessage, ledger: LedgerView = LEDGER): number {
  const priority = priorityOf(message.type);
  assert.ok(priority !== undefined);
  return queues.add(message, priority as FloodPriority, encodeFrame(message), ledger, 0).dropped;
}

const statementTypes = (queues: FloodQueues): SCPStatementType[] =>
  queues
    .items(FloodPriority.SCP)
    .flatMap(({ message }) =>
      message.type === MessageType.SCP_MESSAGE ? [message.value.statement.pledges.type] : []
    );

const MIB = 3 << 20;

t(
  'T12 SCP messages for slots that are too old are dropped, except those of the last checkpoint',
  () => {
    const queues = new FloodQueues(MIB);
    assert.is(add(queues, scpMessage(1, 99n)), 1);
    assert.is(add(queues, scpMessage(1, 64n)), 0);
    assert.is(add(queues, scpMessage(2, 64n, nominate())), 0);
    assert.is(queues.length(FloodPriority.SCP), 2);
    const later = { ...LEDGER, minSlotToRemember: 200n, checkpointSlot: 191n };
    assert.is(add(queues, scpMessage(3, 200n), later), 2, 'the checkpoint has moved on');
    assert.is(queues.length(FloodPriority.SCP), 1);
  }
);

t('T12 transactions above the count or the bytes empty the whole queue', () => {
  const queues = new FloodQueues(MIB);
  const size = StellarMessage.encode(transaction()).length;
  let dropped = 0;
  for (let i = 0; i < 110; i++) dropped += add(queues, transaction(i));
  assert.is(dropped, 101);
  assert.is(queues.length(FloodPriority.TRANSACTION), 9);
  assert.is(queues.txByteCount, 9 * size);
  const tight = new FloodQueues(Math.floor((size * 3) / 2));
  for (let i = 0; i < 3; i++) add(tight, transaction(i));
  assert.is(tight.length(FloodPriority.TRANSACTION), 1);
  assert.is(tight.txByteCount, size);
});

t('T12 the latest SCP messages are all kept, whatever their bytes', () => {
  const queues = new FloodQueues(1);
  for (const node of [1, 2, 3]) {
    assert.is(add(queues, scpMessage(node, 150n, nominate())), 0);
    assert.is(add(queues, scpMessage(node, 150n)), 0);
  }
  assert.is(queues.length(FloodPriority.SCP), 6);
});

t('T12 a statement takes the place of an older one of its node and slot; nominations stay', () => {
  const queues = new FloodQueues(1);
  add(queues, scpMessage(1, 150n, nominate()));
  add(queues, scpMessage(1, 150n, prepare()));
  assert.is(add(queues, scpMessage(1, 150n)), 1);
  assert.equal(statementTypes(queues), [
    SCPStatementType.SCP_ST_NOMINATE,
    SCPStatementType.SCP_ST_EXTERNALIZE,
  ]);
  const others = new FloodQueues(1);
  for (const node of [1, 2, 3]) {
    add(others, scpMessage(node, 150n, prepare()));
    add(others, scpMessage(node, 150n));
  }
  assert.equal(statementTypes(others), new Array(3).fill(SCPStatementType.SCP_ST_EXTERNALIZE));
  // Another slot is another matter.
  add(others, scpMessage(1, 151n, prepare()));
  assert.is(add(others, scpMessage(1, 152n)), 0);
});

t('T12 a statement that is being sent is neither replaced nor dropped', () => {
  const queues = new FloodQueues(1);
  add(queues, scpMessage(1, 150n, prepare()));
  assert.not(queues.takeNext(() => true));
  assert.is(add(queues, scpMessage(1, 150n)), 0);
  assert.is(queues.length(FloodPriority.SCP), 2);
  const [first] = queues.items(FloodPriority.SCP);
  if (first !== undefined) queues.written(first);
  assert.equal(statementTypes(queues), [SCPStatementType.SCP_ST_EXTERNALIZE]);
});

t('T12 adverts and demands are limited by their hashes', () => {
  for (const kind of ['advert', 'demand'] as const) {
    const queues = new FloodQueues(1);
    const priority = kind === 'advert' ? FloodPriority.ADVERT : FloodPriority.DEMAND;
    for (let i = 0; i < 110; i++) add(queues, hashes(kind, 1, i));
    assert.is(queues.length(priority), 9);
    add(queues, hashes(kind, 2));
    assert.is(queues.length(priority), 10);
    assert.is(add(queues, hashes(kind, 90)), 101, 'hashes are counted, not messages');
    assert.is(queues.length(priority), 0);
  }
});

t('a transaction above the limit of the network is not queued', () => {
  const queues = new FloodQueues(MIB);
  const ledger = { ...LEDGER, maxTxSizeBytes: 219 };
  assert.is(add(queues, transaction(), ledger), 0);
  assert.is(queues.length(FloodPriority.TRANSACTION), 0);
  assert.is(queues.txByteCount, 0);
});

t('a message that left with its whole queue is not missed when it is written', () => {
  const queues = new FloodQueues(MIB);
  add(queues, transaction(1));
  queues.takeNext(() => true);
  const [sent] = queues.items(FloodPriority.TRANSACTION);
  for (let i = 2; i <= 102; i++) add(queues, transaction(i));
  const { length } = queues.items(FloodPriority.TRANSACTION);
  const bytes = queues.txByteCount;
  if (sent !== undefined) queues.written(sent);
  assert.is(queues.items(FloodPriority.TRANSACTION).length, length);
  assert.is(queues.txByteCount, bytes);
});

const confirm = (counter: number, nPrepared: number, nH: number): SCPStatementPledges => ({
  type: SCPStatementType.SCP_ST_CONFIRM,
  value: {
    ballot: { counter, value: new Uint8Array(4) },
    nPrepared,
    nCommit: 0,
    nH,
    quorumSetHash: new Uint8Array(32),
  },
});

const statement = (pledges: SCPStatementPledges): SCPStatement => ({
  nodeID: { type: 0, value: new Uint8Array(32) },
  slotIndex: 5n,
  pledges,
});

t('statements are ordered as the protocol orders them', () => {
  const ladder = [
    prepare(1),
    prepare(2),
    confirm(2, 1, 1),
    confirm(2, 1, 2),
    confirm(2, 2, 1),
    confirm(3, 0, 0),
    externalize(),
  ];
  for (const [i, a] of ladder.entries()) {
    for (const [j, b] of ladder.entries()) {
      assert.is(isNewerStatement(statement(a), statement(b)), i < j, `${i} and ${j}`);
    }
  }
  assert.ok(isNewerStatement(statement(nominate(1)), statement(nominate(2))));
  assert.not(isNewerStatement(statement(nominate(2)), statement(nominate(2))));
  assert.not(isNewerStatement(statement(nominate(2)), statement(nominate(1))));
  assert.not(isNewerStatement(statement(nominate(1)), statement(externalize())));
  assert.not(isNewerStatement(statement(prepare(1)), statement(nominate(1))));
  const other = { ...statement(externalize()), slotIndex: 6n };
  assert.not(isNewerStatement(statement(prepare(1)), other));
});

t('prepared ballots decide between statements with the same ballot, and none comes first', () => {
  const ballot = (counter: number): { counter: number; value: Uint8Array } => ({
    counter,
    value: new Uint8Array(4),
  });
  const prepared = (p?: number, pPrime?: number, nH: number = 0): SCPStatement =>
    statement({
      type: SCPStatementType.SCP_ST_PREPARE,
      value: {
        quorumSetHash: new Uint8Array(32),
        ballot: ballot(9),
        prepared: p === undefined ? undefined : ballot(p),
        preparedPrime: pPrime === undefined ? undefined : ballot(pPrime),
        nC: 0,
        nH,
      },
    });
  const ladder = [prepared(), prepared(1), prepared(2), prepared(2, 1), prepared(2, 1, 1)];
  for (const [i, a] of ladder.entries()) {
    for (const [j, b] of ladder.entries()) assert.is(isNewerStatement(a, b), i < j, `${i} ${j}`);
  }
});

t.run();
