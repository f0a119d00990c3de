/**
 * HMAC-SHA256 with a reusable key: the fastest of kernel and host library for each size.
 *
 * A key's two midstates are computed once, which halves the work for short messages. Above a
 * measured size the host's library, which may use instructions that WebAssembly lacks, takes over;
 * not while an engine is forced. @module
 */
import { assertBytes, assertInteger, equalConstantTime, wipe } from '../base/bytes.ts';
import { blocksOf, type HmacContract } from './hmac-contract.ts';
import { hmacKernel, nativeFrom, type NativeFrom } from './hmac-engine.ts';
import { engineEpoch } from './loader.ts';
import { nativeCrypto, type NativeCrypto, type NativeKey } from './native.ts';

/** Bytes of a tag. */
export const HMAC_BYTES = 32;

/** Messages that the narrow and the wide form of the kernel compute side by side. */
const FEW = 4;
const MANY = 8;

/** The choice for the present engine. */
interface Active extends NativeFrom {
  readonly contract: HmacContract;
}

let active: Active | undefined;
let activeEpoch = -1;

function choose(): Active {
  if (active !== undefined && activeEpoch === engineEpoch()) return active;
  const { contract, engine } = hmacKernel.get();
  active = { contract, ...nativeFrom(engine) };
  activeEpoch = engineEpoch();
  return active;
}

/** A key for HMAC-SHA256 (RFC 2104), set up once for any number of messages. */
export class HmacKey {
  readonly #states = new Uint32Array(16);
  /** Kept for the host's library alone. */
  #key: Uint8Array | undefined;
  #nativeKey: NativeKey | undefined;
  #usedNative = false;
  #wiped = false;

  /** @param key - any length; longer than 64 bytes is hashed first, as the RFC has it */
  constructor(key: Uint8Array) {
    assertBytes('key', key);
    choose().contract.deriveStates(key, this.#states);
    if (nativeCrypto() !== undefined) this.#key = new Uint8Array(key);
  }

  /** Tag of a message of any length: 32 bytes. */
  mac(message: Uint8Array): Uint8Array {
    const { contract, single } = this.#ready(message);
    if (message.length >= single) return this.#nativeMac(message);
    return contract.mac(this.#states, message);
  }

  /**
   * Write the tag of a message to `target` at `offset`, without allocating.
   * @throws RangeError when 32 bytes do not fit there
   */
  macInto(message: Uint8Array, target: Uint8Array, offset = 0): void {
    assertInteger('offset', offset, 0, target.length - HMAC_BYTES);
    const { contract, single } = this.#ready(message);
    if (message.length >= single) target.set(this.#nativeMac(message), offset);
    else contract.macInto(this.#states, message, target, offset);
  }

  /** Whether `tag` is the message's, without a branch on its bytes; a tag not of 32 bytes is not. */
  verify(message: Uint8Array, tag: Uint8Array): boolean {
    const { contract, single } = this.#ready(message);
    if (tag.length !== HMAC_BYTES) return false;
    if (message.length >= single) return equalConstantTime(this.#nativeMac(message), tag);
    return contract.verify(this.#states, message, tag);
  }

  /** Tags of many messages in their order; eight are computed side by side where the host has SIMD. */
  macBatch(messages: readonly Uint8Array[]): Uint8Array[] {
    const active = this.#ready();
    const { contract, single } = active;
    let largest = 0;
    for (const message of messages) {
      if (!(message instanceof Uint8Array)) assertBytes('messages', message);
      if (message.length > largest) largest = message.length;
    }
    if (largest < single) return contract.macBatch(this.#states, messages);
    const isOurs = kernelShare(messages, active);
    const tags = contract.macBatch(this.#states, messages.filter(isOurs));
    let next = 0;
    return messages.map((message) =>
      isOurs(message) ? (tags[next++] as Uint8Array) : this.#nativeMac(message)
    );
  }

  /** Overwrite the key's states; the key cannot be used afterwards. */
  wipe(): void {
    this.#states.fill(0);
    if (this.#key !== undefined) wipe(this.#key);
    this.#key = undefined;
    this.#nativeKey = undefined;
    this.#wiped = true;
  }

  #ready(message?: Uint8Array): Active {
    if (this.#wiped) throw new TypeError('"HmacKey" has been wiped');
    if (message !== undefined && !(message instanceof Uint8Array)) {
      assertBytes('message', message);
    }
    return choose();
  }

  /** A key handle pays from its second use on; the first takes the bytes as they are. */
  #nativeMac(message: Uint8Array): Uint8Array {
    const native = nativeCrypto();
    const key = this.#nativeKey ?? this.#key;
    if (native === undefined || key === undefined) {
      return choose().contract.mac(this.#states, message);
    }
    if (this.#nativeKey === undefined && this.#usedNative) {
      this.#nativeKey = native.createSecretKey(this.#key as Uint8Array);
    }
    this.#usedNative = true;
    return nativeMac(native, key, message);
  }
}

/** HMAC-SHA256 of one message with a key that is used once. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  assertBytes('key', key);
  assertBytes('message', message);
  const { contract, once } = choose();
  const native = message.length >= once ? nativeCrypto() : undefined;
  if (native !== undefined) return nativeMac(native, key, message);
  const states = new Uint32Array(16);
  contract.deriveStates(key, states);
  const tag = contract.mac(states, message);
  states.fill(0);
  return tag;
}

function nativeMac(
  native: NativeCrypto,
  key: Uint8Array | NativeKey,
  message: Uint8Array
): Uint8Array {
  return new Uint8Array(native.createHmac('sha256', key).update(message).digest());
}

/** Which messages of a batch the kernel takes: short ones, and those that find others for its lanes. */
function kernelShare(
  messages: readonly Uint8Array[],
  { single, few, batch }: NativeFrom
): (message: Uint8Array) => boolean {
  const alike = new Map<number, number>();
  for (const message of messages) {
    const blocks = blocksOf(message);
    alike.set(blocks, (alike.get(blocks) ?? 0) + 1);
  }
  return (message) => {
    const { length } = message;
    if (length < single || length >= batch) return length < single;
    const count = alike.get(blocksOf(message)) as number;
    return count >= MANY || (count >= FEW && length < few);
  };
}
