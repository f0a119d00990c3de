/** The page's signs: strokes on a grid of 24, in the color of the text around them. @module */
import { svg } from './element.ts';

const PATHS = {
  write: 'M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19l-4 1zM14 7l3 3',
  read: 'M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M8 9h3v3H8zM14 9h2M14 12h2v3M8 15h3M14 15v0',
  contacts:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.6c2.1.8 3.5 2.7 3.5 5.4',
  identity: 'M14.5 9.5a4 4 0 1 0-3.6 4l1.6 1.5H15v2h2v2h3v-3l-5.5-5.1M8.5 9.5h0',
  camera:
    'M4 8h3l1.5-2.5h7L17 8h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15.5 9.5h0',
  paste: 'M9 5H6a1 1 0 0 0-1 1v14h14V6a1 1 0 0 0-1-1h-3M9 3h6v4H9zM9 12h6M9 16h4',
  print: 'M7 9V4h10v5M7 17H4v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6h-3M7 14h10v6H7z',
  save: 'M12 4v11M8 11.5l4 4 4-4M5 20h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  share: 'M12 15V4M8 7.5L12 4l4 3.5M7 11H5v9h14v-9h-2',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  unlock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1',
  ok: 'M5 12.5l4.5 4.5L19 7.5',
  fail: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  warn: 'M12 4l9 16H3zM12 10v4.5M12 17.2v0',
  note: 'M12 11v6M12 7.5v0M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  wait: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  plus: 'M12 5v14M5 12h14',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  reply: 'M9 8L4 13l5 5M4 13h9a7 7 0 0 1 7 7',
  torch: 'M8 3h8v4l-2 3v11h-4V10L8 7zM12 13v2',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
  edit: 'M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19l-4 1z',
} as const;

/** The name of a sign. */
export type IconName = keyof typeof PATHS;

/** Draw a sign; it says nothing to screen readers, so words must stand beside it. */
export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: PATHS[name] })
  );
}

/** The mark of the page: one tile, broken in two. */
export function mark(): SVGElement {
  return svg(
    'svg',
    { class: 'mark', viewBox: '0 0 32 32', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { class: 'mark-a', d: 'M3 3h15.5l-3 6 4 5-5 6 3 9H3z' }),
    svg('path', { class: 'mark-b', d: 'M21.5 3H29v26h-8.500l-3-9 5-6-4-5z' })
  );
}
