/** How full the paper is, the shape of the code to come, and how large to print it. @module */
import { PAPER_MDU } from '../../lxmf/constants.ts';
import type { Budget } from '../model/draft.ts';
import { bytesText, integer } from '../model/format.ts';
import { PRINT_MM, printWords, suggestedMm } from '../model/print-size.ts';
import { button } from './control.ts';
import { fill, freshId, h, svg } from './element.ts';
import { icon } from './icon.ts';

/** The panel beside the letter. */
export interface BudgetPanel {
  readonly root: HTMLElement;
  /** Show a budget; `made` hides the shape, because the code itself is in sight. */
  show(budget: Budget, made: boolean): void;
  /** The print width chosen, in millimeters. */
  mm(): number;
  onsize(listener: () => void): void;
}

/** Build the panel. */
export function budgetPanel(): BudgetPanel {
  const level = h('span', {});
  const bar = h(
    'div',
    {
      class: 'bar',
      role: 'meter',
      'aria-label': 'Room on the paper',
      'aria-valuemin': 0,
      'aria-valuemax': PAPER_MDU,
    },
    level
  );
  const used = h('strong', {});
  const left = h('span', { class: 'left' });
  const shape = h('div', { class: 'shape', 'aria-hidden': 'true' });
  const facts = h('p', { class: 'facts' });
  const id = freshId('size');
  const slider = h('input', { type: 'range', id, ...PRINT_MM });
  const width = h('output', { for: id });
  const verdict = h('p', { class: 'verdict', 'aria-live': 'polite' });
  const page = h('div', { class: 'page', 'aria-hidden': 'true' });
  const better = button('Enlarge', undefined, 'plain', () => {
    chosen = undefined;
    refresh();
    changed();
  });
  const size = h(
    'div',
    { class: 'print-size' },
    page,
    h(
      'div',
      { class: 'grow' },
      h('label', { for: id }, 'Print size ', width),
      slider,
      verdict,
      better
    )
  );
  const root = h(
    'section',
    { class: 'card budget', 'aria-label': 'Size of the paper' },
    h('p', { class: 'used' }, used, left),
    bar,
    shape,
    facts,
    size
  );
  const listeners: (() => void)[] = [];
  // What the user picked; otherwise the size follows the code.
  let chosen: number | undefined;
  let modules = 0;

  const changed = (): void => listeners.forEach((listener) => listener());
  const mm = (): number => chosen ?? suggestedMm(Math.max(21, modules));

  function refresh(): void {
    const current = mm();
    slider.value = String(current);
    slider.setAttribute('aria-valuetext', `${current} millimeters`);
    width.textContent = `${current} mm`;
    size.hidden = modules === 0;
    if (modules === 0) return;
    const words = printWords(modules, current);
    verdict.className = `verdict ${words.verdict}`;
    const sign = words.verdict === 'good' ? 'ok' : 'warn';
    fill(verdict, icon(sign), h('span', {}, h('strong', {}, words.measure), ` ${words.advice}`));
    better.hidden = words.betterMm === undefined;
    better.lastElementChild?.replaceChildren(`Enlarge to ${words.betterMm ?? current} mm`);
    fill(page, pagePicture(current));
  }

  slider.addEventListener('input', () => {
    chosen = Number(slider.value);
    refresh();
    changed();
  });

  return {
    root,
    show(budget, made) {
      const over = budget.left < 0;
      used.textContent = `${integer(budget.sealed)} of ${bytesText(PAPER_MDU)}`;
      left.textContent = over
        ? `${bytesText(-budget.left)} too many`
        : `${integer(budget.left)} left`;
      root.classList.toggle('over', over);
      const filled = Math.min(PAPER_MDU, budget.sealed);
      bar.setAttribute('aria-valuenow', String(filled));
      bar.setAttribute('aria-valuetext', `${used.textContent}, ${left.textContent}`);
      level.style.width = `${(filled / PAPER_MDU) * 100}%`;
      modules = budget.code?.size ?? 0;
      shape.hidden = made || budget.code === undefined;
      if (!shape.hidden) fill(shape, codeShape(modules));
      facts.textContent =
        budget.code === undefined
          ? 'This does not fit one code. Shorten it, or write two papers.'
          : `QR version ${budget.code.version}, ${modules} × ${modules} modules, correction ${budget.code.level}`;
      facts.hidden = made;
      refresh();
    },
    mm,
    onsize: (listener) => void listeners.push(listener),
  };
}

/** The frame of a code of `size` modules: its corners, and a texture as fine as the modules will be. */
function codeShape(size: number): SVGElement {
  const corner = (x: number, y: number): SVGElement =>
    svg('path', {
      class: 'corner',
      'fill-rule': 'evenodd',
      d: `M${x} ${y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z`,
    });
  const rest = size - 7;
  return svg(
    'svg',
    { viewBox: `0 0 ${size} ${size}` },
    svg(
      'pattern',
      { id: 'modules', width: 2, height: 2, patternUnits: 'userSpaceOnUse' },
      svg('path', { class: 'module', d: 'M0 0h1v1h-1zM1 1h1v1h-1z' })
    ),
    svg('path', {
      fill: 'url(#modules)',
      d: `M8 0h${size - 16}v8h8v${size - 8}h-${size - 8}v-8h-8v-${size - 16}h8z`,
    }),
    corner(0, 0),
    corner(rest, 0),
    corner(0, rest)
  );
}

/** A sheet of A4 with the code on it, to scale. */
function pagePicture(mm: number): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 210 297' },
    svg('rect', { class: 'paper', x: 2, y: 2, width: 206, height: 293, rx: 4 }),
    svg('rect', { class: 'print', x: (210 - mm) / 2, y: 40, width: mm, height: mm }),
    svg('path', { class: 'lines', d: 'M30 24h80M30 260h150M30 272h110' })
  );
}
