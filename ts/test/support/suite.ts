/**
 * The project's test shape: a uvu suite that also records which parity rows each test proved.
 *
 * A title may start with row ids in brackets: `[lxmf/paper-packed-uri-helper] seals ...`; several
 * brackets may follow each other, and `[row/id:part]` names one part of a row. Every test has a time
 * limit, so a hanging promise fails by name.
 * @module
 */
import { suite as uvuSuite } from 'uvu';
import { appendFileSync } from 'node:fs';
import { goldenUse, resetGoldenUse } from './golden.ts';
import { splitTitle } from '../../parity/marks.ts';
import { referencesUsed, resetReferences } from './reference.ts';

/** What proves a row: bytes the reference made, the running reference, a simulation, or our own tests. */
export type EvidenceKind = 'live' | 'golden' | 'net' | 'prop' | 'self';

/** A named group of tests; call {@link TestSuite.run} at the end of the file. */
export interface TestSuite {
  (title: string, body: () => void | Promise<void>, limitMs?: number): void;
  /** Register a test that cannot run here, with the reason that the report shows. */
  skip(title: string, reason: string): void;
  before(hook: () => void | Promise<void>): void;
  after(hook: () => void | Promise<void>): void;
  run(): void;
}

export { splitTitle };

/** Start a suite. `url` is the caller's `import.meta.url`, which names the file in the evidence. */
export function suite(name: string, url: string): TestSuite {
  const inner = uvuSuite(name);
  const file = url.slice(url.indexOf('/ts/') + 1);
  // A browser may be slow on a busy machine without anything being wrong.
  const usual = file.endsWith('.e2e.test.ts') ? 90_000 : 30_000;
  const add = (title: string, body: () => void | Promise<void>, limitMs = usual): void => {
    inner(title, async () => {
      resetGoldenUse();
      resetReferences();
      try {
        await limited(body, limitMs, title);
      } catch (error) {
        record(file, name, title, 'failed');
        throw error;
      }
      record(file, name, title, 'passed');
    });
  };
  return Object.assign(add, {
    skip(title: string, reason: string): void {
      inner.skip(title, () => undefined);
      process.stdout.write(`SKIP ${name}: ${title} (${reason})\n`);
      record(file, name, title, 'skipped', reason);
    },
    before: (hook: () => void | Promise<void>): void => void inner.before(async () => hook()),
    after: (hook: () => void | Promise<void>): void => void inner.after(async () => hook()),
    run: (): void => inner.run(),
  });
}

async function limited(
  body: () => void | Promise<void>,
  limitMs: number,
  title: string
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`"${title}" took longer than ${limitMs} ms`)),
      limitMs
    );
  });
  try {
    await Promise.race([Promise.resolve(body()), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function kindOf(file: string, result: 'passed' | 'failed' | 'skipped'): EvidenceKind {
  // A live test that passed without naming a running reference proves no more than any other.
  const live = result !== 'passed' || referencesUsed().length > 0;
  if (file.endsWith('.live.test.ts') && live) return 'live';
  if (goldenUse().cases > 0) return 'golden';
  if (file.endsWith('.net.test.ts')) return 'net';
  return file.endsWith('.prop.test.ts') ? 'prop' : 'self';
}

function record(
  file: string,
  suiteName: string,
  title: string,
  result: 'passed' | 'failed' | 'skipped',
  reason?: string
): void {
  const path = process.env['TESSERAE_EVIDENCE'];
  if (path === undefined || path === '') return;
  const { rows, text } = splitTitle(title);
  const golden = goldenUse();
  const engine = process.env['TESSERAE_ENGINE'];
  const line = {
    file,
    suite: suiteName,
    test: text,
    rows,
    kind: kindOf(file, result),
    result,
    ...(reason === undefined ? {} : { reason }),
    ...(engine === undefined ? {} : { engine }),
    cases: golden.cases,
    references: [...new Set([...golden.references, ...referencesUsed()])].sort(),
  };
  appendFileSync(path, JSON.stringify(line) + '\n');
}
