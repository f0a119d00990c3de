/** PARITY.md as a pure function of rows and evidence: the same data gives the same bytes. @module */
import type { Evidence } from './evidence.ts';
import type { Row } from './rows.ts';
import { proofOf, STATES, standings, type Standing, type State } from './state.ts';

const STATE_TEXT: Readonly<Record<State, string>> = {
  live: 'proven live',
  golden: 'proven golden',
  self: 'self-tested',
  partial: 'partial',
  absent: 'absent',
  out: 'out of scope',
};

const SYSTEMS: readonly { readonly system: string; readonly title: string }[] = [
  { system: 'reticulum', title: 'Reticulum' },
  { system: 'lxmf', title: 'LXMF' },
  { system: 'stellar-overlay', title: 'Stellar overlay' },
  { system: 'stellar-overlay-tests', title: 'Stellar overlay: upstream tests' },
  { system: 'stellar-core', title: 'stellar-core beyond the overlay' },
  { system: 'pangea', title: 'Pangea' },
  { system: 'tesserae', title: 'Promises of this package' },
];

/** What the Rust ports write into their tables, gathered into the columns shown here. */
const RUST_CLAIMS: Readonly<Record<string, RustClaim>> = {
  implemented: 'done',
  full: 'done',
  partial: 'partial',
  missing: 'missing',
  none: 'missing',
  gap: 'missing',
};

const RUST_COLUMNS = ['done', 'partial', 'missing', 'other', 'not listed'] as const;
type RustClaim = (typeof RUST_COLUMNS)[number];

/** More tests than this are counted, not listed; the strongest come first. */
const TESTS_SHOWN = 8;

const INTRO = `# Parity

Generated from the rows in \`ts/parity/data\` and the evidence that tests left there; written by
\`make parity\`, checked by \`make check\`, never edited by hand. A row claims what the tests that name
it proved, and no more:

| state | what it takes |
|---|---|
| **proven live** | a test exchanged bytes with the running reference program |
| **proven golden** | a test reproduced bytes that the reference program made |
| **self-tested** | the project's own tests alone: unit, property or simulated network |
| **partial** | some parts of the row have a test that passes, some have none |
| **absent** | no test that passes; nothing is claimed |
| **out of scope** | not ported, for the reason given |

The columns on the right are what the Rust ports claim of themselves in their own tables
(\`implemented\` or \`full\`, \`partial\`, \`missing\`, all else, and rows their tables do not have). They
are claims, not proofs.
`;

/** Render the report. */
export function renderReport(rows: readonly Row[], evidence: readonly Evidence[]): string {
  const all = standings(rows, evidence);
  const known = SYSTEMS.filter(({ system }) => rows.some((row) => row.system === system));
  const named = new Set(SYSTEMS.map(({ system }) => system));
  const others = [...new Set(rows.map((row) => row.system))].filter((name) => !named.has(name));
  const systems = [...known, ...others.map((system) => ({ system, title: system }))];
  const sections = systems.map(({ system, title }) =>
    section(
      title,
      all.filter((one) => one.row.system === system)
    )
  );
  return [INTRO, summary(systems, all), references(all), ...sections].join('\n');
}

function summary(
  systems: readonly { system: string; title: string }[],
  all: readonly Standing[]
): string {
  const head = [
    'system',
    'rows',
    ...STATES.map((state) => STATE_TEXT[state]),
    ...RUST_COLUMNS.map((column, index) => (index === 0 ? `Rust: ${column}` : column)),
  ];
  const line = (title: string, list: readonly Standing[]): string[] => [
    title,
    String(list.length),
    ...STATES.map((state) => String(list.filter((one) => one.state === state).length)),
    ...RUST_COLUMNS.map((claim) =>
      String(list.filter(({ row }) => rustClaim(row) === claim).length)
    ),
  ];
  const body = systems.map(({ system, title }) =>
    line(
      title,
      all.filter((one) => one.row.system === system)
    )
  );
  return `## Summary\n\n${table(head, [...body, line('**all**', all)], 1)}`;
}

function rustClaim(row: Row): RustClaim {
  if (row.rustStatus === undefined) return 'not listed';
  return RUST_CLAIMS[row.rustStatus] ?? 'other';
}

function references(all: readonly Standing[]): string {
  const use = new Map<string, { live: Set<Evidence>; golden: Set<Evidence> }>();
  for (const entry of all.flatMap((one) => one.tests)) {
    const proof = proofOf(entry);
    if (proof !== 'live' && proof !== 'golden') continue;
    for (const name of entry.references) {
      const found = use.get(name) ?? { live: new Set(), golden: new Set() };
      found[proof].add(entry);
      use.set(name, found);
    }
  }
  if (use.size === 0) return '## Reference programs\n\nNo test has used one yet.\n';
  const names = [...use.keys()].sort();
  const body = names.map((name) => [
    text(name),
    String(use.get(name)?.live.size ?? 0),
    String(use.get(name)?.golden.size ?? 0),
  ]);
  return `## Reference programs\n\n${table(['program', 'live tests', 'golden tests'], body, 1)}`;
}

