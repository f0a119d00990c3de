/** The parity tracker: states come from evidence alone, and every kind of stale claim is found. @module */
import {
  contradictions,
  failedEvidence,
  goneTests,
  marksInSources,
  skippedOnly,
  sourcesFrom,
  staleReport,
  unrecorded,
  wrongMarks,
} from '../parity/check.ts';
import { evidenceText, fold, merge, readRun, repeatedTests } from '../parity/evidence.ts';
import type { Evidence, RunRecord } from '../parity/evidence.ts';
import { loadEvidence, loadTitles, main, presentReport } from '../parity/main.ts';
import { renderReport } from '../parity/report.ts';
import { checkRows, DataError, loadRows, type Row } from '../parity/rows.ts';
import { standings, type State } from '../parity/state.ts';
import { titlesOf } from '../parity/titles.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('parity', import.meta.url);

const FILE = 'ts/test/a.test.ts';

function row(fields: Partial<Row> = {}): Row {
  return { id: 'x/a', system: 'x', component: 'A', upstream: 'a()', ...fields };
}

function entry(fields: Partial<Evidence> = {}): Evidence {
  const base = {
    file: FILE,
    test: 'works',
    rows: ['x/a'],
    kind: 'self',
    result: 'passed',
  } as const;
  return { ...base, cases: 0, references: [], ...fields };
}

function line(fields: Partial<RunRecord> = {}): RunRecord {
  return { ...entry(), suite: 'a', ...fields };
}

const GOLDEN: Partial<Evidence> = { kind: 'golden', cases: 3, references: ['rns 1.4.2'] };
const LIVE: Partial<Evidence> = { kind: 'live', references: ['rns 1.5.7'] };

function stateOf(evidence: readonly Evidence[], one: Row = row()): State | undefined {
  return standings([one], evidence)[0]?.state;
}

t('[tesserae/parity-report] the rows are valid, and their ids unique', () => {
  const rows = loadRows();
  const count = (system: string): number => rows.filter((one) => one.system === system).length;
  // The tables of the Rust ports, none of whose items may be lost.
  assert.is(count('stellar-overlay'), 340);
  assert.is(count('stellar-overlay-tests'), 18);
  assert.is(count('stellar-core'), 63);
  assert.is(count('pangea'), 43);
  assert.is(rows.filter((one) => one.rustStatus !== undefined).length, 491);
  assert.ok(count('lxmf') > 150 && count('reticulum') > 400 && count('tesserae') > 30);
});

t('[tesserae/parity-report] every mark of every test title names a row', () => {
  assert.equal(wrongMarks(loadRows(), marksInSources(loadTitles())), []);
});

// Without a row: a stale report must not keep `merge` from mending it.
t('PARITY.md is what its data renders to', () => {
  assert.equal(staleReport(renderReport(loadRows(), loadEvidence()), presentReport()), []);
});

t('rows of a wrong shape are refused in one line', () => {
  const refuses = (rows: unknown, text: string): void => {
    try {
      checkRows(rows, 'rows.json');
    } catch (error) {
      const fault = error as Error;
      assert.instance(fault, DataError);
      assert.ok(
        fault.message.startsWith('rows.json: ') && fault.message.includes(text),
        fault.message
      );
      assert.not.match(fault.message, /\n/);
      return;
    }
    assert.unreachable(`${text}: not refused`);
  };
  refuses([row(), row()], 'the id is used twice');
  refuses([row({ system: 'y' })], 'does not start with "y/"');
  refuses([row({ parts: ['p', 'q'], engines: ['ts', 'simd'] })], 'both parts and engines');
  refuses([row({ parts: ['p', 'p'] })], 'a part is named twice');
  refuses([row({ id: 'x/A b' })], '0.id');
  refuses([{ ...row(), state: 'live' }], 'state');
  refuses([row({ outOfScope: 'no' })], 'outOfScope');
  refuses({}, 'expected array');
});

