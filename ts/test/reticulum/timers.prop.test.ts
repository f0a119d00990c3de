import fc from 'fast-check';
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { Timer, Timers } from '../../reticulum/timers.ts';

const t = suite('reticulum/timers', import.meta.url);

const Step = fc.oneof(
  fc.record({ op: fc.constant('set' as const), which: fc.nat(9), at: fc.nat(100) }),
  fc.record({ op: fc.constant('by' as const), which: fc.nat(9), at: fc.nat(100) }),
  fc.record({ op: fc.constant('cancel' as const), which: fc.nat(9), at: fc.nat(0) }),
  fc.record({ op: fc.constant('run' as const), which: fc.nat(0), at: fc.nat(100) })
);

t('fires the same timers in the same order as a sorted list would', () => {
  fc.assert(
    fc.property(fc.array(Step, { maxLength: 200 }), (steps) => {
      const fired: number[] = [];
      const timers = new Timers();
      const all = Array.from({ length: 10 }, (_, i) => new Timer(() => void fired.push(i)));
      const model = new Map<number, number>();
      for (const { op, which, at } of steps) {
        const timer = all[which] as Timer;
        if (op === 'set') {
          timers.schedule(timer, at);
          model.set(which, at);
        } else if (op === 'by') {
          timers.scheduleBy(timer, at);
          model.set(which, Math.min(at, model.get(which) ?? at));
        } else if (op === 'cancel') {
          timers.cancel(timer);
          model.delete(which);
        } else {
          fired.length = 0;
          const due = [...model].filter(([, when]) => when <= at);
          assert.is(timers.run(at), due.length);
          const times = fired.map((i) => model.get(i));
          assert.equal(
            times,
            [...times].sort((x, y) => (x ?? 0) - (y ?? 0))
          );
          assert.equal([...fired].sort(), due.map(([i]) => i).sort());
          for (const [i] of due) model.delete(i);
        }
        assert.is(timers.size, model.size);
        assert.is(timers.due(), model.size === 0 ? undefined : Math.min(...model.values()));
        all.forEach((one, i) => assert.is(one.scheduled, model.has(i)));
      }
    }),
    { numRuns: 300 }
  );
});

t('what a timer sets while it fires waits for the next run', () => {
  const timers = new Timers();
  let times = 0;
  const timer: Timer = new Timer(() => {
    times += 1;
    timers.schedule(timer, 5);
  });
  timers.schedule(timer, 5);
  timers.run(5);
  assert.is(times, 1);
  timers.run(5);
  assert.is(times, 2);
});

t('a timer can call off another that is due at the same time', () => {
  const timers = new Timers();
  const fired: string[] = [];
  const second = new Timer(() => void fired.push('second'));
  const first = new Timer(() => {
    fired.push('first');
    timers.cancel(second);
  });
  timers.schedule(first, 1);
  timers.schedule(second, 2);
  timers.run(10);
  assert.equal(fired, ['first']);
  assert.is(second.scheduled, false);
});

t.run();
