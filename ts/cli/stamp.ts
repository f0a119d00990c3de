/** `tesserae stamp bench`: how many stamps a second each engine tries on one core of this machine. @module */
import { engineReport, forceEngine, type Engine } from '../kernel/loader.ts';
import { ENGINES } from '../kernel/probe.ts';
import { StampSearch } from '../kernel/stamp.ts';
import { messageWorkblock } from '../lxmf/stamp.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, InterruptedError, type ExitStatus } from './exit.ts';
import type { CliIo } from './io.ts';
import { jsonLine, safeLine, table } from './output.ts';

const DEFAULT_SECONDS = 1;

// No stamp ever meets this cost, so that a search lasts as long as it is let.
const UNREACHABLE_COST = 256;

/** Help and options of `stamp bench`. */
export const stampBenchSpec: CommandSpec = {
  name: 'stamp bench',
  summary: 'measure how fast each engine mines stamps here, on one core',
  options: [
    {
      name: 'seconds',
      value: 'N',
      help: `time for each engine, ${DEFAULT_SECONDS} by default`,
    },
    { name: 'json', help: 'print as JSON' },
  ],
};

interface Measured {
  readonly engine: Engine;
  /** `undefined` when the engine does not run here. */
  readonly triesPerSecond: number | undefined;
  readonly reason: string;
}

/** Measure every engine in turn. */
export async function stampBench(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const seconds = args.number('seconds', 0.01, 600, 'any') ?? DEFAULT_SECONDS;
  const rows: Measured[] = [];
  await io.interruptible(async (signal) => {
    try {
      for (const engine of ENGINES) rows.push(await measure(engine, seconds * 1000, signal, io));
    } finally {
      forceEngine(undefined);
    }
  });
  const plain = rows.find(({ engine }) => engine === 'ts')?.triesPerSecond;
  if (args.has('json')) {
    const engines = rows.map(({ engine, triesPerSecond, reason }) => ({
      engine,
      triesPerSecond: triesPerSecond === undefined ? null : Math.round(triesPerSecond),
      reason,
    }));
    await io.stdout.write(jsonLine({ seconds, engines }));
  } else {
    await io.stdout.write(table(rows.map((row) => [row.engine, words(row, plain)])));
  }
  return ExitCode.OK;
}

async function measure(
  engine: Engine,
  durationMs: number,
  signal: AbortSignal,
  io: CliIo
): Promise<Measured> {
  forceEngine(engine);
  const workblock = messageWorkblock(new Uint8Array(32));
  const search = new StampSearch(workblock, UNREACHABLE_COST, new Uint8Array(28));
  const report = engineReport().find(({ kernel }) => kernel === 'stamp');
  if (report?.engine !== engine) {
    const reason = report?.refused.find((one) => one.engine === engine)?.reason;
    return { engine, triesPerSecond: undefined, reason: reason ?? 'not built for this kernel' };
  }
  let slice = 1000;
  search.run(slice);
  let tries = 0;
  const startMs = io.clock.now();
  let spentMs = 0;
  while (spentMs < durationMs) {
    search.run(slice);
    tries += slice;
    await io.breathe();
    if (signal.aborted) throw new InterruptedError();
    spentMs = io.clock.now() - startMs;
    // Slices of about a twentieth of a second, once their speed is known.
    if (spentMs > 0) slice = Math.max(1000, Math.round((tries * 50) / spentMs));
  }
  return { engine, triesPerSecond: (tries * 1000) / spentMs, reason: report.reason };
}

function words({ triesPerSecond, reason }: Measured, plain: number | undefined): string {
  if (triesPerSecond === undefined) return safeLine(`does not run here: ${reason}`);
  const rate = `${Math.round(triesPerSecond / 1000)} k tries a second`;
  return plain === undefined ? rate : `${rate}, ${(triesPerSecond / plain).toFixed(1)} times ts`;
}
