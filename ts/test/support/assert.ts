/** Assertions that do not fall into the traps of the runner's own. @module */
import * as assert from 'uvu/assert';
import { ProtocolError, type ErrorCode } from '../../base/errors.ts';
import { toHex } from '../../base/hex.ts';

export { assert };

/** Compare bytes with bytes or hexadecimal; a `Buffer` where a plain `Uint8Array` is due fails. */
export function sameBytes(
  actual: Uint8Array | undefined | null,
  expected: Uint8Array | string,
  note?: string
): void {
  assert.ok(actual instanceof Uint8Array, note ?? 'expected bytes');
  const bytes = actual as Uint8Array;
  assert.is(bytes.constructor.name, 'Uint8Array', note ?? 'expected a plain Uint8Array');
  const got = toHex(bytes);
  const want = typeof expected === 'string' ? expected : toHex(expected);
  if (got === want) return;
  // The runner's own diff takes minutes on long strings: show the place of the first difference.
  let at = 0;
  while (at < got.length && got[at] === want[at]) at += 1;
  at -= at % 2;
  throw new Error(
    `${note ?? 'bytes differ'}: at byte ${at / 2} got ${got.slice(at, at + 64)} ` +
      `want ${want.slice(at, at + 64)} (${got.length / 2} and ${want.length / 2} bytes)`
  );
}

/** Assert that `run` throws a `ProtocolError` with `code`, and return it. */
export function throwsCode(run: () => unknown, code: ErrorCode, note?: string): ProtocolError {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  return checkCode(caught, code, note);
}

/** Assert that a promise rejects with a `ProtocolError` of `code`, and return it. */
export async function rejectsCode(
  run: () => Promise<unknown>,
  code: ErrorCode,
  note?: string
): Promise<ProtocolError> {
  let caught: unknown;
  try {
    await run();
  } catch (error) {
    caught = error;
  }
  return checkCode(caught, code, note);
}

function checkCode(caught: unknown, code: ErrorCode, note?: string): ProtocolError {
  if (!(caught instanceof ProtocolError)) {
    assert.unreachable(`${note ?? ''} expected ProtocolError ${code}, got ${String(caught)}`);
  }
  const error = caught as ProtocolError;
  assert.is(error.code, code, note);
  return error;
}
