/** The probe, the choice of engines from it, and what is left to the host's own library. @module */
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { HmacKey, hmacSha256 } from '../kernel/hmac.ts';
import { HMAC_NATIVE_FROM } from '../kernel/hmac-engine.ts';
import { engineReport, forceEngine } from '../kernel/loader.ts';
import { nativeCrypto } from '../kernel/native.ts';
import { chooseEngine, detectCapabilities, probe, type Capabilities } from '../kernel/probe.ts';
import { assert, sameBytes } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('kernel/probe', import.meta.url);

// These tests are about the choice that no one has made.
delete process.env['TESSERAE_ENGINE'];

const FULL: Capabilities = {
  runtime: 'test',
  architecture: 'x64',
  platform: 'linux',
  cores: 1,
  memoryBytes: undefined,
  wasm: { allowed: true, refusal: undefined, simd: true, relaxedSimd: true, threads: true },
  native: { crypto: false, sqlite: false, zstd: false, quic: false },
};

function wasm(part: Partial<Capabilities['wasm']>): Capabilities {
  return { ...FULL, wasm: { ...FULL.wasm, ...part } };
}

const ALL = ['scalar', 'simd', 'relaxed'] as const;

/** Replace a global for the time of `body`. */
function withGlobal(name: string, value: unknown, body: () => void): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    body();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, before);
  }
}

t('[tesserae/probe-report] states what this host offers', () => {
  const found = probe();
  assert.is(found.runtime, `node ${process.versions.node}`);
  assert.is(found.architecture, process.arch);
  assert.is(found.platform, process.platform);
  assert.is(found.cores, availableParallelism());
  assert.is(found.memoryBytes, totalmem());
  assert.is(found.wasm.allowed, true);
  assert.is(found.native.crypto, true);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 22) {
    assert.is(found.native.sqlite, false);
    assert.is(found.native.zstd, false);
  }
  assert.is(probe(), found, 'looked at once');
  assert.equal(detectCapabilities(), found);
  assert.equal(JSON.parse(JSON.stringify(found)).wasm.simd, found.wasm.simd);
});

t('[tesserae/probe-report] finds relaxed SIMD where the engine is told to have it', () => {
  const script =
    "import('./ts/kernel/probe.ts').then((m) => console.log(JSON.stringify(m.probe().wasm)))";
  const run = (...flags: string[]): Capabilities['wasm'] => {
    const given = [...flags, '--import', 'tsx', '--input-type=module', '-e', script];
    const root = new URL('../../', import.meta.url);
    return JSON.parse(execFileSync(process.execPath, given, { cwd: root, encoding: 'utf8' }));
  };
  const isOld = Number(process.versions.node.split('.')[0]) < 22;
  assert.is(run().relaxedSimd, !isOld);
  if (isOld) assert.is(run('--experimental-wasm-relaxed-simd').relaxedSimd, true);
});

t(
  '[tesserae/kernel-without-webassembly] tells a host without WebAssembly and a policy apart',
  () => {
    withGlobal('WebAssembly', undefined, () => {
      const { wasm: found } = detectCapabilities();
      assert.is(found.allowed, false);
      assert.is(found.refusal, 'the host has no WebAssembly');
      assert.not(found.simd || found.relaxedSimd || found.threads);
    });
    const refusing = {
      Module: class {
        constructor() {
          throw new Error('blocked by CSP');
        }
      },
      validate: () => true,
    };
    withGlobal('WebAssembly', refusing, () => {
      const { wasm: found } = detectCapabilities();
      assert.is(found.allowed, false);
      assert.is(found.refusal, 'blocked by CSP');
      assert.not(found.simd);
    });
  }
);

t('[tesserae/probe-report] a browser shows itself by its globals, not by built-ins', () => {
  const navigator = { hardwareConcurrency: 6, deviceMemory: 8 };
  withGlobal('navigator', navigator, () =>
    withGlobal('process', undefined, () => {
      const found = detectCapabilities();
      assert.is(found.runtime, 'browser');
      assert.is(found.cores, 6);
      assert.is(found.memoryBytes, 8 * 2 ** 30);
      assert.is(found.architecture, 'unknown');
      assert.equal(Object.values(found.native), [false, false, false, false]);
      withGlobal('crossOriginIsolated', false, () =>
        assert.is(detectCapabilities().wasm.threads, false)
      );
      withGlobal('crossOriginIsolated', true, () =>
        assert.is(detectCapabilities().wasm.threads, true)
      );
      withGlobal('WorkerGlobalScope', class {}, () =>
        assert.is(detectCapabilities().runtime, 'browser worker')
      );
    })
  );
});

