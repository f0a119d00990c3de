/**
 * `%(key)s` in values: replaced by the value of that key, from the section itself, its subsection
 * `DEFAULT`, or the sections above it.
 * @module
 * @see RNS/vendor/configobj.py ConfigParserInterpolation (configobj 5.0.9)
 */
import type { ConfigSection } from './config-file.ts';
import type { ConfigValue } from './config-lines.ts';

const REFERENCE = /%\(([^)]*)\)s/;
/** Longest text that replacing may make of one value. */
const MAX_CHARACTERS = 1 << 20;

/** A value with its references replaced. @throws ProtocolError `RNS_CONFIG` when one cannot be */
export function interpolate(section: ConfigSection, key: string, value: ConfigValue): ConfigValue {
  const one = (text: string): string =>
    text.includes('%') ? replace(section, key, text, [], section, key) : text;
  return typeof value === 'string' ? one(value) : value.map(one);
}

/** Whether a text holds a reference. */
export function hasReference(text: string): boolean {
  return REFERENCE.test(text);
}

function replace(
  section: ConfigSection,
  key: string,
  text: string,
  trail: readonly string[],
  asked: ConfigSection,
  askedKey: string
): string {
  const here = `${section.name}\n${key}`;
  if (trail.includes(here)) throw asked.error(askedKey, `"%(${key})s" leads back to itself`);
  let done = '';
  let rest = text;
  for (let match = REFERENCE.exec(rest); match !== null; match = REFERENCE.exec(rest)) {
    const name = match[1] as string;
    const found = find(section, name);
    if (found === undefined) throw asked.error(askedKey, `"%(${name})s" names no key`);
    const { value, owner } = found;
    if (typeof value !== 'string') throw asked.error(askedKey, `"%(${name})s" names a list`);
    done += rest.slice(0, match.index);
    done += replace(owner, name, value, [...trail, here], asked, askedKey);
    rest = rest.slice(match.index + match[0].length);
    if (done.length > MAX_CHARACTERS) throw asked.error(askedKey, 'value grows too long');
  }
  return done + rest;
}

function find(
  from: ConfigSection,
  key: string
): { value: ConfigValue; owner: ConfigSection } | undefined {
  for (let owner: ConfigSection | undefined = from; owner !== undefined; owner = owner.parent) {
    const value = owner.raw(key) ?? owner.section('DEFAULT')?.raw(key);
    if (value !== undefined) return { value, owner };
  }
  return undefined;
}
