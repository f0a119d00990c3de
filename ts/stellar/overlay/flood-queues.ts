/**
 * Flood messages that wait for credit, in four queues by priority, and what is thrown away when they
 * grow too long.
 * @see overlay/FlowControl.cpp `addMsgAndMaybeTrimQueue` (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { StellarMessage } from '../xdr/message.ts';
import { MessageType } from '../xdr/overlay.ts';
import type { SCPStatement } from '../xdr/scp.ts';
import { FRAME_OVERHEAD_BYTES } from './frame.ts';
import type { LedgerView } from './peer-contract.ts';
import { isNewerStatement } from './statement-order.ts';

/** The queues in the order in which they are emptied. */
export const FloodPriority = { SCP: 0, TRANSACTION: 1, DEMAND: 2, ADVERT: 3 } as const;
/** A value of {@link FloodPriority}. */
export type FloodPriority = (typeof FloodPriority)[keyof typeof FloodPriority];

/** Whether a message takes flood credit: SCP messages, transactions, adverts and demands do. */
export function isFloodMessage(type: MessageType): boolean {
  return priorityOf(type) !== undefined;
}

/** The queue of a type; `undefined` for messages that take no flood credit. */
export function priorityOf(type: MessageType): FloodPriority | undefined {
  switch (type) {
    case MessageType.SCP_MESSAGE:
      return FloodPriority.SCP;
    case MessageType.TRANSACTION:
      return FloodPriority.TRANSACTION;
    case MessageType.FLOOD_DEMAND:
      return FloodPriority.DEMAND;
    case MessageType.FLOOD_ADVERT:
      return FloodPriority.ADVERT;
    default:
      return undefined;
  }
}

/** A message in a queue. */
export interface FloodItem {
  readonly message: StellarMessage;
  readonly type: MessageType;
  readonly priority: FloodPriority;
  /** Its frame, not sealed yet. */
  readonly frame: Uint8Array;
  /** Bytes of the StellarMessage as XDR: what it costs. */
  readonly size: number;
  /** What it adds to its queue's measure: bytes of a transaction, hashes of an advert or demand. */
  readonly weight: number;
  readonly queuedAt: Millis;
  /** Handed to the connection, but not written yet. */
  isBeingSent: boolean;
}

/** What adding a message threw away: messages, or hashes for adverts and demands. */
export interface Trimmed {
  readonly priority: FloodPriority;
  readonly dropped: number;
}

interface Queue {
  items: FloodItem[];
  /** Sum of the weights. */
  weight: number;
}

/** The queues for one peer. */
export class FloodQueues {
  readonly #queues: readonly Queue[] = [0, 1, 2, 3].map(() => ({ items: [], weight: 0 }));
  readonly #txByteLimit: number;

  /** @param txByteLimit - bytes of transactions above which all of them are dropped */
  constructor(txByteLimit: number) {
    this.#txByteLimit = txByteLimit;
  }

  /** Messages in a queue, those being sent included. */
  length(priority: FloodPriority): number {
    return this.#queue(priority).items.length;
  }

  /** Bytes of the queued transactions. */
  get txByteCount(): number {
    return this.#queue(FloodPriority.TRANSACTION).weight;
  }

  /** The messages of a queue in their order. */
  items(priority: FloodPriority): readonly FloodItem[] {
    return this.#queue(priority).items;
  }

  /** Add a message, then drop what the limits do not allow. */
  add(
    message: StellarMessage,
    priority: FloodPriority,
    frame: Uint8Array,
    ledger: LedgerView,
    now: Millis
  ): Trimmed {
    const { type } = message;
    const size = frame.length - FRAME_OVERHEAD_BYTES;
    const isTransaction = priority === FloodPriority.TRANSACTION;
    // The peer's own limit would not let it through.
    if (isTransaction && size > ledger.maxTxSizeBytes) return { priority, dropped: 0 };
    const queue = this.#queue(priority);
    const weight = weightOf(message, size);
    queue.items.push({
      message,
      type,
      priority,
      frame,
      size,
      weight,
      queuedAt: now,
      isBeingSent: false,
    });
    queue.weight += weight;
    if (priority === FloodPriority.SCP) return { priority, dropped: trimScp(queue, ledger) };
    const over = isTransaction
      ? queue.items.length > ledger.maxTxSetOps || queue.weight > this.#txByteLimit
      : queue.weight > ledger.maxTxSetOps;
    if (!over) return { priority, dropped: 0 };
    // A peer that far behind will not catch up: start afresh, what is being sent included.
    const dropped = isTransaction ? queue.items.length : queue.weight;
    queue.items = [];
    queue.weight = 0;
    return { priority, dropped };
  }

  /**
   * Hand out the messages that `take` accepts, in order of priority; a refused one stops its own
   * queue, while queues of lower priority still try.
   * @returns whether a waiting message was refused
   */
  takeNext(take: (item: FloodItem) => boolean): boolean {
    let refused = false;
    for (const { items } of this.#queues) {
      for (let at = firstWaiting(items); at < items.length; at++) {
        const item = items[at] as FloodItem;
        if (!take(item)) {
          refused = true;
          break;
        }
        item.isBeingSent = true;
      }
    }
    return refused;
  }

  /** A message was written: it leaves its queue, unless it was dropped from there meanwhile. */
  written(item: FloodItem): void {
    const queue = this.#queue(item.priority);
    if (queue.items[0] !== item) return;
    queue.items.shift();
    queue.weight -= item.weight;
  }

  #queue(priority: FloodPriority): Queue {
    return this.#queues[priority] as Queue;
  }
}

/** What is being sent stands in front, because messages are handed out in order. */
function firstWaiting(items: readonly FloodItem[]): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as FloodItem).isBeingSent) low = middle + 1;
    else high = middle;
  }
  return low;
}

function weightOf(message: StellarMessage, size: number): number {
  if (message.type === MessageType.FLOOD_ADVERT || message.type === MessageType.FLOOD_DEMAND) {
    return message.value.txHashes.length;
  }
  return size;
}

/**
 * Drop waiting messages for slots that nobody needs any more, and let the new message take the place
 * of at most one older statement of its node. Nothing else is ever dropped: consensus needs it.
 */
function trimScp(queue: Queue, ledger: LedgerView): number {
  const { items } = queue;
  const before = items.length;
  const last = items[before - 1] as FloodItem;
  let replaced = false;
  const kept: FloodItem[] = [];
  for (let i = 0; i < before; i++) {
    const item = items[i] as FloodItem;
    if (replaced && i === before - 1) continue;
    const statement = statementOf(item);
    if (item.isBeingSent || statement === undefined) {
      kept.push(item);
      continue;
    }
    const { slotIndex } = statement;
    if (slotIndex < ledger.minSlotToRemember && slotIndex !== ledger.checkpointSlot) continue;
    const newest = statementOf(last);
    const isOlder = item !== last && newest !== undefined && isNewerStatement(statement, newest);
    if (!replaced && isOlder) {
      replaced = true;
      kept.push(last);
    } else {
      kept.push(item);
    }
  }
  queue.items = kept;
  queue.weight = kept.reduce((sum, { weight }) => sum + weight, 0);
  return before - kept.length;
}

function statementOf({ message }: FloodItem): SCPStatement | undefined {
  return message.type === MessageType.SCP_MESSAGE ? message.value.statement : undefined;
}
