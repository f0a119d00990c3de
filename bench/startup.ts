/** What the kernels cost before they pay: time of their first use, bytes shipped. @module */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import type { Bench, Figure, Topic } from './topic.ts';

const run = promisify(execFile);

/** What `first-use.ts` prints. */
export interface FirstUse {
  /** Kernels that were loaded, each with its engine. */
  readonly kernels: readonly string[];
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly settledCpuMs: number;
}

/** Where the compiled sources lie, beside these compiled benchmarks. */
const compiled = (path: string): string => fileURLToPath(new URL(`../ts/${path}`, import.meta.url));

/** Builds of each kernel, as `asconfig.json` lists them. */
function builds(root: string): [kernel: string, builds: string[]][] {
  const config = JSON.parse(readFileSync(`${root}asconfig.json`, 'utf8')) as {
    kernels: Record<string, string[]>;
  };
  return Object.entries(config.kernels).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function firstUses(kernel: string, times: number): Promise<FirstUse[]> {
  const script = fileURLToPath(new URL('first-use.js', import.meta.url));
  const found: FirstUse[] = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await run(process.execPath, [script, kernel]);
    const use = JSON.parse(stdout) as FirstUse;
    if (use.kernels.length !== 1 || use.kernels[0]?.startsWith(`${kernel} `) !== true) {
      throw new Error(`ts/kernel/${kernel}.ts loads ${use.kernels.join(', ') || 'no kernel'}`);
    }
    found.push(use);
  }
  return found;
}

async function times({ root, repetitions }: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [kernel] of builds(root)) {
    const there = existsSync(compiled(`kernel/${kernel}.js`));
    const found = there ? await firstUses(kernel, repetitions) : [];
    const figure = (what: string, pick: (use: FirstUse) => number): Figure => ({
      name: `First use of ${kernel}, ${what}`,
      unit: 'ms',
      values: found.map(pick),
      ...(there ? {} : { absent: `there is no ts/kernel/${kernel}.ts` }),
    });
    figures.push(
      { ...figure('CPU time', ({ cpuMs }) => cpuMs), atMost: 30 },
      figure('wall time', ({ wallMs }) => wallMs),
      figure('CPU time until the optimizing compiler is done', (use) => use.settledCpuMs)
    );
  }
  return figures;
}

/** Compressed size of the modules that carry the kernels, each by itself as imports fetch it. */
function sizes({ root }: Bench): Figure[] {
  const size = (kernel: string, build: string): number => {
    const module = compiled(`kernel/generated/${kernel}-${build}.js`);
    return brotliCompressSync(readFileSync(module)).length / 1024;
  };
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, each) => total + each, 0);
  const all = builds(root).filter(([kernel, names]) =>
    existsSync(compiled(`kernel/generated/${kernel}-${names[0] ?? ''}.js`))
  );
  const best = all.map(([kernel, names]) =>
    size(kernel, names.includes('simd') ? 'simd' : 'scalar')
  );
  const every = all.flatMap(([kernel, names]) => names.map((build) => size(kernel, build)));
  return [
    {
      name: 'Modules of all kernels, SIMD build or else scalar, brotli',
      unit: 'KB',
      values: [sum(best)],
      atMost: 35,
    },
    { name: 'Modules of all kernels and builds, brotli', unit: 'KB', values: [sum(every)] },
  ];
}

/** Start-up. */
export const topic: Topic = {
  name: 'startup',
  title: 'Start-up and size',
  about:
    'First use of a kernel in a fresh process: base64, compilation, self-test and warm-up, until the ' +
    'call returns. The CPU time includes what V8 compiles on other threads meanwhile; it goes on ' +
    'optimizing in the background for a while. Sizes are those of the ES modules that carry the ' +
    'kernels as base64, each compressed by itself; 1 KB is 1024 bytes.',
  groups: [],
  figures: async (bench) => [...(await times(bench)), ...sizes(bench)],
};
