/** The benchmarks' own machinery, on a clock that moves only when a contender works. @module */
import { spawnSync } from 'node:child_process';
import {
  measureGroup,
  type Absent,
  type Clocks,
  type Contender,
  type Effort,
  type Group,
  type GroupResult,
} from '../../bench/harness.ts';
import { Peer } from '../../bench/peer.ts';
import { closing, digits, markdown, quantity, verdicts } from '../../bench/report.ts';
import { median, pairwise, summarize } from '../../bench/stats.ts';
import { chart, textWidth } from '../../bench/svg.ts';
import { judgeFigure, sizeText, type TopicResult } from '../../bench/topic.ts';
import { blake2b256 } from '../kernel/blake2b.ts';
import { assert, sameBytes } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('bench-harness', import.meta.url);

const EFFORT: Effort = { repetitions: 5, measurementS: 0.05, warmUpS: 0.1 };

/** A machine whose time is made of the work that contenders report. */
class Machine {
  cpuS = 0;
  wallS = 0;
  busyS = 0;
  settled = 0;
  readonly order: string[] = [];
  readonly clocks: Clocks = {
    cpu: () => this.cpuS,
    wall: () => this.wallS,
    machine: () => ({ busy: this.busyS, cores: 2 }),
    settle: () => {
      this.settled += 1;
      return Promise.resolve();
    },
  };

  /** A contender of so many units per second; `slowed` stretches single runs, for example by 3. */
  contender(name: string, perSecond: number, slowed: (run: number) => number = () => 1): Contender {
    let runs = 0;
    return {
      name,
      run: (units) => {
        const seconds = (units / perSecond) * slowed(runs++);
        this.cpuS += seconds;
        this.wallS += seconds;
        this.busyS += seconds;
        this.order.push(name);
      },
    };
  }
}

function group(contenders: readonly (Contender | Absent)[], more: Partial<Group> = {}): Group {
  return { title: 'case', unit: 'hashes', contenders, goals: [], ...more };
}

t('the median of an even count lies between the middle ones', () => {
  assert.is(median([5, 1, 3]), 3);
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), /must not be empty/);
});

t('the spread ignores a disturbed repetition and the range shows it', () => {
  const calm = summarize([100, 101, 99, 100, 100]);
  const disturbed = summarize([100, 101, 99, 100, 10]);
  assert.is(disturbed.median, 100);
  assert.is(disturbed.min, 10);
  assert.ok(disturbed.spread <= 0.02 && calm.spread <= 0.02);
  assert.ok(summarize([50, 100, 150, 80, 120]).spread > 0.2);
});

t('ratios are taken repetition by repetition', () => {
  assert.equal(pairwise([10, 20, 30], [5, 5, 10]), [2, 4, 3]);
  assert.throws(() => pairwise([1], [1, 2]), /one length, got 1 and 2/);
});

t('contenders take turns after their warm-up, each on a settled machine', async () => {
  const machine = new Machine();
  const contenders = ['a', 'b', 'c'].map((name) => machine.contender(name, 1e6));
  await measureGroup(group(contenders), EFFORT, machine.clocks);
  assert.is(machine.order.slice(-15).join(''), 'abcabcabcabcabc');
  assert.is(machine.settled, machine.order.length);
});

t('units are calibrated to the time of one measurement', async () => {
  const machine = new Machine();
  const contenders = [machine.contender('fast', 2e6), machine.contender('slow', 40)];
  const result = await measureGroup(group(contenders), EFFORT, machine.clocks);
  const [fast, slow] = result.contenders;
  assert.is(fast?.unitsPerMeasurement, 100_000);
  assert.is(slow?.unitsPerMeasurement, 2);
  assert.is(Math.round(fast?.perSecond?.median ?? 0), 2e6);
  assert.is(Math.round(slow?.perSecond?.median ?? 0), 40);
});

