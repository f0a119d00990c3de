/** The `hmac` contract over a WebAssembly instance: copies in, calls, copies out. @module */
import { blocksOf, type HmacContract, type HmacExports, type HmacStates } from './hmac-contract.ts';
import { hkdfFrom } from './hmac-oracle.ts';
import type { WasmInstance } from './loader.ts';

const TAG_BYTES = 32;
const BLOCK_BYTES = 64;
/** Messages that a SIMD build computes side by side. */
const LANES = 8;

/** Wrap an instance; its memory never grows, so the views are made once. */
export function hmacOverWasm(instance: WasmInstance<HmacExports>): HmacContract {
  const { exports } = instance;
  const bytes = instance.bytes();
  const words = new Uint32Array(bytes.buffer);
  const IN = instance.pointer('IN');
  const IN_CAP = instance.pointer('IN_CAP');
  const BATCH = instance.pointer('BATCH');
  const KEY_WORD = instance.pointer('KEY') / 4;
  const TAG = instance.pointer('TAG');
  const OUT = instance.pointer('OUT');
  const OUT_WORD = OUT / 4;
  const LEN_WORD = instance.pointer('LEN') / 4;
  const HKDF_CAP = instance.pointer('HKDF_CAP');
  const SALT = instance.pointer('SALT');
  const IKM = instance.pointer('IKM');
  const INFO = instance.pointer('INFO');

  /** A loop over 16 words beats `set`, which is a call into the host. */
  const loadKey = (states: HmacStates): void => {
    for (let i = 0; i < 16; i++) words[KEY_WORD + i] = states[i] as number;
  };

  /** Leave the tag of a message at `OUT`. */
  const compute = (states: HmacStates, message: Uint8Array): void => {
    loadKey(states);
    if (message.length <= IN_CAP) {
      bytes.set(message, IN);
      exports.mac(message.length);
    } else {
      exports.begin(1);
      exports.end(streamIn(message), message.length);
    }
  };

  /** Absorb all but the last chunk of a message larger than the buffer; the rest stays at `IN`. */
  const streamIn = (message: Uint8Array): number => {
    let at = 0;
    for (; message.length - at > IN_CAP; at += IN_CAP) {
      bytes.set(message.subarray(at, at + IN_CAP), IN);
      exports.absorb(IN_CAP / BLOCK_BYTES);
    }
    bytes.set(message.subarray(at), IN);
    return message.length - at;
  };

  const deriveStates = (key: Uint8Array, states: HmacStates): void => {
    let length = key.length;
    if (length <= BLOCK_BYTES) {
      bytes.set(key, IN);
    } else {
      exports.begin(0);
      exports.endHash(streamIn(key), length);
      const digest = bytes.slice(OUT, OUT + TAG_BYTES);
      exports.wipe();
      bytes.set(digest, IN);
      digest.fill(0);
      length = TAG_BYTES;
    }
    exports.setKey(length);
    for (let i = 0; i < 16; i++) states[i] = words[KEY_WORD + i] as number;
    for (let i = 0; i < 16; i++) words[KEY_WORD + i] = 0;
  };

  const mac = (states: HmacStates, message: Uint8Array): Uint8Array => {
    compute(states, message);
    return bytes.slice(OUT, OUT + TAG_BYTES);
  };

  /** Tags of messages `from` to `to - 1`, which fill `blocks` blocks each and fit the buffer together. */
  const batchRun = (
    states: HmacStates,
    messages: readonly Uint8Array[],
    from: number,
    to: number,
    blocks: number,
    tags: Uint8Array[]
  ): void => {
    const stride = blocks * BLOCK_BYTES;
    for (let i = from, at = IN, slot = LEN_WORD; i < to; i++, at += stride, slot++) {
      const message = messages[i] as Uint8Array;
      bytes.set(message, at);
      words[slot] = message.length;
    }
    loadKey(states);
    exports.macBatch(to - from, blocks);
    for (let i = from, at = OUT; i < to; i++, at += TAG_BYTES) {
      tags[i] = bytes.slice(at, at + TAG_BYTES);
    }
  };

  /** Tags of messages ordered by size; neighbors that fill the same number of blocks go together. */
  const macSorted = (states: HmacStates, messages: readonly Uint8Array[]): Uint8Array[] => {
    // A copy only for its size; every place is filled below.
    const tags: Uint8Array[] = messages.slice();
    for (let from = 0; from < messages.length;) {
      const blocks = blocksOf(messages[from] as Uint8Array);
      const room = wholeLanes(Math.min(BATCH, Math.floor(IN_CAP / (blocks * BLOCK_BYTES))));
      const to = endOfRun(messages, from, Math.min(messages.length, from + room));
      if (to - from > 2) batchRun(states, messages, from, to, blocks, tags);
      else for (let i = from; i < to; i++) tags[i] = mac(states, messages[i] as Uint8Array);
      from = to;
    }
    return tags;
  };

  const macBatch = (states: HmacStates, messages: readonly Uint8Array[]): Uint8Array[] => {
    if (isSorted(messages)) return macSorted(states, messages);
    const sizeOf = (index: number): number => (messages[index] as Uint8Array).length;
    const order = messages.map((_, index) => index).sort((a, b) => sizeOf(a) - sizeOf(b));
    const sorted = order.map((index) => messages[index] as Uint8Array);
    const tags = messages.slice();
    macSorted(states, sorted).forEach((tag, i) => (tags[order[i] as number] = tag));
    return tags;
  };

  return {
    deriveStates,
    mac,
    macInto(states, message, target, offset) {
      compute(states, message);
      // Words out, bytes in: two thirds of the time that 32 single bytes take.
      for (let i = 0, at = offset; i < 8; i++, at += 4) {
        const word = words[OUT_WORD + i] as number;
        target[at] = word;
        target[at + 1] = word >>> 8;
        target[at + 2] = word >>> 16;
        target[at + 3] = word >>> 24;
      }
    },
    verify(states, message, tag) {
      bytes.set(tag, TAG);
      compute(states, message);
      return exports.matches() === 1;
    },
    macBatch,
    hkdf(target, ikm, salt, info) {
      if (salt.length > BLOCK_BYTES || ikm.length > HKDF_CAP || info.length > HKDF_CAP) {
        hkdfFrom({ deriveStates, mac }, target, ikm, salt, info);
        exports.wipe();
        return;
      }
      bytes.set(salt, SALT);
      bytes.set(ikm, IKM);
      exports.extract(salt.length, ikm.length);
      bytes.set(info, INFO);
      const chunk = BATCH * TAG_BYTES;
      for (let at = 0; at < target.length; at += chunk) {
        const size = Math.min(chunk, target.length - at);
        const isLast = at + size === target.length;
        const blocks = Math.ceil(size / TAG_BYTES);
        exports.expand(info.length, at / TAG_BYTES + 1, blocks, Number(isLast));
        target.set(bytes.subarray(OUT, OUT + size), at);
        bytes.fill(0, OUT, OUT + blocks * TAG_BYTES);
      }
    },
  };
}

/** As many messages as fill all lanes, so that none is left to be computed alone; at least one. */
function wholeLanes(room: number): number {
  return room < LANES ? Math.max(1, room) : room - (room % LANES);
}

function isSorted(messages: readonly Uint8Array[]): boolean {
  for (let i = 1; i < messages.length; i++) {
    if ((messages[i] as Uint8Array).length < (messages[i - 1] as Uint8Array).length) return false;
  }
  return true;
}

/** End, at most `limit`, of the messages that fill as many blocks as message `from`. */
function endOfRun(messages: readonly Uint8Array[], from: number, limit: number): number {
  const blocks = blocksOf(messages[from] as Uint8Array);
  // The longest message that still leaves room for nine bytes of padding.
  const longest = blocks * BLOCK_BYTES - 9;
  let to = from + 1;
  while (to < limit && (messages[to] as Uint8Array).length <= longest) to += 1;
  return to;
}
