/**
 * One way for every kernel to get from base64 to a running, self-tested contract: compile at first
 * use (never at import), instantiate, prove with a known answer, warm up; and where any of that
 * fails, fall down the chain relaxed, simd, scalar, ts with the reasons kept. @module
 */
import { ProtocolError } from '../base/errors.ts';
import { environment } from './native.ts';
import { ENGINES, chooseEngine, probe } from './probe.ts';
import type { Engine, RefusedEngine, WasmBuild } from './probe.ts';

export type { Engine, RefusedEngine, WasmBuild } from './probe.ts';

/** A running module: its exports, its memory, and a view that survives growth. */
export interface WasmInstance<X> {
  readonly build: WasmBuild;
  /** Functions, and pointers as `WebAssembly.Global`. */
  readonly exports: X;
  readonly memory: WebAssembly.Memory;
  /** The whole memory as bytes; derived anew after growth, so never keep it across a call that grows. */
  bytes(): Uint8Array;
  /** Value of an exported pointer or constant, for example `pointer('IN')`. */
  pointer(name: keyof X & string): number;
  /** Make the memory at least this many bytes long. */
  reserve(sizeBytes: number): void;
}

/** All that the loader must know of one kernel; `T` is the contract, `X` the module's exports. */
export interface KernelDefinition<T, X = WebAssembly.Exports> {
  /** As in `as/<name>.ts`. */
  readonly name: string;
  /** Base64 modules by build, from `generated/`. */
  readonly builds: Readonly<Partial<Record<WasmBuild, string>>>;
  /** Wrap an instance in the contract. */
  fromWasm(instance: WasmInstance<X>): T;
  /** The readable TypeScript engine, with the same contract. */
  oracle(): T;
  /** Throw unless the contract gives known answers; quick, run on each new instance. */
  selfTest(contract: T, engine: Engine): void;
  /**
   * Run the hot functions often enough for the host's optimizing compiler (at most 10 ms when cold);
   * run once for each module. Absent: the self-test alone must do.
   */
  warm?(contract: T, engine: Engine): void;
  /** What the façade leaves to the host's own library, one sentence for the report. */
  native?(engine: Engine): string | undefined;
}

/** A contract ready for calls, and how it came to be. */
export interface LoadedKernel<T> {
  readonly engine: Engine;
  /** One sentence for people: why this engine. */
  readonly reason: string;
  /** Better engines that were not taken. */
  readonly refused: readonly RefusedEngine[];
  readonly contract: T;
}

/** A kernel of this program: one shared instance for calls that finish before they return. */
export interface Kernel<T> {
  readonly name: string;
  /** The shared instance, loaded at first use; cheap from then on. */
  get(): LoadedKernel<T>;
  /** An instance of its own, for callers that keep state in it between calls. */
  fresh(): LoadedKernel<T>;
}

/** What the report says of one kernel. */
export interface KernelReport {
  readonly kernel: string;
  /** `undefined` while the kernel has not been used. */
  readonly engine: Engine | undefined;
  readonly reason: string;
  readonly refused: readonly RefusedEngine[];
  readonly native: string | undefined;
}

const VARIABLE = 'TESSERAE_ENGINE';

/** Grows by one whenever the forced engine changes, which makes every kernel choose anew. */
let epoch = 0;
/** The programmatic override. */
let override: Engine | undefined;
/** The variable's value, read once; reading the environment is slow on some hosts. */
let fromEnvironment: { readonly engine: Engine | undefined } | undefined;

/** Known kernels by name, each with its report. */
const known = new Map<string, (load: boolean) => KernelReport>();

/**
 * The engine that is forced now: by {@link forceEngine}, else by the variable `TESSERAE_ENGINE`.
 * @throws TypeError when the variable holds anything but `ts`, `scalar`, `simd` or `relaxed`
 */
export function forcedEngine(): Engine | undefined {
  if (override !== undefined) return override;
  fromEnvironment ??= { engine: parseEngine(environment(VARIABLE)) };
  return fromEnvironment.engine;
}

function parseEngine(text: string | undefined): Engine | undefined {
  if (text === undefined || text === '') return undefined;
  const engine = ENGINES.find((name) => name === text);
  if (engine === undefined) {
    throw new TypeError(`${VARIABLE} must be one of ${ENGINES.join(', ')}, got "${text}"`);
  }
  return engine;
}

/**
 * Force an engine for all kernels from the next call on; `undefined` gives the choice back to the
 * environment and the probe. Instances made before stay as they are.
 */
