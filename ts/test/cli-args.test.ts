import { commandHelp, overview, parseCommand, type CommandSpec } from '../cli/args.ts';
import { UsageError } from '../cli/exit.ts';
import { dateText, jsonLine, safeLine, safeText, sizeText, table } from '../cli/output.ts';
import { valueJson } from '../cli/message.ts';
import { MsgpackExt, MsgpackFloat, MsgpackTime } from '../codec/msgpack.ts';
import { assert } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('command lines', import.meta.url);

const SPEC: CommandSpec = {
  name: 'paper try',
  summary: 'a command for tests',
  positional: { name: 'THING', help: 'what it is about' },
  options: [
    { name: 'out', value: 'FILE', required: true, help: 'where to' },
    { name: 'tag', value: 'WORD', multiple: true, help: 'marks' },
    { name: 'mm', value: 'N', help: 'size' },
    { name: 'json', help: 'as JSON' },
  ],
  notes: ['A note.'],
};

function usage(argv: readonly string[], message: string): void {
  let caught: unknown;
  try {
    const args = parseCommand(SPEC, argv);
    if (args !== 'help') args.number('mm', 1, 100);
  } catch (error) {
    caught = error;
  }
  assert.instance(caught, UsageError, argv.join(' '));
  assert.is((caught as Error).message, message);
}

t('reads options in any order, with = or a space, and the argument between them', () => {
  const args = parseCommand(SPEC, ['--tag', 'a', 'thing', '--out=f', '--json', '--tag=b']);
  assert.ok(args !== 'help');
  assert.is(args.positional, 'thing');
  assert.is(args.required('out'), 'f');
  assert.equal(args.all('tag'), ['a', 'b']);
  assert.is(args.has('json'), true);
  assert.is(args.has('mm'), false);
  assert.is(args.text('mm'), undefined);
  assert.is(args.number('mm', 1, 2), undefined);
});

t('a lone dash is a value and an argument, -- ends the options', () => {
  const args = parseCommand(SPEC, ['--out', '-', '-']);
  assert.ok(args !== 'help');
  assert.is(args.text('out'), '-');
  assert.is(args.positional, '-');
  const dashed = parseCommand(SPEC, ['--out', 'f', '--', '--json']);
  assert.ok(dashed !== 'help');
  assert.is(dashed.positional, '--json');
  assert.is(dashed.has('json'), false);
});

t('values that begin with a dash or are empty need the equals sign, or nothing', () => {
  const args = parseCommand(SPEC, ['--out=-x', '--tag', '', 'thing']);
  assert.ok(args !== 'help');
  assert.is(args.text('out'), '-x');
  assert.equal(args.all('tag'), ['']);
});

t('every mistake is one sentence that names the argument', () => {
  const dash = 'one that begins with a dash is written --out=-...';
  usage(['x'], '--out FILE is required');
  usage(['--out', 'f'], 'THING is required');
  usage(['--out', 'f', 'a', 'b'], 'one THING is expected, "b" is too many');
  usage(['--out', 'f', '--nope', 'x'], '--nope is not an option of "tesserae paper try"');
  usage(['--out', 'f', '-j', 'x'], '-j is not an option of "tesserae paper try"');
  usage(['--out', 'f', '--out', 'g', 'x'], '--out is given twice');
  usage(['--out', 'f', '--json=yes', 'x'], '--json takes no value');
  usage(['x', '--out'], `--out needs a value; ${dash}`);
  usage(['--out', '--json', 'x'], `--out needs a value; ${dash}`);
  for (const bad of ['0', '101', '1.5', '1e1', 'ten', '', '0x10', ' 5', '+5', '９']) {
    usage(
      ['--out', 'f', `--mm=${bad}`, 'x'],
      `--mm must be a whole number from 1 to 100, got "${bad}"`
    );
  }
});

t('decimal numbers are taken where they are asked for', () => {
  const args = parseCommand(SPEC, ['--out', 'f', '--mm', '87.5', 'x']);
  assert.ok(args !== 'help');
  assert.is(args.number('mm', 1, 100, 'any'), 87.5);
  assert.throws(() => args.number('mm', 88, 100, 'any'), /--mm must be a number from 88 to 100/);
});

