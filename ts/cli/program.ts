/** The program: finds the command, runs it, and turns every ending into one line and an exit code. @module */
import { commandHelp, overview, parseCommand, type CommandSpec, type ParsedArgs } from './args.ts';
import { ExitCode, InterruptedError, UsageError, type ExitStatus } from './exit.ts';
import { cesGet, cesGetSpec } from './ces-get.ts';
import { cesInspect, cesInspectSpec } from './ces-inspect.ts';
import { cesPut, cesPutSpec } from './ces-put.ts';
import { cesRepair, cesRepairSpec } from './ces-repair.ts';
import { cesVerify, cesVerifySpec } from './ces-verify.ts';
import { idNew, idNewSpec, idShow, idShowSpec } from './id.ts';
import type { CliIo } from './io.ts';
import { errorLine } from './output.ts';
import { overlayListen, overlayListenSpec } from './overlay-listen.ts';
import { overlayPing, overlayPingSpec } from './overlay-ping.ts';
import { paperNew, paperNewSpec } from './paper-new.ts';
import { paperQr, paperQrSpec } from './paper-qr.ts';
import { paperRead, paperReadSpec } from './paper-read.ts';
import { probeHost, probeSpec } from './probe.ts';
import { stampBench, stampBenchSpec } from './stamp.ts';

interface Command {
  readonly spec: CommandSpec;
  readonly run: (args: ParsedArgs, io: CliIo) => Promise<ExitStatus>;
}

const COMMANDS: readonly Command[] = [
  { spec: idNewSpec, run: idNew },
  { spec: idShowSpec, run: idShow },
  { spec: paperNewSpec, run: paperNew },
  { spec: paperReadSpec, run: paperRead },
  { spec: paperQrSpec, run: paperQr },
  { spec: cesPutSpec, run: cesPut },
  { spec: cesGetSpec, run: cesGet },
  { spec: cesVerifySpec, run: cesVerify },
  { spec: cesRepairSpec, run: cesRepair },
  { spec: cesInspectSpec, run: cesInspect },
  { spec: overlayPingSpec, run: overlayPing },
  { spec: overlayListenSpec, run: overlayListen },
  { spec: stampBenchSpec, run: stampBench },
  { spec: probeSpec, run: probeHost },
];

/**
 * Run one command line.
 * @param argv - the words after `tesserae`
 * @returns the exit code; every failure has been told on standard error in one line
 */
export async function main(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    await io.stderr.write(`tesserae: ${errorLine(error)}\n`);
    if (error instanceof UsageError) return ExitCode.USAGE;
    return error instanceof InterruptedError ? ExitCode.INTERRUPTED : ExitCode.FAILED;
  }
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  const [first, second = ''] = argv;
  const specs = COMMANDS.map(({ spec }) => spec);
  if (first === '--version') {
    await io.stdout.write(`tesserae ${io.version}\n`);
    return ExitCode.OK;
  }
  if (first === '--help' || first === '-h') {
    await io.stdout.write(overview(specs));
    return ExitCode.OK;
  }
  if (first === undefined) {
    await io.stderr.write(overview(specs));
    return ExitCode.USAGE;
  }
  const found = COMMANDS.find(({ spec }) => {
    const words = spec.name.split(' ');
    return words.every((word, index) => word === argv[index]);
  });
  if (found !== undefined) {
    const args = parseCommand(found.spec, argv.slice(found.spec.name.split(' ').length));
    if (args !== 'help') return found.run(args, io);
    await io.stdout.write(commandHelp(found.spec));
    return ExitCode.OK;
  }
  const group = specs.some(({ name }) => name.startsWith(`${first} `));
  if (group && ['', '-h', '--help'].includes(second)) {
    const asked = second !== '';
    await (asked ? io.stdout : io.stderr).write(overview(specs, first));
    return asked ? ExitCode.OK : ExitCode.USAGE;
  }
  const given = group ? `${first} ${second}` : first;
  const names = specs.map(({ name }) => name).filter((name) => !group || name.startsWith(first));
  throw new UsageError(`"${given}" is not a command (${names.join(', ')})`);
}
