import { ENGINES, probe } from '../kernel/probe.ts';
import { engineReport, forcedEngine } from '../kernel/loader.ts';
import { assert } from './support/assert.ts';
import { World } from './support/cli.ts';
import { suite } from './support/suite.ts';

const t = suite('tesserae probe and stamp bench', import.meta.url);

t('probe tells what the host can run and which engine each kernel got, and why', async () => {
  const text = await new World().run(['probe']);
  assert.equal([text.code, text.err], [0, '']);
  assert.match(text.out, probe().runtime);
  const json = await new World().run(['probe', '--json']);
  const facts = JSON.parse(json.out) as {
    version: string;
    host: { cores: number; wasm: Record<string, unknown> };
    kernels: { kernel: string; engine: string | null; reason: string }[];
  };
  assert.is(facts.version, '1.2.3');
  assert.is(facts.host.cores, probe().cores);
  assert.is(facts.host.wasm['simd'], probe().wasm.simd);
  const known = engineReport(true);
  assert.equal(
    facts.kernels.map(({ kernel, engine }) => [kernel, engine]),
    known.map(({ kernel, engine }) => [kernel, engine ?? null])
  );
  for (const name of ['blake2b', 'hmac', 'stamp']) {
    const kernel = facts.kernels.find((one) => one.kernel === name);
    assert.ok(kernel !== undefined && kernel.engine !== null, name);
    assert.match(text.out, new RegExp(`^${name} +${kernel?.engine}: `, 'm'));
  }
});

t('stamp bench measures every engine that runs here and leaves the choice as it was', async () => {
  const before = forcedEngine();
  const ran = await new World().run(['stamp', 'bench', '--seconds', '0.05', '--json']);
  assert.equal([ran.code, ran.err], [0, '']);
  const { engines } = JSON.parse(ran.out) as {
    engines: { engine: string; triesPerSecond: number | null; reason: string }[];
  };
  assert.equal(
    engines.map(({ engine }) => engine),
    [...ENGINES]
  );
  assert.ok((engines[0]?.triesPerSecond ?? 0) > 0, 'the plain engine runs everywhere');
  for (const { triesPerSecond, reason } of engines) {
    assert.ok(triesPerSecond === null ? reason !== '' : triesPerSecond > 0);
  }
  assert.is(forcedEngine(), before);
  const text = await new World().run(['stamp', 'bench', '--seconds', '0.05']);
  assert.match(text.out, /^ts +\d+ k tries a second, 1\.0 times ts\n/);
});

t('stamp bench ends on Ctrl-C with 130 and leaves the choice of engines as it was', async () => {
  const before = forcedEngine();
  const ran = await new World().run(['stamp', 'bench', '--seconds', '600'], { interruptAfter: 3 });
  assert.is(ran.code, 130);
  assert.is(ran.out, '');
  assert.is(ran.err, 'tesserae: interrupted\n');
  assert.is(forcedEngine(), before);
});

t('a wrong time is refused by name', async () => {
  const ran = await new World().run(['stamp', 'bench', '--seconds', '0']);
  assert.is(ran.code, 2);
  assert.match(ran.err, '--seconds must be a number from 0.01 to 600, got "0"');
});

t.run();
