/**
 * Flow control of one connection: credit in messages and bytes both ways, the queues of what waits
 * for credit, and the brake on reading.
 *
 * A flood message costs one message and the bytes of its StellarMessage. The peer gets credit back
 * after *processing*, in batches.
 * @see overlay/FlowControl.cpp (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import type { StellarMessage } from '../xdr/message.ts';
import { MessageType } from '../xdr/overlay.ts';
import { BYTE_CAPACITY_READ_FLOOR, Capacity } from './capacity.ts';
import { floodCapacityBytes, sendMoreBatchBytes, type OverlayConfig } from './config.ts';
import {
  FloodPriority,
  FloodQueues,
  isFloodMessage,
  priorityOf,
  type FloodItem,
} from './flood-queues.ts';
import { DurationTimer, type Meter, type OverlayMetrics } from './metrics.ts';
import type { LedgerView } from './peer-contract.ts';
import { messageTypeName } from './message-summary.ts';

/** Credit that goes back to the peer. */
export interface Grant {
  readonly numMessages: number;
  readonly numBytes: number;
}

const QUEUE_NAMES = ['scp', 'tx', 'demand', 'advert'] as const;

/** Credit and queues of one connection. */
export class FlowControl {
  readonly messages: Capacity;
  readonly bytes: Capacity;
  readonly queues: FloodQueues;
  readonly #config: OverlayConfig;
  readonly #ledger: LedgerView;
  readonly #metrics: OverlayMetrics;
  readonly #dropped: readonly Meter[];
  /** How long messages of each queue waited, on this connection. */
  readonly #delays: readonly DurationTimer[] = QUEUE_NAMES.map(() => new DurationTimer());
  readonly #allDelays: readonly DurationTimer[];
  readonly #batchBytes: number;
  #peerName = '';
  #processedMessages = 0;
  #processedBytes = 0;
  /** Since when nothing could be sent; from the start, because the peer gives the first credit. */
  #starvedSince: Millis | undefined;
  #throttledSince: Millis | undefined;

  constructor(config: OverlayConfig, ledger: LedgerView, metrics: OverlayMetrics, now: Millis) {
    this.#config = config;
    this.#ledger = ledger;
    this.#metrics = metrics;
    this.#starvedSince = now;
    this.#batchBytes = sendMoreBatchBytes(config);
    this.messages = new Capacity({
      flood: config.floodReadingCapacity,
      total: config.readingCapacity,
    });
    this.bytes = new Capacity(
      {
        flood: floodCapacityBytes(config, ledger.maxTxSizeBytes),
        total: BYTE_CAPACITY_READ_FLOOR + config.totalReadingCapacityBytes,
      },
      BYTE_CAPACITY_READ_FLOOR
    );
    this.queues = new FloodQueues(config.outboundTxQueueBytes);
    this.#dropped = QUEUE_NAMES.map((name) => metrics.meter(`outbound-queue.drop-${name}`));
    this.#allDelays = QUEUE_NAMES.map((name) => metrics.timer(`outbound-queue.${name}`));
  }

  /** Name the peer for {@link toString}. */
  setPeerId(name: string): void {
    this.#peerName = name;
  }

  /** For logs: the peer and what it lets us send. */
  toString(): string {
    return `${this.#peerName} ${this.messages.outbound} messages, ${this.bytes.outbound} bytes`;
  }

