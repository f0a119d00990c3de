/**
 * HMAC-SHA256 and HKDF-SHA256 written to be read (RFC 2104, RFC 5869): the oracle of the `hmac`
 * kernel. @module
 */
import { equalConstantTime, wipe } from '../base/bytes.ts';
import type { HmacContract, HmacPrimitives } from './hmac-contract.ts';
import { BLOCK_BYTES, absorb, finish, initialState, sha256 } from './sha256-oracle.ts';

/** The contract in plain TypeScript. */
export function hmacOracle(): HmacContract {
  const contract: HmacContract = {
    deriveStates(key, states) {
      const block = new Uint8Array(BLOCK_BYTES);
      block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
      for (const [pad, offset] of [
        [0x36, 0],
        [0x5c, 8],
      ] as const) {
        const padded = block.map((byte) => byte ^ pad);
        const state = initialState();
        absorb(state, padded);
        states.set(state, offset);
        wipe(padded);
      }
      wipe(block);
    },

    mac(states, message) {
      const inner = finish(states.slice(0, 8), message, BLOCK_BYTES + message.length);
      return finish(states.slice(8), inner, BLOCK_BYTES + inner.length);
    },

    macInto(states, message, target, offset) {
      target.set(contract.mac(states, message), offset);
    },

    verify: (states, message, tag) => equalConstantTime(contract.mac(states, message), tag),

    macBatch: (states, messages) => messages.map((message) => contract.mac(states, message)),

    hkdf: (target, ikm, salt, info) => hkdfFrom(contract, target, ikm, salt, info),
  };
  return contract;
}

/**
 * HKDF composed of key set-up and MAC (RFC 5869 section 2), for inputs of any size.
 *
 * The counter byte wraps after 255 blocks instead of ending there.
 * @see RNS/Cryptography/HKDF.py hkdf (1.4.2)
 */
export function hkdfFrom(
  { deriveStates, mac }: HmacPrimitives,
  target: Uint8Array,
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array
): void {
  const states = new Uint32Array(16);
  deriveStates(salt, states);
  const pseudorandomKey = mac(states, ikm);
  deriveStates(pseudorandomKey, states);
  const message = new Uint8Array(32 + info.length + 1);
  message.set(info, 32);
  for (let at = 0; at < target.length; at += 32) {
    message[message.length - 1] = at / 32 + 1;
    const block = mac(states, at === 0 ? message.subarray(32) : message);
    target.set(block.subarray(0, target.length - at), at);
    message.set(block);
    wipe(block);
  }
  wipe(pseudorandomKey, message);
  states.fill(0);
}
