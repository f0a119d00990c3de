/** The `hmac` contract over a WebAssembly instance: copies in, calls, copies out. @module */
import { blocksOf, type HmacContract, type HmacExports, type HmacStates } from './hmac-contract.ts';
import { hkdfFrom } from './hmac-oracle.ts';
import type { WasmInstance } from './loader.ts';

const TAG_BYTES = 32;
const BLOCK_BYTES = 64;

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

  /**
   * Messages `order[from]` to `order[to - 1]`, which fill the same number of blocks and fit the
   * buffer together.
   */
  const batchRun = (
    states: HmacStates,
    messages: readonly Uint8Array[],
    order: readonly number[],
    from: number,
    to: number,
    blocks: number,
    tags: Uint8Array[]
  ): void => {
    const stride = blocks * BLOCK_BYTES;
    for (let i = from, at = IN, slot = LEN_WORD; i < to; i++, at += stride, slot++) {
      const message = messages[order[i] as number] as Uint8Array;
      bytes.set(message, at);
      words[slot] = message.length;
    }
    loadKey(states);
    exports.macBatch(to - from, blocks);
    for (let i = from, at = OUT; i < to; i++, at += TAG_BYTES) {
      tags[order[i] as number] = bytes.slice(at, at + TAG_BYTES);
    }
  };

  const macBatch = (states: HmacStates, messages: readonly Uint8Array[]): Uint8Array[] => {
    const order = byBlocks(messages);
    // A copy only for its size; every place is filled below.
    const tags: Uint8Array[] = messages.slice();
    for (let from = 0; from < order.length;) {
      const blocks = blocksOf(messages[order[from] as number] as Uint8Array);
      const room = Math.min(BATCH, Math.floor(IN_CAP / (blocks * BLOCK_BYTES)));
      const end = Math.min(order.length, from + Math.max(1, room));
      let to = from + 1;
      while (to < end && blocksOf(messages[order[to] as number] as Uint8Array) === blocks) to += 1;
      if (to - from > 2) {
        batchRun(states, messages, order, from, to, blocks, tags);
      } else {
        for (let i = from; i < to; i++) {
          const index = order[i] as number;
          tags[index] = mac(states, messages[index] as Uint8Array);
        }
      }
      from = to;
    }
    return tags;
  };

  return {
    deriveStates,
    mac,
    macInto(states, message, target, offset) {
      compute(states, message);
      for (let i = 0; i < TAG_BYTES; i++) target[offset + i] = bytes[OUT + i] as number;
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

/** Indices of the messages, ordered by the blocks they fill; mostly they fill the same number. */
function byBlocks(messages: readonly Uint8Array[]): number[] {
  const order: number[] = [];
  let isSorted = true;
  let previous = 0;
  for (let i = 0; i < messages.length; i++) {
    const blocks = blocksOf(messages[i] as Uint8Array);
    if (blocks < previous) isSorted = false;
    previous = blocks;
    order.push(i);
  }
  if (isSorted) return order;
  const of = (index: number): number => blocksOf(messages[index] as Uint8Array);
  return order.sort((a, b) => of(a) - of(b));
}
