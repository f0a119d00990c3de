/** The report of a run: the goals with their verdicts, then every measurement. @module */
import type { KernelReport } from '../ts/kernel/loader.ts';
import type { Effort, GoalResult, GroupResult } from './harness.ts';
import type { PeerFacts } from './peer.ts';
import type { Summary } from './stats.ts';
import type { FigureResult, TopicResult } from './topic.ts';

/** Where and on what a run was made. */
export interface HostFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly openssl: string;
  /** Load average of the last minute when the run began. */
  readonly load: number;
}

/** A whole run, as written to `latest.json`. */
export interface RunResult {
  readonly format: 1;
  readonly date: string;
  readonly commit: string;
  readonly host: HostFacts;
  readonly python: PeerFacts | { readonly absent: string };
  readonly effort: Effort;
  readonly engines: readonly KernelReport[];
  readonly topics: readonly TopicResult[];
}

/** One promise of the run, whatever its form. */
export interface Verdict {
  readonly name: string;
  readonly promised: string;
  readonly measured: string;
  readonly spread: string;
  /** `undefined` where it could not be judged. */
  readonly met: boolean | undefined;
  readonly why: string | undefined;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** A number with three significant digits and a decimal prefix: `15.5 M`. */
export function quantity(value: number): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) >= 999.5 && step < PREFIXES.length - 1) {
    scaled /= 1000;
    step += 1;
  }
  return `${digits(scaled)} ${PREFIXES[step] ?? ''}`;
}

