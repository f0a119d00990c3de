/**
 * Measures contenders side by side: outputs compared first, then warmed and calibrated, then run in
 * turn (A B C A B C ...) so that a slow phase of the machine meets all of them. @module
 */
import { pairwise, summarize, median, type Summary } from './stats.ts';

/** One engine doing the group's work. `name` is unique within its group. */
export interface Contender {
  readonly name: string;
  /** Do `units` units of work; return how many it was where the work cannot stop exactly there. */
  readonly run: (units: number) => void | number | Promise<void | number>;
  /** What the engine makes of the group's input; equal for every contender that has it. */
  readonly output?: () => Uint8Array | Promise<Uint8Array>;
  /**
   * Do the work and return the CPU seconds it took, for a contender that lives in another process;
   * takes the place of `run` and of the group's clock.
   */
  readonly remote?: (units: number) => Promise<number>;
}

/** A contender that cannot run here; the report shows the reason in its row. */
export interface Absent {
  readonly name: string;
  readonly absent: string;
}

/**
 * A promise about two contenders of the group: the first is at least `goal` times as fast as the
 * second. A list as the second means the one with the highest median among them.
 */
export interface RatioGoal {
  readonly name: string;
  readonly ratio: readonly [string, string | readonly string[]];
  /** Leave out for a ratio that is shown but not promised. */
  readonly goal?: number;
  /** True when the ratio must be greater than `goal`, not equal. */
  readonly above?: boolean;
}

/** One comparison on one input. */
export interface Group {
  readonly title: string;
  /** What a unit of work is, in the plural: `hashes`, `messages`. */
  readonly unit: string;
  /** Bytes of one unit; given, the report also shows a throughput. */
  readonly unitBytes?: number;
  /** Draw this group in the topic's chart; true when left out. */
  readonly chart?: boolean;
  /** Seconds of one measurement, where the effort's are too few. */
  readonly measurementS?: number;
  /** CPU time is the default; wall time only where several threads share one job. */
  readonly clock?: 'cpu' | 'wall';
  readonly contenders: readonly (Contender | Absent)[];
  readonly goals: readonly RatioGoal[];
  /** Checks that the outputs cannot show; throws when the engines disagree. */
  readonly check?: () => void | Promise<void>;
  /** Release what the group holds (threads, children). */
  readonly close?: () => void | Promise<void>;
}

/** One contender's rates, in units per second. */
export interface ContenderResult {
  readonly name: string;
  readonly absent?: string;
  readonly perSecond?: Summary;
  readonly unitsPerMeasurement?: number;
}

/** A goal with what was measured; `met` is missing for information rows and for absent sides. */
export interface GoalResult {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly goal?: number;
  readonly above?: boolean;
  readonly measured?: Summary;
  readonly met?: boolean;
  readonly notJudged?: string;
}

/** What one group came to. */
export interface GroupResult {
  readonly title: string;
  readonly unit: string;
  readonly unitBytes?: number;
  readonly chart: boolean;
  readonly clock: 'cpu' | 'wall';
  readonly contenders: readonly ContenderResult[];
  readonly goals: readonly GoalResult[];
  /** Only where wall time was taken: rounds made, and those of them in which the machine was idle. */
  readonly rounds?: { readonly made: number; readonly idle: number };
}

/** Where time comes from, in seconds, and what comes before it; the tests pass their own. */
export interface Clocks {
  cpu(): number;
  wall(): number;
  /** CPU seconds that all processes of the machine used since it started, and its core count. */
  machine(): { busy: number; cores: number };
  /**
   * Collect young garbage and let finished compiler threads hand over their code: before every
   * measurement, so that no contender pays for what the one before it left behind.
   */
  settle(): Promise<void>;
}

/** How long and how often to measure. */
export interface Effort {
  readonly repetitions: number;
  /** Seconds that one measurement should take. */
  readonly measurementS: number;
  /** Seconds of work before calibration; a kernel must have left its baseline compiler by then. */
  readonly warmUpS: number;
}

/** The effort of a full run: 9 repetitions of about 50 ms, after 200 ms of warm-up. */
export const FULL: Effort = { repetitions: 9, measurementS: 0.05, warmUpS: 0.2 };

