/** Entry of the hosted page: its workers are files of the same origin. @module */
import { startApp } from './app.ts';

startApp({
  stampWorker: () => new Worker('stamp-worker.js'),
  scanWorker: () => new Worker('scan-worker.js'),
  async zxingWasm() {
    const response = await fetch('zxing_reader.wasm');
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  offline: 'offline.js',
});
