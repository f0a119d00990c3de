/** The foot of the page: what runs the arithmetic here and why, how fast it is, what the network is used for. @module */
import type { App } from '../app.ts';
import { cryptoProvider } from '../../crypto/provider.ts';
import { engineReport, type Engine, type KernelReport } from '../../kernel/loader.ts';
import { short } from '../model/format.ts';
import { plainReason } from '../model/reading.ts';
import { busy, button } from './control.ts';
import { fill, h } from './element.ts';

const ENGINE_NAMES: Record<Engine, string> = {
  ts: 'TypeScript',
  scalar: 'WebAssembly',
  simd: 'WebAssembly with SIMD',
  relaxed: 'WebAssembly with relaxed SIMD',
};

/** What the kernels are for, in the words of the page. */
const LABELS: Readonly<Record<string, string>> = { hmac: 'seals', stamp: 'stamps' };

/** Build the line; it fills itself once the page is idle. */
export function engineLine(app: App): HTMLElement {
  const summary = h('summary', {}, 'This device');
  const table = h('dl', { class: 'engines' });
  const rate = h('p', { class: 'rate', role: 'status' });
  const measure = button('Measure the stamp rate', 'bolt', 'plain', () => {
    void busy(
      measure,
      async () => {
        rate.textContent = 'Measuring…';
        await app.miner.measure();
        showRate();
      },
      (reason) => {
        rate.textContent = reason;
      }
    );
  });
  function showRate(): void {
    const { ratePerSecond, workers } = app.miner;
    rate.textContent =
      ratePerSecond === undefined
        ? ''
        : `${short(ratePerSecond)} stamp tries a second with ${workers} workers.`;
  }
  function show(): void {
    const reports = engineReport(true);
    const stamp = reports.find(({ kernel }) => kernel === 'stamp') ?? reports[0];
    summary.textContent = stamp === undefined ? 'This device' : headline(stamp);
    fill(
      table,
      ...reports.map((report) =>
        h(
          'div',
          {},
          h('dt', {}, LABELS[report.kernel] ?? report.kernel),
          h('dd', {}, `${engineName(report)}: ${reasonOf(report)}.`)
        )
      ),
      h('div', {}, h('dt', {}, 'curves and AES'), h('dd', {}, cryptoName()))
    );
    showRate();
  }
  const root = h(
    'div',
    { class: 'foot' },
    h(
      'p',
      { class: 'vow' },
      app.single
        ? 'This page is one file. It talks to no server at all.'
        : 'This page talks to no server but the one it came from, and to that one only for its own files. ',
      !app.single && h('a', { href: 'licenses.txt' }, 'Licenses')
    ),
    h('details', { ontoggle: showRate }, summary, table, h('div', { class: 'row' }, measure, rate))
  );
  const later = (globalThis as { requestIdleCallback?: (work: () => void) => void })
    .requestIdleCallback;
  if (later === undefined) setTimeout(() => attempt(show, rate), 300);
  else later(() => attempt(show, rate));
  return root;
}

function attempt(work: () => void, place: HTMLElement): void {
  try {
    work();
  } catch (error) {
    place.textContent = plainReason(error);
  }
}

function engineName({ engine }: KernelReport): string {
  return engine === undefined ? 'not used yet' : ENGINE_NAMES[engine];
}

function headline(report: KernelReport): string {
  const name = engineName(report);
  return report.engine === 'ts' ? `Running on ${name}, without WebAssembly` : `Running on ${name}`;
}

function reasonOf(report: KernelReport): string {
  const native = report.native === undefined ? '' : `; ${report.native}`;
  return report.reason.replace(/\.$/, '') + native;
}

function cryptoName(): string {
  return cryptoProvider().name === 'portable'
    ? 'audited JavaScript, because browsers have no synchronous ones.'
    : 'the library of the host.';
}
