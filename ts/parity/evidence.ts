/**
 * Evidence: what test runs recorded about the rows their titles name. A run writes one line of JSON
 * per test and engine; the committed file holds one entry per test, without times or dates, so that
 * it changes only when what is proven changes. @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { DataError, readJson } from './rows.ts';

/** What proves: the running reference, bytes it made, a simulation, properties, or own tests. */
export type Kind = 'live' | 'golden' | 'net' | 'prop' | 'self';

/** How a test ended. */
export type Result = 'passed' | 'failed' | 'skipped';

/** One line of a run: one test under at most one kernel engine. */
export interface RunRecord {
  readonly file: string;
  readonly suite: string;
  readonly test: string;
  /** Marks of the title: row ids, some with a part. */
  readonly rows: readonly string[];
  readonly kind: Kind;
  readonly result: Result;
  readonly reason?: string | undefined;
  readonly engine?: string | undefined;
  /** Golden cases that the test went through. */
  readonly cases: number;
  /** Reference programs with their versions. */
  readonly references: readonly string[];
}

/** One committed entry: a test that names rows, over all engines it ran under. */
export interface Evidence {
  readonly file: string;
  readonly test: string;
  readonly rows: readonly string[];
  readonly kind: Kind;
  readonly result: Result;
  readonly reason?: string | undefined;
  /** Engines under which the test passed, where it runs per engine. */
  readonly engines?: readonly string[] | undefined;
  readonly cases: number;
  readonly references: readonly string[];
}

/** Weakest first: a test that proves less under one engine counts as that. */
const STRENGTH: readonly Kind[] = ['self', 'prop', 'net', 'golden', 'live'];

const shared = {
  file: z.string().min(1),
  test: z.string().min(1),
  rows: z.array(z.string()),
  kind: z.enum(['live', 'golden', 'net', 'prop', 'self']),
  result: z.enum(['passed', 'failed', 'skipped']),
  reason: z.string().optional(),
  cases: z.int().min(0),
  references: z.array(z.string()),
};

const RecordShape: z.ZodType<RunRecord> = z.object({
  ...shared,
  suite: z.string(),
  engine: z.string().optional(),
});

const EvidenceShape: z.ZodType<Evidence> = z.strictObject({
  ...shared,
  rows: z.array(z.string()).min(1),
  engines: z.array(z.string()).optional(),
});

