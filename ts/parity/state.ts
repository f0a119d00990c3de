/**
 * The state of a row, from evidence alone: proven live > proven golden > self-tested > partial >
 * absent, and out of scope where the data gives a reason. No state is written by hand. @module
 */
import type { Evidence } from './evidence.ts';
import { splitMark } from './marks.ts';
import { partsOf, type Row } from './rows.ts';

/** All states, strongest first. */
export const STATES = ['live', 'golden', 'self', 'partial', 'absent', 'out'] as const;

/** What a row may claim. */
export type State = (typeof STATES)[number];

/** A row with its state, and the tests that name it, strongest first. */
export interface Standing {
  readonly row: Row;
  readonly state: State;
  readonly tests: readonly Evidence[];
  /** Parts without a passing test. */
  readonly missing: readonly string[];
}

type Proof = 'live' | 'golden' | 'self';

/**
 * What a passing test proves; `undefined` when it does not pass.
 *
 * Live needs the name of a running reference, golden at least one vector; all else is self-tested.
 */
export function proofOf(entry: Evidence): Proof | undefined {
  if (entry.result !== 'passed') return undefined;
  if (entry.kind === 'live' && entry.references.length > 0) return 'live';
  if (entry.kind === 'golden' && entry.cases > 0 && entry.references.length > 0) return 'golden';
  return 'self';
}

const RANK: Readonly<Record<Proof, number>> = { live: 0, golden: 1, self: 2 };

/** The standing of every row, in the order of the rows. */
export function standings(rows: readonly Row[], evidence: readonly Evidence[]): Standing[] {
  const byRow = new Map<string, Evidence[]>();
  for (const entry of evidence) {
    const ids = new Set(entry.rows.map((mark) => splitMark(mark).row));
    for (const id of ids) byRow.set(id, [...(byRow.get(id) ?? []), entry]);
  }
  return rows.map((row) => standingOf(row, byRow.get(row.id) ?? []));
}

function standingOf(row: Row, named: readonly Evidence[]): Standing {
  const rank = (entry: Evidence): number => {
    const proof = proofOf(entry);
    return proof === undefined ? 3 : RANK[proof];
  };
  const tests = [...named].sort((a, b) => rank(a) - rank(b));
  if (row.outOfScope !== undefined) return { row, state: 'out', tests, missing: [] };
  const passing = tests.filter((entry) => proofOf(entry) !== undefined);
  const parts = partsOf(row);
  if (parts.length === 0) {
    const best = passing[0];
    const state = best === undefined ? 'absent' : (proofOf(best) as Proof);
    return { row, state, tests, missing: [] };
  }
  const proofs = parts.map((part) => passing.find((entry) => coversPart(row, entry, part)));
  const missing = parts.filter((_, index) => proofs[index] === undefined);
  // The row as a whole is as strong as its weakest part.
  const weakest = Math.max(...proofs.map((entry) => (entry === undefined ? 3 : rank(entry))));
  const whole = (['live', 'golden', 'self'] as const)[weakest];
  const state = whole ?? (passing.length > 0 ? 'partial' : 'absent');
  return { row, state, tests, missing };
}

/** A part is covered by a mark that names it, an engine by a test that passed under it. */
function coversPart(row: Row, entry: Evidence, part: string): boolean {
  if (row.engines !== undefined) return entry.engines?.includes(part) ?? false;
  return entry.rows.includes(`${row.id}:${part}`);
}
