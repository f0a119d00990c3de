import { decode } from 'fast-png';
import { encodeQr } from '../qr/code.ts';
import { decodeImage } from '../qr/image.ts';
import { qrToPng } from '../qr/png.ts';
import { mmPerModule, printAdvice, printMm } from '../qr/print.ts';
import { scanQr } from '../qr/scan.ts';
import { qrToSvg } from '../qr/svg.ts';
import { qrToText } from '../qr/text.ts';
import { assert } from './support/assert.ts';
import {
  drawn,
  fillPath,
  fromBlocks,
  matrixOf,
  pixelsOf,
  type Matrix,
} from './support/qrmatrix.ts';
import { suite } from './support/suite.ts';

const t = suite('qr drawings', import.meta.url);
const SMALL = 'lxm://azNivSwdv4e2';
const LARGE = 'lxm://' + 'aB3_-9xQ'.repeat(400).slice(0, 2947);
const TEXTS = [SMALL, 'a'.repeat(154), 'b'.repeat(520), LARGE];

/** The black path of an SVG and the side of its view box. */
function pathOf(svg: string): { path: string; side: number } {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const path = /<path fill="#000" fill-rule="evenodd" d="([^"]*)"\/>/.exec(svg)?.[1] ?? '';
  return { path, side };
}

async function pixelsOfPng(png: Uint8Array, scale: number): Promise<Matrix> {
  const image = await decodeImage(png);
  assert.is(image.width % scale, 0);
  const side = image.width / scale;
  const dark = (x: number, y: number): boolean => image.data[(y * image.width + x) * 4] === 0;
  return Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => {
      const value = dark(x * scale, y * scale);
      for (let i = 0; i < scale * scale; i++) {
        assert.is(dark(x * scale + (i % scale), y * scale + Math.floor(i / scale)), value);
      }
      return value;
    })
  );
}

t(
  '[lxmf/qr-helper-text-render] an SVG filled as the standard says gives the modules and a quiet zone of four',
  async () => {
    for (const text of TEXTS) {
      const code = encodeQr(text);
      const { path, side } = pathOf(qrToSvg(code));
      assert.is(side, code.size + 8);
      const filled = fillPath(path, side);
      assert.is(drawn(filled), drawn(matrixOf(code, 4)));
      assert.equal(await scanQr(pixelsOf(filled, 3)), [text]);
    }
  }
);

t('an SVG stays small: version 40 takes less than 64 KB', () => {
  assert.ok(qrToSvg(encodeQr(LARGE)).length < 64_000);
});