t('a slow phase that meets both sides leaves their ratio as it is', async () => {
  const machine = new Machine();
  let phase = 1;
  const inPhase = (): number => phase;
  const b = machine.contender('b', 1e5, inPhase);
  const contenders: Contender[] = [
    machine.contender('a', 1e6, inPhase),
    // The phase of the machine changes between the repetitions.
    { name: 'b', run: (units) => (b.run(units), void (phase = phase === 1 ? 3 : 1)) },
  ];
  const goals = [{ name: 'ten times', ratio: ['a', 'b'], goal: 9.9 }] as const;
  const result = await measureGroup(group(contenders, { goals }), EFFORT, machine.clocks);
  const [goal] = result.goals;
  assert.ok(Math.abs((goal?.measured?.median ?? 0) - 10) < 0.01);
  assert.ok((result.contenders[0]?.perSecond?.max ?? 0) > 2e6 / 3);
  assert.is(goal?.met, true);
});

t('goals are met, missed, or judged against the fastest of several', async () => {
  const machine = new Machine();
  const contenders = [
    machine.contender('ours', 1000),
    machine.contender('slow', 100),
    machine.contender('quick', 500),
    machine.contender('equal', 1000),
  ];
  const goals = [
    { name: 'met', ratio: ['ours', 'slow'], goal: 10 },
    { name: 'missed', ratio: ['ours', ['slow', 'quick']], goal: 3 },
    { name: 'not above', ratio: ['ours', 'equal'], goal: 1, above: true },
    { name: 'information', ratio: ['ours', 'slow'] },
  ] as const;
  const { goals: found } = await measureGroup(group(contenders, { goals }), EFFORT, machine.clocks);
  assert.equal(
    found.map(({ met }) => met),
    [true, false, false, undefined]
  );
  assert.is(found[1]?.theirs, 'quick');
  assert.ok(Math.abs((found[1]?.measured?.median ?? 0) - 2) < 1e-9);
});

t('nothing is timed when two engines disagree on the output', async () => {
  const machine = new Machine();
  const one = { ...machine.contender('one', 1000), output: () => Uint8Array.of(1, 2) };
  const two = { ...machine.contender('two', 1000), output: () => Uint8Array.of(1, 3) };
  let closed = false;
  const run = measureGroup(
    group([one, two], { close: () => void (closed = true) }),
    EFFORT,
    machine.clocks
  );
  const error = await run.then(() => undefined).catch((reason: unknown) => reason);
  assert.match(String(error), /case: two and one disagree on the output/);
  assert.equal(machine.order, []);
  assert.ok(closed, 'what the group holds is released');
});

t('a goal about a contender that is not there is a mistake, not a gap', async () => {
  const machine = new Machine();
  const goals = [{ name: 'typo', ratio: ['ours', 'their'], goal: 2 }] as const;
  const run = measureGroup(
    group([machine.contender('ours', 10)], { goals }),
    EFFORT,
    machine.clocks
  );
  const error = await run.then(() => undefined).catch((reason: unknown) => reason);
  assert.match(String(error), /no contender is named their/);
});

t('a row that cannot be measured says why and judges no goal', async () => {
  const machine = new Machine();
  const contenders = [machine.contender('ours', 10), { name: 'Python', absent: 'no .venv' }];
  const goals = [{ name: 'against Python', ratio: ['ours', 'Python'], goal: 2 }] as const;
  const result = await measureGroup(group(contenders, { goals }), EFFORT, machine.clocks);
  assert.is(result.goals[0]?.notJudged, 'no .venv');
  assert.is(result.goals[0]?.met, undefined);
  const topic = topicOf([result]);
  assert.match(chart(topic) ?? '', /not measured: no \.venv/);
  assert.match(
    closing(verdicts([topic])),
    /^0 of 1 goals met, 0 missed, 1 not judged\nnot judged:/
  );
});

/** Wall time on a machine where others work during the rounds for which `isBusy` is true. */
async function onSharedMachine(isBusy: (round: number) => boolean): Promise<GroupResult> {
  const machine = new Machine();
  let round = -1;
  const slowed = (): number => {
    if (machine.order.at(-1) !== 'one') round += 1;
    if (!isBusy(round)) return 1;
    machine.busyS += 0.05;
    return 4;
  };
  const goals = [{ name: 'scales', ratio: ['two', 'one'], goal: 1.9 }] as const;
  const contenders = [machine.contender('one', 1000, slowed), machine.contender('two', 2000)];
  return measureGroup(group(contenders, { goals, clock: 'wall' }), EFFORT, machine.clocks);
}

