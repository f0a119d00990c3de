/**
 * The test runner: one process a file, files side by side, a time limit for each.
 *
 * usage: run.ts [--kind unit|live|e2e] [--evidence FILE] [--coverage] [filter ...]
 *
 * A file fails when it exits non-zero, runs over its limit, prints no totals, or runs no test: a uvu
 * suite without `.run()` exits 0 and would otherwise pass in silence. Files under `kernel/` run once
 * for each engine. Prints the output of failing files only, then the summary line. @module
 */
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const ENGINES = ['ts', 'scalar', 'simd', 'relaxed'] as const;

interface Job {
  file: string;
  engine: string | undefined;
  limitMs: number;
}

interface Outcome {
  job: Job;
  passed: number;
  failed: number;
  skipped: number;
  problem: string | undefined;
  output: string;
  ms: number;
}

const { values, positionals } = parseArgs({
  options: {
    kind: { type: 'string', default: 'unit' },
    evidence: { type: 'string' },
    jobs: { type: 'string' },
  },
  allowPositionals: true,
});

function filesOf(kind: string): string[] {
  const all = readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(here, name))
    .sort();
  const of = (file: string): string =>
    file.endsWith('.live.test.ts') ? 'live' : file.endsWith('.e2e.test.ts') ? 'e2e' : 'unit';
  return all.filter(
    (file) =>
      of(file) === kind &&
      (positionals.length === 0 || positionals.some((p) => relative(root, file).includes(p)))
  );
}

/** A file may raise its own limit with a line `// time limit: N s`. */
function limitOf(file: string): number {
  const match = /\/\/ time limit: (\d+) s/.exec(readFileSync(file, 'utf8'));
  return match === null ? 120_000 : Number(match[1]) * 1000;
}

function jobsOf(files: readonly string[]): Job[] {
  return files.flatMap((file) => {
    const limitMs = limitOf(file);
    const perEngine = relative(here, file).startsWith('kernel/');
    const engines = perEngine ? ENGINES : [undefined];
    return engines.map((engine) => ({ file, engine, limitMs }));
  });
}

function run(job: Job, evidence: string | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = performance.now();
    // V8 before 12 knows relaxed SIMD only behind a flag; later versions have no such flag.
    const old = Number(process.versions.node.split('.')[0]) < 22;
    const flags = job.engine === 'relaxed' && old ? ['--experimental-wasm-relaxed-simd'] : [];
    const child = spawn(process.execPath, [...flags, '--import', 'tsx', job.file], {
      cwd: root,
      env: {
        ...process.env,
        FORCE_COLOR: '0',
        NO_COLOR: '1',
        ...(job.engine === undefined ? {} : { TESSERAE_ENGINE: job.engine }),
        ...(evidence === undefined ? {} : { TESSERAE_EVIDENCE: evidence }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, job.limitMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      const ms = performance.now() - started;
      resolve(judge(job, output, code, late, ms));
    });
  });
}

function judge(job: Job, output: string, code: number | null, late: boolean, ms: number): Outcome {
  const number = (label: string): number => {
    const found = [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))];
    return found.reduce((sum, match) => sum + Number(match[1]), 0);
  };
  const total = number('Total');
  const passed = number('Passed');
  const skipped = number('Skipped');
  let problem: string | undefined;
  if (late) problem = `still running after ${job.limitMs / 1000} s`;
  else if (total + skipped === 0) problem = 'ran no test (a suite without .run()?)';
  else if (code !== 0) problem = `exit code ${code ?? 'none'}`;
  const failed = Math.max(total - passed, problem === undefined ? 0 : 1);
  return { job, passed, failed, skipped, problem, output, ms };
}

async function main(): Promise<number> {
  const evidence = values.evidence;
  if (evidence !== undefined) {
    mkdirSync(dirname(evidence), { recursive: true });
    rmSync(evidence, { force: true });
  }
  const queue = jobsOf(filesOf(values.kind));
  const width = values.jobs === undefined ? availableParallelism() : Number(values.jobs);
  const lanes = values.kind === 'unit' ? width : 1;
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const outcome = await run(job, evidence);
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  if (outcomes.length === 0) {
    process.stdout.write(`no test file matches (kind ${values.kind})\n`);
    return 1;
  }
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  if (values.kind === 'unit' && positionals.length === 0) {
    const apart = { live: 'make interop', e2e: 'make e2e' };
    for (const [kind, command] of Object.entries(apart)) {
      process.stdout.write(`SKIP ${filesOf(kind).length} ${kind} files: ${command} runs them\n`);
    }
  }
  const broken = outcomes.filter((outcome) => outcome.problem !== undefined);
  for (const outcome of broken) process.stdout.write(`FAILED ${label(outcome.job)}\n`);
  process.stdout.write(
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`
  );
  return broken.length === 0 ? 0 : 1;
}

function label(job: Job): string {
  return relative(root, job.file) + (job.engine === undefined ? '' : ` [${job.engine}]`);
}

function report(outcome: Outcome): void {
  const mark = outcome.problem === undefined ? 'ok  ' : 'FAIL';
  const took = `${(outcome.ms / 1000).toFixed(1)} s`;
  process.stdout.write(`${mark} ${label(outcome.job)} (${outcome.passed} tests, ${took})\n`);
  for (const line of outcome.output.split('\n')) {
    if (line.startsWith('SKIP ')) process.stdout.write(`     ${line}\n`);
  }
  if (outcome.problem !== undefined) {
    process.stdout.write(`${outcome.output}\n     ${outcome.problem}\n`);
  }
}

process.exitCode = await main();
