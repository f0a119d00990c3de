/**
 * What a topic file exports: comparisons and figures about one hot path, each with its goals beside
 * it; and how a figure is judged. @module
 */
import type { Absent, Contender, Group, GroupResult } from './harness.ts';
import type { Peer } from './peer.ts';
import { summarize, type Summary } from './stats.ts';

/** What a topic may use while it sets itself up. */
export interface Bench {
  /** The Python side. */
  readonly peer: Peer;
  /** The project's folder, with a slash at the end. */
  readonly root: string;
  /** Measurements per figure; comparisons follow the effort of the run. */
  readonly repetitions: number;
}

/** A quantity that is promised by itself, not as a ratio: a size or a time. */
export interface Figure {
  readonly name: string;
  readonly unit: 'KB' | 'ms';
  /** One value per measurement; empty when `absent` says why there is none. */
  readonly values: readonly number[];
  readonly atMost?: number;
  readonly absent?: string;
}

/** A figure with its verdict; `met` is missing for information rows. */
export interface FigureResult {
  readonly name: string;
  readonly unit: string;
  readonly measured?: Summary;
  readonly atMost?: number;
  readonly met?: boolean;
  readonly absent?: string;
}

/** One hot path. */
export interface Topic {
  /** As in `--only`, and the name of the chart. */
  readonly name: string;
  readonly title: string;
  /** What is compared and how, in a few sentences for the report. */
  readonly about: string;
  /** Set up one comparison each, when its turn comes. */
  readonly groups: readonly ((bench: Bench) => Group | Promise<Group>)[];
  readonly figures?: (bench: Bench) => Promise<Figure[]>;
}

/** What one topic came to. */
export interface TopicResult {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly groups: readonly GroupResult[];
  readonly figures: readonly FigureResult[];
}

/** Judge a figure: its median must not exceed what was promised. */
export function judgeFigure(figure: Figure): FigureResult {
  const { name, unit, values, atMost, absent } = figure;
  const base = { name, unit, ...(atMost === undefined ? {} : { atMost }) };
  if (values.length === 0) return { ...base, absent: absent ?? 'not measured' };
  const measured = summarize(values);
  return { ...base, measured, ...(atMost === undefined ? {} : { met: measured.median <= atMost }) };
}

/** `bytes` that count up from `first`: plain input that is not all zeros. */
export function counting(bytes: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (first + i) & 255);
}

/** A contender that does the same call for every unit; its result is also its output. */
export function calling(name: string, call: () => Uint8Array): Contender {
  return {
    name,
    // Some libraries return a Buffer or a view of their memory.
    output: () => new Uint8Array(call()),
    run: (units) => {
      for (let i = 0; i < units; i++) call();
    },
  };
}

/** {@link calling} with an engine that may be missing on this host. */
export function callingFixed<T>(
  name: string,
  engine: { readonly contract: T } | { readonly absent: string },
  call: (contract: T) => Uint8Array
): Contender | Absent {
  if ('absent' in engine) return { name, absent: engine.absent };
  const { contract } = engine;
  return calling(name, () => call(contract));
}

/** A size as people write it: `200 B`, `64 KB`, `1 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024 || bytes % 1024 !== 0) return `${String(bytes)} B`;
  return bytes < 1 << 20 ? `${String(bytes / 1024)} KB` : `${String(bytes / (1 << 20))} MB`;
}
