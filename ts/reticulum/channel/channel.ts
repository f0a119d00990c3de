/**
 * Channels: messages over a link, delivered once and in order.
 * @module
 * @see RNS/Channel.py Channel (RNS 1.5.7)
 */
import { assertInteger } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import type { Link } from '../link/link.ts';
import { PacketContext } from '../packet.ts';
import { RECEIPT_CHECK_INTERVAL_MS, ReceiptStatus, type PacketReceipt } from '../receipts.ts';
import { hashOfFrame } from '../received-packet.ts';
import { Timer } from '../timers.ts';
import {
  ENVELOPE_BYTES,
  SEQUENCE_MODULUS,
  SYSTEM_TYPES_FROM,
  decodeEnvelope,
  encodeEnvelope,
} from './envelope.ts';
import { STREAM_TYPE, StreamReader, StreamWriter } from './stream.ts';
import { CHANNEL_WINDOW_MAX, ChannelWindow } from './window.ts';

/** Times that a message is sent before the link is given up. @see RNS/Channel.py _max_tries */
export const MAX_TRIES = 5;

/** Proofs are waited for as long as a message is under way, whatever became of each try. */
const PROOF_WAIT_MS = 24 * 3600 * 1000;

/** A message under way. */
export interface SentMessage {
  readonly type: number;
  readonly sequence: number;
  /** How often it was sent. */
  readonly tries: number;
  readonly state: 'sent' | 'delivered' | 'failed';
}

interface Pending {
  readonly type: number;
  readonly sequence: number;
  readonly raw: Uint8Array;
  tries: number;
  state: SentMessage['state'];
  /** One for each time it was sent: a late proof of an early try counts as well. */
  readonly receipts: PacketReceipt[];
  sentMs: Millis;
  timeoutMs: number;
  /** When it is sent again. */
  readonly timer: Timer;
}

/** The channel of one link. */
export class Channel {
  readonly link: Link;
  readonly window: ChannelWindow;
  readonly #types = new Set<number>();
  readonly #sent = new Set<Pending>();
  /** Messages that came before their turn, by sequence. */
  readonly #early = new Map<number, { type: number; data: Uint8Array }>();
  readonly #readers = new Map<number, StreamReader>();
  #nextSent = 0;
  #nextReceived = 0;
  #refused = false;
  #closed = false;

  constructor(link: Link) {
    this.link = link;
    this.window = new ChannelWindow(link.rttMs ?? 0);
  }

  /** Largest message data in bytes. @see RNS/Channel.py mdu */
  get mdu(): number {
    return Math.min(this.link.mdu - ENVELOPE_BYTES, 0xffff);
  }

  /** Messages that are not proven yet. */
  get outstanding(): number {
    return this.#sent.size;
  }

  /** Messages that wait for an earlier one. */
  get early(): number {
    return this.#early.size;
  }

