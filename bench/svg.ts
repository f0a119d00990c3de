/**
 * A topic's bar chart as SVG: one panel per comparison, one bar per contender, its range as a thin
 * line. Carries its own background, so it reads on light and dark pages alike. @module
 */
import type { ContenderResult, GroupResult } from './harness.ts';
import { quantity } from './report.ts';
import type { TopicResult } from './topic.ts';

const WIDTH = 900;
const MARGIN = 20;
const BAR = 18;
const STEP = 26;
const HEAD = 44;
const PANEL_TITLE = 34;
/** Width of an average character of the label font; wide enough for capitals and digits. */
const CHARACTER = 7.4;
const GAP = 10;

const STYLE = `
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.panel { font-weight: 600 }
.quiet { fill: #59636e }
.page { fill: #ffffff }
.ours { fill: #0a7d6c }
.theirs { fill: #9aa4af }
.range { stroke: #1f2328; stroke-width: 1.5; opacity: 0.65 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9198a1 }
  .page { fill: #0d1117 }
  .ours { fill: #2fb8a2 }
  .theirs { fill: #59636e }
  .range { stroke: #e6edf3 }
}`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Estimated width of a label in pixels. */
export function textWidth(text: string): number {
  return text.length * CHARACTER;
}

/** Bars of the package itself are told from the others' by their contender's name. */
export function isOurs(name: string): boolean {
  return name.startsWith('tesserae');
}

/** Draw a topic, or nothing when none of its comparisons is to be drawn. */
export function chart(topic: TopicResult): string | undefined {
  const groups = topic.groups.filter((group) => group.chart);
  if (groups.length === 0) return undefined;
  const entries = groups.flatMap((group) => group.contenders.map((entry) => ({ group, entry })));
  const labelWidth = Math.max(...entries.map(({ entry }) => textWidth(entry.name)));
  const valueWidth = Math.max(
    ...entries.map(({ group, entry }) =>
      entry.perSecond === undefined ? 0 : textWidth(valueText(group, entry))
    )
  );
  const left = MARGIN + labelWidth + GAP;
  const barWidth = WIDTH - left - GAP - valueWidth - MARGIN;
  let y = HEAD;
  const parts: string[] = [];
  for (const group of groups) {
    parts.push(panel(group, y, left, barWidth));
    y += PANEL_TITLE + group.contenders.length * STEP;
  }
  const height = y + MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" ` +
    `viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img">\n` +
    `<title>${escape(topic.title)}</title>\n<style>${STYLE}\n</style>\n` +
    `<rect class="page" width="100%" height="100%" rx="6"/>\n` +
    `<text class="title" x="${String(MARGIN)}" y="30">${escape(topic.title)}</text>\n` +
    `${parts.join('')}</svg>\n`
  );
}

function panel(group: GroupResult, top: number, left: number, barWidth: number): string {
  const most = Math.max(...group.contenders.map((entry) => entry.perSecond?.max ?? 0));
  const heading =
    `<text class="panel" x="${String(MARGIN)}" y="${String(top + 24)}">${escape(group.title)}` +
    `<tspan class="quiet" font-weight="400">, ${escape(group.unit)} per second of ` +
    `${group.clock === 'cpu' ? 'CPU time' : 'wall time'}</tspan></text>\n`;
  const rows = group.contenders.map((entry, i) =>
    row(group, entry, top + PANEL_TITLE + i * STEP, left, barWidth, most)
  );
  return heading + rows.join('');
}

function row(
  group: GroupResult,
  entry: ContenderResult,
  top: number,
  left: number,
  barWidth: number,
  most: number
): string {
  const base = top + BAR - 4;
  const label =
    `<text x="${number(left - GAP)}" y="${number(base)}" text-anchor="end">` +
    `${escape(entry.name)}</text>\n`;
  const rate = entry.perSecond;
  if (rate === undefined) {
    const reason = `not measured: ${entry.absent ?? 'no reason given'}`;
    const at = `x="${number(left)}" y="${number(base)}"`;
    return `${label}<text class="quiet" ${at}>${escape(reason)}</text>\n`;
  }
  const scale = barWidth / most;
  const width = Math.max(1, rate.median * scale);
  const from = left + rate.min * scale;
  const to = left + rate.max * scale;
  const middle = number(top + BAR / 2);
  return (
    label +
    `<rect class="${isOurs(entry.name) ? 'ours' : 'theirs'}" x="${number(left)}" ` +
    `y="${number(top)}" width="${number(width)}" height="${String(BAR)}" rx="2"/>\n` +
    `<line class="range" x1="${number(from)}" x2="${number(to)}" y1="${middle}" y2="${middle}"/>\n` +
    `<text x="${number(Math.max(left + width, to) + GAP)}" y="${number(base)}">` +
    `${escape(valueText(group, entry))}</text>\n`
  );
}

function valueText(group: GroupResult, entry: ContenderResult): string {
  const rate = entry.perSecond?.median ?? 0;
  const bytes = group.unitBytes;
  if (bytes === undefined || bytes === 0) return `${quantity(rate)}/s`;
  return `${quantity(rate)}/s, ${quantity(rate * bytes)}B/s`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