t(
  '[tesserae/probe-report] orders the engines by what the host has, each refusal with its reason',
  () => {
    assert.equal(chooseEngine(ALL, FULL), {
      candidates: ['relaxed', 'simd', 'scalar', 'ts'],
      refused: [],
    });
    assert.equal(chooseEngine(['scalar', 'simd'], FULL).candidates, ['simd', 'scalar', 'ts']);
    assert.equal(chooseEngine(ALL, wasm({ relaxedSimd: false })), {
      candidates: ['simd', 'scalar', 'ts'],
      refused: [{ engine: 'relaxed', reason: 'the host has no relaxed WebAssembly SIMD' }],
    });
    assert.equal(chooseEngine(ALL, wasm({ simd: false, relaxedSimd: false })).candidates, [
      'scalar',
      'ts',
    ]);
    const none = chooseEngine(ALL, wasm({ allowed: false, refusal: 'policy' }));
    assert.equal(none.candidates, ['ts']);
    assert.equal(
      none.refused.map((item) => item.reason),
      new Array<string>(3).fill('WebAssembly is not allowed here: policy')
    );
  }
);

t('[tesserae/probe-override] a forced engine is a ceiling', () => {
  assert.equal(chooseEngine(ALL, FULL, 'relaxed').candidates[0], 'relaxed');
  assert.equal(chooseEngine(['scalar', 'simd'], FULL, 'relaxed').candidates[0], 'simd');
  assert.equal(chooseEngine(['scalar'], FULL, 'simd').candidates, ['scalar', 'ts']);
  assert.equal(chooseEngine(ALL, FULL, 'ts').candidates, ['ts']);
  assert.equal(
    chooseEngine(ALL, wasm({ simd: false, relaxedSimd: false }), 'simd').candidates[0],
    'scalar'
  );
});

/** Count the calls of node:crypto's HMAC while `body` runs. */
function nativeCalls(body: () => void): number {
  const crypto = nativeCrypto();
  if (crypto === undefined) throw new Error('Node has node:crypto');
  const original = crypto.createHmac;
  let calls = 0;
  crypto.createHmac = (...given) => {
    calls += 1;
    return original(...given);
  };
  try {
    body();
  } finally {
    crypto.createHmac = original;
  }
  return calls;
}

t(
  '[tesserae/probe-native] HMAC goes to node:crypto from the stated size on, with the same bytes',
  () => {
    const bytes = (size: number): Uint8Array =>
      Uint8Array.from({ length: size }, (_, i) => i % 251);
    const key = bytes(32);
    const expected = (message: Uint8Array): Uint8Array =>
      new Uint8Array(createHmac('sha256', key).update(message).digest());
    const handle = new HmacKey(key);
    const report = engineReport().find(({ kernel }) => kernel === 'hmac');
    const engine = report?.engine ?? 'ts';
    const { single, once, few, batch } = HMAC_NATIVE_FROM[engine];
    assert.is(
      report?.native,
      `node:crypto from ${single} bytes a message, from ${batch} bytes in a batch`
    );
    for (const [size, count] of [
      [single - 1, 0],
      [single, 1],
      [65536, 1],
    ] as const) {
      const message = bytes(size);
      const tag = expected(message);
      for (let repeat = 0; repeat < 3; repeat++) {
        assert.is(
          nativeCalls(() => sameBytes(handle.mac(message), tag)),
          count,
          `mac of ${size}`
        );
      }
      assert.is(
        nativeCalls(() => assert.ok(handle.verify(message, tag))),
        count
      );
      tag[0] = (tag[0] as number) ^ 1;
      assert.is(
        nativeCalls(() => assert.not(handle.verify(message, tag))),
        count
      );
      const target = new Uint8Array(33);
      assert.is(
        nativeCalls(() => handle.macInto(message, target, 1)),
        count
      );
      sameBytes(target.slice(1), expected(message));
    }
    for (const [size, count] of [
      [once - 1, 0],
      [once, 1],
    ] as const) {
      const message = bytes(size);
      assert.is(
        nativeCalls(() => sameBytes(hmacSha256(key, message), expected(message))),
        count
      );
    }
    // Between the two sizes a message goes to the kernel only in company.
    const inCompany = (count: number, size: number): number[] =>
      new Array<number>(count).fill(size);
    const sizes = [batch, 10, ...inCompany(8, batch - 1), ...inCompany(4, few - 1), single + 200];
    const messages = sizes.map(bytes);
    const calls = nativeCalls(() =>
      handle.macBatch(messages).forEach((tag, i) => {
        sameBytes(tag, expected(messages[i] as Uint8Array), `message ${i}`);
      })
    );
    // The last line computes each expected tag by an import of its own, which is not counted.
    assert.is(calls, 2);
  }
);

t('[tesserae/probe-native] without WebAssembly all of HMAC goes to node:crypto', () => {
  withGlobal('WebAssembly', { validate: () => false }, () => {
    forceEngine(undefined);
    const handle = new HmacKey(new Uint8Array(16));
    assert.is(engineReport().find(({ kernel }) => kernel === 'hmac')?.engine, 'ts');
    assert.is(
      nativeCalls(() => handle.mac(new Uint8Array(0))),
      1
    );
  });
  forceEngine(undefined);
});

t.run();
