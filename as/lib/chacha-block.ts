/**
 * The ChaCha20 rounds on one block (RFC 8439 section 2.3), for HChaCha20 in every build and for the
 * key stream in scalar builds.
 *
 *     state  16 native words: 4 constants, 8 of the key, then counter and nonce
 */

/** Mix the state at `state` into `out`: 20 rounds; with `add`, plus the state itself. */
export function mixBlock(state: usize, out: usize, add: i32): void {
  let x0 = load<u32>(state, 0);
  let x1 = load<u32>(state, 4);
  let x2 = load<u32>(state, 8);
  let x3 = load<u32>(state, 12);
  let x4 = load<u32>(state, 16);
  let x5 = load<u32>(state, 20);
  let x6 = load<u32>(state, 24);
  let x7 = load<u32>(state, 28);
  let x8 = load<u32>(state, 32);
  let x9 = load<u32>(state, 36);
  let x10 = load<u32>(state, 40);
  let x11 = load<u32>(state, 44);
  let x12 = load<u32>(state, 48);
  let x13 = load<u32>(state, 52);
  let x14 = load<u32>(state, 56);
  let x15 = load<u32>(state, 60);
  for (let i = 0; i < 10; i++) {
    // prettier-ignore
    {
      // Columns, then diagonals.
      x0 += x4; x12 = rotl(x12 ^ x0, 16); x8 += x12; x4 = rotl(x4 ^ x8, 12);
      x0 += x4; x12 = rotl(x12 ^ x0, 8); x8 += x12; x4 = rotl(x4 ^ x8, 7);
      x1 += x5; x13 = rotl(x13 ^ x1, 16); x9 += x13; x5 = rotl(x5 ^ x9, 12);
      x1 += x5; x13 = rotl(x13 ^ x1, 8); x9 += x13; x5 = rotl(x5 ^ x9, 7);
      x2 += x6; x14 = rotl(x14 ^ x2, 16); x10 += x14; x6 = rotl(x6 ^ x10, 12);
      x2 += x6; x14 = rotl(x14 ^ x2, 8); x10 += x14; x6 = rotl(x6 ^ x10, 7);
      x3 += x7; x15 = rotl(x15 ^ x3, 16); x11 += x15; x7 = rotl(x7 ^ x11, 12);
      x3 += x7; x15 = rotl(x15 ^ x3, 8); x11 += x15; x7 = rotl(x7 ^ x11, 7);
      x0 += x5; x15 = rotl(x15 ^ x0, 16); x10 += x15; x5 = rotl(x5 ^ x10, 12);
      x0 += x5; x15 = rotl(x15 ^ x0, 8); x10 += x15; x5 = rotl(x5 ^ x10, 7);
      x1 += x6; x12 = rotl(x12 ^ x1, 16); x11 += x12; x6 = rotl(x6 ^ x11, 12);
      x1 += x6; x12 = rotl(x12 ^ x1, 8); x11 += x12; x6 = rotl(x6 ^ x11, 7);
      x2 += x7; x13 = rotl(x13 ^ x2, 16); x8 += x13; x7 = rotl(x7 ^ x8, 12);
      x2 += x7; x13 = rotl(x13 ^ x2, 8); x8 += x13; x7 = rotl(x7 ^ x8, 7);
      x3 += x4; x14 = rotl(x14 ^ x3, 16); x9 += x14; x4 = rotl(x4 ^ x9, 12);
      x3 += x4; x14 = rotl(x14 ^ x3, 8); x9 += x14; x4 = rotl(x4 ^ x9, 7);
    }
  }
  if (add) {
    x0 += load<u32>(state, 0);
    x1 += load<u32>(state, 4);
    x2 += load<u32>(state, 8);
    x3 += load<u32>(state, 12);
    x4 += load<u32>(state, 16);
    x5 += load<u32>(state, 20);
    x6 += load<u32>(state, 24);
    x7 += load<u32>(state, 28);
    x8 += load<u32>(state, 32);
    x9 += load<u32>(state, 36);
    x10 += load<u32>(state, 40);
    x11 += load<u32>(state, 44);
    x12 += load<u32>(state, 48);
    x13 += load<u32>(state, 52);
    x14 += load<u32>(state, 56);
    x15 += load<u32>(state, 60);
  }
  store<u32>(out, x0, 0);
  store<u32>(out, x1, 4);
  store<u32>(out, x2, 8);
  store<u32>(out, x3, 12);
  store<u32>(out, x4, 16);
  store<u32>(out, x5, 20);
  store<u32>(out, x6, 24);
  store<u32>(out, x7, 28);
  store<u32>(out, x8, 32);
  store<u32>(out, x9, 36);
  store<u32>(out, x10, 40);
  store<u32>(out, x11, 44);
  store<u32>(out, x12, 48);
  store<u32>(out, x13, 52);
  store<u32>(out, x14, 56);
  store<u32>(out, x15, 60);
}
