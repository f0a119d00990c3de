/**
 * The rows of the parity report: one for every feature of the reference programs that this package
 * follows, and for its own promises. Rows claim nothing; tests that name them do. @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** One feature to prove. */
export interface Row {
  /** Stable name that test titles carry: `<system>/<slug>`. */
  readonly id: string;
  readonly system: string;
  readonly component: string;
  /** What the reference program does, in its own words for classes and methods. */
  readonly upstream: string;
  /** File and symbol of the reference program, for example `LXMF/LXMessage.py LXMessage.pack`. */
  readonly reference?: string | undefined;
  /** First version of the reference program that does this, where it is newer than the rest. */
  readonly since?: string | undefined;
  /** Named parts: the row is proven when each part is, and partial before. */
  readonly parts?: readonly string[] | undefined;
  /** Kernel engines under which a test of the row has to pass; they count as parts. */
  readonly engines?: readonly string[] | undefined;
  /** Why the row is not ported; such a row has no state to prove. */
  readonly outOfScope?: string | undefined;
  /** What the Rust port's own table claims of the row. */
  readonly rustStatus?: string | undefined;
  readonly rustCounterpart?: string | undefined;
  readonly rustNotes?: string | undefined;
}

/** Data that does not have the shape it must have; the message is one line. */
export class DataError extends Error {
  override readonly name: string = 'DataError';
}

const names = z.array(z.string().regex(/^[a-z0-9][a-z0-9._-]*$/)).min(2);

const RowShape: z.ZodType<Row> = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+\/[a-z0-9][a-z0-9._-]*$/),
  system: z.string().min(1),
  component: z.string().min(1),
  upstream: z.string().min(1),
  reference: z.string().min(1).optional(),
  since: z.string().min(1).optional(),
  parts: names.optional(),
  engines: names.optional(),
  outOfScope: z.string().min(10).optional(),
  rustStatus: z.string().optional(),
  rustCounterpart: z.string().optional(),
  rustNotes: z.string().optional(),
});

const dataFolder = new URL('./data/', import.meta.url);

/** Check rows as read from JSON: shape, ids under their system, ids and parts unique. */
export function checkRows(value: unknown, from: string): Row[] {
  const parsed = z.array(RowShape).safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DataError(`${from}: row ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const seen = new Set<string>();
  for (const row of parsed.data) {
    const fault = faultOf(row, seen);
    if (fault !== undefined) throw new DataError(`${from}: ${row.id}: ${fault}`);
    seen.add(row.id);
  }
  return parsed.data;
}

function faultOf(row: Row, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(row.id)) return 'the id is used twice';
  if (!row.id.startsWith(row.system + '/')) return `the id does not start with "${row.system}/"`;
  if (row.parts !== undefined && row.engines !== undefined) return 'has both parts and engines';
  const parts = partsOf(row);
  if (new Set(parts).size !== parts.length) return 'a part is named twice';
  return undefined;
}

/** The parts that have to be proven one by one; empty when the row is proven as a whole. */
export function partsOf(row: Row): readonly string[] {
  return row.parts ?? row.engines ?? [];
}

/** Load the rows of every `data/rows*.json`, in the order of the files' names. */
export function loadRows(folder: URL = dataFolder): Row[] {
  const files = readdirSync(folder)
    .filter((name) => /^rows.*\.json$/.test(name))
    .sort();
  const rows = files.flatMap((name) => checkRows(readJson(new URL(name, folder)), name));
  return checkRows(rows, 'all rows together');
}

/** Read JSON, or throw a {@link DataError} that names the file. */
export function readJson(url: URL): unknown {
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    return JSON.parse(readFileSync(url, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`${name}: ${reason.split('\n')[0]}`);
  }
}