/** The effort of `--quick`: enough to see that everything runs, not enough to judge by. */
export const QUICK: Effort = { repetitions: 3, measurementS: 0.015, warmUpS: 0.05 };

/** Above this share of the machine, other processes spoil a round of wall-time measurements. */
export const BUSY_SHARE = 0.1;

/** A wall-time comparison makes so many times more rounds, if it must, to get enough idle ones. */
const WALL_PATIENCE = 3;
/** Idle rounds that are enough to judge by. */
const WALL_ENOUGH = 5;

const isAbsent = (entry: Contender | Absent): entry is Absent => 'absent' in entry;

/**
 * Measure one group.
 *
 * @throws Error when two contenders make different outputs of the same input; nothing is timed then
 */
export async function measureGroup(
  group: Group,
  effort: Effort,
  clocks: Clocks
): Promise<GroupResult> {
  const present = group.contenders.filter((entry): entry is Contender => !isAbsent(entry));
  try {
    checkNames(group);
    await checkOutputs(group, present);
    const clock = group.clock ?? 'cpu';
    const measurementS = group.measurementS ?? effort.measurementS;
    const units = new Map<string, number>();
    for (const contender of present) {
      units.set(
        contender.name,
        await calibrate(contender, { ...effort, measurementS }, clocks, clock)
      );
    }
    const all = await interleave(present, units, effort, clocks, clock);
    const idle = all.filter(({ others }) => others <= BUSY_SHARE);
    const isBusy = clock === 'wall' && idle.length < Math.min(WALL_ENOUGH, effort.repetitions);
    const rates = ratesOf(present, clock === 'cpu' || isBusy ? all : idle);
    const busy = isBusy ? 'other processes used the machine meanwhile' : undefined;
    return {
      title: group.title,
      unit: group.unit,
      ...(group.unitBytes === undefined ? {} : { unitBytes: group.unitBytes }),
      chart: group.chart ?? true,
      clock,
      contenders: group.contenders.map((entry) => resultOf(entry, rates, units)),
      goals: group.goals.map((goal) => judge(goal, group.contenders, rates, busy)),
      ...(clock === 'wall' ? { rounds: { made: all.length, idle: idle.length } } : {}),
    };
  } finally {
    await group.close?.();
  }
}

/** A goal about a misspelt contender would go unjudged in silence. */
function checkNames(group: Group): void {
  const names = group.contenders.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`${group.title}: two contenders are named ${twice}`);
  const wanted = group.goals.flatMap(({ ratio }) => ratio.flat());
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`${group.title}: no contender is named ${unknown}`);
}