/** Read the lines that a run wrote. */
export function readRun(path: string): RunRecord[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new DataError(`${path}: line ${index + 1} is not JSON`);
    }
    const parsed = RecordShape.safeParse(value);
    if (parsed.success) return [parsed.data];
    const issue = parsed.error.issues[0];
    throw new DataError(
      `${path}: line ${index + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
    );
  });
}

/** Read the committed evidence; a file that does not exist is empty. */
export function readEvidence(url: URL): Evidence[] {
  if (!existsSync(url)) return [];
  const shape = z.strictObject({ format: z.literal(1), tests: z.array(EvidenceShape) });
  const parsed = shape.safeParse(readJson(url));
  if (parsed.success) return parsed.data.tests;
  const issue = parsed.error.issues[0];
  throw new DataError(`evidence.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** The text of the committed file: sorted, one entry a line, so that changes merge well. */
export function evidenceText(entries: readonly Evidence[]): string {
  const lines = sorted(entries).map((entry) => '    ' + JSON.stringify(inOrder(entry)));
  return `{\n  "format": 1,\n  "tests": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** Write the committed file. */
export function writeEvidence(url: URL, entries: readonly Evidence[]): void {
  writeFileSync(url, evidenceText(entries));
}

function inOrder(entry: Evidence): Evidence {
  const { file, test, rows, kind, result, reason, engines, cases, references } = entry;
  return {
    file,
    test,
    rows,
    kind,
    result,
    ...(reason === undefined ? {} : { reason }),
    ...(engines === undefined ? {} : { engines }),
    cases,
    references,
  };
}

/** What names a test across runs. */
export function keyOf(entry: { file: string; test: string }): string {
  return `${entry.file}\n${entry.test}`;
}

function sorted(entries: readonly Evidence[]): Evidence[] {
  return [...entries].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

/** Order by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Tests of a run that share file, title and engine; the evidence cannot tell them apart. */
export function repeatedTests(run: readonly RunRecord[]): RunRecord[] {
  const seen = new Set<string>();
  return run.filter((record) => {
    const key = [keyOf(record), record.suite, record.engine ?? ''].join('\n');
    const again = seen.has(key);
    seen.add(key);
    return again;
  });
}

/** Fold the lines of a run into one entry per test that names rows. */
export function fold(run: readonly RunRecord[]): Evidence[] {
  const groups = new Map<string, RunRecord[]>();
  for (const record of run) {
    if (record.rows.length === 0) continue;
    const key = keyOf(record);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return sorted([...groups.values()].map(foldGroup));
}

function foldGroup(group: readonly RunRecord[]): Evidence {
  const first = group[0] as RunRecord;
  const failed = group.filter((record) => record.result === 'failed');
  const passed = group.filter((record) => record.result === 'passed');
  const chosen = failed.length > 0 ? failed : passed.length > 0 ? passed : group;
  const result = (chosen[0] as RunRecord).result;
  const engines = passed.flatMap((record) => record.engine ?? []);
  const perEngine = group.some((record) => record.engine !== undefined);
  const kinds = chosen.map((record) => STRENGTH.indexOf(record.kind));
  return {
    file: first.file,
    test: first.test,
    rows: first.rows,
    kind: STRENGTH[Math.min(...kinds)] as Kind,
    result,
    ...(result === 'skipped' && first.reason !== undefined ? { reason: first.reason } : {}),
    ...(perEngine ? { engines: [...new Set(engines)].sort(compareText) } : {}),
    cases: Math.min(...chosen.map((record) => record.cases)),
    references: [...new Set(chosen.flatMap((record) => record.references))].sort(compareText),
  };
}

/** What {@link merge} must know of the sources: whether a file exists and may run a test. */
export interface Sources {
  hasFile(file: string): boolean;
  /** Whether the file registers the test other than as skipped. */
  canRun(file: string, test: string): boolean;
}

/**
 * Bring a run into the committed evidence. Files that the run did not touch keep their entries, so
 * a machine without the reference programs keeps what was proven live elsewhere. A test that is
 * skipped here keeps its earlier pass while its source can still run it.
 */
export function merge(
  committed: readonly Evidence[],
  run: readonly RunRecord[],
  sources: Sources
): Evidence[] {
  const ran = new Set(run.map((record) => record.file));
  const before = new Map(committed.map((entry) => [keyOf(entry), entry]));
  const kept = committed.filter((entry) => !ran.has(entry.file) && sources.hasFile(entry.file));
  const skippedUnder = skippedEngines(run);
  const fresh = fold(run).map((entry) => {
    const old = before.get(keyOf(entry));
    if (old === undefined || old.result !== 'passed') return entry;
    if (entry.result === 'skipped') {
      return sources.canRun(entry.file, entry.test) ? { ...old, rows: entry.rows } : entry;
    }
    return withOldEngines(entry, old, skippedUnder.get(keyOf(entry)) ?? []);
  });
  return sorted([...kept, ...fresh]);
}

function skippedEngines(run: readonly RunRecord[]): Map<string, string[]> {
  const engines = new Map<string, string[]>();
  for (const record of run) {
    if (record.result !== 'skipped' || record.engine === undefined) continue;
    engines.set(keyOf(record), [...(engines.get(keyOf(record)) ?? []), record.engine]);
  }
  return engines;
}

/** An engine that this machine cannot run keeps the pass it had. */
function withOldEngines(entry: Evidence, old: Evidence, skipped: readonly string[]): Evidence {
  if (entry.engines === undefined || entry.result !== 'passed') return entry;
  const still = (old.engines ?? []).filter((engine) => skipped.includes(engine));
  return { ...entry, engines: [...new Set([...entry.engines, ...still])].sort(compareText) };
}
