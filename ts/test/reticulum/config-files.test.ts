import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { utf8 } from '../../base/bytes.ts';
import { ConfigFile, type ConfigSection } from '../../reticulum/config-file.ts';
import type { ConfigValue } from '../../reticulum/config-lines.ts';
import { quoteValue } from '../../reticulum/config-quoting.ts';
import { SectionReader, readFloat, readInt } from '../../reticulum/config-reading.ts';

const t = suite('reticulum/config-files', import.meta.url);
const golden = loadGolden('reticulum', 'config-files');

const isOp =
  (op: string, refused = false) =>
  (item: GoldenCase): boolean =>
    item.in['op'] === op && (item.error !== undefined) === refused;

type Tree = readonly [[string, ConfigValue][], [string, Tree][]];

function treeOf(section: ConfigSection): Tree {
  return [
    section.keys().map((key) => [key, section.get(key) as ConfigValue]),
    section.sections().map((below) => [below.name, treeOf(below)]),
  ];
}

t('[reticulum/interface-get-config-obj] reads files as the reference, in odd cases too', () => {
  eachCase(
    golden,
    (item) => {
      const text = item.in['text'] as string;
      const file = ConfigFile.fromBytes(utf8(text));
      assert.equal(treeOf(file.root), item.out?.['tree']);
      sameBytes(file.toBytes(), utf8(text), 'an unchanged file is written as it was read');
    },
    isOp('read')
  );
});

t('refuses what the reference refuses, and names file and line', () => {
  eachCase(
    golden,
    (item) => {
      const error = throwsCode(() => {
        treeOf(ConfigFile.fromBytes(utf8(item.in['text'] as string), 'my.conf').root);
      }, 'RNS_CONFIG');
      const line = item.out?.['line'] as number | undefined;
      const place = line === undefined ? /^my\.conf:\d+ / : new RegExp(`^my\\.conf:${line}(?: |$)`);
      assert.match(error.at ?? '', place);
    },
    isOp('read', true)
  );
});

t('reads and refuses the same generated lines', () => {
  eachCase(
    golden,
    (item) => {
      for (const [line, tree] of item.out?.['read'] as [string, Tree][]) {
        assert.equal(treeOf(ConfigFile.parse(line).root), tree, line);
      }
      for (const line of item.out?.['refused'] as string[]) {
        throwsCode(() => treeOf(ConfigFile.parse(line).root), 'RNS_CONFIG', line);
      }
    },
    isOp('lines')
  );
});

t('quotes values as the reference where that reads back, and otherwise so that it does', () => {
  eachCase(
    golden,
    (item) => {
      const value = item.in['value'] as ConfigValue;
      const { written, readsBack } = item.out as { written?: string; readsBack?: boolean };
      let ours: string;
      try {
        ours = quoteValue(value);
      } catch (error) {
        assert.instance(error, RangeError);
        assert.not(readsBack === true, `could be written as ${written}`);
        return;
      }
      if (readsBack === true) assert.is(ours, written);
      assert.equal(ConfigFile.parse(`key = ${ours}\n`).root.get('key'), value);
    },
    isOp('quote')
  );
});

t('takes the same texts for truths and numbers', () => {
  const readers: Readonly<Record<string, (text: string) => unknown>> = {
    'as-bool': (text) => {
      const file = ConfigFile.parse(`key = "${text}"`);
      try {
        return new SectionReader(file.root, []).bool('key');
      } catch {
        return undefined;
      }
    },
    'as-int': readInt,
    'as-float': readFloat,
  };
  eachCase(
    golden,
    (item) => {
      const read = readers[item.in['op'] as string] as (text: string) => unknown;
      for (const [text, printed] of item.out?.['values'] as [string, string | null][]) {
        assert.is(Object.is(read(text), fromPython(printed)), true, `${text} is ${printed}`);
      }
    },
    (item) => Object.hasOwn(readers, item.in['op'] as string)
  );
});

/** A truth or number as Python prints it. */
function fromPython(printed: string | null): unknown {
  if (printed === null) return undefined;
  if (printed === 'True' || printed === 'False') return printed === 'True';
  if (printed.endsWith('inf')) return printed.startsWith('-') ? -Infinity : Infinity;
  return Number(printed);
}

const SAMPLE = `# first comment
name = one   # inline

[section] # of its own
  a = 1
  # about b
  b = "two, or three", four # list
  [[below]]
      c = '''several
lines''' # end

# about the last
[last]
`;

