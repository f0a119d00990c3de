/**
 * The parity program: brings runs into the committed evidence, writes PARITY.md, and checks both.
 * Exit codes: 0 done, 1 a check found problems, 2 wrong usage or unreadable data. @module
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  contradictions,
  failedEvidence,
  goneTests,
  marksInEvidence,
  marksInSources,
  skippedOnly,
  sourcesFrom,
  staleReport,
  unrecorded,
  wrongMarks,
} from './check.ts';
import { fold, merge, readEvidence, readRun, repeatedTests, writeEvidence } from './evidence.ts';
import type { Evidence, RunRecord } from './evidence.ts';
import { renderReport } from './report.ts';
import { DataError, loadRows, type Row } from './rows.ts';
import { titlesOf, type FileTitles } from './titles.ts';

const USAGE = `usage: main.ts render|merge|check [--evidence FILE ...]
  render  write PARITY.md from the rows and the committed evidence
  merge   bring the runs in FILE ... into the committed evidence, then render
  check   find stale reports, wrong marks, lost tests, and runs that contradict the evidence`;

const root = new URL('../../', import.meta.url);
const reportUrl = new URL('PARITY.md', root);
const evidenceUrl = new URL('./data/evidence.json', import.meta.url);

/** Read the titles of every source under `ts/test`. */
export function loadTitles(): FileTitles[] {
  const folder = new URL('ts/test/', root);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => titlesOf(`ts/test/${name}`, readFileSync(new URL(name, folder), 'utf8')));
}

/** The committed evidence. */
export function loadEvidence(): Evidence[] {
  return readEvidence(evidenceUrl);
}

/** The report as it lies in the repository, or `undefined`. */
export function presentReport(): string | undefined {
  return existsSync(reportUrl) ? readFileSync(reportUrl, 'utf8') : undefined;
}

/** Checks that need no run: data, sources and report against each other. */
export function staticProblems(
  rows: readonly Row[],
  evidence: readonly Evidence[],
  titles: readonly FileTitles[],
  present: string | undefined
): string[] {
  return [
    ...wrongMarks(rows, [...marksInSources(titles), ...marksInEvidence(evidence)]),
    ...goneTests(evidence, titles),
    ...staleReport(renderReport(rows, evidence), present),
  ];
}

function readRuns(paths: readonly string[]): RunRecord[] {
  return paths.flatMap((path) => {
    if (existsSync(path)) return readRun(path);
    process.stdout.write(`${path}: no such run; what it proved before stays\n`);
    return [];
  });
}

function render(): number {
  writeFileSync(reportUrl, renderReport(loadRows(), loadEvidence()));
  return 0;
}

function mergeRuns(paths: readonly string[]): number {
  const run = readRuns(paths);
  if (run.length === 0) {
    process.stderr.write('merge: no run to bring in; run the tests with --evidence first\n');
    return 2;
  }
  const rows = loadRows();
  const problems = [
    ...wrongMarks(rows, marksInEvidence(fold(run))),
    ...repeatedTests(run)
      .filter((record) => record.rows.length > 0)
      .map((record) => `${record.file}: "${record.test}": two tests have this title`),
  ];
  const failed = fold(run).filter((entry) => entry.result === 'failed');
  problems.push(...failed.map((entry) => `${entry.file}: "${entry.test}": fails in this run`));
  if (problems.length > 0) return report(problems);
  const evidence = merge(loadEvidence(), run, sourcesFrom(loadTitles()));
  writeEvidence(evidenceUrl, evidence);
  process.stdout.write(`${evidence.length} tests name rows\n`);
  return render();
}

function check(paths: readonly string[]): number {
  const rows = loadRows();
  const evidence = loadEvidence();
  const titles = loadTitles();
  const run = readRuns(paths);
  const sources = sourcesFrom(titles);
  const ran = new Set(run.map((record) => record.file));
  return report([
    ...staticProblems(rows, evidence, titles, presentReport()),
    ...wrongMarks(rows, marksInEvidence(fold(run))),
    ...failedEvidence(evidence),
    ...skippedOnly(rows, merge(evidence, run, sources)),
    ...contradictions(evidence, run, sources),
    // A run says more than the text of its file does, so the text counts only for files not run.
    ...unrecorded(
      evidence,
      titles.filter(({ file }) => !ran.has(file))
    ),
  ]);
}

function report(problems: readonly string[]): number {
  const unique = [...new Set(problems)];
  for (const problem of unique) process.stderr.write(problem + '\n');
  if (unique.length > 0) process.stderr.write(`${unique.length} parity problems\n`);
  return unique.length === 0 ? 0 : 1;
}

/** Run the program with the arguments after its name; returns the exit code. */
export function main(args: readonly string[]): number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        evidence: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [command, ...extra] = positionals;
    if (values.help) {
      process.stdout.write(USAGE + '\n');
      return 0;
    }
    if (extra.length === 0 && command === 'render') return render();
    if (extra.length === 0 && command === 'merge') return mergeRuns(values.evidence);
    if (extra.length === 0 && command === 'check') return check(values.evidence);
    process.stderr.write(USAGE + '\n');
    return 2;
  } catch (error) {
    const known = error instanceof DataError || isUsageError(error);
    if (!known) throw error;
    process.stderr.write(`parity: ${(error as Error).message}\n`);
    return 2;
  }
}

function isUsageError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2));