t('options named like parts of every object are unknown, not found', () => {
  usage(
    ['--out', 'f', '--constructor', 'x'],
    '--constructor is not an option of "tesserae paper try"'
  );
  usage(['--out', 'f', '--__proto__', 'x'], '--__proto__ is not an option of "tesserae paper try"');
});

t('help wins over every mistake and names all options', () => {
  for (const argv of [['-h'], ['--help'], ['--nope', '--help'], ['a', 'b', '-h']]) {
    assert.is(parseCommand(SPEC, argv), 'help');
  }
  const help = commandHelp(SPEC);
  assert.match(
    help,
    'usage: tesserae paper try --out FILE [--tag WORD]... [--mm N] [--json] THING\n'
  );
  for (const text of [
    'a command for tests',
    'what it is about',
    'where to',
    '-h, --help',
    'A note.',
  ]) {
    assert.match(help, text);
  }
  assert.match(overview([SPEC, { ...SPEC, name: 'probe' }]), /paper try +a command.*\n  probe/);
  assert.not.match(overview([SPEC, { ...SPEC, name: 'probe' }], 'paper'), 'probe');
});

t('nothing in a text can steer a terminal', () => {
  const evil = '\u001b[2J\u009b31m\u0007\r\n\tok\u202e\u2066x\u2028\u007f\u0000';
  assert.is(
    safeLine(evil),
    '\\x1b[2J\\x9b31m\\x07\\x0d\\x0a\\x09ok\\u{202e}\\u{2066}x\\u{2028}\\x7f\\x00'
  );
  assert.is(safeText('a\r\nb\tc\rd\u001b'), 'a\nb\tc\\x0dd\\x1b');
  assert.is(safeText('Grüße 👨‍👩‍👧 نیم‌فاصله'), 'Grüße 👨‍👩‍👧 نیم‌فاصله');
  assert.is(safeLine('\ud800x'), '\ufffdx');
  const line = jsonLine({ text: evil });
  assert.is(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(line),
    false
  );
  assert.is(line.indexOf('\n'), line.length - 1);
  assert.equal(JSON.parse(line), { text: evil });
});

t('every MessagePack value has a JSON form that can be told apart', () => {
  assert.equal(
    [
      null,
      true,
      7,
      2n ** 64n - 1n,
      'text',
      Uint8Array.of(0, 255),
      new MsgpackFloat(1.5),
      new MsgpackFloat(NaN),
      new MsgpackFloat(-Infinity),
      new MsgpackExt(5, Uint8Array.of(1)),
      new MsgpackTime(-1n, 5),
      [1, ['x']],
      new Map<string | number, string>([
        [1, 'a'],
        ['1', 'b'],
      ]),
    ].map(valueJson),
    [
      null,
      true,
      7,
      { int: '18446744073709551615' },
      'text',
      { hex: '00ff' },
      1.5,
      { float: 'NaN' },
      { float: '-Infinity' },
      { ext: 5, hex: '01' },
      { seconds: '-1', microseconds: 5 },
      [1, ['x']],
      {
        map: [
          [1, 'a'],
          ['1', 'b'],
        ],
      },
    ]
  );
});

t('dates, sizes and tables print for people', () => {
  assert.is(dateText(1_795_186_008.5), '2026-11-20 14:46:48 UTC');
  assert.is(dateText(0), '1970-01-01 00:00:00 UTC');
  assert.is(dateText(1e20), '100000000000000000000 s');
  assert.is(dateText(NaN), 'NaN s');
  assert.is(sizeText(999), '999 B');
  assert.is(sizeText(10_240), '10.24 kB');
  assert.is(sizeText(8_589_934_592), '8.59 GB');
  assert.is(
    table([
      ['a', '1'],
      ['long', '2'],
    ]),
    'a     1\nlong  2\n'
  );
});

t.run();