  /** Sequence numbers of the next message each way. */
  get sequences(): { readonly send: number; readonly receive: number } {
    return { send: this.#nextSent, receive: this.#nextReceived };
  }

  /** Whether a message would be sent at once. @see RNS/Channel.py is_ready_to_send */
  get isReady(): boolean {
    return !this.#closed && this.link.isOpen && this.#sent.size < this.window.size;
  }

  /**
   * Take in messages of a type from here on.
   * @throws RangeError on a type that is the system's own
   */
  register(type: number): void {
    assertInteger('type', type, 0, SYSTEM_TYPES_FROM - 1);
    this.#types.add(type);
  }

  /** Take in no messages of a type any more. */
  deregister(type: number): void {
    this.#types.delete(type);
  }

  /**
   * Send a message.
   * @returns `undefined` when the window is full or the link is not open; `channel-ready` tells when
   *   there is room again
   * @throws RangeError when the data is larger than {@link mdu}, or the type is the system's own
   */
  send(type: number, data: Uint8Array, now: Millis): SentMessage | undefined {
    assertInteger('type', type, 0, SYSTEM_TYPES_FROM - 1);
    this.link.core.now = now;
    return this.dispatch(type, data);
  }

  /** Read a stream that the peer writes to `streamId`. @see RNS/Buffer.py create_reader */
  reader(streamId: number): StreamReader {
    let reader = this.#readers.get(streamId);
    if (reader === undefined) {
      reader = new StreamReader(this, streamId);
      this.#readers.set(streamId, reader);
    }
    return reader;
  }

  /** Write a stream that the peer reads from `streamId`. @see RNS/Buffer.py create_writer */
  writer(streamId: number): StreamWriter {
    return new StreamWriter(this, streamId);
  }

  /** Stop reading a stream. @internal */
  removeReader(streamId: number): void {
    this.#readers.delete(streamId);
  }

  /** Tell with `channel-ready` when there is room. @internal */
  awaitRoom(): void {
    this.#refused = true;
  }

  /** Send a message of any type. @internal */
  dispatch(type: number, data: Uint8Array): SentMessage | undefined {
    if (data.length > this.mdu) {
      throw new RangeError(`"data" must be at most ${this.mdu} bytes, got ${data.length}`);
    }
    if (!this.isReady) {
      this.awaitRoom();
      return undefined;
    }
    const sequence = this.#nextSent;
    const raw = encodeEnvelope({ type, sequence, data });
    const timer = new Timer(() => this.#timedOut(message));
    const message: Pending = {
      type,
      sequence,
      raw,
      tries: 0,
      state: 'sent',
      receipts: [],
      sentMs: 0,
      timeoutMs: 0,
      timer,
    };
    if (!this.#transmit(message)) return undefined;
    this.#nextSent = (sequence + 1) % SEQUENCE_MODULUS;
    return message;
  }

  /** Take in a message of the peer. @internal @see RNS/Channel.py _receive */
  receive(plaintext: Uint8Array): void {
    const { core } = this.link;
    const envelope = decodeEnvelope(plaintext);
    if (envelope === undefined) return core.drop('channel-message');
    const ahead = (envelope.sequence - this.#nextReceived + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    if (ahead > CHANNEL_WINDOW_MAX || this.#early.has(envelope.sequence)) {
      return core.drop('channel-sequence');
    }
    this.#early.set(envelope.sequence, { type: envelope.type, data: envelope.data });
    for (;;) {
      const next = this.#early.get(this.#nextReceived);
      if (next === undefined) return;
      this.#early.delete(this.#nextReceived);
      this.#nextReceived = (this.#nextReceived + 1) % SEQUENCE_MODULUS;
      this.#deliver(next.type, next.data);
    }
  }

  /** The link is closed. @internal */
  close(): void {
    this.#closed = true;
    for (const message of this.#sent) this.#settle(message, 'failed');
    this.#early.clear();
    for (const reader of this.#readers.values()) reader.end();
    this.#readers.clear();
  }

  #deliver(type: number, data: Uint8Array): void {
    const { core } = this.link;
    if (type === STREAM_TYPE) {
      const delivered = StreamReader.route(this.#readers, data, core.compression);
      if (!delivered) core.drop('channel-message');
      return;
    }
    // PARITY: in the reference an unknown type is proven but not counted, and stops all that follow.
    if (!this.#types.has(type)) return core.drop('channel-message');
    core.emit({ kind: 'channel-message', channel: this, type, data });
  }

  #transmit(message: Pending): boolean {
    const frame = this.link.seal(PacketContext.CHANNEL, message.raw);
    const hash = hashOfFrame(frame);
    if (!this.link.transmit(frame)) return false;
    // A copy that is sent back here must not be taken for the peer's.
    this.link.core.seen.add(hash);
    this.#sent.add(message);
    message.tries += 1;
    message.receipts.push(
      this.link.expectProof(hash, PROOF_WAIT_MS, (receipt) => this.#concluded(message, receipt))
    );
    message.sentMs = this.link.core.now;
    message.timeoutMs = 0;
    this.#stretchTimeouts();
    return true;
  }

  #concluded(message: Pending, receipt: PacketReceipt): void {
    if (message.state !== 'sent' || receipt.status !== ReceiptStatus.DELIVERED) return;
    this.window.grow(this.link.rttMs ?? 0);
    this.#settle(message, 'delivered');
    this.#tellReady();
  }

  #timedOut(message: Pending): void {
    if (message.tries >= MAX_TRIES) return this.link.close(this.link.core.now);
    this.window.shrink();
    if (!this.#transmit(message)) this.link.close(this.link.core.now);
  }

  #settle(message: Pending, state: 'delivered' | 'failed'): void {
    message.state = state;
    this.#sent.delete(message);
    this.link.core.timers.cancel(message.timer);
    for (const receipt of message.receipts) this.link.host.receipts.forget(receipt);
    this.link.core.emit({ kind: 'channel-settled', channel: this, message });
  }

  #tellReady(): void {
    if (!this.#refused || !this.isReady) return;
    this.#refused = false;
    this.link.core.emit({ kind: 'channel-ready', channel: this });
  }

  /** Time until a message is sent again. @see RNS/Channel.py _get_packet_timeout_time */
  #timeoutMs(tries: number): number {
    const base = Math.max((this.link.rttMs ?? 0) * 2.5, 25);
    const timeoutMs = 1.5 ** (tries - 1) * base * (this.#sent.size + 1.5);
    // The reference looks for timeouts once a second.
    return Math.max(timeoutMs, RECEIPT_CHECK_INTERVAL_MS);
  }

  /** With more messages under way, each may take longer. */
  #stretchTimeouts(): void {
    const { timers } = this.link.core;
    for (const message of this.#sent) {
      const timeoutMs = this.#timeoutMs(message.tries);
      if (timeoutMs <= message.timeoutMs) continue;
      message.timeoutMs = timeoutMs;
      timers.schedule(message.timer, message.sentMs + timeoutMs);
    }
  }
}