/** Three significant digits, never an exponent. */
export function digits(value: number): string {
  // Rounded first, because 0.9996 becomes 1.00 and needs a decimal less.
  const rounded = Number(value.toPrecision(3));
  if (rounded === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  return value.toFixed(Math.min(9, Math.max(0, 2 - magnitude)));
}

const range = (summary: Summary, show: (value: number) => string): string =>
  `${show(summary.median)} [${show(summary.min)} .. ${show(summary.max)}]`;

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const times = (value: number): string => `${digits(value)}x`;

/** All promises of a run in order; ratios without a goal are information and left out. */
export function verdicts(topics: readonly TopicResult[]): Verdict[] {
  return topics.flatMap(({ groups, figures }) => [
    ...groups.flatMap((group) =>
      group.goals.filter((goal) => goal.goal !== undefined).map((goal) => ofRatio(group, goal))
    ),
    ...figures.filter((figure) => figure.atMost !== undefined).map(ofFigure),
  ]);
}

function ofRatio(group: GroupResult, goal: GoalResult): Verdict {
  return {
    name: `${group.title}: ${goal.name}`,
    promised: `${goal.above === true ? '>' : '>='} ${times(goal.goal ?? 0)}`,
    measured: goal.measured === undefined ? '' : range(goal.measured, times),
    spread: goal.measured === undefined ? '' : percent(goal.measured.spread),
    met: goal.met,
    why: goal.notJudged,
  };
}

function ofFigure(figure: FigureResult): Verdict {
  const show = (value: number): string => `${digits(value)} ${figure.unit}`;
  return {
    name: figure.name,
    promised: `<= ${show(figure.atMost ?? 0)}`,
    measured: figure.measured === undefined ? '' : range(figure.measured, digits),
    spread: figure.measured === undefined ? '' : percent(figure.measured.spread),
    met: figure.met,
    why: figure.absent,
  };
}

/** The closing lines of a run: how many goals are met, and which are not. */
export function closing(all: readonly Verdict[]): string {
  const missed = all.filter(({ met }) => met === false);
  const open = all.filter(({ met }) => met === undefined);
  const met = all.length - missed.length - open.length;
  const lines = [
    `${String(met)} of ${String(all.length)} goals met, ${String(missed.length)} missed, ` +
      `${String(open.length)} not judged`,
    ...missed.map((v) => `missed: ${v.name}: ${v.promised}, measured ${v.measured}`),
    ...open.map((v) => `not judged: ${v.name}: ${v.why ?? 'no reason given'}`),
  ];
  return lines.join('\n') + '\n';
}

/** The report in Markdown; `charts` names the topics that have a chart beside it. */
export function markdown(run: RunResult, charts: ReadonlySet<string>): string {
  const all = verdicts(run.topics);
  return (
    [
      '# Benchmark report',
      'Written by `make bench`; every number below was measured in one run on the host described here.',
      facts(run),
      method(run),
      '## Goals',
      closing(all).split('\n')[0] ?? '',
      table(
        ['goal', 'promised', 'measured: median [min .. max]', 'spread', 'verdict'],
        all.map((v) => [v.name, v.promised, v.measured, v.spread, verdictText(v)])
      ),
      ...run.topics.flatMap((topic) => section(topic, charts.has(topic.name))),
    ].join('\n\n') + '\n'
  );
}

function verdictText({ met, why }: Verdict): string {
  if (met === undefined) return `not judged: ${why ?? 'no reason given'}`;
  return met ? 'met' : '**missed**';
}

function facts({ host, python, date, commit, engines }: RunResult): string {
  const peer =
    'absent' in python
      ? `not there: ${python.absent}`
      : `${python.python}, rns ${python.rns ?? 'not installed'}, lxmf ${python.lxmf ?? 'not installed'}`;
  return table(
    ['', ''],
    [
      ['date', date],
      ['commit', commit],
      ['processor', `${host.processor}, ${String(host.cores)} cores`],
      ['memory', `${host.memoryGiB.toFixed(0)} GiB`],
      ['system', host.system],
      ['Node', `${host.node} (V8 ${host.v8}, OpenSSL ${host.openssl})`],
      ['Python', peer],
      ['load average at the start', host.load.toFixed(2)],
      ...engines.map((e) => [
        `kernel ${e.kernel}`,
        `${e.engine ?? 'not used'}: ${e.reason}${e.native === undefined ? '' : `; ${e.native}`}`,
      ]),
    ]
  );
}

function method({ effort }: RunResult): string {
  return (
    'The engines of a comparison first have to agree on its output. Then each is warmed for ' +
    `${digits(effort.warmUpS * 1000)} ms, and the measurements take turns, ` +
    `${String(effort.repetitions)} rounds of about ${digits(effort.measurementS * 1000)} ms each. ` +
    'Rates are per second of CPU time unless a heading says wall time. A ratio is taken within each ' +
    'round, and the median of these is the result; the spread is its robust standard deviation.'
  );
}

function section(topic: TopicResult, hasChart: boolean): string[] {
  return [
    `## ${topic.title}`,
    topic.about,
    ...(hasChart ? [`![${topic.title}](${topic.name}.svg)`] : []),
    ...topic.groups.flatMap(groupText),
    ...(topic.figures.length === 0 ? [] : [figureTable(topic.figures)]),
  ];
}

function groupText(group: GroupResult): string[] {
  const bytes = group.unitBytes;
  const rows = group.contenders.map((entry) => {
    const rate = entry.perSecond;
    if (rate === undefined) return [entry.name, `not measured: ${entry.absent ?? ''}`, '', ''];
    const show = (value: number): string => quantity(value).trim();
    const throughput =
      bytes === undefined || bytes === 0 ? '' : `${quantity(rate.median * bytes)}B/s`;
    return [entry.name, range(rate, show), throughput, percent(rate.spread)];
  });
  const ratios = group.goals.map((goal) => {
    const measured =
      goal.measured === undefined
        ? `not measured: ${goal.notJudged ?? ''}`
        : `${range(goal.measured, times)}`;
    return `- ${goal.name}: ${goal.ours} / ${goal.theirs} = ${measured}`;
  });
  const clock = group.clock === 'wall' ? ', wall time' : '';
  const { rounds } = group;
  const others =
    rounds === undefined
      ? []
      : [
          `The machine was idle besides in ${String(rounds.idle)} of ${String(rounds.made)} ` +
            'rounds; where there are enough of these, they alone count.',
        ];
  return [
    `### ${group.title}`,
    table(['engine', `${group.unit} per second${clock}`, 'throughput', 'spread'], rows),
    ...(ratios.length === 0 ? [] : [ratios.join('\n')]),
    ...others,
  ];
}

function figureTable(figures: readonly FigureResult[]): string {
  return table(
    ['figure', 'measured: median [min .. max]', 'spread'],
    figures.map((figure) =>
      figure.measured === undefined
        ? [figure.name, `not measured: ${figure.absent ?? ''}`, '']
        : [
            figure.name,
            `${range(figure.measured, digits)} ${figure.unit}`,
            percent(figure.measured.spread),
          ]
    )
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