t('wall time counts in the rounds in which the machine was idle', async () => {
  const result = await onSharedMachine((round) => round % 2 === 0);
  assert.is(result.rounds?.idle, EFFORT.repetitions);
  assert.ok((result.rounds?.made ?? 0) > EFFORT.repetitions);
  assert.is(result.goals[0]?.measured?.count, EFFORT.repetitions);
  assert.is(result.goals[0]?.met, true);
});

t('wall time judges nothing when other processes leave no idle round', async () => {
  const result = await onSharedMachine(() => true);
  assert.equal(result.rounds, { made: 3 * EFFORT.repetitions, idle: 0 });
  assert.match(result.goals[0]?.notJudged ?? '', /other processes used the machine/);
  assert.is(result.goals[0]?.met, undefined);
});

t('a remote contender counts the seconds that it reports', async () => {
  const machine = new Machine();
  const remote: Contender = {
    name: 'there',
    run: () => assert.unreachable('the other process does the work'),
    remote: (units) => Promise.resolve(units / 250),
  };
  const result = await measureGroup(group([remote]), EFFORT, machine.clocks);
  assert.is(Math.round(result.contenders[0]?.perSecond?.median ?? 0), 250);
});

t('a contender that overshoots is credited with what it did', async () => {
  const machine = new Machine();
  const steps = machine.contender('steps of 64', 1000);
  const overshooting: Contender = {
    ...steps,
    run: async (units) => {
      const done = Math.ceil(units / 64) * 64;
      await steps.run(done);
      return done;
    },
  };
  const result = await measureGroup(
    group([overshooting], { measurementS: 0.5 }),
    EFFORT,
    machine.clocks
  );
  assert.is(Math.round(result.contenders[0]?.perSecond?.median ?? 0), 1000);
  assert.is(result.contenders[0]?.unitsPerMeasurement, 500);
});

t('a figure is judged by its median', () => {
  const figure = { name: 'first use', unit: 'ms', atMost: 30 } as const;
  assert.is(judgeFigure({ ...figure, values: [29, 31, 28] }).met, true);
  assert.is(judgeFigure({ ...figure, values: [29, 31, 32] }).met, false);
  assert.is(judgeFigure({ ...figure, values: [], absent: 'why not' }).absent, 'why not');
});

t('numbers are shown with three digits and no exponent', () => {
  assert.equal([15_512_345, 2083, 999.6, 12.345, 0.002_1].map(quantity), [
    '15.5 M',
    '2.08 k',
    '1.00 k',
    '12.3 ',
    '0.00210 ',
  ]);
  assert.equal([0, 25.93, 0.7, 7012].map(digits), ['0', '25.9', '0.700', '7012']);
  assert.equal([0, 200, 1024, 1536, 65536, 1 << 20].map(sizeText), [
    '0 B',
    '200 B',
    '1 KB',
    '1536 B',
    '64 KB',
    '1 MB',
  ]);
});

function topicOf(groups: TopicResult['groups']): TopicResult {
  return { name: 'topic', title: 'A < B & C', about: 'About it.', groups, figures: [] };
}