export function forceEngine(engine: Engine | undefined): void {
  if (engine !== undefined && !ENGINES.includes(engine)) {
    throw new TypeError(`"engine" must be one of ${ENGINES.join(', ')}, got "${String(engine)}"`);
  }
  override = engine;
  fromEnvironment = undefined;
  epoch += 1;
}

/** State of the engine choice, for façades that cache a decision of their own. */
export function engineEpoch(): number {
  return epoch;
}

/**
 * Which engine runs each known kernel, and why; sorted by name.
 * @param load - also load the kernels that have not been used yet
 */
export function engineReport(load = false): KernelReport[] {
  return [...known.keys()].sort().flatMap((name) => known.get(name)?.(load) ?? []);
}

/** Make a kernel known; nothing is decoded or compiled before its first use. */
export function defineKernel<T, X = WebAssembly.Exports>(
  definition: KernelDefinition<T, X>
): Kernel<T> {
  const { name } = definition;
  const modules = new Map<WasmBuild, WebAssembly.Module>();
  let shared: LoadedKernel<T> | undefined;
  let sharedEpoch = -1;
  const get = (): LoadedKernel<T> => {
    if (shared === undefined || sharedEpoch !== epoch) {
      shared = load(definition, modules);
      sharedEpoch = epoch;
    }
    return shared;
  };
  known.set(name, (now) => {
    const loaded = now || sharedEpoch === epoch ? get() : undefined;
    return {
      kernel: name,
      engine: loaded?.engine,
      reason: loaded?.reason ?? 'not used yet',
      refused: loaded?.refused ?? [],
      native: loaded === undefined ? undefined : definition.native?.(loaded.engine),
    };
  });
  return { name, get, fresh: () => load(definition, modules) };
}

function load<T, X>(
  definition: KernelDefinition<T, X>,
  modules: Map<WasmBuild, WebAssembly.Module>
): LoadedKernel<T> {
  const forced = forcedEngine();
  const builds = Object.keys(definition.builds) as WasmBuild[];
  const choice = chooseEngine(builds, probe(), forced);
  const refused: RefusedEngine[] = [...choice.refused];
  for (const engine of choice.candidates) {
    try {
      const contract = start(definition, modules, engine);
      return { engine, reason: reasonFor(engine, forced, refused), refused, contract };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refused.push({ engine, reason });
    }
  }
  const reasons = refused.map((item) => `${item.engine}: ${item.reason}`).join('; ');
  throw new ProtocolError('KERNEL_UNAVAILABLE', `no engine runs it: ${reasons}`, {
    at: definition.name,
  });
}

function start<T, X>(
  definition: KernelDefinition<T, X>,
  modules: Map<WasmBuild, WebAssembly.Module>,
  engine: Engine
): T {
  if (engine === 'ts') {
    const contract = definition.oracle();
    definition.selfTest(contract, engine);
    return contract;
  }
  const cached = modules.get(engine);
  const module = cached ?? compile(definition.builds[engine] ?? '');
  const contract = definition.fromWasm(instantiate<X>(module, engine));
  definition.selfTest(contract, engine);
  if (cached === undefined) {
    definition.warm?.(contract, engine);
    modules.set(engine, module);
  }
  return contract;
}

function reasonFor(
  engine: Engine,
  forced: Engine | undefined,
  refused: readonly RefusedEngine[]
): string {
  const failed = refused.filter((item) => !item.reason.startsWith('engine forced'));
  if (failed.length > 0) {
    return `fell to ${engine}, because ${failed.map((f) => `${f.engine}: ${f.reason}`).join('; ')}`;
  }
  if (forced === undefined) return 'the best build this host can run';
  return forced === engine
    ? `forced to ${forced}`
    : `the best build not above ${forced}, as forced`;
}

function compile(base64: string): WebAssembly.Module {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new WebAssembly.Module(bytes);
}

function instantiate<X>(module: WebAssembly.Module, build: WasmBuild): WasmInstance<X> {
  const { exports } = new WebAssembly.Instance(module);
  const memory = exports['memory'];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the module exports no memory');
  let view = new Uint8Array(memory.buffer);
  const bytes = (): Uint8Array => {
    // Growing detaches the old buffer, which leaves its views with length zero.
    if (view.length === 0) view = new Uint8Array(memory.buffer);
    return view;
  };
  return {
    build,
    exports: exports as X,
    memory,
    bytes,
    pointer(name) {
      const item = exports[name];
      if (!(item instanceof WebAssembly.Global)) throw new Error(`no exported constant ${name}`);
      return Number(item.value);
    },
    reserve(sizeBytes) {
      const missing = sizeBytes - bytes().length;
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    },
  };
}