t('a changed key keeps its line, indentation and comments', () => {
  const file = ConfigFile.parse(SAMPLE);
  const section = file.root.section('section') as ConfigSection;
  file.root.set('name', 'a, b');
  section.set('b', ['x', 'y # z']);
  section.section('below')?.set('c', 'single');
  assert.is(
    file.toText(),
    SAMPLE.replace('name = one ', 'name = "a, b" ')
      .replace('b = "two, or three", four', 'b = x, "y # z"')
      .replace("'''several\nlines'''", 'single')
  );
  assert.equal(treeOf(ConfigFile.parse(file.toText()).root), treeOf(file.root));
});

t('keys and sections are added behind their like, and taken out without their neighbors', () => {
  const file = ConfigFile.parse(SAMPLE);
  const section = file.root.section('section') as ConfigSection;
  section.set('new', 'value');
  section.section('below')?.set('d', '');
  const added = section.addSection('other one');
  added.set('e', 'f');
  const text = file.toText();
  assert.ok(text.includes('four # list\n  new = value\n  [[below]]\n'), text);
  assert.ok(text.includes('      d = ""\n\n  [[other one]]\n    e = f\n\n# about the last'), text);
  assert.equal(treeOf(ConfigFile.parse(text).root), treeOf(file.root));
  assert.is(section.remove('a'), true);
  assert.is(section.remove('a'), false);
  assert.is(section.removeSection('below'), true);
  assert.is(section.removeSection('below'), false);
  assert.ok(file.toText().includes('# about b\n'));
  assert.equal(section.keys(), ['b', 'new']);
  assert.equal(treeOf(ConfigFile.parse(file.toText()).root), treeOf(file.root));
});

t('an empty file, a file without a last line end and one with CRLF can be added to', () => {
  const empty = ConfigFile.parse('');
  empty.root.addSection('a').set('b', 'c');
  assert.is(empty.toText(), '[a]\n  b = c\n');
  const open = ConfigFile.parse('# top\n[a]\nb = c');
  open.root.section('a')?.set('d', 'e');
  open.root.set('root', '1');
  assert.is(open.toText(), 'root = 1\n# top\n[a]\nb = c\nd = e\n');
  const windows = ConfigFile.parse('[a]\r\nb = c\r\n');
  windows.root.section('a')?.set('d', 'e');
  windows.root.addSection('f');
  assert.is(windows.toText(), '[a]\r\nb = c\r\nd = e\r\n\r\n[f]\r\n');
});

t('what the format cannot express is the caller’s mistake', () => {
  const { root } = ConfigFile.parse('[a]\nb = c\n');
  assert.throws(() => root.set('x', '%(y)s'), /would be replaced/);
  assert.throws(() => root.set('x', `'''a"""\n`), /cannot be quoted/);
  assert.throws(() => root.set('a', 'x'), /is a section/);
  assert.throws(() => root.set('two\nlines', 'x'), /cannot be quoted/);
  assert.throws(() => root.addSection('two\nlines'), /name cannot be quoted/);
  assert.throws(() => root.addSection('a'), /is taken/);
  root.set('with = and "', 'x');
  root.set('# hash', 'x');
  root.addSection(' spaced ] ');
  assert.equal(treeOf(ConfigFile.parse(root.file.toText()).root), treeOf(root));
});

t('bytes that are not UTF-8 and files that are too large are refused', () => {
  throwsCode(() => ConfigFile.fromBytes(Uint8Array.of(0x61, 0xff)), 'RNS_CONFIG');
  throwsCode(() => ConfigFile.parse('#'.repeat(4 * 1024 * 1024 + 1)), 'RNS_CONFIG');
});

t('references that multiply are refused before they fill the memory', () => {
  const lines = ['a0 = xxxxxxxxxx'];
  for (let i = 1; i < 30; i++) lines.push(`a${i} = ${`%(a${i - 1})s`.repeat(10)}`);
  const error = throwsCode(() => ConfigFile.parse(lines.join('\n')).root.get('a29'), 'RNS_CONFIG');
  assert.match(error.message, /too long/);
});

t('a line of many quotes and commas is read in time', () => {
  const line = `key = ${'"","'.repeat(2000)} x`;
  throwsCode(() => ConfigFile.parse(line), 'RNS_CONFIG');
});

t.run();
