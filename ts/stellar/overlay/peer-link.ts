/**
 * The lower half of a peer: frames in and out, MACs, flow control, timeouts and the end of the
 * connection. What messages mean is in `peer.ts`.
 *
 * Sans-IO: every call takes the time and returns what to do. The order of effects matters.
 * @see overlay/Peer.cpp, overlay/TCPPeer.cpp (stellar-core v27) @module
 */
import { utf8 } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import {
  RECORD_MAX_BYTES,
  RECORD_MAX_BYTES_UNAUTHENTICATED,
  RecordReader,
} from '../../codec/record-marking.ts';
import type { StellarMessage } from '../xdr/message.ts';
import { ErrorCode, MessageType } from '../xdr/overlay.ts';
import { DROP_LINGER_MS, RECURRENT_TIMER_MS } from './config.ts';
import { FlowControl, type Grant } from './flow-control.ts';
import { isFloodMessage, type FloodItem } from './flood-queues.ts';
import { encodeFrame, layOutFrame, openBody, type OpenedBody } from './frame.ts';
import { MessageMac } from './mac.ts';
import { PeerMetrics } from './metrics.ts';
import type { PeerNode } from './local-node.ts';
import {
  PeerState,
  type Drop,
  type DropDirection,
  type PeerEffect,
  type PeerIdentity,
  type PeerRole,
  type Received,
} from './peer-contract.ts';
import { digestKey, messageHash } from './scheduled.ts';
import { WriteQueue } from './write-queue.ts';

/** A message in processing. */
export class Tracked implements Received {
  readonly message: StellarMessage;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array | undefined;
  /** `hash` as a key; only while it stands among the scheduled messages. */
  readonly key: string | undefined;
  readonly receivedAt: Millis;
  isProcessed = false;

  constructor(opened: OpenedBody, hash: Uint8Array | undefined, receivedAt: Millis) {
    this.message = opened.message;
    this.bytes = opened.bytes;
    this.hash = hash;
    this.key = hash === undefined ? undefined : digestKey(hash);
    this.receivedAt = receivedAt;
  }
}

const NO_EFFECTS: readonly PeerEffect[] = [];
const NOTHING = (): void => undefined;

/** Choices about one connection. */
export interface PeerOptions {
  /** Hand out frames while others are being written; for connections with a queue of their own. */
  readonly pipelined?: boolean;
  /** Do not hand out frames before `flush`, so that what is sent in one turn is one write. */
  readonly gathers?: boolean;
  /** Called when effects wait that no call of the connection's own returned. */
  readonly wake?: () => void;
}

/** Connection, credit and clockwork of one peer. */
export abstract class PeerLink {
  readonly role: PeerRole;
  readonly metrics: PeerMetrics;
  readonly flow: FlowControl;
  protected readonly node: PeerNode;
  protected readonly mac: MessageMac = new MessageMac();
  readonly #wake: () => void;
  readonly #reader = new RecordReader(RECORD_MAX_BYTES_UNAUTHENTICATED);
  readonly #writes: WriteQueue;
  readonly #pipelined: boolean;
  readonly #gathers: boolean;
  /** Whether `flush` is asked for. */
  #isWritable = false;
  #state: PeerState;
  #drop: Drop | undefined;
  #effects: PeerEffect[] = [];
  /** Calls from outside that are under way; effects of other calls need a {@link wake}. */
  #depth = 0;
  #lastRead: Millis;
  #lastWrite: Millis;
  #enqueuedAtOfLastWrite: Millis;
  #nextTimer: Millis;
  #closeAt: Millis | undefined;
  #isClosed = false;

