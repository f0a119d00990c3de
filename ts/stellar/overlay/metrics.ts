/**
 * What the overlay counts and times, under the reference's names; a node has one of it, and every
 * peer a few counters of its own.
 * @see overlay/OverlayMetrics.cpp, overlay/Peer.h `PeerMetrics` (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import { MessageType } from '../xdr/overlay.ts';

/** Durations looked at for a percentile: this many of the latest. */
const SAMPLE_SIZE = 128;
/** Durations older than this are not looked at. */
const SAMPLE_WINDOW_MS = 300_000;

/** Counts events. */
export class Meter {
  count = 0;

  /** Count `events` more. */
  mark(events: number = 1): void {
    this.count += events;
  }
}

/** Counts durations and keeps the latest for percentiles. */
export class DurationTimer {
  count = 0;
  sumMs = 0;
  maxMs = 0;
  #values: Float64Array | undefined;
  #times: Float64Array | undefined;

  /** Take in one duration that ended at `now`. */
  update(durationMs: number, now: Millis): void {
    this.#values ??= new Float64Array(SAMPLE_SIZE);
    this.#times ??= new Float64Array(SAMPLE_SIZE);
    const slot = this.count % SAMPLE_SIZE;
    this.#values[slot] = durationMs;
    this.#times[slot] = now;
    this.count += 1;
    this.sumMs += durationMs;
    if (durationMs > this.maxMs) this.maxMs = durationMs;
  }

  /** The duration that three quarters of the last five minutes' latest ones do not exceed; 0 if none. */
  p75(now: Millis): number {
    const values = this.#values;
    const times = this.#times;
    if (values === undefined || times === undefined) return 0;
    const recent = [...values.subarray(0, Math.min(this.count, SAMPLE_SIZE))]
      .filter((_, i) => now - (times[i] as number) <= SAMPLE_WINDOW_MS)
      .sort((a, b) => a - b);
    return recent[Math.ceil(recent.length * 0.75) - 1] ?? 0;
  }
}

const SENT = [
  'error hello auth dont-have peers get-txset transaction txset get-scp-qset scp-qset scp-message',
  'get-scp-state send-more survey-request survey-response start-survey-collecting',
  'stop-survey-collecting flood-advert flood-demand',
]
  .join(' ')
  .split(' ');

const RECEIVED = [
  'error hello auth dont-have peers get-txset txset get-scp-qset scp-qset scp-message',
  'get-scp-state send-more scp-prepare scp-confirm scp-nominate scp-externalize survey-request',
  'survey-response start-survey-collecting stop-survey-collecting flood-advert flood-demand tx-batch',
]
  .join(' ')
  .split(' ');

/** Names of all meters, without the prefix `overlay.`. */
export const METER_NAMES: readonly string[] = [
  ...['read', 'write', 'drop', 'broadcast'].map((name) => `message.${name}`),
  ...['read', 'write'].flatMap((name) => [`async.${name}`, `byte.${name}`, `error.${name}`]),
  ...['idle', 'straggler'].map((name) => `timeout.${name}`),
  'item-fetcher.next-peer',
  ...['scp', 'tx', 'advert', 'demand'].map((name) => `outbound-queue.drop-${name}`),
  ...SENT.map((name) => `send.${name}`),
  ...[
    'demanded fulfilled unfulfilled-banned unfulfilled-unknown relevant-txs irrelevant-txs',
    'abandoned-demands unique-recv duplicate-recv advertised broadcast',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `flood.${name}`),
  'fetch.unique-recv',
  'fetch.duplicate-recv',
  'demand.timeout',
  ...['attempt', 'establish', 'drop', 'reject'].map((name) => `inbound.${name}`),
  ...['attempt', 'establish', 'drop', 'cancel'].map((name) => `outbound.${name}`),
];

/** Names of all timers, without the prefix `overlay.`. */
export const TIMER_NAMES: readonly string[] = [
  ...['latency', 'read-throttle', 'flood-throttle'].map((name) => `connection.${name}`),
  'delay.write-queue',
  'delay.async-write',
  ...['scp', 'tx', 'advert', 'demand'].map((name) => `outbound-queue.${name}`),
  ...RECEIVED.map((name) => `recv.${name}`),
  'recv-transaction',
  'flood.tx-pull-latency',
  'flood.peer-tx-pull-latency',
  'fetch.txset',
  'fetch.qset',
];

/** Names of all counters, without the prefix `overlay.`. */
export const COUNTER_NAMES: readonly string[] = [
  'connection.pending',
  'connection.authenticated',
  'memory.flood-known',
];

/** The part of a metric's name that belongs to a message type, as in `send.txset`. */
export const METRIC_OF_TYPE: Readonly<Record<MessageType, string>> = {
  [MessageType.ERROR_MSG]: 'error',
  [MessageType.AUTH]: 'auth',
  [MessageType.DONT_HAVE]: 'dont-have',
  [MessageType.PEERS]: 'peers',
  [MessageType.GET_TX_SET]: 'get-txset',
  [MessageType.TX_SET]: 'txset',
  [MessageType.TRANSACTION]: 'transaction',
  [MessageType.GET_SCP_QUORUMSET]: 'get-scp-qset',
  [MessageType.SCP_QUORUMSET]: 'scp-qset',
  [MessageType.SCP_MESSAGE]: 'scp-message',
  [MessageType.GET_SCP_STATE]: 'get-scp-state',
  [MessageType.HELLO]: 'hello',
  [MessageType.SEND_MORE]: 'send-more',
  [MessageType.GENERALIZED_TX_SET]: 'txset',
  [MessageType.FLOOD_ADVERT]: 'flood-advert',
  [MessageType.FLOOD_DEMAND]: 'flood-demand',
  [MessageType.SEND_MORE_EXTENDED]: 'send-more',
  [MessageType.TIME_SLICED_SURVEY_REQUEST]: 'survey-request',
  [MessageType.TIME_SLICED_SURVEY_RESPONSE]: 'survey-response',
  [MessageType.TIME_SLICED_SURVEY_START_COLLECTING]: 'start-survey-collecting',
  [MessageType.TIME_SLICED_SURVEY_STOP_COLLECTING]: 'stop-survey-collecting',
};

