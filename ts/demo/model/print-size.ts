/** How large a code is to be printed, and what to say about it. @module */
import { printAdvice, type PrintAdvice } from '../../qr/print.ts';
import { millimeters } from './format.ts';

/** Print widths offered, in millimeters with the quiet zone. */
export const PRINT_MM = { min: 25, max: 180, step: 5 } as const;

// Smaller codes are read, but are a bother to aim at.
const COMFORTABLE_MM = 60;

/** The width at which a code of `size` modules is comfortable to scan: at least 0.5 mm a module. */
export function suggestedMm(size: number): number {
  const { goodMm } = printAdvice(size, COMFORTABLE_MM);
  const { step, max } = PRINT_MM;
  return Math.min(max, Math.max(COMFORTABLE_MM, Math.ceil(goodMm / step) * step));
}

/** A verdict with its words. */
export interface PrintWords {
  readonly verdict: PrintAdvice['verdict'];
  readonly measure: string;
  readonly advice: string;
  /** A width that would be good, when this one is not. */
  readonly betterMm: number | undefined;
}

/** Say what a print width means for a code of `size` modules. */
export function printWords(size: number, mm: number): PrintWords {
  const { verdict, mmPerModule } = printAdvice(size, mm);
  const measure = `${millimeters(mmPerModule)} mm per module`;
  if (verdict === 'good') {
    return { verdict, measure, advice: 'Any phone reads this with ease.', betterMm: undefined };
  }
  const betterMm = suggestedMm(size);
  const advice =
    verdict === 'caution'
      ? 'Below 0.5 mm: needs a sharp print and a steady hand.'
      : 'Too small: most cameras will not read it.';
  return { verdict, measure, advice, betterMm };
}