t('a state comes from the strongest test that passes', () => {
  assert.is(stateOf([]), 'absent');
  assert.is(stateOf([entry()]), 'self');
  assert.is(stateOf([entry({ kind: 'net' })]), 'self');
  assert.is(stateOf([entry({ kind: 'prop' })]), 'self');
  assert.is(stateOf([entry(), entry(GOLDEN)]), 'golden');
  assert.is(stateOf([entry(GOLDEN), entry(LIVE)]), 'live');
  assert.is(stateOf([entry({ ...LIVE, result: 'skipped' })]), 'absent');
  assert.is(stateOf([entry({ ...LIVE, result: 'failed' }), entry()]), 'self');
  assert.is(stateOf([entry({ rows: ['x/b'] })]), 'absent');
});

t('live takes a named reference, golden a vector; else it is a self-test', () => {
  assert.is(stateOf([entry({ kind: 'live' })]), 'self');
  assert.is(stateOf([entry({ kind: 'golden', references: ['rns 1.4.2'] })]), 'self');
  assert.is(stateOf([entry({ kind: 'golden', cases: 3 })]), 'self');
});

t('a row with parts is partial until each part has a test, then as strong as the weakest', () => {
  const parts = row({ parts: ['in', 'out'] });
  assert.is(stateOf([], parts), 'absent');
  assert.is(stateOf([entry(LIVE)], parts), 'partial');
  assert.is(stateOf([entry({ ...LIVE, rows: ['x/a:in'] })], parts), 'partial');
  const both = [entry({ ...LIVE, rows: ['x/a:in'] }), entry({ ...GOLDEN, rows: ['x/a:out'] })];
  assert.is(stateOf(both, parts), 'golden');
  assert.equal(standings([parts], both.slice(1))[0]?.missing, ['in']);
});

t('a row with engines needs a pass under each', () => {
  const engines = row({ engines: ['ts', 'scalar', 'simd'] });
  assert.is(stateOf([entry({ engines: ['scalar', 'ts'] })], engines), 'partial');
  assert.is(stateOf([entry({ engines: ['relaxed', 'scalar', 'simd', 'ts'] })], engines), 'self');
  assert.is(stateOf([entry()], engines), 'partial');
});

t('a row out of scope has no other state', () => {
  assert.is(stateOf([entry(LIVE)], row({ outOfScope: 'nothing to port' })), 'out');
});

t('runs under several engines fold into one entry, as strong as the weakest', () => {
  const runs = [
    line({ engine: 'ts', ...GOLDEN }),
    line({ engine: 'scalar', ...GOLDEN, cases: 2 }),
    line({ engine: 'relaxed', result: 'skipped', reason: 'no relaxed SIMD here' }),
    line({ test: 'names no row', rows: [] }),
  ];
  assert.equal(fold(runs), [entry({ ...GOLDEN, cases: 2, engines: ['scalar', 'ts'] })]);
  const failing = fold([...runs, line({ engine: 'simd', result: 'failed' })]);
  assert.is(failing[0]?.result, 'failed');
  assert.equal(repeatedTests([...runs, line({ engine: 'ts' })]).length, 1);
});

const SOURCES = { hasFile: (file: string) => file === FILE, canRun: () => true };

t('a run replaces the entries of its files and leaves the others', () => {
  const other = entry({ file: 'ts/test/b.live.test.ts', ...LIVE });
  const gone = entry({ file: 'ts/test/c.test.ts' });
  const sources = { hasFile: (file: string) => file !== gone.file, canRun: () => true };
  const merged = merge([entry({ test: 'old' }), other, gone], [line(GOLDEN)], sources);
  assert.equal(merged, [entry(GOLDEN), other]);
});

t('a skip keeps an earlier pass only while the source can run the test', () => {
  const skip = line({ kind: 'live', result: 'skipped', reason: 'no Python' });
  assert.equal(merge([entry(LIVE)], [skip], SOURCES), [entry(LIVE)]);
  const merged = merge([entry(LIVE)], [skip], { ...SOURCES, canRun: () => false });
  assert.is(merged[0]?.result, 'skipped');
  assert.is(merge([], [skip], SOURCES)[0]?.result, 'skipped');
});

t('an engine that a machine cannot run keeps the pass it had', () => {
  const before = entry({ engines: ['relaxed', 'ts'] });
  const skip = line({ engine: 'relaxed', result: 'skipped' });
  assert.equal(merge([before], [line({ engine: 'ts' }), skip], SOURCES), [before]);
  assert.equal(merge([before], [line({ engine: 'ts' })], SOURCES)[0]?.engines, ['ts']);
});