/** Every meter, timer and counter of a node. */
export class OverlayMetrics {
  readonly #meters = new Map(METER_NAMES.map((name) => [name, new Meter()]));
  readonly #timers = new Map(TIMER_NAMES.map((name) => [name, new DurationTimer()]));
  readonly #counters = new Map(COUNTER_NAMES.map((name) => [name, 0]));
  // Those of every message and every call, so that counting them looks nothing up by text.
  readonly messageRead: Meter = this.meter('message.read');
  readonly messageWrite: Meter = this.meter('message.write');
  readonly byteRead: Meter = this.meter('byte.read');
  readonly byteWrite: Meter = this.meter('byte.write');
  readonly asyncRead: Meter = this.meter('async.read');
  readonly asyncWrite: Meter = this.meter('async.write');
  readonly writeQueueDelay: DurationTimer = this.timer('delay.write-queue');
  readonly asyncWriteDelay: DurationTimer = this.timer('delay.async-write');
  readonly uniqueFlood: Meter = this.meter('flood.unique-recv');
  readonly duplicateFlood: Meter = this.meter('flood.duplicate-recv');
  readonly uniqueFetch: Meter = this.meter('fetch.unique-recv');
  readonly duplicateFetch: Meter = this.meter('fetch.duplicate-recv');
  // By message type, so that counting a message looks nothing up by text.
  readonly #sent: Meter[] = [];
  readonly #received: DurationTimer[] = [];

  constructor() {
    for (const type of Object.values(MessageType)) {
      const name = METRIC_OF_TYPE[type];
      this.#sent[type] = this.meter(`send.${name}`);
      const timer = type === MessageType.TRANSACTION ? 'recv-transaction' : `recv.${name}`;
      this.#received[type] = this.timer(timer);
    }
  }

  /** A meter by its name. @throws RangeError when there is none of that name */
  meter(name: string): Meter {
    return present(this.#meters.get(name), name);
  }

  /** A timer by its name. @throws RangeError when there is none of that name */
  timer(name: string): DurationTimer {
    return present(this.#timers.get(name), name);
  }

  /** A counter's value. @throws RangeError when there is none of that name */
  counter(name: string): number {
    return present(this.#counters.get(name), name);
  }

  /** Set a counter. @throws RangeError when there is none of that name */
  setCounter(name: string, value: number): void {
    present(this.#counters.get(name), name);
    this.#counters.set(name, value);
  }

  /** Messages of a type that were sent. */
  sent(type: MessageType): Meter {
    return this.#sent[type] as Meter;
  }

  /** Messages of a type that were processed, and how long that took. */
  received(type: MessageType): DurationTimer {
    return this.#received[type] as DurationTimer;
  }

  /** Every count by its full name. */
  counts(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const [name, { count }] of this.#meters) all[`overlay.${name}`] = count;
    for (const [name, { count }] of this.#timers) all[`overlay.${name}`] = count;
    for (const [name, value] of this.#counters) all[`overlay.${name}`] = value;
    return all;
  }
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new RangeError(`there is no metric "${name}"`);
  return value;
}

/** One more than the highest message type. */
const TYPES_END: number = /* @__PURE__ */ Math.max(...Object.values(MessageType)) + 1;

/** Counts of one peer. */
export class PeerMetrics {
  readonly connectedAt: Millis;
  messageRead = 0;
  messageWrite = 0;
  byteRead = 0;
  byteWrite = 0;
  asyncRead = 0;
  asyncWrite = 0;
  messageDrop = 0;
  uniqueFloodBytes = 0;
  duplicateFloodBytes = 0;
  uniqueFetchBytes = 0;
  duplicateFetchBytes = 0;
  uniqueFloodMessages = 0;
  duplicateFloodMessages = 0;
  uniqueFetchMessages = 0;
  duplicateFetchMessages = 0;
  demandTimeouts = 0;
  readonly pullLatency: DurationTimer = new DurationTimer();
  readonly writeQueueDelay: DurationTimer = new DurationTimer();
  readonly asyncWriteDelay: DurationTimer = new DurationTimer();
  readonly #readByType = new Uint32Array(TYPES_END);
  readonly #sentByType = new Uint32Array(TYPES_END);

  constructor(connectedAt: Millis) {
    this.connectedAt = connectedAt;
  }

  /** Count a message that came in and was authentic. */
  noteRead(type: MessageType): void {
    this.#readByType[type] = (this.#readByType[type] as number) + 1;
  }

  /** Count a message that we sent, or that waits for credit. */
  noteSent(type: MessageType): void {
    this.#sentByType[type] = (this.#sentByType[type] as number) + 1;
  }

  /** Messages read of a type. */
  read(type: MessageType): number {
    return this.#readByType[type] ?? 0;
  }

  /** Messages sent of a type, those that still wait for credit included. */
  sent(type: MessageType): number {
    return this.#sentByType[type] ?? 0;
  }
}
