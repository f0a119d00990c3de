/**
 * Compile the benchmarks and the sources they measure the way the package is compiled, and run them
 * with plain Node: a loader that rewrites modules on the fly slows some of the engines down.
 *
 * usage: node --import tsx bench/run.ts [--only TOPIC]... [--quick] [--strict] [--list]
 *
 * `--quick` takes fewer and shorter measurements; `--strict` exits 1 when a goal is missed. A full
 * run writes `bench/results/`, any other writes `.build/bench-results/`. @module
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

function run(...args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

// A folder of its own, so that two runs at the same time do not meet.
const folder = `.build/bench-${String(process.pid)}`;
process.once('exit', () => rmSync(`${root}${folder}`, { recursive: true, force: true }));
// An interrupt reaches the child as well; waiting for its end lets the folder go.
process.once('SIGINT', () => undefined);
const tsc = 'node_modules/typescript/bin/tsc';
const compiled = await run(tsc, '-p', 'bench/tsconfig.json', '--outDir', folder);
const main = `${folder}/bench/main.js`;
if (existsSync(`${root}${main}`)) {
  // The compiler writes its output despite type errors, which `make check` reports.
  if (compiled !== 0) process.stderr.write('measuring despite the type errors above\n');
  process.exitCode = await run('--expose-gc', main, ...process.argv.slice(2));
} else {
  process.exitCode = 1;
}
