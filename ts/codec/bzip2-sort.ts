/**
 * Sorting the rotations of a block, in linear time whatever the block holds.
 *
 * The block is turned to its least rotation first: for such a text the order of its suffixes is the order
 * of its rotations, and suffixes can be sorted by induction.
 * @module
 * @see Nong, Zhang, Chan: Two Efficient Algorithms for Linear Time Suffix Array Construction (2011);
 *   Giancarlo, Restivo, Sciortino: From First Principles to the Burrows and Wheeler Transform (2007)
 */

type Text = Uint8Array | Int32Array;

/** The last column of the sorted rotations, and the row that holds the block itself. */
export interface SortedRotations {
  readonly column: Uint8Array;
  readonly origin: number;
}

/** Sort the rotations of a block of at least one byte. */
export function sortRotations(block: Uint8Array): SortedRotations {
  const length = block.length;
  const shift = leastRotation(block);
  const text = new Uint8Array(length);
  text.set(block.subarray(shift));
  text.set(block.subarray(0, shift), length - shift);
  const order = new Int32Array(length);
  sortSuffixes(text, order, 256);
  const column = new Uint8Array(length);
  // Where the block itself starts in the turned text.
  const start = (length - shift) % length;
  let origin = 0;
  for (let row = 0; row < length; row++) {
    const at = order[row] as number;
    column[row] = text[at === 0 ? length - 1 : at - 1] as number;
    if (at === start) origin = row;
  }
  return { column, origin };
}

/** Where the least rotation starts. */
function leastRotation(block: Uint8Array): number {
  const length = block.length;
  let best = 0;
  let other = 1;
  let same = 0;
  while (best < length && other < length && same < length) {
    let left = best + same;
    let right = other + same;
    if (left >= length) left -= length;
    if (right >= length) right -= length;
    const difference = (block[left] as number) - (block[right] as number);
    if (difference === 0) {
      same += 1;
      continue;
    }
    // Every start within the compared part loses against the same start of the other side.
    if (difference > 0) best += same + 1;
    else other += same + 1;
    if (best === other) other += 1;
    same = 0;
  }
  return Math.min(best, other);
}

/**
 * Write the starts of the suffixes of `text` into `order`, ascending; a suffix sorts before those it is
 * the beginning of. Symbols are below `symbolCount`.
 */
function sortSuffixes(text: Text, order: Int32Array, symbolCount: number): void {
  const length = text.length;
  if (length < 2) {
    order.fill(0, 0, length);
    return;
  }
  const counts = new Int32Array(symbolCount);
  for (let at = 0; at < length; at++) {
    const symbol = text[at] as number;
    counts[symbol] = (counts[symbol] as number) + 1;
  }
  const ends = new Int32Array(symbolCount);
  const { starts: valleys, marks } = findValleys(text);
  order.fill(0);
  fillEnds(ends, counts);
  placeAtEnds(text, order, ends, valleys);
  induce(text, order, counts, ends);
  if (valleys.length > 0) {
    const sorted = sortValleys(text, order, valleys, marks);
    order.fill(0);
    fillEnds(ends, counts);
    placeAtEnds(text, order, ends, sorted);
    induce(text, order, counts, ends);
  }
}

/**
 * The starts that sort below both neighbors' (the leftmost of each), ascending. They cut the text into
 * pieces whose order decides everything else.
 */
function findValleys(text: Text): { starts: Int32Array; marks: Uint8Array } {
  const length = text.length;
  const marks = new Uint8Array(length);
  let count = 0;
  let rising = false;
  for (let at = length - 2; at >= 0; at--) {
    const here = text[at] as number;
    const after = text[at + 1] as number;
    if (here < after) {
      rising = true;
    } else if (here > after) {
      if (rising) {
        marks[at + 1] = 1;
        count += 1;
      }
      rising = false;
    }
  }
  const starts = new Int32Array(count);
  let place = 0;
  for (let at = 0; at < length; at++) if (marks[at] === 1) starts[place++] = at;
  return { starts, marks };
}

