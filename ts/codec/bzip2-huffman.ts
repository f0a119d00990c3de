/** Huffman codes for one block: their lengths, and which group of symbols uses which. @module */
import { GROUP_SYMBOLS } from './bzip2-format.ts';

/** Longest code that is written; bzip2 reads 20, but writes no more than 17 since version 1.0.3. */
const LONGEST_WRITTEN = 17;
const ROUNDS = 4;

/** The tables of a block, and the table of each group of 50 symbols. */
export interface CodePlan {
  /** Code lengths by symbol. */
  readonly lengths: readonly Uint8Array[];
  readonly selectors: Uint8Array;
}

/**
 * Choose tables for a block by assigning groups to the tables that code them shortest, and tables to the
 * groups that use them, in turns.
 */
export function planCodes(symbols: Uint16Array, symbolCount: number): CodePlan {
  const tableCount = tablesFor(symbols.length);
  const selectors = new Uint8Array(Math.ceil(symbols.length / GROUP_SYMBOLS));
  let lengths = firstLengths(symbols, symbolCount, tableCount);
  for (let round = 0; round < ROUNDS; round++) {
    const frequencies = assignGroups(symbols, symbolCount, lengths, selectors);
    lengths = frequencies.map((one) => codeLengths(one));
  }
  return { lengths, selectors };
}

/** Code values by symbol, for code lengths by symbol: counted up within a length, shorter ones first. */
export function codesOf(lengths: Uint8Array): Int32Array {
  const codes = new Int32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= LONGEST_WRITTEN; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = code++;
    }
    code <<= 1;
  }
  return codes;
}

function tablesFor(symbolsInBlock: number): number {
  if (symbolsInBlock < 200) return 2;
  if (symbolsInBlock < 600) return 3;
  if (symbolsInBlock < 1200) return 4;
  return symbolsInBlock < 2400 ? 5 : 6;
}

/** Start with each table favoring a range of symbols that makes up an equal share of the block. */
function firstLengths(symbols: Uint16Array, symbolCount: number, tableCount: number): Uint8Array[] {
  const frequencies = new Uint32Array(symbolCount);
  for (const symbol of symbols) frequencies[symbol] = (frequencies[symbol] as number) + 1;
  const tables: Uint8Array[] = [];
  let from = 0;
  let left = symbols.length;
  for (let table = 0; table < tableCount; table++) {
    const share = left / (tableCount - table);
    let to = from;
    let sum = 0;
    while (to < symbolCount && (sum < share || to === from)) sum += frequencies[to++] as number;
    const lengths = new Uint8Array(symbolCount).fill(15);
    lengths.fill(1, from, to);
    tables.push(lengths);
    from = to;
    left -= sum;
  }
  return tables;
}

/** Give each group the table that codes it shortest; returns how often each table meets each symbol. */
function assignGroups(
  symbols: Uint16Array,
  symbolCount: number,
  lengths: readonly Uint8Array[],
  selectors: Uint8Array
): Uint32Array[] {
  const frequencies = lengths.map(() => new Uint32Array(symbolCount));
  const [low, high] = packLengths(symbolCount, lengths);
  for (let group = 0; group < selectors.length; group++) {
    const from = group * GROUP_SYMBOLS;
    const to = Math.min(symbols.length, from + GROUP_SYMBOLS);
    let lowCosts = 0;
    let highCosts = 0;
    for (let at = from; at < to; at++) {
      const symbol = symbols[at] as number;
      lowCosts += low[symbol] as number;
      highCosts += high[symbol] as number;
    }
    const table = cheapest(lowCosts, highCosts, lengths.length);
    selectors[group] = table;
    const counts = frequencies[table] as Uint32Array;
    for (let at = from; at < to; at++) {
      const symbol = symbols[at] as number;
      counts[symbol] = (counts[symbol] as number) + 1;
    }
  }
  return frequencies;
}

/**
 * The lengths of three tables in one number, ten bits each, so that one sum adds up three costs: a group
 * costs at most 50·17 = 850 bits.
 */
function packLengths(
  symbolCount: number,
  lengths: readonly Uint8Array[]
): [Int32Array, Int32Array] {
  const packed: [Int32Array, Int32Array] = [
    new Int32Array(symbolCount),
    new Int32Array(symbolCount),
  ];
  for (const [table, one] of lengths.entries()) {
    const sums = packed[table < 3 ? 0 : 1];
    const shift = (table % 3) * 10;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      sums[symbol] = (sums[symbol] as number) | ((one[symbol] as number) << shift);
    }
  }
  return packed;
}

function cheapest(lowCosts: number, highCosts: number, tableCount: number): number {
  let best = 0;
  let bestCost = Infinity;
  for (let table = 0; table < tableCount; table++) {
    const cost = ((table < 3 ? lowCosts : highCosts) >>> ((table % 3) * 10)) & 1023;
    if (cost < bestCost) {
      best = table;
      bestCost = cost;
    }
  }
  return best;
}

/** Lengths of a Huffman code for these frequencies, none longer than 17 bits; every symbol gets one. */
function codeLengths(frequencies: Uint32Array): Uint8Array {
  const weights = frequencies.map((frequency) => Math.max(1, frequency));
  for (;;) {
    const lengths = unboundedLengths(weights);
    if (lengths.every((length) => length <= LONGEST_WRITTEN)) return lengths;
    // Evening out the weights makes the tree flatter, at a small cost in bits.
    for (let symbol = 0; symbol < weights.length; symbol++) {
      weights[symbol] = ((weights[symbol] as number) >>> 1) + 1;
    }
  }
}

/** Join the two lightest trees until one is left: leaves and joined trees are two ascending queues. */
function unboundedLengths(weights: Uint32Array): Uint8Array {
  const count = weights.length;
  const leaves = Array.from(weights, (_, symbol) => symbol);
  leaves.sort((a, b) => (weights[a] as number) - (weights[b] as number) || a - b);
  const joined = new Float64Array(count);
  const parents = new Int32Array(2 * count);
  let leaf = 0;
  let tree = 0;
  // Trees are numbered after the leaves, in the order in which they are made.
  for (let made = 0; made < count - 1; made++) {
    let weight = 0;
    for (let side = 0; side < 2; side++) {
      const lightest = weights[leaves[leaf] as number];
      if (leaf < count && (tree === made || (lightest as number) <= (joined[tree] as number))) {
        weight += lightest as number;
        parents[leaves[leaf++] as number] = count + made;
      } else {
        weight += joined[tree] as number;
        parents[count + tree++] = count + made;
      }
    }
    joined[made] = weight;
  }
  const root = 2 * count - 2;
  const depths = new Uint8Array(2 * count);
  for (let node = root - 1; node >= 0; node--) {
    depths[node] = (depths[parents[node] as number] as number) + 1;
  }
  return depths.slice(0, count);
}
