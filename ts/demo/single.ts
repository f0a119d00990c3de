/** Entry of the single-file page: its workers and its decoder lie in the page itself. @module */
import { startApp } from './app.ts';

/** The inert data block that the build writes: sources of workers, and gzip as base64. */
interface Enclosed {
  readonly stampWorker: string;
  readonly scanWorker: string;
  readonly zxingWasm: string;
}

function enclosed(): Enclosed {
  return JSON.parse(document.getElementById('enclosed')?.textContent ?? '') as Enclosed;
}

function workerOf(source: string): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  // The worker has fetched its source by the time its first task runs.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return worker;
}

async function inflate(base64: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

startApp({
  stampWorker: () => workerOf(enclosed().stampWorker),
  scanWorker: () => workerOf(enclosed().scanWorker),
  zxingWasm: () => inflate(enclosed().zxingWasm),
  offline: undefined,
});
