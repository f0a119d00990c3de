/**
 * The arithmetic of printing a QR code: how large a module gets at a print size, and whether a phone
 * will read it. Pure numbers; millimeters throughout. @module
 */
import { assertInteger } from '../base/bytes.ts';

/** Light modules that the standard asks for on each side (ISO/IEC 18004:2015, section 6.3.8). */
export const QUIET_ZONE = 4;

/** Widest quiet zone accepted; more is a mistake in the argument. */
export const MAX_QUIET_ZONE = 64;

/** Module width from which ordinary phone cameras read a printed code at ease. */
export const GOOD_MM = 0.5;

/** Module width below which a print is likely to fail. */
export const CAUTION_MM = 0.4;

/** Whether a printed code will be read: `good` from 0.5 mm a module, `caution` from 0.4 mm. */
export type PrintVerdict = 'good' | 'caution' | 'too-small';

/** What a print size means for one code. */
export interface PrintAdvice {
  readonly verdict: PrintVerdict;
  /** Width of one module in millimeters. */
  readonly mmPerModule: number;
  /** Width of the print, quiet zone included, in millimeters. */
  readonly mm: number;
  /** Smallest whole-millimeter print that would be `good`. */
  readonly goodMm: number;
}

/**
 * Width of one module in millimeters when a code of `size` modules is printed `mm` wide.
 * @param size - modules on a side without quiet zone
 * @param mm - width of the print, quiet zone included
 */
export function mmPerModule(size: number, mm: number, quietZone: number = QUIET_ZONE): number {
  assertMillimeters('mm', mm);
  return mm / sideModules(size, quietZone);
}

/** Width of the print in millimeters, quiet zone included, that makes a module `moduleMm` wide. */
export function printMm(size: number, moduleMm: number, quietZone: number = QUIET_ZONE): number {
  assertMillimeters('moduleMm', moduleMm);
  return moduleMm * sideModules(size, quietZone);
}

/** Judge a print size for a code of `size` modules. */
export function printAdvice(size: number, mm: number, quietZone: number = QUIET_ZONE): PrintAdvice {
  const module = mmPerModule(size, mm, quietZone);
  const verdict = module >= GOOD_MM ? 'good' : module >= CAUTION_MM ? 'caution' : 'too-small';
  return {
    verdict,
    mmPerModule: module,
    mm,
    goodMm: Math.ceil(printMm(size, GOOD_MM, quietZone)),
  };
}

/** Modules on a side, quiet zone included. */
export function sideModules(size: number, quietZone: number): number {
  assertInteger('size', size, 1, 177);
  assertInteger('quietZone', quietZone, 0, MAX_QUIET_ZONE);
  return size + 2 * quietZone;
}

/** Assert that a length is a positive number of millimeters below ten meters. */
export function assertMillimeters(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0) || value > 10_000) {
    throw new RangeError(`"${name}" must be above 0 and at most 10000 millimeters, got ${value}`);
  }
}