t('an SVG states exact millimeters, white ground, black ink and crisp edges', () => {
  const svg = qrToSvg(encodeQr(SMALL), { mm: 87.5 });
  assert.match(svg, 'width="87.5mm" height="87.5mm"');
  assert.match(svg, 'shape-rendering="crispEdges"');
  const side = encodeQr(SMALL).size + 8;
  assert.match(svg, `<path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/>`);
  assert.not.match(qrToSvg(encodeQr(SMALL)), /mm"/);
});

t('an SVG title cannot break out of the document', () => {
  const svg = qrToSvg(encodeQr(SMALL), { title: `</title><script>x("&')\u0000\u001b\ud800` });
  assert.is((svg.match(/</g) ?? []).length, 6);
  assert.not.match(svg, 'script>');
  assert.match(
    svg,
    '<title>&#60;/title&#62;&#60;script&#62;x(&#34;&#38;&#39;)\uFFFD\uFFFD\uFFFD</title>'
  );
});

t('the quiet zone is as asked in every drawing', async () => {
  const code = encodeQr(SMALL);
  for (const quietZone of [0, 1, 4, 10]) {
    const expected = drawn(matrixOf(code, quietZone));
    const { path, side } = pathOf(qrToSvg(code, { quietZone }));
    assert.is(drawn(fillPath(path, side)), expected);
    assert.is(drawn(await pixelsOfPng(qrToPng(code, { quietZone, scale: 2 }), 2)), expected);
    assert.is(drawn(fromBlocks(qrToText(code, { quietZone, inverse: true }), true)), expected);
  }
});

t('a PNG holds one bit a pixel and reads back module for module at every scale', async () => {
  const code = encodeQr(SMALL);
  for (const scale of [1, 2, 3, 8, 13]) {
    const png = qrToPng(code, { scale });
    assert.is(png.constructor.name, 'Uint8Array');
    assert.is(png.byteLength, png.buffer.byteLength, 'no slack behind the file');
    assert.is(png[24], 1, 'bit depth');
    assert.is(drawn(await pixelsOfPng(png, scale)), drawn(matrixOf(code, 4)));
  }
  assert.is(decode(qrToPng(code)).width, (code.size + 8) * 8, 'default scale');
});

t('a PNG of every size is read by the reader it was drawn for', async () => {
  for (const text of TEXTS) {
    assert.equal(await scanQr(await decodeImage(qrToPng(encodeQr(text), { scale: 3 }))), [text]);
  }
});

t('a PNG carries its print size, which another decoder reads the same way', () => {
  for (const text of TEXTS) {
    const image = decode(qrToPng(encodeQr(text), { mm: 90 }), { checkCrc: true });
    assert.is(image.resolution?.unit, 1);
    assert.is(image.resolution?.x, image.resolution?.y);
    const mm = (image.width / (image.resolution?.x ?? 0)) * 1000;
    assert.ok(Math.abs(mm - 90) < 0.01, `${mm} mm`);
    assert.ok(image.width / (90 / 25.4) >= 300, 'at least 300 dots an inch');
  }
  assert.is(decode(qrToPng(encodeQr(SMALL))).resolution, undefined);
});

t('[lxmf/qr-helper-text-render] half blocks, in either polarity, read back to the modules', () => {
  for (const text of TEXTS) {
    const code = encodeQr(text);
    const expected = drawn(matrixOf(code, 4));
    assert.is(drawn(fromBlocks(qrToText(code), false)), expected);
    assert.is(drawn(fromBlocks(qrToText(code, { inverse: true }), true)), expected);
  }
});

t('ASCII text holds two characters a module and nothing but # and space', () => {
  const code = encodeQr(SMALL);
  for (const inverse of [false, true]) {
    const lines = qrToText(code, { style: 'ascii', inverse }).split('\n');
    assert.is(lines.pop(), '');
    const rows = lines.map((line) => line.match(/##|  /g) ?? []);
    assert.is(rows.map((row) => row.join('')).join('\n'), lines.join('\n'));
    const matrix = rows.map((row) => row.map((pair) => (pair === '##') === inverse));
    assert.is(drawn(matrix), drawn(matrixOf(code, 4)));
  }
});

t('colored text sets both colors on each line and resets them before its end', () => {
  const code = encodeQr(SMALL);
  const text = qrToText(code, { style: 'ansi' });
  for (const line of text.split('\n').slice(0, -1)) {
    assert.ok(line.startsWith('\u001b[30;107m') && line.endsWith('\u001b[0m'));
  }
  const plain = text.replaceAll('\u001b[30;107m', '').replaceAll('\u001b[0m', '');
  assert.is(plain, qrToText(code, { inverse: true }));
  assert.is(text, qrToText(code, { style: 'ansi', inverse: true }));
});

t('print arithmetic: millimeters a module with a quiet zone of four', () => {
  // Rows of the size table: version 7, 15, 20, 30 and 40 at 60 mm.
  for (const [size, expected] of [
    [45, 1.13],
    [77, 0.71],
    [97, 0.57],
    [137, 0.41],
    [177, 0.32],
  ] as const) {
    assert.is(Math.round(mmPerModule(size, 60) * 100) / 100, expected);
    assert.ok(Math.abs(printMm(size, mmPerModule(size, 60)) - 60) < 1e-9);
  }
  assert.is(mmPerModule(21, 29, 0), 29 / 21);
});

t('print advice turns at 0.5 and 0.4 mm a module and names the size that is good', () => {
  assert.is(printAdvice(177, 92.5).verdict, 'good');
  assert.is(printAdvice(177, 92.4).verdict, 'caution');
  assert.is(printAdvice(177, 74).verdict, 'caution');
  assert.is(printAdvice(177, 73.9).verdict, 'too-small');
  assert.is(printAdvice(177, 60).goodMm, 93);
  assert.is(printAdvice(177, 93).verdict, 'good');
  assert.is(printAdvice(21, 90).mm, 90);
});

t('wrong sizes are refused by the name of the argument', () => {
  const code = encodeQr(SMALL);
  assert.throws(() => qrToSvg(code, { mm: 0 }), /"mm" must be above 0/);
  assert.throws(() => qrToSvg(code, { mm: NaN }), /"mm" must be above 0/);
  assert.throws(() => qrToPng(code, { mm: -1 }), /"mm" must be above 0/);
  assert.throws(() => qrToPng(code, { scale: 0 }), /"scale" must be an integer 1..64/);
  assert.throws(() => qrToPng(code, { scale: 2.5 }), /"scale" must be an integer/);
  assert.throws(() => qrToText(code, { quietZone: -1 }), /"quietZone" must be an integer 0..64/);
  assert.throws(() => printAdvice(0, 60), /"size" must be an integer 1..177/);
});

t.run();
