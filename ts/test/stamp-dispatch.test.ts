/** The dispatch of stamp searches with stand-in workers, and the worker's side on a stepped clock. @module */
import { ManualClock } from '../base/clock.ts';
import { SeededRandom } from '../base/random.ts';
import {
  StampDispatch,
  disjointPrefixes,
  type StampPoolProgress,
  type StampPort,
  type StampPortEvents,
} from '../kernel/stamp-dispatch.ts';
import {
  StampRunner,
  type StampCommand,
  type StampReport,
  type StampRequest,
} from '../kernel/stamp-job.ts';
import { StampSearch, prepareWorkblock } from '../kernel/stamp.ts';
import { assert, rejectsCode, sameBytes } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('stamp-dispatch', import.meta.url);

const random = new SeededRandom(78);
const workblock = prepareWorkblock(random.bytes(32), 2);
/** Never found. */
const HOPELESS = 200;

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.unreachable('expected a rejection');
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** A stand-in for a worker, which the test answers for. */
class Port implements StampPort {
  readonly events: StampPortEvents;
  readonly commands: StampCommand[] = [];
  isHeld = false;
  isClosed = false;

  constructor(events: StampPortEvents) {
    this.events = events;
  }

  post(command: StampCommand): void {
    this.commands.push(structuredClone(command));
  }

