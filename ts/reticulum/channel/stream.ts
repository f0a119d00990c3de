/**
 * Streams of bytes over a channel, the reference's buffers.
 *
 * A message holds `header 2 ‖ data`; the header is end 1 bit, packed 1 bit, stream id 14 bits.
 * @module
 * @see RNS/Buffer.py StreamDataMessage, RawChannelReader, RawChannelWriter (RNS 1.5.7)
 */
import { assertInteger } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Compression } from '../compression.ts';
import type { Channel } from './channel.ts';

/** Type of stream messages. @see RNS/Channel.py SMT_STREAM_DATA */
export const STREAM_TYPE = 0xff00;
/** Largest stream id. @see RNS/Buffer.py STREAM_ID_MAX */
export const STREAM_ID_MAX = 0x3fff;
/** Most bytes that one message may unpack to. @see RNS/Buffer.py MAX_CHUNK_LEN */
export const STREAM_CHUNK_MAX: number = 16 * 1024;

const HEADER_BYTES = 2;
const END = 0x8000;
const PACKED = 0x4000;
/** Shorter pieces are sent as they are. */
const PACK_ABOVE = 32;
const PACK_TRIES = 3;

/** A piece of a stream. */
export interface StreamData {
  readonly streamId: number;
  readonly end: boolean;
  readonly packed: boolean;
  /** As it is on the wire. */
  readonly data: Uint8Array;
}

/** Pack a piece of a stream. */
export function encodeStreamData(piece: StreamData): Uint8Array {
  const header = piece.streamId | (piece.end ? END : 0) | (piece.packed ? PACKED : 0);
  const out = new Uint8Array(HEADER_BYTES + piece.data.length);
  out[0] = header >> 8;
  out[1] = header & 255;
  out.set(piece.data, HEADER_BYTES);
  return out;
}

/** Read a piece of a stream; `undefined` when it is too short. */
export function decodeStreamData(bytes: Uint8Array): StreamData | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = ((bytes[0] as number) << 8) | (bytes[1] as number);
  return {
    streamId: header & STREAM_ID_MAX,
    end: (header & END) !== 0,
    packed: (header & PACKED) !== 0,
    data: bytes.subarray(HEADER_BYTES),
  };
}

/** The receiving end of a stream; `stream-data` brings what the peer writes. */
export class StreamReader {
  readonly channel: Channel;
  readonly streamId: number;
  #ended = false;

  /** @throws RangeError when the id is above 16383 */
  constructor(channel: Channel, streamId: number) {
    assertInteger('streamId', streamId, 0, STREAM_ID_MAX);
    this.channel = channel;
    this.streamId = streamId;
  }

  /** Whether the peer has ended the stream. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Take no more of it. */
  close(): void {
    this.channel.removeReader(this.streamId);
  }

  /** Nothing more will come. @internal */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tell(new Uint8Array());
  }

  /** Give a piece to the reader that it is for; false when there is none or it is damaged. @internal */
  static route(
    readers: ReadonlyMap<number, StreamReader>,
    bytes: Uint8Array,
    compression: Compression | undefined
  ): boolean {
    const piece = decodeStreamData(bytes);
    const reader = piece === undefined ? undefined : readers.get(piece.streamId);
    if (piece === undefined || reader === undefined || reader.#ended) return false;
    const data = unpacked(piece, compression);
    if (data === undefined) return false;
    reader.#ended = piece.end;
    if (data.length > 0 || piece.end) reader.#tell(data);
    return true;
  }

  #tell(data: Uint8Array): void {
    const { core } = this.channel.link;
    core.emit({ kind: 'stream-data', reader: this, data, end: this.#ended });
  }
}

/** The sending end of a stream. */
export class StreamWriter {
  readonly channel: Channel;
  readonly streamId: number;
  #ended = false;

  /** @throws RangeError when the id is above 16383 */
  constructor(channel: Channel, streamId: number) {
    assertInteger('streamId', streamId, 0, STREAM_ID_MAX);
    this.channel = channel;
    this.streamId = streamId;
  }

  /** Whether the stream was ended here. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Send the start of `bytes` in one message.
   * @returns how many bytes were taken; 0 when the channel has no room, until `channel-ready`
   * @see RNS/Buffer.py RawChannelWriter.write
   */
  write(bytes: Uint8Array, now: Millis): number {
    if (this.#ended || bytes.length === 0) return 0;
    this.channel.link.core.now = now;
    if (!this.channel.isReady) {
      this.channel.awaitRoom();
      return 0;
    }
    const room = this.channel.mdu - HEADER_BYTES;
    const chunk = bytes.subarray(0, STREAM_CHUNK_MAX);
    const packed = this.#pack(chunk, room);
    if (packed !== undefined) return this.#send(packed.data, true) ? packed.taken : 0;
    const plain = chunk.subarray(0, room);
    return this.#send(plain, false) ? plain.length : 0;
  }

  /** End the stream; false when the channel has no room, until `channel-ready`. */
  end(now: Millis): boolean {
    if (this.#ended) return true;
    this.channel.link.core.now = now;
    this.#ended = true;
    if (this.#send(new Uint8Array(), false)) return true;
    this.#ended = false;
    return false;
  }

  #send(data: Uint8Array, packed: boolean): boolean {
    const piece = { streamId: this.streamId, end: this.#ended, packed, data };
    return this.channel.dispatch(STREAM_TYPE, encodeStreamData(piece)) !== undefined;
  }

  /** The longest of three starts of the chunk that fits one message when packed. */
  #pack(chunk: Uint8Array, room: number): { data: Uint8Array; taken: number } | undefined {
    const { compression } = this.channel.link.core;
    if (compression === undefined || chunk.length <= PACK_ABOVE) return undefined;
    for (let attempt = 1; attempt <= PACK_TRIES; attempt++) {
      const taken = Math.floor(chunk.length / attempt);
      const data = compression.compress(chunk.subarray(0, taken));
      if (data !== undefined && data.length < room && data.length < taken) return { data, taken };
    }
    return undefined;
  }
}

function unpacked(piece: StreamData, compression: Compression | undefined): Uint8Array | undefined {
  if (!piece.packed) return piece.data;
  try {
    return compression?.decompress(piece.data, STREAM_CHUNK_MAX);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}