async function checkOutputs(group: Group, present: readonly Contender[]): Promise<void> {
  let first: { name: string; output: Uint8Array } | undefined;
  for (const contender of present) {
    if (contender.output === undefined) continue;
    const output = await contender.output();
    first ??= { name: contender.name, output };
    if (!sameBytes(first.output, output)) {
      throw new Error(`${group.title}: ${contender.name} and ${first.name} disagree on the output`);
    }
  }
  await group.check?.();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** One measurement: the work done, and the seconds it took. */
async function measure(
  contender: Contender,
  units: number,
  clocks: Clocks,
  clock: 'cpu' | 'wall'
): Promise<{ done: number; took: number }> {
  if (contender.remote !== undefined) return { done: units, took: await contender.remote(units) };
  await clocks.settle();
  const read = clock === 'cpu' ? clocks.cpu : clocks.wall;
  const start = read();
  const result = contender.run(units);
  // Awaiting a synchronous contender would let the event loop's own work into the measurement.
  const done = (result instanceof Promise ? await result : result) ?? units;
  return { done, took: read() - start };
}

/** Warm a contender, then find how many units take one measurement's time. */
async function calibrate(
  contender: Contender,
  effort: Effort,
  clocks: Clocks,
  clock: 'cpu' | 'wall'
): Promise<number> {
  let units = 1;
  let spent = 0;
  for (;;) {
    const { done, took } = await measure(contender, units, clocks, clock);
    spent += took;
    if (took >= effort.measurementS / 2) {
      units = Math.max(1, Math.round((done * effort.measurementS) / took));
      if (spent >= effort.warmUpS) return units;
    } else {
      units *= 2;
    }
  }
}

/** One turn of every contender, and the share of the machine that other processes used meanwhile. */
interface Round {
  readonly rates: ReadonlyMap<string, number>;
  readonly others: number;
}

async function interleave(
  present: readonly Contender[],
  units: ReadonlyMap<string, number>,
  effort: Effort,
  clocks: Clocks,
  clock: 'cpu' | 'wall'
): Promise<Round[]> {
  const rounds: Round[] = [];
  const most = effort.repetitions * (clock === 'wall' ? WALL_PATIENCE : 1);
  const isDone = (): boolean =>
    rounds.length === most ||
    rounds.filter(({ others }) => clock === 'cpu' || others <= BUSY_SHARE).length ===
      effort.repetitions;
  while (!isDone()) {
    const rates = new Map<string, number>();
    const before = snapshot(clocks);
    for (const contender of present) {
      const count = units.get(contender.name) as number;
      const { done, took } = await measure(contender, count, clocks, clock);
      if (!(took > 0)) throw new Error(`${contender.name}: the clock did not move`);
      rates.set(contender.name, done / took);
    }
    rounds.push({ rates, others: othersShare(before, snapshot(clocks)) });
  }
  return rounds;
}

function ratesOf(present: readonly Contender[], rounds: readonly Round[]): Map<string, number[]> {
  return new Map(
    present.map(({ name }) => [name, rounds.map(({ rates }) => rates.get(name) as number)])
  );
}

interface Usage {
  own: number;
  wall: number;
  busy: number;
  cores: number;
}

function snapshot(clocks: Clocks): Usage {
  return { own: clocks.cpu(), wall: clocks.wall(), ...clocks.machine() };
}

function othersShare(before: Usage, after: Usage): number {
  const capacity = (after.wall - before.wall) * after.cores;
  const others = after.busy - before.busy - (after.own - before.own);
  return capacity > 0 ? Math.max(0, others / capacity) : 0;
}

function resultOf(
  entry: Contender | Absent,
  rates: ReadonlyMap<string, number[]>,
  units: ReadonlyMap<string, number>
): ContenderResult {
  if (isAbsent(entry)) return { name: entry.name, absent: entry.absent };
  return {
    name: entry.name,
    perSecond: summarize(rates.get(entry.name) as number[]),
    unitsPerMeasurement: units.get(entry.name) as number,
  };
}

function judge(
  goal: RatioGoal,
  contenders: readonly (Contender | Absent)[],
  rates: ReadonlyMap<string, number[]>,
  busy: string | undefined
): GoalResult {
  const [ours, second] = goal.ratio;
  const candidates = typeof second === 'string' ? [second] : second;
  const theirs = fastest(candidates, rates);
  const base = {
    name: goal.name,
    ours,
    theirs: theirs ?? candidates.join(' or '),
    ...(goal.goal === undefined ? {} : { goal: goal.goal }),
    ...(goal.above === undefined ? {} : { above: goal.above }),
  };
  const numerator = rates.get(ours);
  const denominator = theirs === undefined ? undefined : rates.get(theirs);
  if (numerator === undefined || denominator === undefined) {
    return { ...base, notJudged: reasonFor([ours, ...candidates], contenders) };
  }
  const measured = summarize(pairwise(numerator, denominator));
  if (goal.goal === undefined) return { ...base, measured };
  if (busy !== undefined) return { ...base, measured, notJudged: busy };
  return { ...base, measured, met: isMet(measured.median, goal.goal, goal.above ?? false) };
}

function isMet(value: number, goal: number, above: boolean): boolean {
  return above ? value > goal : value >= goal;
}

function fastest(
  names: readonly string[],
  rates: ReadonlyMap<string, readonly number[]>
): string | undefined {
  const measured = names.filter((name) => rates.has(name));
  const speed = (name: string): number => median(rates.get(name) ?? []);
  return measured.sort((a, b) => speed(b) - speed(a))[0];
}

function reasonFor(names: readonly string[], contenders: readonly (Contender | Absent)[]): string {
  for (const name of names) {
    const entry = contenders.find((contender) => contender.name === name);
    if (entry !== undefined && isAbsent(entry)) return entry.absent;
  }
  return 'not measured';
}
