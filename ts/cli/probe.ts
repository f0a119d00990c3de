/** `tesserae probe`: what this machine can run, and which engine each kernel got. @module */
// The index and not the loader alone: a kernel is known once its module was imported.
import { engineReport, probe, type Capabilities, type KernelReport } from '../kernel/index.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { jsonLine, safeLine, sizeText, table } from './output.ts';

/** Help and options of `probe`. */
export const probeSpec: CommandSpec = {
  name: 'probe',
  summary: 'show what this machine can run and which engine each kernel uses, and why',
  options: [{ name: 'json', help: 'print as JSON' }],
  notes: ['TESSERAE_ENGINE=ts|scalar|simd|relaxed sets an upper bound on the engine.'],
};

/** Load every kernel and say what runs it. */
export async function probeHost(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const host = probe();
  const kernels = engineReport(true);
  if (args.has('json')) {
    await io.stdout.write(
      jsonLine({ version: io.version, host: hostJson(host), kernels: kernels.map(kernelJson) })
    );
  } else {
    await io.stdout.write(`${table(hostRows(host))}\n${table(kernels.map(kernelRow))}`);
  }
  return ExitCode.OK;
}

function hostJson(host: Capabilities): Parameters<typeof jsonLine>[0] {
  return {
    runtime: host.runtime,
    architecture: host.architecture,
    platform: host.platform,
    cores: host.cores,
    memoryBytes: host.memoryBytes ?? null,
    wasm: { ...host.wasm, refusal: host.wasm.refusal ?? null },
    native: { ...host.native },
  };
}

function kernelJson(report: KernelReport): Parameters<typeof jsonLine>[0] {
  return {
    kernel: report.kernel,
    engine: report.engine ?? null,
    reason: report.reason,
    refused: report.refused.map(({ engine, reason }) => ({ engine, reason })),
    native: report.native ?? null,
  };
}

function hostRows(host: Capabilities): [string, string][] {
  const { wasm, native } = host;
  const memory = host.memoryBytes === undefined ? 'unknown' : sizeText(host.memoryBytes);
  return [
    ['Runtime', `${host.runtime} on ${host.platform} ${host.architecture}`],
    ['Cores', String(host.cores)],
    ['Memory', memory],
    ['WebAssembly', wasm.allowed ? 'yes' : `no: ${safeLine(wasm.refusal ?? 'unknown reason')}`],
    ['SIMD', `${yes(wasm.simd)}, relaxed ${yes(wasm.relaxedSimd)}, threads ${yes(wasm.threads)}`],
    [
      'Native',
      `crypto ${yes(native.crypto)}, sqlite ${yes(native.sqlite)}, ` +
        `zstd ${yes(native.zstd)}, quic ${yes(native.quic)}`,
    ],
  ];
}

function kernelRow(report: KernelReport): [string, string] {
  const native = report.native === undefined ? '' : ` (${report.native})`;
  return [report.kernel, safeLine(`${report.engine ?? 'none'}: ${report.reason}${native}`)];
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}