/** Number the sorted pieces, equal ones alike, and sort their starts by all that follows them. */
function sortValleys(
  text: Text,
  order: Int32Array,
  valleys: Int32Array,
  marks: Uint8Array
): Int32Array {
  const count = valleys.length;
  const length = text.length;
  const sorted = new Int32Array(count);
  let place = 0;
  for (let row = 0; row < length; row++) {
    const at = order[row] as number;
    if (marks[at] === 1) sorted[place++] = at;
  }
  // Two starts are never neighbors, so half the places tell them apart.
  const names = new Int32Array((length >> 1) + 1);
  let name = 0;
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const at = sorted[i] as number;
    if (previous >= 0 && !samePiece(text, marks, previous, at)) name += 1;
    names[at >> 1] = name;
    previous = at;
  }
  if (name + 1 === count) return sorted;
  const reduced = new Int32Array(count);
  for (let i = 0; i < count; i++) reduced[i] = names[(valleys[i] as number) >> 1] as number;
  const reducedOrder = new Int32Array(count);
  sortSuffixes(reduced, reducedOrder, name + 1);
  for (let i = 0; i < count; i++) sorted[i] = valleys[reducedOrder[i] as number] as number;
  return sorted;
}

/** Whether two pieces are equal, from their starts to the next starts inclusive. */
function samePiece(text: Text, marks: Uint8Array, left: number, right: number): boolean {
  const length = text.length;
  for (let step = 0; ; step++) {
    const l = left + step;
    const r = right + step;
    // The last piece ends with the text, which no other does.
    if (l === length || r === length) return false;
    if (text[l] !== text[r]) return false;
    if (step > 0 && (marks[l] === 1 || marks[r] === 1)) return marks[l] === marks[r];
  }
}

/** Put starts at the ends of their symbols' ranges, the last one last. */
function placeAtEnds(text: Text, order: Int32Array, ends: Int32Array, starts: Int32Array): void {
  for (let i = starts.length - 1; i >= 0; i--) {
    const at = starts[i] as number;
    const symbol = text[at] as number;
    const slot = (ends[symbol] as number) - 1;
    ends[symbol] = slot;
    order[slot] = at;
  }
}

function fillStarts(bounds: Int32Array, counts: Int32Array): void {
  let sum = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    bounds[symbol] = sum;
    sum += counts[symbol] as number;
  }
}

function fillEnds(bounds: Int32Array, counts: Int32Array): void {
  let sum = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    sum += counts[symbol] as number;
    bounds[symbol] = sum;
  }
}

/**
 * Sort all suffixes from those that `order` holds: first, from left to right, those that sort above the
 * one after them, then, from right to left, the others.
 *
 * An entry below zero is the complement of a start that the current pass need not look at again.
 */
function induce(text: Text, order: Int32Array, counts: Int32Array, bounds: Int32Array): void {
  const length = text.length;
  fillStarts(bounds, counts);
  const last = length - 1;
  const ending = text[last] as number;
  const first = bounds[ending] as number;
  bounds[ending] = first + 1;
  order[first] = (text[last - 1] as number) < ending ? ~last : last;
  for (let row = 0; row < length; row++) {
    const entry = order[row] as number;
    order[row] = ~entry;
    if (entry <= 0) continue;
    const at = entry - 1;
    const symbol = text[at] as number;
    const slot = bounds[symbol] as number;
    bounds[symbol] = slot + 1;
    order[slot] = at > 0 && (text[at - 1] as number) < symbol ? ~at : at;
  }
  fillEnds(bounds, counts);
  for (let row = last; row >= 0; row--) {
    const entry = order[row] as number;
    if (entry <= 0) {
      order[row] = ~entry;
      continue;
    }
    const at = entry - 1;
    const symbol = text[at] as number;
    const slot = (bounds[symbol] as number) - 1;
    bounds[symbol] = slot;
    order[slot] = at === 0 || (text[at - 1] as number) > symbol ? ~at : at;
  }
}
