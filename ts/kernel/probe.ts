/**
 * What this host can run: WebAssembly and its features, native libraries, cores and memory; and the
 * choice of a kernel engine from it. Plain data, fit for `JSON.stringify`. Above `native.ts`, below
 * `loader.ts`. @module
 */
import { builtin, hostFacts } from './native.ts';

/** Engines from the plainest to the most demanding; `ts` is the readable oracle. */
export const ENGINES = ['ts', 'scalar', 'simd', 'relaxed'] as const;

/** What runs a kernel. */
export type Engine = (typeof ENGINES)[number];

/** A WebAssembly build of a kernel. */
export type WasmBuild = Exclude<Engine, 'ts'>;

/** What the host offers; one snapshot, never changing while the program runs. */
export interface Capabilities {
  /** For example `node 20.20.2`, `bun 1.2.0`, `browser`, `browser worker`. */
  readonly runtime: string;
  /** As the host names it, for example `x64`; `unknown` where the host does not say. */
  readonly architecture: string;
  readonly platform: string;
  /** Logical processors open to this program. */
  readonly cores: number;
  /** Physical memory in bytes; browsers round it and cap it; `undefined` where unknown. */
  readonly memoryBytes: number | undefined;
  readonly wasm: {
    /** False where WebAssembly is missing or the page's policy lacks `wasm-unsafe-eval`. */
    readonly allowed: boolean;
    /** Why it is not allowed, in the host's words. */
    readonly refusal: string | undefined;
    readonly simd: boolean;
    readonly relaxedSimd: boolean;
    /** Atomics and shared memory, which browsers grant to cross-origin isolated pages only. */
    readonly threads: boolean;
  };
  readonly native: {
    readonly crypto: boolean;
    readonly sqlite: boolean;
    readonly zstd: boolean;
    readonly quic: boolean;
  };
}

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];

/** Smallest modules that use one feature each; a host validates them only if it has the feature. */
const FEATURE_MODULES = {
  simd: [
    ...HEADER,
    ...[1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
  ],
  relaxedSimd: [
    ...HEADER,
    ...[1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
    ...[10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
  ],
  threads: [
    ...HEADER,
    ...[1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1],
    ...[10, 11, 1, 9, 0, 65, 0, 254, 16, 2, 0, 26, 11],
  ],
} as const;

let snapshot: Capabilities | undefined;

/** The host's capabilities, looked at once and kept. */
export function probe(): Capabilities {
  snapshot ??= detectCapabilities();
  return snapshot;
}

/** Look at the host anew; {@link probe} is what programs want. */
export function detectCapabilities(): Capabilities {
  const refusal = wasmRefusal();
  const allowed = refusal === undefined;
  const { arch, platform } = hostFacts();
  return {
    runtime: runtimeName(),
    architecture: arch ?? 'unknown',
    platform: platform ?? navigatorFacts().userAgentData?.platform ?? 'unknown',
    cores: coreCount(),
    memoryBytes: memorySize(),
    wasm: {
      allowed,
      refusal,
      simd: allowed && validates('simd'),
      relaxedSimd: allowed && validates('relaxedSimd'),
      threads: allowed && validates('threads') && sharesMemory(),
    },
    native: {
      crypto: hasBuiltin('node:crypto'),
      sqlite: hasBuiltin('node:sqlite'),
      zstd: hasZstd(),
      quic: hasBuiltin('node:quic'),
    },
  };
}

/** One engine that will not be tried, and why. */
export interface RefusedEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/** The engines to try, best first and always ending with `ts`, and those left out. */
export interface EngineChoice {
  readonly candidates: readonly Engine[];
  readonly refused: readonly RefusedEngine[];
}

/**
 * Order the engines of one kernel by preference on a host.
 * @param builds - WebAssembly builds that the kernel has
 * @param forced - upper bound asked for by the user; the best build not above it comes first
 */
export function chooseEngine(
  builds: readonly WasmBuild[],
  capabilities: Capabilities,
  forced?: Engine
): EngineChoice {
  const candidates: Engine[] = [];
  const refused: RefusedEngine[] = [];
  const ceiling = forced === undefined ? ENGINES.length - 1 : ENGINES.indexOf(forced);
  for (const engine of [...ENGINES].reverse()) {
    if (engine !== 'ts' && !builds.includes(engine)) continue;
    const reason =
      ENGINES.indexOf(engine) > ceiling
        ? `engine forced to ${String(forced)}`
        : obstacle(engine, capabilities);
    if (reason === undefined) candidates.push(engine);
    else refused.push({ engine, reason });
  }
  return { candidates, refused };
}

function obstacle(engine: Engine, { wasm }: Capabilities): string | undefined {
  if (engine === 'ts') return undefined;
  if (!wasm.allowed) return `WebAssembly is not allowed here: ${wasm.refusal ?? 'unknown reason'}`;
  if (engine === 'simd' && !wasm.simd) return 'the host has no WebAssembly SIMD';
  if (engine === 'relaxed' && !wasm.relaxedSimd) return 'the host has no relaxed WebAssembly SIMD';
  return undefined;
}

/** Undefined where modules compile; `WebAssembly.validate` does not ask the page's policy. */
function wasmRefusal(): string | undefined {
  if (typeof WebAssembly !== 'object') return 'the host has no WebAssembly';
  try {
    return new WebAssembly.Module(Uint8Array.from(HEADER)) instanceof WebAssembly.Module
      ? undefined
      : 'compilation returned no module';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function validates(feature: keyof typeof FEATURE_MODULES): boolean {
  return WebAssembly.validate(Uint8Array.from(FEATURE_MODULES[feature]));
}

function sharesMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  // Node has no such flag; a page that has it set to false may not share memory with its workers.
  return typeof SharedArrayBuffer === 'function' && crossOriginIsolated !== false;
}

/** Asks the module registry, because loading an experimental module prints a warning. */
function hasBuiltin(name: string): boolean {
  const registry = builtin('node:module') as { isBuiltin?: (name: string) => boolean } | undefined;
  return registry?.isBuiltin?.(name) ?? false;
}

function hasZstd(): boolean {
  const zlib = builtin('node:zlib') as Record<string, unknown> | undefined;
  return typeof zlib?.['zstdCompressSync'] === 'function';
}

interface NavigatorFacts {
  readonly hardwareConcurrency?: number;
  /** In units of 2^30 bytes. */
  readonly deviceMemory?: number;
  readonly userAgentData?: { readonly platform?: string };
}

function navigatorFacts(): NavigatorFacts {
  return (globalThis as { navigator?: NavigatorFacts }).navigator ?? {};
}

interface SystemFacts {
  readonly availableParallelism?: () => number;
  readonly totalmem?: () => number;
}

function coreCount(): number {
  const system = builtin('node:os') as SystemFacts | undefined;
  return system?.availableParallelism?.() ?? navigatorFacts().hardwareConcurrency ?? 1;
}

function memorySize(): number | undefined {
  const system = builtin('node:os') as SystemFacts | undefined;
  const { deviceMemory } = navigatorFacts();
  return system?.totalmem?.() ?? (deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30);
}

function runtimeName(): string {
  const { versions } = hostFacts();
  for (const name of ['bun', 'deno', 'node']) {
    const version = versions[name];
    if (version !== undefined) return `${name} ${version}`;
  }
  const isWorker = 'WorkerGlobalScope' in globalThis;
  return isWorker ? 'browser worker' : 'browser';
}