t('the report lists every goal with what was promised and measured', async () => {
  const machine = new Machine();
  const contenders = [machine.contender('tesserae', 2000), machine.contender('a|b', 1000)];
  const goals = [
    { name: 'against a', ratio: ['tesserae', 'a|b'], goal: 1.5 },
    { name: 'dream', ratio: ['tesserae', 'a|b'], goal: 3 },
  ] as const;
  const result = await measureGroup(group(contenders, { goals }), EFFORT, machine.clocks);
  const text = markdown(
    {
      format: 1,
      date: '2026-11-20T12:00Z',
      commit: 'abc',
      host: {
        processor: 'P',
        cores: 2,
        memoryGiB: 4,
        system: 'S',
        node: '1',
        v8: '2',
        openssl: '3',
        load: 0.5,
      },
      python: { absent: 'no .venv' },
      effort: EFFORT,
      engines: [],
      topics: [topicOf([result])],
    },
    new Set(['topic'])
  );
  assert.match(text, /\| case: against a \| >= 1\.50x \| 2\.00x \[.*\] \| 0 % \| met \|/);
  assert.match(text, /\| case: dream \| >= 3\.00x \| 2\.00x \[.*\] \| 0 % \| \*\*missed\*\* \|/);
  assert.match(text, /1 of 2 goals met, 1 missed, 0 not judged/);
  assert.match(text, /!\[A < B & C\]\(topic\.svg\)/);
  assert.match(text, /\| a\\\|b \| 1\.00 k \[/);
});

t('no label of a chart leaves the picture or runs into another', async () => {
  const machine = new Machine();
  const names = ['tesserae', 'a contender with quite a long name', 'x'];
  const contenders = names.map((name, i) => machine.contender(name, 10 ** (7 - 3 * i)));
  const result = await measureGroup(group(contenders, { unitBytes: 200 }), EFFORT, machine.clocks);
  const svg = chart(topicOf([result, result])) ?? '';
  assert.match(svg, /<title>A &lt; B &amp; C<\/title>/);
  const number = (tag: string, name: string): number =>
    Number(new RegExp(`${name}="([\\d.]+)"`).exec(tag)?.[1]);
  const width = number(svg, 'width');
  const height = number(svg, 'height');
  const texts = [...svg.matchAll(/<text[^>]*>(?:[^<]|<tspan[^<]*<\/tspan>)*<\/text>/g)].map(
    ([tag]) => {
      const size = textWidth(tag.replaceAll(/<[^>]*>/g, ''));
      const x = number(tag, 'x');
      const y = number(tag, 'y');
      return tag.includes('text-anchor="end"')
        ? { from: x - size, to: x, y }
        : { from: x, to: x + size, y };
    }
  );
  assert.is(texts.length, 1 + 2 * (1 + 2 * names.length));
  for (const { from, to, y } of texts) {
    assert.ok(from >= 0 && to <= width && y <= height, `${from}..${to} at ${y}`);
  }
  for (const a of texts) {
    for (const b of texts) {
      const apart = Math.abs(a.y - b.y) >= 15 || a.to <= b.from || b.to <= a.from;
      assert.ok(a === b || apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    }
  }
});

t('without Python its rows name the reason', async () => {
  const peer = new Peer({ absent: 'no .venv' });
  assert.equal(await peer.facts(), { absent: 'no .venv' });
  const row = await peer.contender('Python', 'hmac', {});
  assert.equal(row, { name: 'Python', absent: 'no .venv' });
  await peer.close();
});

t('an interpreter that does not start ends the run with a clear error', async () => {
  const peer = new Peer({ path: '/nonexistent/python' });
  const error = await peer.facts().then(
    () => undefined,
    (reason: unknown) => reason
  );
  assert.match(String(error), /the Python side of the comparison ended/);
  await peer.close();
});

const python = spawnSync('python3', ['--version']).status === 0;
const TALK = 'the Python side answers with its output and its own CPU time';

async function talk(): Promise<void> {
  const peer = new Peer({ path: 'python3' });
  try {
    const message = Uint8Array.of(97, 98, 99);
    const row = await peer.contender('hashlib', 'blake2b', { message, digest_size: 32 });
    const contender = row as Contender;
    sameBytes(await contender.output?.(), blake2b256(message));
    assert.type(await contender.remote?.(3), 'number');
    const error = await peer.contender('none', 'no-such-case', {}).then(
      () => undefined,
      (reason: unknown) => reason
    );
    assert.match(String(error), /Python: KeyError/);
  } finally {
    await peer.close();
  }
}

if (python) t(TALK, talk);
else t.skip(TALK, 'no python3 on this machine');

t.run();
