/**
 * The checks that keep the report true. Each takes data and returns problems, one line each; an
 * empty list means that the check passes. @module
 */
import {
  fold,
  keyOf,
  merge,
  repeatedTests,
  type Evidence,
  type RunRecord,
  type Sources,
} from './evidence.ts';
import { splitMark } from './marks.ts';
import type { Row } from './rows.ts';
import { standings } from './state.ts';
import { mayRegister, type FileTitles } from './titles.ts';

/** A report that is not what its data renders to. */
export function staleReport(rendered: string, present: string | undefined): string[] {
  if (present === rendered) return [];
  if (present === undefined) return ['PARITY.md: does not exist; run make parity'];
  const [want, have] = [rendered.split('\n'), present.split('\n')];
  const line = want.findIndex((text, index) => text !== have[index]);
  return [`PARITY.md: line ${(line < 0 ? want.length : line) + 1} is stale; run make parity`];
}

/** Marks that name no row, no part of their row, or a row that is out of scope. */
export function wrongMarks(
  rows: readonly Row[],
  uses: readonly { place: string; marks: readonly string[] }[]
): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return uses.flatMap(({ place, marks }) =>
    marks.flatMap((mark) => {
      const fault = faultOf(mark, byId);
      return fault === undefined ? [] : [`${place}: [${mark}] ${fault}`];
    })
  );
}

function faultOf(mark: string, byId: ReadonlyMap<string, Row>): string | undefined {
  const { row: id, part } = splitMark(mark);
  const row = byId.get(id);
  if (row === undefined) return 'names no row of ts/parity/data';
  if (row.outOfScope !== undefined) return 'names a row that is out of scope';
  if (part !== undefined && row.parts?.includes(part) !== true) {
    return `names no part of the row (it has ${row.parts?.join(', ') ?? 'none'})`;
  }
  return undefined;
}

/** The marks of literal titles, with their places. */
export function marksInSources(
  files: readonly FileTitles[]
): { place: string; marks: readonly string[] }[] {
  return files.flatMap(({ titles }) =>
    titles.map((title) => ({ place: `${title.file}:${title.line}`, marks: title.marks }))
  );
}

/** The marks of evidence, with the tests that carry them. */
export function marksInEvidence(
  evidence: readonly { file: string; test: string; rows: readonly string[] }[]
): { place: string; marks: readonly string[] }[] {
  return evidence.map(({ file, test, rows }) => ({ place: `${file}: "${test}"`, marks: rows }));
}

/** The titles that running `file` may register: its own and those of shared test code it imports. */
function reachable(files: readonly FileTitles[], file: string): FileTitles[] {
  const byFile = new Map(files.map((one) => [one.file, one]));
  const found = new Set<FileTitles>();
  const visit = (name: string): void => {
    const one = byFile.get(name);
    if (one === undefined || found.has(one)) return;
    found.add(one);
    for (const next of one.imports) if (!next.endsWith('.test.ts')) visit(next);
  };
  visit(file);
  return [...found];
}

/** What the sources say about tests, for {@link merge}. */
export function sourcesFrom(files: readonly FileTitles[]): Sources {
  return {
    hasFile: (file) => files.some((one) => one.file === file),
    canRun: (file, test) =>
      reachable(files, file).some(
        ({ titles, open }) =>
          open ||
          mayRegister(
            titles.filter((title) => !title.skipped),
            test
          )
      ),
  };
}

/** Evidence of tests that the sources no longer have. */
export function goneTests(evidence: readonly Evidence[], files: readonly FileTitles[]): string[] {
  const sources = sourcesFrom(files);
  return evidence.flatMap((entry) => {
    if (!sources.hasFile(entry.file)) return [`${entry.file}: evidence of a file that is gone`];
    const has = reachable(files, entry.file).some(
      ({ titles, open }) => open || mayRegister(titles, entry.test)
    );
    return has ? [] : [`${entry.file}: "${entry.test}": evidence of a test that is gone`];
  });
}

/** Rows that only skipped tests name. */
export function skippedOnly(rows: readonly Row[], evidence: readonly Evidence[]): string[] {
  return standings(rows, evidence).flatMap(({ row, tests }) => {
    const first = tests[0];
    if (first === undefined || tests.some((entry) => entry.result !== 'skipped')) return [];
    return [`${row.id}: its only test is skipped (${first.file}: "${first.test}")`];
  });
}

/** Committed evidence of tests that failed. */
export function failedEvidence(evidence: readonly Evidence[]): string[] {
  return evidence
    .filter((entry) => entry.result === 'failed')
    .map(
      (entry) => `${entry.file}: "${entry.test}": committed as failed; mend it, run make parity`
    );
}

/** Literal titles that name rows and have no committed evidence. */
export function unrecorded(evidence: readonly Evidence[], files: readonly FileTitles[]): string[] {
  return files
    .filter((file) => file.file.endsWith('.test.ts'))
    .flatMap(({ file, titles }) => {
      const own = evidence.filter((entry) => entry.file === file);
      return titles
        .filter((title) => title.marks.length > 0)
        .filter((title) => !own.some((entry) => mayRegister([title], entry.test)))
        .map(
          ({ line }) => `${file}:${line}: names rows without committed evidence; run make parity`
        );
    });
}

/** Where the present run and the committed evidence disagree. */
export function contradictions(
  committed: readonly Evidence[],
  run: readonly RunRecord[],
  sources: Sources
): string[] {
  const ran = new Set(run.map((record) => record.file));
  const before = new Map(committed.map((entry) => [keyOf(entry), entry]));
  const now = new Map(merge(committed, run, sources).map((entry) => [keyOf(entry), entry]));
  const repeated = repeatedTests(run)
    .filter((record) => record.rows.length > 0)
    .map((record) => `${record.file}: "${record.test}": two tests have this title`);
  const fresh = fold(run).flatMap((entry) => {
    const merged = now.get(keyOf(entry)) ?? entry;
    const fault = disagreement(before.get(keyOf(entry)), merged);
    return fault === undefined ? [] : [`${entry.file}: "${entry.test}": ${fault}`];
  });
  const absent = committed
    .filter((entry) => ran.has(entry.file) && !now.has(keyOf(entry)))
    .map((entry) => `${entry.file}: "${entry.test}": has evidence but did not run`);
  return [...repeated, ...fresh, ...absent];
}

function disagreement(before: Evidence | undefined, now: Evidence): string | undefined {
  if (now.result === 'failed') return 'fails in this run';
  if (before === undefined) return 'names rows but has no committed evidence; run make parity';
  if (before.result !== now.result) {
    return `is committed as ${before.result} and ${now.result} in this run; run make parity`;
  }
  if (before.kind !== now.kind) {
    return `is committed as ${before.kind} and is ${now.kind} in this run; run make parity`;
  }
  if (before.rows.join(' ') !== now.rows.join(' ')) {
    return `is committed for ${before.rows.join(' ')} and names ${now.rows.join(' ')}; run make parity`;
  }
  const lost = (before.engines ?? []).filter((engine) => !(now.engines ?? []).includes(engine));
  return lost.length === 0 ? undefined : `no longer passes under ${lost.join(', ')}`;
}
