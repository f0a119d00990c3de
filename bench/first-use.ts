/**
 * One fresh process: load one kernel for the first time and print what that cost, as JSON.
 *
 * usage: node first-use.js KERNEL @module
 */
import { engineReport } from '../ts/kernel/loader.ts';
import type { FirstUse } from './startup.ts';

/** How long V8 may take to settle in the background. */
const SETTLE_MS = 150;

function cpuMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

// The façade `ts/kernel/<kernel>.ts` makes its kernel known; nothing is compiled by the import.
await import(`../ts/kernel/${process.argv[2] ?? ''}.js`);
const cpu = process.cpuUsage();
const start = performance.now();
const loaded = engineReport(true);
const wall = performance.now() - start;
const used = cpuMs(cpu);
await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
const result: FirstUse = {
  kernels: loaded.map(({ kernel, engine }) => `${kernel} ${engine ?? 'none'}`),
  wallMs: wall,
  cpuMs: used,
  settledCpuMs: cpuMs(cpu),
};
process.stdout.write(JSON.stringify(result));