  hold(isBusy: boolean): void {
    this.isHeld = isBusy;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  get last(): StampCommand {
    return this.commands.at(-1) as StampCommand;
  }

  get request(): StampRequest {
    return this.commands.findLast((command) => command.kind === 'search') as StampRequest;
  }

  report(report: WithoutId<StampReport> & { readonly id?: number }): void {
    this.events.report({ id: this.request.id, ...report });
  }
}

function dispatchOf(workers: number): {
  dispatch: StampDispatch;
  ports: Port[];
  clock: ManualClock;
} {
  const ports: Port[] = [];
  const clock = new ManualClock(1000);
  const open = (events: StampPortEvents): StampPort => {
    const port = new Port(events);
    ports.push(port);
    return port;
  };
  return { dispatch: new StampDispatch({ workers, open, clock }), ports, clock };
}

const STAMP = new Uint8Array(32).fill(9);

t(
  '[tesserae/pool-search] prefixes of up to 256 workers never overlap and have nothing in common',
  () => {
    for (const first of [0, 1, 200, 255]) {
      const bytes = new SeededRandom(first);
      let isFirst = true;
      const source = {
        bytes: (length: number) => {
          const drawn = bytes.bytes(length);
          if (isFirst) drawn[0] = first;
          isFirst = false;
          return drawn;
        },
      };
      const prefixes = disjointPrefixes(source, 256);
      assert.is(new Set(prefixes.map((prefix) => prefix[0])).size, 256);
      assert.is(prefixes[0]?.[0], first);
      for (let at = 1; at < 28; at++) {
        assert.ok(new Set(prefixes.map((prefix) => prefix[at])).size > 100, `byte ${at}`);
      }
    }
  }
);

t('[tesserae/pool-search] gives each worker its part and adds up what all tried', async () => {
  const { dispatch, ports, clock } = dispatchOf(3);
  const progress: StampPoolProgress[] = [];
  const result = dispatch.search(workblock, 20, {
    random,
    onProgress: (step) => progress.push(step),
  });
  assert.is(ports.length, 3);
  assert.is(dispatch.busyWorkers, 3);
  assert.ok(ports.every((port) => port.isHeld));
  for (const port of ports) {
    const { rounds, midstate, costBits, prefix } = port.request;
    assert.equal(
      { rounds, costBits, bytes: prefix.length },
      { rounds: 2, costBits: 20, bytes: 28 }
    );
    sameBytes(midstate, workblock.midstate);
  }
  assert.is(new Set(ports.map((port) => port.request.prefix[0])).size, 3);
  const [a, b, c] = ports as [Port, Port, Port];
  clock.advance(500);
  a.report({ kind: 'progress', tries: 1000 });
  b.report({ kind: 'progress', tries: 500 });
  assert.equal(progress, [
    { tries: 1000, ratePerSecond: 2000, expectedTries: 2 ** 20, elapsedMs: 500 },
    { tries: 1500, ratePerSecond: 3000, expectedTries: 2 ** 20, elapsedMs: 500 },
  ]);
  b.report({ kind: 'found', tries: 700, stamp: STAMP });
  assert.is(a.last.kind, 'cancel');
  assert.is(b.last.kind, 'search');
  assert.is(c.last.kind, 'cancel');
  assert.is(b.isHeld, false);
  // Found at the same moment: the first one counts, the tries of both do.
  c.report({ kind: 'found', tries: 40, stamp: new Uint8Array(32) });
  assert.is(dispatch.busyWorkers, 1);
  a.report({ kind: 'stopped', tries: 1100 });
  assert.equal(await result, { stamp: STAMP, tries: 700 + 40 + 1100 });
  assert.is(dispatch.busyWorkers, 0);
  assert.ok(ports.every((port) => !port.isHeld));
});

t(
  '[tesserae/pool-search] searches wait for their turn, and late reports for others change nothing',
  async () => {
    const { dispatch, ports } = dispatchOf(1);
    const first = dispatch.search(workblock, 20, { random });
    const second = dispatch.search(workblock, 21, { random });
    const [port] = ports as [Port];
    assert.is(port.commands.length, 1);
    const firstId = port.request.id;
    port.report({ kind: 'found', tries: 5, stamp: STAMP });
    assert.equal(await first, { stamp: STAMP, tries: 5 });
    assert.is(port.request.costBits, 21);
    assert.is.not(port.request.id, firstId);
    port.report({ kind: 'found', tries: 6, stamp: new Uint8Array(32), id: firstId });
    port.report({ kind: 'stopped', tries: 6, id: firstId });
    assert.is(dispatch.busyWorkers, 1);
    port.report({ kind: 'found', tries: 7, stamp: STAMP });
    assert.equal(await second, { stamp: STAMP, tries: 7 });
    assert.is(ports.length, 1);
  }
);

t(
  '[tesserae/pool-cancel] rejects with the reason at once, and starts the next when all have stopped',
  async () => {
    const { dispatch, ports } = dispatchOf(2);
    const abort = new AbortController();
    const first = dispatch.search(workblock, 20, { random, signal: abort.signal });
    const next = dispatch.search(workblock, 21, { random });
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    assert.is(await reasonOf(first), reason);
    const [a, b] = ports as [Port, Port];
    assert.is(a.last.kind, 'cancel');
    assert.is(b.last.kind, 'cancel');
    // A stamp that was on its way is of no use to anyone.
    a.report({ kind: 'found', tries: 3, stamp: STAMP });
    assert.is(a.last.kind, 'cancel');
    b.report({ kind: 'stopped', tries: 3 });
    assert.is(a.last.kind, 'search');
    assert.is(b.request.costBits, 21);
    a.report({ kind: 'found', tries: 1, stamp: STAMP });
    b.report({ kind: 'stopped', tries: 1 });
    assert.equal(await next, { stamp: STAMP, tries: 2 });
  }
);

t('[tesserae/pool-cancel] a search that waits, or comes too late, is never begun', async () => {
  const { dispatch, ports } = dispatchOf(1);
  const running = dispatch.search(workblock, 20, { random });
  const abort = new AbortController();
  const waiting = dispatch.search(workblock, 21, { random, signal: abort.signal });
  abort.abort();
  assert.is((await reasonOf(waiting)) as Error, abort.signal.reason);
  const late = dispatch.search(workblock, 22, { random, signal: abort.signal });
  assert.is(await reasonOf(late), abort.signal.reason);
  const [port] = ports as [Port];
  port.report({ kind: 'found', tries: 1, stamp: STAMP });
  await running;
  assert.is(port.commands.length, 1);
});

t(
  '[tesserae/pool-failure] a worker that dies fails its search and is replaced for the next',
  async () => {
    const { dispatch, ports } = dispatchOf(2);
    const first = dispatch.search(workblock, 20, { random });
    const cause = new Error('out of memory');
    const [a, b] = ports as [Port, Port];
    a.events.failed(cause);
    const error = await rejectsCode(() => first, 'KERNEL_FAULT');
    assert.match(error.message, 'worker 0 failed: out of memory');
    assert.is(error.cause, cause);
    assert.ok(a.isClosed);
    assert.is(b.last.kind, 'cancel');
    // The end of a thread is told twice: as an error, and as an exit.
    a.events.failed(new Error('exit'));
    const next = dispatch.search(workblock, 21, { random });
    assert.is(ports.length, 2);
    b.report({ kind: 'stopped', tries: 1 });
    assert.is(ports.length, 3);
    const [, , c] = ports as [Port, Port, Port];
    a.report({ kind: 'found', tries: 1, stamp: STAMP, id: c.request.id });
    assert.is(dispatch.busyWorkers, 2);
    c.report({ kind: 'found', tries: 2, stamp: STAMP });
    b.report({ kind: 'stopped', tries: 2 });
    assert.equal(await next, { stamp: STAMP, tries: 4 });
  }
);

t(
  '[tesserae/pool-failure] a stamp that was found counts, even if another worker dies then',
  async () => {
    const { dispatch, ports } = dispatchOf(2);
    const result = dispatch.search(workblock, 20, { random });
    const [a, b] = ports as [Port, Port];
    b.report({ kind: 'progress', tries: 30 });
    a.report({ kind: 'found', tries: 5, stamp: STAMP });
    b.events.failed(new Error('out of memory'));
    assert.equal(await result, { stamp: STAMP, tries: 35 });
    assert.is(dispatch.busyWorkers, 0);
  }
);

t('a workblock may change once it is handed over', async () => {
  const { dispatch, ports } = dispatchOf(1);
  const first = dispatch.search(workblock, 20, { random });
  const handed = { rounds: 2, midstate: new Uint8Array(workblock.midstate) };
  const second = dispatch.search(handed, 20, { random });
  handed.midstate.fill(0);
  const [port] = ports as [Port];
  for (const search of [first, second]) {
    sameBytes(port.request.midstate, workblock.midstate);
    port.report({ kind: 'found', tries: 1, stamp: STAMP });
    await search;
  }
});

t(
  '[tesserae/pool-failure] a failed job, a worker that does not start and a throwing caller fail alike',
  async () => {
    const { dispatch, ports } = dispatchOf(1);
    const failed = dispatch.search(workblock, 20, { random });
    ports[0]?.report({ kind: 'failed', reason: 'wrong engine' });
    assert.match((await rejectsCode(() => failed, 'KERNEL_FAULT')).message, 'wrong engine');

    const thrown = new Error('the display is gone');
    const watched = dispatch.search(workblock, 20, {
      random,
      onProgress: () => {
        throw thrown;
      },
    });
    ports[0]?.report({ kind: 'progress', tries: 1 });
    assert.is(await reasonOf(watched), thrown);
    assert.is(ports[0]?.last.kind, 'cancel');
    ports[0]?.report({ kind: 'stopped', tries: 1 });
    assert.is(dispatch.busyWorkers, 0);

    let isAllowed = false;
    const second = dispatchOf(1);
    const unsure = new StampDispatch({
      workers: 2,
      clock: second.clock,
      open: (events) => {
        if (second.ports.length === 1 && !isAllowed) throw new Error('no threads left');
        const port = new Port(events);
        second.ports.push(port);
        return port;
      },
    });
    const unlucky = unsure.search(workblock, 20, { random });
    const { message } = await rejectsCode(() => unlucky, 'KERNEL_FAULT');
    assert.match(message, 'worker 1 failed: no threads left');
    const [first] = second.ports as [Port];
    assert.is(first.last.kind, 'cancel');
    first.report({ kind: 'stopped', tries: 0 });
    isAllowed = true;
    const lucky = unsure.search(workblock, 20, { random });
    first.report({ kind: 'found', tries: 1, stamp: STAMP });
    second.ports[1]?.report({ kind: 'stopped', tries: 0 });
    assert.equal(await lucky, { stamp: STAMP, tries: 1 });
  }
);

t(
  '[tesserae/pool-cancel] a closed pool rejects what is under way, what waits and what comes',
  async () => {
    const { dispatch, ports } = dispatchOf(2);
    const searches = [1, 2, 3].map(() => dispatch.search(workblock, 20, { random }));
    const outcomes = Promise.all(
      searches.map((search) => rejectsCode(() => search, 'KERNEL_UNAVAILABLE'))
    );
    await dispatch.close();
    await outcomes;
    assert.ok(ports.every((port) => port.isClosed));
    ports[0]?.report({ kind: 'found', tries: 1, stamp: STAMP });
    assert.is(dispatch.busyWorkers, 0);
    await rejectsCode(() => dispatch.search(workblock, 20, { random }), 'KERNEL_UNAVAILABLE');
    await dispatch.close();
  }
);

t('wrong arguments are rejected before a worker is asked', async () => {
  const { dispatch, ports } = dispatchOf(1);
  for (const cost of [-1, 257, 1.5]) {
    const error = await reasonOf(dispatch.search(workblock, cost, { random }));
    assert.instance(error, RangeError);
  }
  const broken = { rounds: 0, midstate: new Uint8Array(32) };
  assert.instance(await reasonOf(dispatch.search(broken, 20, { random })), RangeError);
  assert.is(ports.length, 0);
  for (const workers of [0, 257, 1.5]) {
    assert.throws(() => dispatchOf(workers), /"workers" must be an integer 1\.\.256/);
  }
});

/** A runner on a stepped clock, whose turns the test takes one by one. */
function steppedRunner(): {
  runner: StampRunner;
  reports: StampReport[];
  turn: () => boolean;
  clock: ManualClock;
} {
  const reports: StampReport[] = [];
  const turns: (() => void)[] = [];
  const clock = new ManualClock();
  const runner = new StampRunner({
    post: (report) => reports.push(report),
    later: (next) => turns.push(next),
    clock,
    sliceMs: 20,
  });
  const turn = (): boolean => {
    turns.shift()?.();
    return turns.length > 0;
  };
  return { runner, reports, turn, clock };
}

function request(id: number, costBits: number): StampRequest {
  const { rounds, midstate } = workblock;
  const prefix = new Uint8Array(28).fill(id);
  return { kind: 'search', id, rounds, midstate, costBits, prefix, engine: undefined };
}

t(
  '[tesserae/pool-search] a worker finds what a search in one go finds, after the same tries',
  () => {
    const { runner, reports, turn } = steppedRunner();
    const alone = new StampSearch(workblock, 13, new Uint8Array(28).fill(3));
    const stamp = alone.run(2 ** 24) as Uint8Array;
    runner.receive(request(3, 13));
    while (turn());
    assert.equal(reports, [{ kind: 'found', id: 3, tries: alone.tries, stamp }]);
  }
);

t(
  '[tesserae/pool-cancel] a worker stops between two slices, and only for the search that is meant',
  () => {
    const { runner, reports, turn, clock } = steppedRunner();
    runner.receive(request(1, HOPELESS));
    turn();
    turn();
    clock.advance(60);
    turn();
    assert.is(reports[0]?.kind, 'progress');
    runner.receive({ kind: 'cancel', id: 9 });
    assert.is(turn(), true);
    runner.receive({ kind: 'cancel', id: 1 });
    const last = reports.at(-1) as Extract<StampReport, { kind: 'stopped' }>;
    assert.equal([last.kind, last.id], ['stopped', 1]);
    assert.ok(last.tries >= 4 * 512, `${last.tries} tries`);
    assert.is(turn(), false);
    runner.receive({ kind: 'cancel', id: 1 });
    assert.is(reports.at(-1), last);
  }
);

t('[tesserae/pool-failure] a worker answers a request that is none, and takes the next', () => {
  const { runner, reports, turn } = steppedRunner();
  runner.receive({ ...request(1, 3), rounds: 0 });
  assert.equal([reports[0]?.kind, reports[0]?.id], ['failed', 1]);
  runner.receive(request(2, 3));
  while (turn());
  assert.equal([reports[1]?.kind, reports[1]?.id], ['found', 2]);
});

t.run();