t('committed evidence is sorted and holds no time', () => {
  const entries = [
    entry({ test: 'b' }),
    entry({ test: 'a' }),
    entry({ file: 'ts/test/0.test.ts' }),
  ];
  const text = evidenceText(entries);
  assert.is(text, evidenceText([...entries].reverse()));
  assert.equal(
    JSON.parse(text).tests.map((one: Evidence) => one.test),
    ['works', 'a', 'b']
  );
});

t('the report is the same for the same data, in whatever order it comes', () => {
  const rows = [
    row(),
    row({ id: 'x/b', upstream: 'b|c <d>' }),
    row({ id: 'x/c', parts: ['p', 'q'] }),
  ];
  const evidence = [entry(LIVE), entry({ test: 'too', ...GOLDEN }), entry({ rows: ['x/c:p'] })];
  const report = renderReport(rows, evidence);
  assert.is(renderReport(rows, evidence), report);
  assert.match(report, '- **proven live** `x/a` a()');
  assert.match(report, '  - live: `ts/test/a.test.ts`: works (rns 1.5.7)');
  assert.match(report, '  - golden: `ts/test/a.test.ts`: too (3 cases; rns 1.4.2)');
  assert.match(report, '| `b` | absent | b\\|c &lt;d> |');
  assert.match(report, '- **partial** `x/c`');
  assert.match(report, '  - without proof: q');
  assert.match(report, '1 proven live, 1 partial, 1 absent');
});

t('no state but golden shows the mark of golden', () => {
  const report = renderReport([row()], [entry({ kind: 'prop' })]);
  assert.match(report, '- **self-tested** `x/a`');
  assert.match(report, '  - prop: `ts/test/a.test.ts`: works');
  const section = report.slice(report.indexOf('## x'));
  assert.not.match(section, 'golden');
});

t('a stale report is found, with its line', () => {
  assert.equal(staleReport('a\nb\n', 'a\nb\n'), []);
  assert.equal(staleReport('a\nb\n', 'a\nc\n'), ['PARITY.md: line 2 is stale; run make parity']);
  assert.equal(staleReport('a\n', 'a\n\nb'), ['PARITY.md: line 3 is stale; run make parity']);
  assert.equal(staleReport('a\n', undefined), ['PARITY.md: does not exist; run make parity']);
});

t('a mark that names no row, no part, or a row out of scope is found', () => {
  const rows = [
    row(),
    row({ id: 'x/p', parts: ['in', 'out'] }),
    row({ id: 'x/o', outOfScope: 'why' }),
  ];
  const faults = (mark: string): string[] => wrongMarks(rows, [{ place: 'f:1', marks: [mark] }]);
  assert.equal(faults('x/a'), []);
  assert.equal(faults('x/p'), []);
  assert.equal(faults('x/p:in'), []);
  assert.equal(faults('x/z'), ['f:1: [x/z] names no row of ts/parity/data']);
  assert.equal(faults('x/p:up'), ['f:1: [x/p:up] names no part of the row (it has in, out)']);
  assert.equal(faults('x/a:in'), ['f:1: [x/a:in] names no part of the row (it has none)']);
  assert.equal(faults('x/o'), ['f:1: [x/o] names a row that is out of scope']);
});

const HEAD = "const t = suite('a', import.meta.url);\n";

t('evidence of a test that is gone is found', () => {
  const files = [titlesOf(FILE, `${HEAD}t('[x/a] works', f);`)];
  assert.equal(goneTests([entry()], files), []);
  assert.match(goneTests([entry({ test: 'worked' })], files)[0] ?? '', 'a test that is gone');
  assert.match(
    goneTests([entry({ file: 'ts/test/z.test.ts' })], files)[0] ?? '',
    'a file that is gone'
  );
  const computed = [titlesOf(FILE, `${HEAD}for (const x of xs) t(titleOf(x), f);`)];
  assert.equal(goneTests([entry()], computed), []);
});

