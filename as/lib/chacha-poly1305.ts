/**
 * Poly1305 (RFC 8439 section 2.5) on limbs of 26 bits, so that sums of products stay below 2^64. No
 * branch and no address depends on key or message.
 */

/** The clamped key r as five limbs, 8 bytes each. */
const R: usize = memory.data(40, 16);
/** The accumulator, likewise. */
const H: usize = memory.data(40, 16);
/** The key s, 16 bytes. */
const S: usize = memory.data(16, 16);

const MASK: u64 = 0x3ffffff;

/** Begin with the one-time key of 32 bytes at `key`. */
export function polyBegin(key: usize): void {
  // The masks are the RFC's clamp, cut into limbs.
  store<u64>(R, <u64>(load<u32>(key) & 0x3ffffff), 0);
  store<u64>(R, <u64>((load<u32>(key, 3) >> 2) & 0x3ffff03), 8);
  store<u64>(R, <u64>((load<u32>(key, 6) >> 4) & 0x3ffc0ff), 16);
  store<u64>(R, <u64>((load<u32>(key, 9) >> 6) & 0x3f03fff), 24);
  store<u64>(R, <u64>((load<u32>(key, 12) >> 8) & 0x00fffff), 32);
  for (let i: usize = 0; i < 40; i += 8) store<u64>(H + i, 0);
  store<u64>(S, load<u64>(key, 16), 0);
  store<u64>(S, load<u64>(key, 24), 8);
}

/**
 * Take `length` bytes at `at` in blocks of 16. The top bit, 2^128, is added to each block when
 * `top` is 2^24, and left out when it is 0: for a last block that carries its own end mark.
 */
export function polyBlocks(at: usize, length: usize, top: u64): void {
  const r0 = load<u64>(R, 0);
  const r1 = load<u64>(R, 8);
  const r2 = load<u64>(R, 16);
  const r3 = load<u64>(R, 24);
  const r4 = load<u64>(R, 32);
  // 2^130 is 5 modulo the prime.
  const s1 = r1 * 5;
  const s2 = r2 * 5;
  const s3 = r3 * 5;
  const s4 = r4 * 5;
  let h0 = load<u64>(H, 0);
  let h1 = load<u64>(H, 8);
  let h2 = load<u64>(H, 16);
  let h3 = load<u64>(H, 24);
  let h4 = load<u64>(H, 32);
  for (const end = at + length; at < end; at += 16) {
    h0 += <u64>(load<u32>(at) & 0x3ffffff);
    h1 += <u64>((load<u32>(at, 3) >> 2) & 0x3ffffff);
    h2 += <u64>((load<u32>(at, 6) >> 4) & 0x3ffffff);
    h3 += <u64>(load<u32>(at, 9) >> 6);
    h4 += <u64>(load<u32>(at, 12) >> 8) | top;
    const d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
    let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
    d1 += d0 >> 26;
    d2 += d1 >> 26;
    d3 += d2 >> 26;
    d4 += d3 >> 26;
    h0 = (d0 & MASK) + (d4 >> 26) * 5;
    h1 = (d1 & MASK) + (h0 >> 26);
    h0 &= MASK;
    h2 = d2 & MASK;
    h3 = d3 & MASK;
    h4 = d4 & MASK;
  }
  store<u64>(H, h0, 0);
  store<u64>(H, h1, 8);
  store<u64>(H, h2, 16);
  store<u64>(H, h3, 24);
  store<u64>(H, h4, 32);
}

/** Write the tag of 16 bytes to `out`, and clear the key. */
export function polyFinish(out: usize): void {
  let h0 = load<u64>(H, 0);
  let h1 = load<u64>(H, 8);
  let h2 = load<u64>(H, 16);
  let h3 = load<u64>(H, 24);
  let h4 = load<u64>(H, 32);
  // Carry through all limbs, and once more from the top one into the lowest two.
  h2 += h1 >> 26;
  h1 &= MASK;
  h3 += h2 >> 26;
  h2 &= MASK;
  h4 += h3 >> 26;
  h3 &= MASK;
  h0 += (h4 >> 26) * 5;
  h4 &= MASK;
  h1 += h0 >> 26;
  h0 &= MASK;
  // The value minus the prime; its top bit says whether that is negative.
  let g0 = h0 + 5;
  let g1 = h1 + (g0 >> 26);
  let g2 = h2 + (g1 >> 26);
  let g3 = h3 + (g2 >> 26);
  const g4 = h4 + (g3 >> 26) - 0x4000000;
  g0 &= MASK;
  g1 &= MASK;
  g2 &= MASK;
  g3 &= MASK;
  const keep = <u64>(<i64>g4 >> 63);
  h0 = (h0 & keep) | (g0 & ~keep);
  h1 = (h1 & keep) | (g1 & ~keep);
  h2 = (h2 & keep) | (g2 & ~keep);
  h3 = (h3 & keep) | (g3 & ~keep);
  h4 = (h4 & keep) | (g4 & ~keep);
  // Modulo 2^128 as four words, plus s.
  let sum = ((h0 | (h1 << 26)) & 0xffffffff) + <u64>load<u32>(S);
  store<u32>(out, <u32>sum);
  sum = (((h1 >> 6) | (h2 << 20)) & 0xffffffff) + <u64>load<u32>(S, 4) + (sum >> 32);
  store<u32>(out, <u32>sum, 4);
  sum = (((h2 >> 12) | (h3 << 14)) & 0xffffffff) + <u64>load<u32>(S, 8) + (sum >> 32);
  store<u32>(out, <u32>sum, 8);
  sum = (((h3 >> 18) | (h4 << 8)) & 0xffffffff) + <u64>load<u32>(S, 12) + (sum >> 32);
  store<u32>(out, <u32>sum, 12);
  polyWipe();
}

/** Clear key and accumulator. */
export function polyWipe(): void {
  for (let i: usize = 0; i < 40; i += 8) {
    store<u64>(R + i, 0);
    store<u64>(H + i, 0);
  }
  store<u64>(S, 0, 0);
  store<u64>(S, 0, 8);
}
