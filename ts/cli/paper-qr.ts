/** `tesserae paper qr`: draw a paper message or a contact card as QR code. @module */
import { utf8 } from '../base/bytes.ts';
import { parseContactCard } from '../lxmf/contact.ts';
import { parsePaperUri } from '../lxmf/paper.ts';
import { encodeQr, type QrCode } from '../qr/code.ts';
import { printAdvice, type PrintAdvice } from '../qr/print.ts';
import { qrToPng } from '../qr/png.ts';
import { qrToSvg } from '../qr/svg.ts';
import { qrToText } from '../qr/text.ts';
import type { CommandSpec, ParsedArgs } from './args.ts';
import { ExitCode, UsageError, type ExitStatus } from './exit.ts';
import { readUris } from './input.ts';
import type { CliIo } from './io.ts';
import { concerning, jsonLine } from './output.ts';

const DEFAULT_MM = 90;

/** Help and options of `paper qr`. */
export const paperQrSpec: CommandSpec = {
  name: 'paper qr',
  summary: 'draw a paper message or contact card as QR code, for print or terminal',
  positional: { name: 'URI', help: 'lxm://... or lxma://..., or - for standard input' },
  options: [
    { name: 'svg', value: 'FILE', help: 'write an SVG drawing; - for standard output' },
    { name: 'png', value: 'FILE', help: 'write a PNG image; - for standard output' },
    { name: 'text', help: 'print half blocks: in color to a terminal, else for dark backgrounds' },
    { name: 'ascii', help: 'print # and spaces instead' },
    { name: 'inverse', help: 'swap dark and light in the plain text forms' },
    { name: 'mm', value: 'N', help: `width of the print in millimeters, ${DEFAULT_MM} by default` },
    { name: 'json', help: 'print size and print advice as JSON' },
  ],
  notes: ['One of --svg, --png, --text or --ascii is needed. Files are never overwritten.'],
};

/** Draw the code; what the print will be like goes to standard error. */
export async function paperQr(args: ParsedArgs, io: CliIo): Promise<ExitStatus> {
  const target = targetOf(args);
  const mm = args.number('mm', 1, 10_000, 'any') ?? DEFAULT_MM;
  const [uri, ...others] = await readUris('URI', args.positional, ['lxm', 'lxma'], io);
  if (uri === undefined || others.length > 0) throw new UsageError('URI: more than one was found');
  const compact = uri.replace(/\s+/g, '');
  const code = await concerning('URI', () => {
    if (compact.toLowerCase().startsWith('lxma:')) parseContactCard(compact);
    else parsePaperUri(compact);
    return encodeQr(compact);
  });
  const advice = printAdvice(code.size, mm);
  const json = args.has('json');
  const drawn = draw(code, target, mm, args, io.stdout.isTerminal && !json);
  if (target.path !== undefined && target.path !== '-') {
    const bytes = typeof drawn === 'string' ? utf8(drawn) : drawn;
    await concerning(`--${target.form}`, () => io.createFile(target.path as string, bytes));
  } else if (!json) {
    await io.stdout.write(drawn);
  }
  if (json) await io.stdout.write(jsonLine(facts(code, target, advice, drawn)));
  else if (target.path !== undefined) await io.stderr.write(`tesserae: ${words(code, advice)}\n`);
  return ExitCode.OK;
}

interface Target {
  readonly form: 'svg' | 'png' | 'text' | 'ascii';
  /** `-` is standard output; `undefined` for the text forms, which know no file. */
  readonly path: string | undefined;
}

function targetOf(args: ParsedArgs): Target {
  const forms = (['svg', 'png', 'text', 'ascii'] as const).filter((form) => args.has(form));
  const [form, second] = forms;
  if (form === undefined || second !== undefined) {
    throw new UsageError('exactly one of --svg FILE, --png FILE, --text and --ascii is needed');
  }
  const plain = form === 'text' || form === 'ascii';
  const path = plain ? undefined : args.text(form);
  if (args.has('json') && path === '-') {
    throw new UsageError(`--json and --${form} - cannot share standard output`);
  }
  if (args.has('inverse') && !plain) throw new UsageError('--inverse needs --text or --ascii');
  return { form, path };
}

function draw(
  code: QrCode,
  { form, path }: Target,
  mm: number,
  args: ParsedArgs,
  toTerminal: boolean
): string | Uint8Array {
  if (form === 'svg') return qrToSvg(code, { mm });
  if (form === 'png') {
    if (path === '-' && toTerminal) throw new UsageError('--png -: standard output is a terminal');
    return qrToPng(code, { mm });
  }
  const inverse = args.has('inverse');
  if (form === 'ascii') return qrToText(code, { style: 'ascii', inverse });
  // Asked for a polarity, the user knows the background better than the color codes do.
  return qrToText(code, { style: toTerminal && !inverse ? 'ansi' : 'blocks', inverse });
}

function facts(
  code: QrCode,
  { form, path }: Target,
  advice: PrintAdvice,
  drawn: string | Uint8Array
): Parameters<typeof jsonLine>[0] {
  return {
    version: code.version,
    level: code.level,
    modules: code.size,
    mm: advice.mm,
    mmPerModule: advice.mmPerModule,
    verdict: advice.verdict,
    goodMm: advice.goodMm,
    form,
    file: path,
    text: path === undefined && typeof drawn === 'string' ? drawn : undefined,
  };
}

function words(code: QrCode, advice: PrintAdvice): string {
  const size =
    `version ${code.version}-${code.level}, ${code.size} modules, ` +
    `${advice.mmPerModule.toFixed(2)} mm a module at ${advice.mm} mm`;
  if (advice.verdict === 'good') return `${size}: good`;
  const risk = advice.verdict === 'caution' ? 'some phones will struggle' : 'likely unreadable';
  return `${size}: ${risk}, print it at ${advice.goodMm} mm or more`;
}
