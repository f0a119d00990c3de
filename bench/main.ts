/** The compiled program behind `run.ts`: measures topic by topic, writes the results. @module */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type as systemType, arch } from 'node:os';
import { parseArgs } from 'node:util';
import { engineReport } from '../ts/kernel/loader.ts';
import { topic as blake2b } from './blake2b.ts';
import { topic as chacha } from './chacha.ts';
import { FULL, QUICK, measureGroup, type Clocks, type Effort } from './harness.ts';
import { topic as hkdf } from './hkdf.ts';
import { topic as hmac } from './hmac.ts';
import { topic as message } from './message.ts';
import { topic as overlay } from './overlay.ts';
import { Peer } from './peer.ts';
import { topic as reedSolomon } from './reed-solomon.ts';
import { closing, markdown, verdicts, type HostFacts, type RunResult } from './report.ts';
import { topic as startup } from './startup.ts';
import { topic as stamp } from './stamp.ts';
import { chart } from './svg.ts';
import { judgeFigure, type Bench, type Topic, type TopicResult } from './topic.ts';
import { topic as workblock } from './workblock.ts';
import { topic as xdr } from './xdr.ts';

const topics: readonly Topic[] = [
  stamp,
  workblock,
  hmac,
  hkdf,
  blake2b,
  reedSolomon,
  chacha,
  message,
  xdr,
  overlay,
  startup,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

type Collect = (options: { type: 'minor' }) => void;

const collect = (globalThis as { gc?: Collect }).gc ?? missingFlag();

function missingFlag(): never {
  throw new Error('start with --expose-gc, as run.ts does');
}

const clocks: Clocks = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  wall: () => performance.now() / 1000,
  machine() {
    const all = cpus();
    const busyMs = all.reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
    return { busy: busyMs / 1000, cores: all.length };
  },
  async settle() {
    // A full collection would also throw away some of V8's optimized code, of noble's for one.
    collect({ type: 'minor' });
    await new Promise((resolve) => setImmediate(resolve));
  },
};

async function measure(topic: Topic, bench: Bench, effort: Effort): Promise<TopicResult> {
  const groups = [];
  for (const make of topic.groups) {
    const result = await measureGroup(await make(bench), effort, clocks);
    process.stdout.write(`${topic.name}: ${result.title}\n`);
    groups.push(result);
  }
  const figures = ((await topic.figures?.(bench)) ?? []).map(judgeFigure);
  const { name, title, about } = topic;
  return { name, title, about, groups, figures };
}

function hostFacts(): HostFacts {
  const { node, v8, openssl } = process.versions;
  return {
    processor: `${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
    cores: cpus().length,
    memoryGiB: totalmem() / 2 ** 30,
    system: `${systemType()} ${release()}`,
    node,
    v8,
    openssl: openssl ?? 'none',
    load: loadavg()[0] ?? 0,
  };
}

/** The commit that was measured: `TESSERAE_COMMIT`, else what git says. */
function commit(): string {
  const named = process.env['TESSERAE_COMMIT'];
  if (named !== undefined && named !== '') return named;
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'ts', 'as', 'bench');
    return git('rev-parse', 'HEAD') + (changed === '' ? '' : ' with local changes');
  } catch {
    // Outside a checkout, for example from an archive, there is no commit to name.
    return 'unknown';
  }
}

function writeResults(folder: string, run: RunResult): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.svg')) rmSync(`${folder}/${file}`);
  }
  const charts = new Set<string>();
  for (const topic of run.topics) {
    const drawing = chart(topic);
    if (drawing === undefined) continue;
    charts.add(topic.name);
    writeFileSync(`${folder}/${topic.name}.svg`, drawing);
  }
  writeFileSync(`${folder}/latest.json`, JSON.stringify(run, null, 1) + '\n');
  writeFileSync(`${folder}/REPORT.md`, markdown(run, charts));
  process.stdout.write(`wrote ${folder}/REPORT.md\n`);
}

async function main(): Promise<number> {
  const names = topics.map(({ name }) => name);
  if (values.list) {
    process.stdout.write(names.join('\n') + '\n');
    return 0;
  }
  const only = values.only ?? names;
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no topic ${unknown.join(', ')}; there are ${names.join(', ')}\n`);
    return 2;
  }
  const effort = values.quick ? QUICK : FULL;
  const host = hostFacts();
  const peer = new Peer();
  const root = `${process.cwd()}/`;
  const results: TopicResult[] = [];
  try {
    const bench: Bench = { peer, root, repetitions: effort.repetitions };
    for (const topic of topics) {
      if (only.includes(topic.name)) results.push(await measure(topic, bench, effort));
    }
    const run: RunResult = {
      format: 1,
      date: new Date().toISOString().slice(0, 16) + 'Z',
      commit: commit(),
      host,
      python: await peer.facts(),
      effort,
      engines: engineReport(),
      topics: results,
    };
    const whole = values.only === undefined && !values.quick;
    writeResults(whole ? 'bench/results' : '.build/bench-results', run);
  } finally {
    await peer.close();
  }
  const all = verdicts(results);
  process.stdout.write(closing(all));
  return values.strict && all.some(({ met }) => met === false) ? 1 : 0;
}

process.exitCode = await main();
