/**
 * Taking a resource in, segment after segment: what the application sees of it, and what happens
 * between segments.
 * @module
 * @see RNS/Resource.py accept, assemble (RNS 1.5.7)
 */
import type { Millis } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import type { Link } from '../link/link.ts';
import { Timer } from '../timers.ts';
import type { Advertisement } from './advertisement.ts';
import { ResourceStatus, type ResourceStatusCode } from './constants.ts';
import { resourceProgress, segmentProgress, type ProgressState } from './progress.ts';
import { SegmentReceiver } from './segment-receiver.ts';
import { MemorySink, type ResourceSink } from './source.ts';
import { segmentWaitMs } from './timing.ts';

/** How a resource is taken in. */
export interface AcceptOptions {
  /** Where the data goes; memory unless set. */
  readonly sink?: ResourceSink | undefined;
  /** @internal Told of the outcome instead of the application. */
  readonly concluded?: ((resource: IncomingResource) => void) | undefined;
  /** @internal Told of progress instead of the application. */
  readonly progressed?: ((resource: IncomingResource) => void) | undefined;
}

/** A resource on its way from the peer. */
export class IncomingResource {
  readonly link: Link;
  /** Hash of the first segment, which names the resource. */
  readonly originalHash: Uint8Array;
  /** Bytes of data and metadata in all segments, as advertised. */
  readonly totalBytes: number;
  readonly totalSegments: number;
  readonly requestId: Uint8Array | undefined;
  readonly hasMetadata: boolean;
  readonly startedMs: Millis;
  status: ResourceStatusCode = ResourceStatus.TRANSFERRING;
  concludedMs: Millis | undefined;
  /** What the sender told along with the data. */
  metadata: MsgpackValue | undefined;
  /** Bytes of data that are here. */
  receivedBytes = 0;
  /** From 1. */
  segmentIndex = 1;
  /** @internal */
  segment: SegmentReceiver | undefined;
  readonly #options: AcceptOptions;
  readonly #sink: ResourceSink;
  readonly #wait: Timer;

  constructor(link: Link, advertisement: Advertisement, options: AcceptOptions) {
    this.link = link;
    this.originalHash = advertisement.originalHash;
    this.totalBytes = advertisement.dataBytes;
    this.totalSegments = advertisement.totalSegments;
    this.requestId = advertisement.requestId;
    this.hasMetadata = advertisement.hasMetadata;
    this.startedMs = link.core.now;
    this.#options = options;
    this.#sink = options.sink ?? new MemorySink();
    this.#wait = new Timer(() => this.fail());
  }

  /** Everything that was received; empty when it went to a sink of the application's. */
  get data(): Uint8Array {
    return this.#sink instanceof MemorySink ? this.#sink.bytes : new Uint8Array();
  }

  /** Whether the outcome is known. */
  get concluded(): boolean {
    return this.status >= ResourceStatus.COMPLETE;
  }

  /** Part that is here, 0 to 1. */
  get progress(): number {
    return resourceProgress(this.#progressState());
  }

  /** The same for the present segment. */
  get segmentProgress(): number {
    return segmentProgress(this.#progressState());
  }

  /** Refuse the rest and tell the sender. */
  cancel(now: Millis): void {
    this.link.core.now = now;
    this.fail();
  }

  /** Begin with a segment that was advertised. @internal */
  begin(advertisement: Advertisement): void {
    this.link.core.timers.cancel(this.#wait);
    this.segmentIndex = advertisement.segmentIndex;
    this.segment = new SegmentReceiver(this.link, advertisement, this);
    this.segment.start();
  }

  /** Whether an advertisement is of the segment that comes next. @internal */
  continuesWith(advertisement: Advertisement): boolean {
    return (
      this.segment === undefined &&
      !this.concluded &&
      advertisement.segmentIndex === this.segmentIndex + 1 &&
      advertisement.totalSegments === this.totalSegments
    );
  }

  /** Bytes that the present segment may unpack to. @internal */
  get room(): number {
    return Math.max(0, this.totalBytes - this.receivedBytes);
  }

  /** Take the content of a whole segment; false when its metadata is malformed. @internal */
  take(content: Uint8Array): boolean {
    const { core } = this.link;
    let data = content;
    if (this.hasMetadata && this.segmentIndex === 1) {
      const split = splitMetadata(content);
      if (split === undefined) return false;
      this.metadata = split.metadata;
      data = split.data;
    }
    this.#sink.write(data);
    this.receivedBytes += data.length;
    this.segment = undefined;
    if (this.segmentIndex < this.totalSegments) {
      core.timers.schedule(this.#wait, core.now + segmentWaitMs(this.link.rttMs ?? 0));
    }
    return true;
  }

  /** Tell of progress. @internal */
  progressed(): void {
    if (this.#options.progressed !== undefined) this.#options.progressed(this);
    else this.link.core.emit({ kind: 'resource-progress', resource: this });
  }

  /** Give up, and tell the sender while the link is open. @internal */
  fail(): void {
    if (this.concluded) return;
    const { segment } = this;
    if (this.link.isOpen && segment !== undefined) segment.sendCancel();
    this.conclude(ResourceStatus.FAILED);
  }

  /** The outcome is known. @internal */
  conclude(status: ResourceStatusCode): void {
    if (this.concluded) return;
    const { core } = this.link;
    core.timers.cancel(this.#wait);
    this.segment?.stop();
    this.status = status;
    this.concludedMs = core.now;
    this.link.resources.incomingConcluded(this);
    if (this.#options.concluded !== undefined) this.#options.concluded(this);
    else core.emit({ kind: 'resource-concluded', resource: this });
  }

  #progressState(): ProgressState {
    return {
      complete: this.status === ResourceStatus.COMPLETE,
      segmentIndex: this.segmentIndex,
      totalSegments: this.totalSegments,
      // Between segments the last one is through.
      doneParts: this.segment?.received ?? 1,
      totalParts: this.segment?.parts ?? 1,
      sdu: this.link.mtu - 36,
    };
  }
}

function splitMetadata(
  content: Uint8Array
): { metadata: MsgpackValue; data: Uint8Array } | undefined {
  const [high = 0, middle = 0, low = 0] = content;
  const end = 3 + ((high << 16) | (middle << 8) | low);
  if (content.length < 3 || content.length < end) return undefined;
  try {
    return { metadata: decodeMsgpack(content.subarray(3, end)), data: content.subarray(end) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}
