/**
 * The sheet that is printed: the code at its exact width in millimeters with a quiet zone of four
 * modules, for whom and from when, how to read it, cut marks, and the text for when no camera helps. @module
 */
import { encodeQr, type QrCode } from '../../qr/code.ts';
import { printMm } from '../../qr/print.ts';
import { qrToSvg } from '../../qr/svg.ts';
import { hashText, moment } from '../model/format.ts';
import { code as hashCode } from './control.ts';
import { h, svgFrom } from './element.ts';

/** What is on the sheet. */
export interface Sheet {
  readonly code: QrCode;
  /** Width of the code in millimeters, quiet zone included. */
  readonly mm: number;
  readonly uri: string;
  readonly destinationHash: Uint8Array;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  /** The name to print, or `undefined` to print neither name nor date. */
  readonly recipient: string | undefined;
  /** Words in the clear. */
  readonly note: string;
  /** The sender's card, if it goes along. */
  readonly card: string | undefined;
  /** Where this page is found, if that is an address others can use. */
  readonly page: string | undefined;
}

/** Width of the words where the code is smaller than they need, in millimeters. */
const NARROWEST_MM = 84;

/** From the cut marks to what is printed, in millimeters. */
const MARGIN_MM = 8;

/** Module width of the card's code, in millimeters. */
const CARD_MODULE_MM = 0.6;

/** Build the sheet. */
export function printSheet(sheet: Sheet): HTMLElement {
  const { recipient, page } = sheet;
  const programs = page === undefined ? 'Sideband or NomadNet' : `Sideband, NomadNet or ${page}`;
  const root = h(
    'article',
    { class: 'print-sheet' },
    h('span', { class: 'cut top-left' }),
    h('span', { class: 'cut top-right' }),
    h('span', { class: 'cut bottom-left' }),
    h('span', { class: 'cut bottom-right' }),
    h(
      'header',
      {},
      recipient !== undefined &&
        h('p', { class: 'print-to' }, 'For ', h('strong', { dir: 'auto' }, recipient)),
      h('p', {}, hashCode(hashText(sheet.destinationHash))),
      recipient !== undefined && h('p', { class: 'print-date' }, moment(sheet.timestamp)),
      sheet.note !== '' && h('p', { class: 'print-note', dir: 'auto' }, sheet.note)
    ),
    drawn(sheet.code, sheet.mm, 'print-code'),
    h(
      'p',
      { class: 'print-help' },
      `A sealed LXMF message. Only the owner of the address above can open it: scan the code with ${programs}, ` +
        'or type in the text below.'
    ),
    sheet.card !== undefined && cardPart(sheet.card),
    h('p', { class: 'print-uri' }, sheet.uri)
  );
  root.style.width = `${Math.max(NARROWEST_MM, sheet.mm) + 2 * MARGIN_MM}mm`;
  return root;
}

function cardPart(card: string): HTMLElement {
  const code = encodeQr(card, { minLevel: 'M' });
  return h(
    'div',
    { class: 'print-card' },
    drawn(code, Math.ceil(printMm(code.size, CARD_MODULE_MM)), 'print-card-code'),
    h(
      'p',
      {},
      'The sender’s card: add it to your contacts, and the signature of the message can be checked.'
    )
  );
}

/** The width is set through the style object: the page's policy allows no style in markup. */
function drawn(code: QrCode, mm: number, className: string): HTMLElement {
  const box = h('div', { class: className }, svgFrom(qrToSvg(code, { mm })));
  box.style.width = `${mm}mm`;
  box.style.height = `${mm}mm`;
  return box;
}
