/** A picture for the first screen: a code broken in two, as a tessera was, so that the halves prove each other. @module */
import { encodeQr } from '../../qr/code.ts';
import { svg } from './element.ts';

const WORDS = 'a token broken in two: whoever holds the other half is known';

/** Where the break runs, in modules from the left, one number for every few rows. */
const BREAK = [19, 17, 20, 18, 21, 19, 16, 18, 20, 17, 19];

/** How far the halves lie apart, in modules. */
const GAP = 4;

/** Draw the picture; it says nothing that the words beside it do not. */
export function brokenTile(): SVGElement {
  const code = encodeQr(WORDS, { minLevel: 'L', raise: false });
  const rows = code.size / BREAK.length;
  let left = '';
  let right = '';
  for (let y = 0; y < code.size; y++) {
    const edge = BREAK[Math.floor(y / rows)] ?? code.size;
    for (let x = 0; x < code.size; x++) {
      if (!code.get(x, y)) continue;
      if (x < edge) left += `M${x} ${y}h1v1h-1z`;
      else right += `M${x + GAP} ${y + 1}h1v1h-1z`;
    }
  }
  return svg(
    'svg',
    {
      class: 'tile',
      viewBox: `0 0 ${code.size + GAP} ${code.size + 1}`,
      'aria-hidden': 'true',
      'shape-rendering': 'crispEdges',
    },
    svg('path', { class: 'left-half', d: left }),
    svg('path', { class: 'right-half', d: right })
  );
}