  constructor(node: PeerNode, role: PeerRole, state: PeerState, now: Millis, options: PeerOptions) {
    const { pipelined = false, gathers = false, wake = NOTHING } = options;
    const { config } = node;
    this.node = node;
    this.role = role;
    this.#state = state;
    this.#pipelined = pipelined;
    this.#gathers = gathers;
    this.#wake = wake;
    this.metrics = new PeerMetrics(now);
    this.flow = new FlowControl(config, node.host.ledger, node.metrics, now);
    this.#writes = new WriteQueue(
      { maxCount: config.maxBatchWriteCount, maxBytes: config.maxBatchWriteBytes },
      pipelined
    );
    this.#lastRead = now;
    this.#lastWrite = now;
    this.#enqueuedAtOfLastWrite = now;
    this.#nextTimer = now + RECURRENT_TIMER_MS;
  }

  /** How far the connection has come. */
  get state(): PeerState {
    return this.#state;
  }

  /** Whether the handshake is done and the connection lives. */
  get isAuthenticated(): boolean {
    return this.#state === PeerState.GOT_AUTH;
  }

  /** Whether the connection is open and lives. */
  get isConnected(): boolean {
    return this.#state !== PeerState.CONNECTING && this.#state !== PeerState.CLOSING;
  }

  /** Why the peer was given up; `undefined` while it lives. */
  get dropped(): Drop | undefined {
    return this.#drop;
  }

  /** Frames that the connection has not taken yet. */
  get unwritten(): number {
    return this.#writes.length;
  }

  /** When {@link tick} is due; `null` once the connection is closed. */
  due(): Millis | null {
    if (this.#isClosed) return null;
    return this.#closeAt ?? this.#nextTimer;
  }

  /** Look at timeouts, send a ping, or close. */
  tick(now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      if (this.#closeAt !== undefined) {
        if (now >= this.#closeAt) this.#close();
      } else if (now >= this.#nextTimer) {
        this.#recurrentTimerExpired(now);
      }
    });
  }

  /** Take bytes from the connection. They must not be overwritten afterwards. */
  receive(bytes: Uint8Array, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      if (this.isClosing) return;
      this.#lastRead = now;
      this.metrics.byteRead += bytes.length;
      this.metrics.asyncRead += 1;
      this.node.metrics.byteRead.mark(bytes.length);
      this.node.metrics.asyncRead.mark();
      this.#reader.push(bytes);
      this.#readFrames(now);
    });
  }

  /** Hand out the frames that wait, after `writable`. */
  flush(now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      this.#isWritable = false;
      if (!this.#isClosed) this.#handOut(now);
    });
  }

  /** The connection took the first `count` frames of what it was given to write. */
  written(count: number, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      this.#lastWrite = now;
      let bytes = 0;
      for (const entry of this.#writes.written(count)) {
        const { frame, enqueuedAt, issuedAt, item } = entry;
        bytes += frame.length;
        this.#timing(issuedAt - enqueuedAt, now - issuedAt, now);
        if (this.#pipelined) this.#enqueuedAtOfLastWrite = enqueuedAt;
        if (item !== undefined) this.flow.written(item);
      }
      this.metrics.messageWrite += count;
      this.metrics.byteWrite += bytes;
      this.node.metrics.messageWrite.mark(count);
      this.node.metrics.byteWrite.mark(bytes);
    });
  }

  /** Send a message; flood messages wait for credit. Nothing is sent after the end. */
  send(message: StellarMessage, now: Millis, encoded?: Uint8Array): readonly PeerEffect[] {
    return this.call(now, () => this.sendMessage(message, now, encoded));
  }

  /** The node is done with a message: its capacity is free, and credit may go back to the peer. */
  processed(received: Received, now: Millis): readonly PeerEffect[] {
    if (!(received instanceof Tracked) || received.isProcessed) {
      throw new RangeError('"received" must be a message of this peer in processing');
    }
    return this.call(now, () => {
      this.release(received, now);
      if (!this.flow.isThrottled || !this.flow.canRead || this.isClosing) return;
      this.flow.stopThrottling(now);
      this.#effects.push({ kind: 'resume' });
      this.#readFrames(now);
    });
  }

  /** The connection ended or failed under us, or could not be opened. */
  connectionLost(text: string, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      const reason =
        this.#state === PeerState.CONNECTING
          ? `unable to connect: ${text}`
          : `error reading message ${this.#reader.buffered > 0 ? 'body' : 'header'}: ${text}`;
      if (!this.isClosing && this.#state !== PeerState.CONNECTING) {
        this.node.metrics.meter('error.read').mark();
      }
      this.dropPeer(reason, 'we-dropped-remote', now);
      this.#close();
    });
  }

  /** Give the peer up without a word to it. */
  drop(reason: string, direction: DropDirection, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => this.dropPeer(reason, direction, now));
  }

  /** As {@link send}, for callers that do not run the connection: its runner is woken. */
  enqueue(message: StellarMessage, now: Millis, encoded?: Uint8Array): void {
    this.later(now, () => this.sendMessage(message, now, encoded));
  }

  /** As {@link drop}, for callers that do not run the connection: its runner is woken. */
  abandon(reason: string, now: Millis): void {
    this.later(now, () => this.dropPeer(reason, 'we-dropped-remote', now));
  }

  /** Tell the peer why, and give it up; the connection's runner is woken. */
  sendErrorAndDrop(code: ErrorCode, reason: string, now: Millis): void {
    this.later(now, () => {
      this.sendError(code, reason, now);
      this.dropPeer(reason, 'we-dropped-remote', now, code);
    });
  }

  /** Effects of what was not a call of the connection's runner, such as being evicted. */
  takeEffects(): readonly PeerEffect[] {
    const { length } = this.#effects;
    if (length === 0) return NO_EFFECTS;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** For trials of a failed handshake: no MAC of the peer will fit any more. */
  damageReceiveKey(): void {
    this.mac.damageReceiveKey(this.node.randomKey());
  }

  /** Send past flow control; for trials of peers that do not respect it. */
  sendUncontrolled(message: StellarMessage, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => this.#sendFrame(message.type, encodeFrame(message), now));
  }

  /** Send bytes that are no frame of ours; for trials of malformed ones. */
  sendRaw(frame: Uint8Array, now: Millis): readonly PeerEffect[] {
    return this.call(now, () => this.#writes.push(frame, undefined, now));
  }

  protected get isClosing(): boolean {
    return this.#state === PeerState.CLOSING;
  }

  protected setState(state: PeerState): void {
    if (!this.isClosing) this.#state = state;
    if (state === PeerState.GOT_AUTH) this.#reader.maxBytes = RECORD_MAX_BYTES;
  }

  /** Do one call of the outside and collect its effects. */
  protected call(now: Millis, body: () => void): readonly PeerEffect[] {
    this.#depth += 1;
    try {
      body();
      this.#flush(now);
    } finally {
      this.#depth -= 1;
    }
    return this.#depth === 0 ? this.takeEffects() : NO_EFFECTS;
  }

  /** Do something whose effects the connection's runner has to be woken for. */
  protected later(now: Millis, body: () => void): void {
    body();
    this.#flush(now);
    if (this.#depth === 0 && this.#effects.length > 0) this.#wake();
  }

  protected effect(effect: PeerEffect): void {
    this.#effects.push(effect);
  }

  protected sendMessage(message: StellarMessage, now: Millis, encoded?: Uint8Array): void {
    if (this.isClosing) return;
    const { type } = message;
    const frame = encoded === undefined ? encodeFrame(message) : layOutFrame(encoded, 0n);
    this.node.metrics.sent(type).mark();
    this.metrics.noteSent(type);
    if (!isFloodMessage(type)) {
      this.#sendFrame(type, frame, now);
      return;
    }
    this.flow.queue(message, frame, now);
    this.sendNextBatch(now);
  }

  protected sendNextBatch(now: Millis): void {
    if (this.isClosing) return;
    for (const item of this.flow.nextBatch(now)) this.#sendFrame(item.type, item.frame, now, item);
  }

  protected sendGrant(value: Grant, now: Millis): void {
    this.sendMessage({ type: MessageType.SEND_MORE_EXTENDED, value }, now);
  }

  protected sendError(code: ErrorCode, text: string, now: Millis): void {
    this.sendMessage({ type: MessageType.ERROR_MSG, value: { code, msg: utf8(text) } }, now);
  }

  protected dropPeer(
    reason: string,
    direction: DropDirection,
    now: Millis,
    code?: ErrorCode
  ): void {
    if (this.isClosing) return;
    // What was sent before, such as the reason, goes ahead of the news.
    this.#flush(now);
    const drop: Drop = { reason, direction, ...(code === undefined ? {} : { code }) };
    this.#drop = drop;
    this.#state = PeerState.CLOSING;
    this.#closeAt = now + DROP_LINGER_MS;
    this.node.removed(this.identity(), drop);
    this.#effects.push({ kind: 'dropped', drop });
  }

  /** Release what a message holds; a complete batch sends credit back. */
  protected release(tracked: Tracked, now: Millis): void {
    tracked.isProcessed = true;
    if (tracked.key !== undefined) this.node.scheduled.remove(tracked.key);
    if (this.isClosing) return;
    const { type } = tracked.message;
    this.node.metrics.received(type).update(now - tracked.receivedAt, now);
    const grant = this.flow.endProcessing(type, tracked.bytes.length);
    if (grant !== undefined) this.sendGrant(grant, now);
  }

  /** Deal with a message; false when the node has it in processing. */
  protected abstract handle(tracked: Tracked, now: Millis): boolean;
  protected abstract pingPeer(now: Millis): void;
  /** What a node sees of this peer. */
  protected abstract identity(): PeerIdentity;

  #flush(now: Millis): void {
    if (this.#isClosed || this.#state === PeerState.CONNECTING) return;
    if (!this.#gathers) {
      this.#handOut(now);
    } else if (!this.#isWritable && this.#writes.hasNext) {
      this.#isWritable = true;
      this.#effects.push({ kind: 'writable' });
    }
  }

  #handOut(now: Millis): void {
    const batch = this.#writes.nextWrite(now);
    const last = batch[batch.length - 1];
    if (last === undefined) return;
    if (!this.#pipelined) this.#enqueuedAtOfLastWrite = last.enqueuedAt;
    this.metrics.asyncWrite += 1;
    this.node.metrics.asyncWrite.mark();
    this.#effects.push({ kind: 'write', frames: batch.map(({ frame }) => frame) });
  }

  /** Seal a frame and queue it: from here on its place in the sequence is fixed. */
  #sendFrame(type: MessageType, frame: Uint8Array, now: Millis, item?: FloodItem): void {
    if (this.isClosing) return;
    this.mac.sealFrame(type, frame);
    this.#writes.push(frame, item, now);
  }

  #readFrames(now: Millis): void {
    while (!this.isClosing && !this.flow.isThrottled) {
      let body: Uint8Array | undefined;
      try {
        body = this.#reader.next();
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.node.metrics.meter('error.read').mark();
        this.dropPeer('error during read', 'we-dropped-remote', now);
        return;
      }
      if (body === undefined) return;
      this.metrics.messageRead += 1;
      this.node.metrics.messageRead.mark();
      this.#receiveBody(body, now);
      if (!this.isClosing && this.flow.maybeThrottleRead(now))
        this.#effects.push({ kind: 'pause' });
    }
  }

  #receiveBody(body: Uint8Array, now: Millis): void {
    const opened = this.#open(body, now);
    if (opened === undefined) return;
    const { message, bytes } = opened;
    const { type } = message;
    if (this.#state >= PeerState.GOT_HELLO && type !== MessageType.ERROR_MSG) {
      const fault = this.mac.check(opened);
      if (fault !== undefined) {
        this.sendErrorAndDrop(ErrorCode.ERR_AUTH, fault, now);
        return;
      }
    }
    this.metrics.noteRead(type);
    if (!this.flow.beginProcessing(type, bytes.length)) {
      this.dropPeer('unexpected flood message, peer at capacity', 'we-dropped-remote', now);
      return;
    }
    const isHashed = type === MessageType.SCP_MESSAGE || type === MessageType.TRANSACTION;
    const tracked = new Tracked(opened, isHashed ? messageHash(bytes) : undefined, now);
    if (tracked.key !== undefined && !this.node.scheduled.add(tracked.key)) {
      // A copy is in processing, and stays scheduled when this one is forgotten.
      this.metrics.messageDrop += 1;
      const grant = this.flow.endProcessing(type, bytes.length);
      if (grant !== undefined) this.sendGrant(grant, now);
      return;
    }
    if (this.handle(tracked, now)) this.release(tracked, now);
    else this.#effects.push({ kind: 'message', received: tracked });
  }

  #open(body: Uint8Array, now: Millis): OpenedBody | undefined {
    try {
      return openBody(body);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.sendErrorAndDrop(ErrorCode.ERR_DATA, 'received corrupt XDR', now);
      return undefined;
    }
  }

  #recurrentTimerExpired(now: Millis): void {
    const { config, metrics } = this.node;
    const timeoutMs = this.isAuthenticated ? config.idleTimeoutMs : config.authenticationTimeoutMs;
    if (now - this.#lastRead >= timeoutMs && now - this.#lastWrite >= timeoutMs) {
      metrics.meter('timeout.idle').mark();
      this.dropPeer('idle timeout', 'we-dropped-remote', now);
    } else if (this.flow.isStarvedFor(config.noCapacityTimeoutMs, now)) {
      this.dropPeer('idle timeout (no new flood requests)', 'we-dropped-remote', now);
    } else if (now - this.#enqueuedAtOfLastWrite >= config.stragglerTimeoutMs) {
      metrics.meter('timeout.straggler').mark();
      this.dropPeer('straggling (cannot keep up)', 'we-dropped-remote', now);
    } else {
      this.#nextTimer = now + RECURRENT_TIMER_MS;
      this.pingPeer(now);
    }
  }

  #timing(queuedMs: number, writingMs: number, now: Millis): void {
    this.metrics.writeQueueDelay.update(queuedMs, now);
    this.metrics.asyncWriteDelay.update(writingMs, now);
    this.node.metrics.writeQueueDelay.update(queuedMs, now);
    this.node.metrics.asyncWriteDelay.update(writingMs, now);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writes.clear();
    this.mac.wipe();
    this.#effects.push({ kind: 'close' });
  }
}