  /** The first grant, sent right after AUTH. */
  initialGrant(): Grant {
    return {
      numMessages: this.#config.floodReadingCapacity,
      numBytes: floodCapacityBytes(this.#config, this.#ledger.maxTxSizeBytes),
    };
  }

  /** Hold capacity for a message that came in; false when the peer had no credit for it. */
  beginProcessing(type: MessageType, sizeBytes: number): boolean {
    const isFlood = isFloodMessage(type);
    // Both before either: a message that fails in one unit must not hold the other.
    if (!this.bytes.canLock(sizeBytes, isFlood) || !this.messages.canLock(1, isFlood)) return false;
    this.messages.lock(1, isFlood);
    this.bytes.lock(sizeBytes, isFlood);
    return true;
  }

  /** Release what a message held; returns the credit that is due for the batch it completes. */
  endProcessing(type: MessageType, sizeBytes: number): Grant | undefined {
    const isFlood = isFloodMessage(type);
    this.#processedMessages += this.messages.release(1, isFlood);
    this.#processedBytes += this.bytes.release(sizeBytes, isFlood);
    const isDue =
      this.#processedMessages === this.#config.sendMoreBatch ||
      this.#processedBytes >= this.#batchBytes;
    if (!isDue || this.#processedMessages + this.#processedBytes === 0) return undefined;
    const grant = { numMessages: this.#processedMessages, numBytes: this.#processedBytes };
    this.#processedMessages = 0;
    this.#processedBytes = 0;
    return grant;
  }

  /** Whether the next message may be read. */
  get canRead(): boolean {
    return this.bytes.canRead && this.messages.canRead;
  }

  /** Whether reading has been stopped. */
  get isThrottled(): boolean {
    return this.#throttledSince !== undefined;
  }

  /** Stop reading if there is no capacity for more. */
  maybeThrottleRead(now: Millis): boolean {
    if (this.canRead) return false;
    this.#throttledSince = now;
    return true;
  }

  /** Reading goes on. */
  stopThrottling(now: Millis): void {
    if (this.#throttledSince === undefined) return;
    this.#metrics.timer('connection.read-throttle').update(now - this.#throttledSince, now);
    this.#throttledSince = undefined;
  }

  /** What is wrong with a grant of the peer, in the reference's words. */
  sendMoreFault(message: StellarMessage): string | undefined {
    if (message.type !== MessageType.SEND_MORE_EXTENDED) {
      return `unexpected message type ${messageTypeName(message.type)}`;
    }
    const { numMessages, numBytes } = message.value;
    // No messages but bytes is how a larger transaction size is announced.
    if (numBytes === 0) return `invalid message ${messageTypeName(message.type)}`;
    if (this.messages.overflows(numMessages) || this.bytes.overflows(numBytes)) {
      return 'Peer capacity overflow';
    }
    return undefined;
  }

  /** Take credit that the peer gave; ends starvation whatever the amount. */
  takeGrant({ numMessages, numBytes }: Grant, now: Millis): void {
    if (this.#starvedSince !== undefined) {
      this.#metrics.timer('connection.flood-throttle').update(now - this.#starvedSince, now);
      this.#starvedSince = undefined;
    }
    this.messages.grant(numMessages);
    this.bytes.grant(numBytes);
  }

  /** Whether there has been no credit for that long. */
  isStarvedFor(timeoutMs: number, now: Millis): boolean {
    return this.#starvedSince !== undefined && now - this.#starvedSince >= timeoutMs;
  }

  /** Queue a flood message in its frame; longer queues than the ledger could use are dropped. */
  queue(message: StellarMessage, frame: Uint8Array, now: Millis): void {
    const priority = priorityOf(message.type);
    if (priority === undefined) throw new RangeError(`"message" must be a flood message`);
    const { dropped } = this.queues.add(message, priority, frame, this.#ledger, now);
    this.#dropped[priority]?.mark(dropped);
  }

  /** The queued messages that there is credit for now; their credit is spent. */
  nextBatch(now: Millis): FloodItem[] {
    const batch: FloodItem[] = [];
    const refused = this.queues.takeNext((item) => {
      const { size } = item;
      if (!this.messages.hasOutbound(1) || !this.bytes.hasOutbound(size)) return false;
      this.messages.spend(1);
      this.bytes.spend(size);
      const delay = now - item.queuedAt;
      this.#delays[item.priority]?.update(delay, now);
      this.#allDelays[item.priority]?.update(delay, now);
      batch.push(item);
      return true;
    });
    // Each refusal starts the time anew, as in the reference: steady traffic postpones the end.
    if (refused) this.#starvedSince = now;
    return batch;
  }

  /** A flood message was written. */
  written(item: FloodItem): void {
    this.queues.written(item);
  }

  /** The network takes larger transactions: let the peer send them. */
  handleTxSizeIncrease(increaseBytes: number): void {
    this.bytes.raiseFlood(increaseBytes);
  }

  /** Credit both ways, and for `compact: false` how long messages waited. */
  jsonInfo(compact: boolean, now: Millis): FlowControlInfo {
    const delay = (priority: FloodPriority): number => this.#delays[priority]?.p75(now) ?? 0;
    return {
      local_capacity: { reading: this.messages.total, flood: this.messages.flood },
      peer_capacity: this.messages.outbound,
      local_capacity_bytes: { reading: this.bytes.total, flood: this.bytes.flood },
      peer_capacity_bytes: this.bytes.outbound,
      ...(compact
        ? {}
        : {
            outbound_queue_delay_scp_p75: delay(FloodPriority.SCP),
            outbound_queue_delay_txs_p75: delay(FloodPriority.TRANSACTION),
            outbound_queue_delay_advert_p75: delay(FloodPriority.ADVERT),
            outbound_queue_delay_demand_p75: delay(FloodPriority.DEMAND),
          }),
    };
  }
}

/** Flow control as the reference's HTTP interface shows it; delays in milliseconds. */
export interface FlowControlInfo {
  readonly local_capacity: { readonly reading: number; readonly flood: number };
  readonly peer_capacity: number;
  readonly local_capacity_bytes: { readonly reading: number; readonly flood: number };
  readonly peer_capacity_bytes: number;
  readonly outbound_queue_delay_scp_p75?: number;
  readonly outbound_queue_delay_txs_p75?: number;
  readonly outbound_queue_delay_advert_p75?: number;
  readonly outbound_queue_delay_demand_p75?: number;
}
