/**
 * Record marking (RFC 5531 section 11) as Stellar uses it, on connections and in files of history:
 * `header(4, big-endian) ‖ body`, where the top bit of the header says "last fragment" and the rest is
 * the length. Every record is one fragment; continuation exists nowhere.
 * @see xdrpp/marshal.cc `message_t::alloc`, overlay/TCPPeer.cpp `getIncomingMsgLength` (stellar-core v27)
 * @module
 */
import { ProtocolError } from '../base/errors.ts';

/** Longest record of an authenticated peer, header excluded. */
export const RECORD_MAX_BYTES = 0x1000000;
/** Longest record before the handshake is done, header excluded. */
export const RECORD_MAX_BYTES_UNAUTHENTICATED = 0x1000;

const LAST_FRAGMENT = 0x80000000;
const HEADER_BYTES = 4;

/** The header of a record of `length` bytes; the last-fragment bit is always set. */
export function recordHeader(length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length >= LAST_FRAGMENT) {
    throw new RangeError(`"length" must be 1..${LAST_FRAGMENT - 1}, got ${length}`);
  }
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, LAST_FRAGMENT + length);
  return header;
}

/** One record with its header, ready to send. */
export function encodeRecord(body: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + body.length);
  record.set(recordHeader(body.length));
  record.set(body, HEADER_BYTES);
  return record;
}

/**
 * Cuts a byte stream into records.
 *
 * Bytes come in with {@link push}, in pieces of any size; {@link next} gives one body at a time, so
 * that {@link maxBytes} may change between two records of the same piece. Bodies are views of what was
 * pushed where that is possible: a piece must not be overwritten after it was pushed. The
 * last-fragment bit is not looked at, as in the reference.
 *
 * Memory is bounded by `maxBytes` plus what is pushed before `next` is called: a header alone reserves
 * nothing. After an error the stream has lost its place and every further call throws the same error.
 */
export class RecordReader {
  /** Longest body accepted, in bytes; looked at when a header is read. */
  maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** First byte not handed out yet. */
  #from = 0;
  /** End of what was pushed. */
  #to = 0;
  /** Whether `#bytes` is ours to append to. */
  #owned = false;
  #length: number | undefined;
  #failure: ProtocolError | undefined;

  constructor(maxBytes: number = RECORD_MAX_BYTES) {
    this.maxBytes = maxBytes;
  }

  /** Bytes pushed and not handed out. */
  get buffered(): number {
    return this.#to - this.#from;
  }

  /** Take in the next piece of the stream. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (this.buffered === 0) {
      this.#bytes = piece;
      this.#from = 0;
      this.#to = piece.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#to + piece.length > this.#bytes.length) this.#regrow(piece.length);
    this.#bytes.set(piece, this.#to);
    this.#to += piece.length;
  }

  /**
   * The next complete body, or `undefined` until more is pushed.
   * @throws ProtocolError `RECORD_EMPTY` for length 0, `RECORD_LIMIT` above {@link maxBytes}
   */
  next(): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#length === undefined) {
      if (this.buffered < HEADER_BYTES) return undefined;
      this.#length = this.#readHeader();
      this.#from += HEADER_BYTES;
    }
    if (this.buffered < this.#length) return undefined;
    const { buffer, byteOffset } = this.#bytes;
    const body = new Uint8Array(buffer, byteOffset + this.#from, this.#length);
    this.#from += this.#length;
    this.#length = undefined;
    return body;
  }

  /**
   * Say that the stream has ended.
   * @throws ProtocolError `RECORD_TRUNCATED` inside a record
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.buffered === 0 && this.#length === undefined) return;
    const what = this.#length === undefined ? 'a header' : `a record of ${this.#length} bytes`;
    throw this.#fail('RECORD_TRUNCATED', `the stream ends inside ${what}`);
  }

  #readHeader(): number {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#from, 4);
    const length = view.getUint32(0) & 0x7fffffff;
    if (length === 0) throw this.#fail('RECORD_EMPTY', 'a record of 0 bytes');
    if (length > this.maxBytes) {
      throw this.#fail('RECORD_LIMIT', `${length} bytes, at most ${this.maxBytes} allowed`);
    }
    return length;
  }

  #fail(code: 'RECORD_EMPTY' | 'RECORD_LIMIT' | 'RECORD_TRUNCATED', text: string): ProtocolError {
    this.#failure = new ProtocolError(code, text);
    return this.#failure;
  }

  /**
   * Move what is left into a buffer of our own with room for `more` bytes. Always a fresh one: bodies
   * handed out before are views of the old.
   */
  #regrow(more: number): void {
    const left = this.#bytes.subarray(this.#from, this.#to);
    const need = left.length + more;
    // Doubling keeps a stream fed byte by byte linear; past the record's end it does not pay.
    const end = this.#length === undefined ? Infinity : this.#length;
    const bytes = new Uint8Array(Math.max(need, Math.min(left.length * 2, end), 64));
    bytes.set(left);
    this.#bytes = bytes;
    this.#from = 0;
    this.#to = left.length;
    this.#owned = true;
  }
}

/** Every record of a whole stream, for files. @throws ProtocolError `RECORD_*` */
export function* readRecords(
  stream: Uint8Array,
  maxBytes: number = RECORD_MAX_BYTES
): IterableIterator<Uint8Array> {
  const reader = new RecordReader(maxBytes);
  reader.push(stream);
  for (let body = reader.next(); body !== undefined; body = reader.next()) yield body;
  reader.end();
}
