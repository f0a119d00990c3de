// time limit: 300 s
import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { runScenario, type Scenario } from '../../sim/scenario.ts';

const t = suite('sim/transfers', import.meta.url);

/** What fraction of all pieces arrives at the least; measured, then lowered by a margin. */
const SCENARIOS: readonly (readonly [string, number, number, Scenario])[] = [
  ['a clean wire', 100, 1, { model: { delayMs: 20, mtu: 1064 } }],
  ['20 % loss', 500, 0.9, { model: { loss: 0.2, delayMs: 20, mtu: 1064 } }],
  [
    'reordering and duplication',
    500,
    0.99,
    { model: { delayMs: 10, jitterMs: 200, duplicate: 0.3, mtu: 500 } },
  ],
  [
    'a round trip of four seconds',
    300,
    0.99,
    { model: { delayMs: 2000, jitterMs: 100, mtu: 8192 } },
  ],
  [
    '20 % loss, reordering, duplication and two seconds',
    300,
    0.85,
    { model: { loss: 0.2, duplicate: 0.1, delayMs: 2000, jitterMs: 500, mtu: 1064 } },
  ],
  [
    'partitions that heal',
    400,
    0.93,
    {
      model: { delayMs: 30, jitterMs: 20, mtu: 500, bitrateBps: 200_000 },
      partitions: [
        [400, 3_000],
        [4_500, 9_000],
        [12_000, 30_000],
      ],
    },
  ],
  ['bits that flip', 200, 0.94, { model: { corrupt: 0.1, delayMs: 10, mtu: 1064 } }],
  [
    'a slow radio',
    50,
    0.96,
    {
      model: { delayMs: 50, mtu: 508, bitrateBps: 9600, loss: 0.02 },
      resourceBytes: 5000,
    },
  ],
];

for (const [name, runs, least, scenario] of SCENARIOS) {
  t(
    `[reticulum/link] [reticulum/link-watchdog] [reticulum/resource] [reticulum/resource-watchdog-job] [reticulum/resource-timeouts] [reticulum/requestreceipt-request-timed-out] [reticulum/channel] [reticulum/packetreceipt-check-timeout] over ${name}, every piece ends delivered or reported failed`,
    () => {
      let pieces = 0;
      let arrived = 0;
      for (let seed = 1; seed <= runs; seed++) {
        const { outcomes } = runScenario(seed, scenario);
        for (const outcome of outcomes) {
          const note = `seed ${seed}: ${outcome.what}`;
          assert.ok(outcome.told !== undefined, `${note} ended in silence`);
          // No sender is told of what did not arrive.
          const honest = outcome.told === 'failed' || outcome.arrived || outcome.held;
          assert.ok(honest, `${note} was told delivered`);
          pieces += 1;
          if (outcome.arrived) arrived += 1;
        }
      }
      const share = arrived / pieces;
      assert.ok(share >= least, `${(share * 100).toFixed(1)} % of ${pieces} pieces arrived`);
    },
    120_000
  );
}

t('the same seed gives the same run', () => {
  const scenario: Scenario = { model: { loss: 0.2, jitterMs: 50, duplicate: 0.1, delayMs: 20 } };
  assert.equal(runScenario(42, scenario), runScenario(42, scenario));
  assert.not.equal(runScenario(42, scenario), runScenario(43, scenario));
});

t.run();
