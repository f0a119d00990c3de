/** The loader: lazy, self-tested, falling down the chain of engines with the reasons kept. @module */
import { ProtocolError } from '../../base/errors.ts';
import {
  defineKernel,
  engineReport,
  forceEngine,
  type Engine,
  type Kernel,
  type KernelDefinition,
  type WasmInstance,
} from '../../kernel/loader.ts';
import { assert, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/loader', import.meta.url);

/** A module that exports a page of memory, the constant IN = 1024, and answer(), which is `value`. */
function moduleAnswering(value: number): string {
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const exports = [...name('memory'), 2, 0, ...name('answer'), 0, 0, ...name('IN'), 3, 0];
  const bytes = [
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...[1, 5, 1, 96, 0, 1, 127],
    ...[3, 2, 1, 0],
    ...[5, 3, 1, 0, 1],
    ...[6, 7, 1, 127, 0, 65, 0x80, 0x08, 11],
    ...[7, exports.length + 1, 3, ...exports],
    ...[10, 6, 1, 4, 0, 65, value, 11],
  ];
  return Buffer.from(bytes).toString('base64');
}

interface Exports {
  readonly IN: WebAssembly.Global;
  answer(): number;
}

interface Contract {
  answer(): number;
  readonly instance: WasmInstance<Exports> | undefined;
}

const GOOD = 42;

/** A kernel whose engines answer with the given numbers; only 42 passes the self-test. */
function kernelOf(
  name: string,
  answers: Partial<Record<Engine, number>>,
  more: Partial<KernelDefinition<Contract, Exports>> = {}
): Kernel<Contract> {
  const { ts = GOOD, ...builds } = answers;
  return defineKernel<Contract, Exports>({
    name,
    builds: Object.fromEntries(
      Object.entries(builds).map(([build, value]) => [build, moduleAnswering(value)])
    ),
    fromWasm: (instance) => ({ answer: () => instance.exports.answer(), instance }),
    oracle: () => ({ answer: () => ts, instance: undefined }),
    selfTest({ answer }) {
      if (answer() !== GOOD) throw new Error(`answered ${answer()}`);
    },
    ...more,
  });
}

/** Run `body` with `new WebAssembly.Module` replaced, as a page's policy or a broken host would. */
function withModule(
  construct: (bytes: BufferSource) => WebAssembly.Module,
  body: () => void
): void {
  const original = WebAssembly.Module;
  const replacement = function (bytes: BufferSource): WebAssembly.Module {
    return construct(bytes);
  };
  WebAssembly.Module = replacement as unknown as typeof WebAssembly.Module;
  try {
    body();
  } finally {
    WebAssembly.Module = original;
  }
}

/** Run `body` under an engine, then give the choice back to the environment. */
function under(engine: Engine | undefined, body: () => void): void {
  forceEngine(engine);
  try {
    body();
  } finally {
    forceEngine(undefined);
  }
}

const ALL = { ts: GOOD, scalar: GOOD, simd: GOOD };
const WITHOUT_RELAXED: Readonly<Record<string, Engine>> = {
  ts: 'ts',
  scalar: 'scalar',
  simd: 'simd',
  relaxed: 'simd',
};

t('[tesserae/probe-override] runs the best build not above the engine in TESSERAE_ENGINE', () => {
  const forced = process.env['TESSERAE_ENGINE'];
  const { engine, contract } = kernelOf('environment', ALL).get();
  assert.is(engine, WITHOUT_RELAXED[forced ?? 'relaxed']);
  assert.is(contract.instance?.build, engine === 'ts' ? undefined : engine);
});

t('runs the best build not above the engine given in a call, and says so', () => {
  for (const [forced, expected] of Object.entries(WITHOUT_RELAXED)) {
    under(forced as Engine, () => {
      const { engine, reason } = kernelOf('call', ALL).get();
      assert.is(engine, expected);
      assert.match(reason, forced === expected ? `forced to ${forced}` : `not above ${forced}`);
    });
  }
});

t('[tesserae/probe-override] refuses an unknown engine and names where it stands', () => {
  const before = process.env['TESSERAE_ENGINE'];
  const kernel = kernelOf('unknown', ALL);
  try {
    process.env['TESSERAE_ENGINE'] = 'turbo';
    forceEngine(undefined);
    assert.throws(
      () => kernel.get(),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message === 'TESSERAE_ENGINE must be one of ts, scalar, simd, relaxed, got "turbo"'
    );
  } finally {
    if (before === undefined) delete process.env['TESSERAE_ENGINE'];
    else process.env['TESSERAE_ENGINE'] = before;
    forceEngine(undefined);
  }
  assert.throws(() => forceEngine('turbo' as Engine), /"engine" must be one of/);
  assert.type(kernel.get().engine, 'string');
});

t('[tesserae/kernel-lazy] compiles at the first use, once, and never when it is defined', () => {
  under('simd', () => {
    let compiled = 0;
    const compile = WebAssembly.Module;
    withModule(
      (bytes) => {
        compiled += 1;
        return new compile(bytes);
      },
      () => {
        const kernel = kernelOf('lazy', ALL);
        assert.is(compiled, 0);
        const first = kernel.get();
        assert.is(first.engine, 'simd');
        assert.is(compiled, 1);
        assert.is(kernel.get(), first);
        kernel.fresh();
        assert.is(compiled, 1, 'further instances share the module');
      }
    );
  });
});

t('[tesserae/kernel-lazy] importing the public entry point compiles nothing', async () => {
  const compile = WebAssembly.Module;
  let compiled = 0;
  WebAssembly.Module = function (bytes: BufferSource): WebAssembly.Module {
    compiled += 1;
    return new compile(bytes);
  } as unknown as typeof WebAssembly.Module;
  try {
    const { hmacSha256 } = await import('../../kernel/index.ts');
    assert.is(compiled, 0);
    under('scalar', () => hmacSha256(new Uint8Array(1), new Uint8Array(1)));
    assert.ok(compiled > 0, 'the count works');
  } finally {
    WebAssembly.Module = compile;
  }
});

t('[tesserae/kernel-without-webassembly] falls to ts where compiling is refused', () => {
  under('simd', () => {
    const refusal = 'Wasm code generation disallowed by embedder';
    withModule(
      () => {
        throw new WebAssembly.CompileError(refusal);
      },
      () => {
        const { engine, reason, refused, contract } = kernelOf('policy', ALL).get();
        assert.is(engine, 'ts');
        assert.is(contract.answer(), GOOD);
        assert.equal(
          refused.map((item) => item.engine),
          ['simd', 'scalar']
        );
        assert.match(reason, refusal);
      }
    );
  });
});

t('an engine that fails its self-test is passed over, and the reason kept', () => {
  under('simd', () => {
    const { engine, reason, refused } = kernelOf('failing', { simd: 7, scalar: GOOD }).get();
    assert.is(engine, 'scalar');
    assert.is(reason, 'fell to scalar, because simd: answered 7');
    assert.equal(refused, [{ engine: 'simd', reason: 'answered 7' }]);
    const last = kernelOf('failing', { simd: 7, scalar: 8 }).get();
    assert.is(last.engine, 'ts');
    assert.equal(
      last.refused.map((item) => item.reason),
      ['answered 7', 'answered 8']
    );
  });
});

t('an engine that fails while it is warmed up is passed over too', () => {
  under('simd', () => {
    const warm = (_: Contract, engine: Engine): void => {
      if (engine === 'simd') throw new WebAssembly.RuntimeError('unreachable');
    };
    const { engine, reason } = kernelOf('warming', ALL, { warm }).get();
    assert.is(engine, 'scalar');
    assert.match(reason, 'unreachable');
  });
});

t('bytes that are no module are passed over', () => {
  under('simd', () => {
    const builds = { simd: 'AAAA', scalar: '***' };
    assert.is(kernelOf('damaged', {}, { builds }).get().engine, 'ts');
  });
});

t('raises KERNEL_UNAVAILABLE with every reason when no engine passes', () => {
  under('simd', () => {
    const kernel = kernelOf('hopeless', { simd: 1, scalar: 2, ts: 3 });
    const error = throwsCode(() => kernel.get(), 'KERNEL_UNAVAILABLE');
    assert.ok(error instanceof ProtocolError);
    assert.match(error.message, /hopeless.*simd: answered 1; scalar: answered 2; ts: answered 3/);
  });
});

t('runs the self-test on every instance and warms up once for each module', () => {
  under('simd', () => {
    const ran: string[] = [];
    const kernel = kernelOf('order', ALL, {
      selfTest: (_, engine) => void ran.push(`test ${engine}`),
      warm: (_, engine) => void ran.push(`warm ${engine}`),
    });
    kernel.get();
    kernel.fresh();
    assert.equal(ran, ['test simd', 'warm simd', 'test simd']);
  });
});

t('a fresh instance has a memory of its own', () => {
  under('scalar', () => {
    const kernel = kernelOf('fresh', ALL);
    const [one, two] = [kernel.fresh().contract.instance, kernel.fresh().contract.instance];
    one?.bytes().fill(9, 0, 16);
    assert.is(two?.bytes()[0], 0);
    assert.is(kernel.get().contract.instance?.bytes()[0], 0);
  });
});

t('views are derived anew after the memory has grown', () => {
  under('scalar', () => {
    const { instance } = kernelOf('growing', ALL).fresh().contract;
    assert.ok(instance !== undefined);
    const before = instance?.bytes() as Uint8Array;
    before[5] = 77;
    instance?.reserve(65536);
    assert.is(instance?.bytes(), before, 'enough room needs no growth');
    instance?.reserve(3 * 65536 + 1);
    assert.is(before.length, 0, 'the old view is detached');
    assert.is(instance?.bytes().length, 4 * 65536);
    assert.is(instance?.bytes()[5], 77);
  });
});

t('reads exported constants, and names one that is missing', () => {
  under('scalar', () => {
    const { instance } = kernelOf('constants', ALL).get().contract;
    assert.is(instance?.pointer('IN'), 1024);
    assert.throws(() => instance?.pointer('answer'), /no exported constant answer/);
  });
});

t('[tesserae/probe-report] reports each kernel by name, engine and reason', () => {
  const kernel = kernelOf('zz-report', ALL, { native: (engine) => `beside ${engine}` });
  const find = (load: boolean) => engineReport(load).find((item) => item.kernel === 'zz-report');
  under('scalar', () => {
    assert.equal(find(false), {
      kernel: 'zz-report',
      engine: undefined,
      reason: 'not used yet',
      refused: [],
      native: undefined,
    });
    kernel.get();
    assert.equal(find(false), {
      kernel: 'zz-report',
      engine: 'scalar',
      reason: 'forced to scalar',
      refused: [{ engine: 'simd', reason: 'engine forced to scalar' }],
      native: 'beside scalar',
    });
  });
  assert.is(
    find(false)?.engine,
    undefined,
    'a change of the forced engine makes kernels load anew'
  );
});

t.run();
