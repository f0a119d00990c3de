import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert, throwsCode } from '../support/assert.ts';
import { ProtocolError } from '../../base/errors.ts';
import { ConfigFile, type ConfigSection } from '../../reticulum/config-file.ts';
import { readInterfaceSettings } from '../../reticulum/config-interfaces.ts';
import type { ConfigValue } from '../../reticulum/config-lines.ts';
import { readReticulumSettings } from '../../reticulum/config-settings.ts';

const t = suite('reticulum/config properties', import.meta.url);

const piece = fc.constantFrom(
  ...['[', ']', '[[', ']]', ' = ', '=', '"', "'", "'''", '"""', '\n', '\n', '\r\n', '#', ', ', ','],
  ...['  ', '\t', 'key', 'other', 'value', '%(key)s', 'yes', '12', 'é', '\u00a0', '\\']
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
);
const value: fc.Arbitrary<ConfigValue> = fc.oneof(word, fc.array(word, { maxLength: 4 }));

t('any text is read and written back byte for byte, or refused with RNS_CONFIG', () => {
  fc.assert(
    fc.property(text, (source) => {
      const file = attempt(() => ConfigFile.parse(source));
      if (file !== undefined) assert.is(file.toText(), source);
    }),
    { numRuns: 5000 }
  );
});

t('what is set reads back, and leaves all else as it was', () => {
  fc.assert(
    fc.property(text, word, value, (source, key, set) => {
      const file = attempt(() => ConfigFile.parse(source));
      if (file === undefined) return;
      const section = sectionsOf(file.root).at(-1) as ConfigSection;
      const before = dump(file.root);
      try {
        section.set(key, set);
      } catch (error) {
        assert.instance(error, RangeError);
        assert.equal(dump(file.root), before);
        return;
      }
      const after = ConfigFile.parse(file.toText());
      assert.equal(dump(after.root), dump(file.root), file.toText());
      const found = sectionsOf(after.root).at(-1) as ConfigSection;
      assert.equal(found.raw(key), set);
      section.remove(key);
      assert.equal(
        dump(ConfigFile.parse(file.toText()).root),
        dump(file.root),
        'after taking it out again'
      );
    }),
    { numRuns: 4000 }
  );
});

t('sections are added under any name that can be written', () => {
  fc.assert(
    fc.property(text, word, (source, name) => {
      const file = attempt(() => ConfigFile.parse(source));
      if (file === undefined) return;
      try {
        file.root.addSection(name).set('key', 'value');
      } catch (error) {
        assert.instance(error, RangeError);
        return;
      }
      assert.equal(dump(ConfigFile.parse(file.toText()).root), dump(file.root), file.toText());
    }),
    { numRuns: 2000 }
  );
});

t('settings of any values are read or refused with RNS_CONFIG', () => {
  const keys = ['enable_transport', 'rpc_key', 'ic_new_time', 'blackhole_sources', 'loglevel'];
  const own = ['type', 'enabled', 'mode', 'ifac_size', 'bitrate', 'passphrase', 'announce_cap'];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 4 }),
      fc.array(fc.tuple(fc.constantFrom(...own), value), { maxLength: 5 }),
      (reticulum, one) => {
        const file = ConfigFile.parse('[reticulum]\n[interfaces]\n[[A]]\ntype = UDPInterface\n');
        const section = file.root.section('interfaces')?.section('A');
        for (const [key, set] of reticulum) trySet(file.root.section('reticulum'), key, set);
        for (const [key, set] of one) trySet(section, key, set);
        attempt(() => readInterfaceSettings(file, readReticulumSettings(file)));
      }
    ),
    { numRuns: 2000 }
  );
});

t('a line that is refused alone is refused in a file too', () => {
  fc.assert(
    fc.property(
      text.filter((source) => !source.includes('\n') && !source.includes('[')),
      (line) => {
        const open = line.includes("'''") || line.includes('"""');
        if (open || attempt(() => ConfigFile.parse(line)) !== undefined) return;
        throwsCode(() => ConfigFile.parse(`[a]\nb = c\n${line}\nd = e\n`), 'RNS_CONFIG');
      }
    ),
    { numRuns: 2000 }
  );
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    assert.instance(error, ProtocolError);
    assert.is((error as ProtocolError).code, 'RNS_CONFIG');
    return undefined;
  }
}

function trySet(section: ConfigSection | undefined, key: string, set: ConfigValue): void {
  try {
    section?.set(key, set);
  } catch (error) {
    assert.instance(error, RangeError);
  }
}

function sectionsOf(section: ConfigSection): ConfigSection[] {
  return [section, ...section.sections().flatMap((below) => sectionsOf(below))];
}

function dump(section: ConfigSection): unknown {
  return [
    section.keys().map((key) => [key, section.raw(key)]),
    section.sections().map((below) => [below.name, dump(below)]),
  ];
}

t.run();
