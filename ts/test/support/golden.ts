/**
 * The one loader of golden vectors: checks their shape, turns hex into bytes on request, and counts
 * the cases that a test used, so that the evidence can tell golden proofs from self-tests. @module
 */
import { readFileSync, existsSync } from 'node:fs';
import { z } from 'zod';

/** One vector: what goes in, and what the reference made of it (or that it refused, and how). */
export interface GoldenCase {
  id: string;
  note?: string | undefined;
  in: Record<string, unknown>;
  out?: Record<string, unknown> | undefined;
  error?: string | undefined;
}

/** A file of vectors about one topic, and the reference program that made them. */
export interface Golden {
  format: 1;
  stack: string;
  topic: string;
  source: { program: string; version: string; symbol: string; alsoChecked?: string[] | undefined };
  generator: string;
  made: string;
  cases: GoldenCase[];
}

const Case: z.ZodType<GoldenCase> = z.object({
  id: z.string(),
  note: z.string().optional(),
  in: z.record(z.string(), z.unknown()),
  out: z.record(z.string(), z.unknown()).optional(),
  error: z.string().optional(),
});

const GoldenFile: z.ZodType<Golden> = z.object({
  format: z.literal(1),
  stack: z.string(),
  topic: z.string(),
  source: z.object({
    program: z.string(),
    version: z.string(),
    symbol: z.string(),
    alsoChecked: z.array(z.string()).optional(),
  }),
  generator: z.string(),
  made: z.string(),
  cases: z.array(Case).min(1),
});

let cases = 0;
const references = new Set<string>();

/** Load `golden/<stack>/<topic>.json`. */
export function loadGolden(stack: string, topic: string): Golden {
  const url = new URL(`../../../golden/${stack}/${topic}.json`, import.meta.url);
  if (!existsSync(url)) throw new Error(`golden/${stack}/${topic}.json does not exist`);
  return GoldenFile.parse(JSON.parse(readFileSync(url, 'utf8')));
}

/**
 * Run `check` on each case of a file, counting it as evidence; an empty selection is an error.
 * @param only - keeps the cases for which it is true
 */
export function eachCase(
  golden: Golden,
  check: (item: GoldenCase) => void,
  only: (item: GoldenCase) => boolean = () => true
): void {
  const chosen = golden.cases.filter(only);
  if (chosen.length === 0) throw new Error(`no case chosen from ${golden.stack}/${golden.topic}`);
  for (const item of chosen) {
    try {
      check(item);
    } catch (error) {
      if (error instanceof Error) error.message = `${item.id}: ${error.message}`;
      throw error;
    }
    cases += 1;
  }
  references.add(`${golden.source.program} ${golden.source.version}`);
}

/** Cases used since the last reset, and the reference programs that made them. */
export function goldenUse(): { cases: number; references: string[] } {
  return { cases, references: [...references].sort() };
}

/** Forget the count; the suite calls it before each test. */
export function resetGoldenUse(): void {
  cases = 0;
  references.clear();
}