function section(title: string, list: readonly Standing[]): string {
  const components = [...new Set(list.map((one) => one.row.component))];
  const parts = components.map((component) =>
    componentText(
      component,
      list.filter((one) => one.row.component === component)
    )
  );
  return `## ${title}\n\n${parts.join('\n')}`;
}

function componentText(component: string, list: readonly Standing[]): string {
  const counts = STATES.map((state) => ({
    state,
    count: list.filter((one) => one.state === state).length,
  })).filter(({ count }) => count > 0);
  const line = counts.map(({ state, count }) => `${count} ${STATE_TEXT[state]}`).join(', ');
  const bare = list.filter((one) => one.tests.length === 0);
  const tested = [...list.filter((one) => one.tests.length > 0)].sort(
    (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state)
  );
  const blocks = [`### ${text(component)}\n\n${line}\n`];
  if (tested.length > 0) blocks.push(tested.map(testedRow).join(''));
  if (bare.length > 0) blocks.push(bareTable(bare));
  return blocks.join('\n');
}

function testedRow({ row, state, tests, missing }: Standing): string {
  const facts = [
    ...(row.reference === undefined ? [] : [`\`${row.reference}\``]),
    ...(row.since === undefined ? [] : [`since ${row.since}`]),
    ...(row.rustStatus === undefined ? [] : [`Rust: ${row.rustStatus}`]),
  ].join(', ');
  const lines = [
    `- **${STATE_TEXT[state]}** \`${row.id}\` ${text(row.upstream)}` +
      (facts === '' ? '' : ` (${facts})`),
    ...tests.slice(0, TESTS_SHOWN).map((entry) => `  - ${testLine(entry)}`),
  ];
  const rest = tests.length - TESTS_SHOWN;
  if (rest > 0) lines.push(`  - and ${rest} more`);
  if (missing.length > 0) lines.push(`  - without proof: ${missing.join(', ')}`);
  return lines.join('\n') + '\n';
}

function testLine(entry: Evidence): string {
  const proof = proofOf(entry);
  const own = entry.kind === 'net' || entry.kind === 'prop' ? entry.kind : 'self';
  const mark = proof === undefined ? entry.result : proof === 'self' ? own : proof;
  const notes = [
    ...(proof === 'golden' ? [`${entry.cases} ${entry.cases === 1 ? 'case' : 'cases'}`] : []),
    ...(proof === 'live' || proof === 'golden' ? entry.references : []),
    ...(entry.engines === undefined || entry.engines.length === 0
      ? []
      : [`under ${entry.engines.join(', ')}`]),
    ...(entry.reason === undefined ? [] : [entry.reason]),
  ];
  const tail = notes.length === 0 ? '' : ` (${text(notes.join('; '))})`;
  return `${mark}: \`${entry.file}\`: ${text(entry.test)}${tail}`;
}

function bareTable(list: readonly Standing[]): string {
  const columns: readonly { readonly head: string; readonly cell: (one: Standing) => string }[] = [
    { head: 'row', cell: ({ row }) => `\`${row.id.slice(row.system.length + 1)}\`` },
    {
      head: 'state',
      cell: ({ row, state }) =>
        row.outOfScope === undefined
          ? STATE_TEXT[state]
          : `${STATE_TEXT.out}: ${text(row.outOfScope)}`,
    },
    {
      head: 'what',
      cell: ({ row }) =>
        text(row.upstream) + (row.since === undefined ? '' : ` (since ${row.since})`),
    },
    {
      head: 'reference',
      cell: ({ row }) => (row.reference === undefined ? '' : `\`${row.reference}\``),
    },
    { head: 'Rust', cell: ({ row }) => text(row.rustStatus ?? '') },
  ];
  // A column that says nothing about any row of the table is left out.
  const used = columns.filter(({ cell }) => list.some((one) => cell(one) !== ''));
  const head = used.map((column) => column.head);
  return table(
    head,
    list.map((one) => used.map(({ cell }) => cell(one))),
    head.length
  );
}

/** A table; columns from `numbersFrom` on are aligned to the right. */
function table(head: string[], body: readonly string[][], numbersFrom: number): string {
  const rule = head.map((_, index) => (index >= numbersFrom ? '---:' : '---'));
  const lines = [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n') + '\n';
}

/** Text that is safe in a table cell and in a list: nothing in it becomes markup. */
function text(raw: string): string {
  return raw
    .replace(/\s+/g, ' ')
    .replace(/[|*\\]|(?<!\w)_|_(?!\w)/g, '\\$&')
    .replace(/</g, '&lt;');
}