t('evidence of a test in shared code counts only for files that import it', () => {
  const shared = titlesOf('ts/test/support/c.ts', "function f(t: TestSuite) { t('works', g); }");
  const user = titlesOf(FILE, `${HEAD}import { f } from './support/c.ts';`);
  const stranger = titlesOf('ts/test/b.test.ts', HEAD);
  const files = [shared, user, stranger];
  assert.equal(goneTests([entry()], files), []);
  assert.is(goneTests([entry({ file: 'ts/test/b.test.ts' })], files).length, 1);
});

t('a row whose only test is skipped is found', () => {
  const skipped = entry({ result: 'skipped' });
  assert.match(skippedOnly([row()], [skipped])[0] ?? '', 'x/a: its only test is skipped');
  assert.equal(skippedOnly([row()], [skipped, entry({ test: 'also' })]), []);
  assert.equal(skippedOnly([row()], []), []);
});

t('a test that names rows and has no evidence is found without a run', () => {
  const files = [titlesOf(FILE, `${HEAD}t('[x/a] works', f);\nt('plain', f);`)];
  assert.equal(unrecorded([entry()], files), []);
  assert.match(unrecorded([], files)[0] ?? '', `${FILE}:2: names rows without`);
});

t('a run that contradicts the evidence is found', () => {
  const fault = (run: readonly RunRecord[], committed = [entry(GOLDEN)]): string =>
    contradictions(committed, run, SOURCES).join('\n');
  assert.is(fault([line(GOLDEN)]), '');
  assert.match(fault([line({ ...GOLDEN, result: 'failed' })]), 'fails in this run');
  assert.match(fault([line()]), 'is committed as golden and is self in this run');
  assert.match(fault([line({ ...GOLDEN, rows: ['x/b'] })]), 'is committed for x/a and names x/b');
  assert.match(fault([line(GOLDEN)], []), 'has no committed evidence');
  assert.match(fault([line({ test: 'another', rows: [] })]), 'has evidence but did not run');
  assert.match(fault([line(GOLDEN), line(GOLDEN)]), 'two tests have this title');
  const engines = [entry({ engines: ['simd', 'ts'] })];
  assert.match(fault([line({ engine: 'ts' })], engines), 'no longer passes under simd');
  assert.is(fault([line({ kind: 'live', result: 'skipped' })], [entry(LIVE)]), '');
  const disabled = { ...SOURCES, canRun: () => false };
  const skip = [line({ ...GOLDEN, result: 'skipped' })];
  assert.match(contradictions([entry(GOLDEN)], skip, disabled)[0] ?? '', 'and skipped in this run');
});

t('committed failures are found', () => {
  assert.equal(failedEvidence([entry()]), []);
  assert.match(failedEvidence([entry({ result: 'failed' })])[0] ?? '', 'committed as failed');
});

t('a skipped title is told from one that can run', () => {
  const text = `${HEAD}if (x) t('[x/a] works', f);\nelse t.skip('[x/a] works', why);\nt.skip('never', why);`;
  const sources = sourcesFrom([titlesOf(FILE, text)]);
  assert.ok(sources.canRun(FILE, 'works'));
  assert.not(sources.canRun(FILE, 'never'));
  assert.not(sources.canRun('ts/test/b.test.ts', 'works'));
});

t('a run file of a wrong shape is refused with its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  try {
    const path = join(folder, 'run.ndjson');
    writeFileSync(path, `${JSON.stringify(line())}\n\n`);
    assert.is(readRun(path).length, 1);
    writeFileSync(path, `${JSON.stringify(line())}\n{`);
    assert.throws(() => readRun(path), 'line 2 is not JSON');
    writeFileSync(path, '{"file":"x"}');
    assert.throws(() => readRun(path), 'line 1: test');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

t('wrong usage gives exit code 2', () => {
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  try {
    assert.is(main([]), 2);
    assert.is(main(['draw']), 2);
    assert.is(main(['check', 'extra']), 2);
    assert.is(main(['--unknown']), 2);
    assert.is(main(['merge', '--evidence', join(tmpdir(), 'no-such-run.ndjson')]), 2);
  } finally {
    process.stderr.write = write;
  }
  assert.match(written.join(''), 'usage: main.ts render|merge|check');
});

t.run();
