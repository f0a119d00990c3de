/**
 * The scan worker: pictures to texts, away from the page, so that a large photograph never holds it up.
 * First the browser's own detector where there is one, then the small decoder, then ZXing, whose bytes
 * the page hands over when they are asked for. @module
 */
import { ProtocolError } from '../../base/errors.ts';
import { bitmapPixels } from '../../host/browser/pixels.ts';
import { scanQr } from '../../qr/scan.ts';
import { nativeDetector, type NativeDetector } from './native.ts';
import type { ScanReply, ScanRequest } from './scan-protocol.ts';

interface WorkerScope {
  onmessage: ((event: MessageEvent<ScanRequest>) => void) | null;
  postMessage(reply: ScanReply): void;
}

const scope = globalThis as unknown as WorkerScope;

let detector: Promise<NativeDetector | undefined> | undefined;
let waiting: { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }[] = [];

/** Ask the page for ZXing; `scanQr` asks once and again only after a failure. */
function wantWasm(): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    scope.postMessage({ kind: 'want-wasm' });
  });
}

async function scan(request: ScanRequest & { readonly kind: 'scan' }): Promise<ScanReply> {
  const { id, bitmap, thorough, all } = request;
  try {
    detector ??= nativeDetector(globalThis);
    const native = all ? undefined : await detector;
    const found = native === undefined ? [] : await native.read(bitmap);
    if (found.length > 0) return { kind: 'texts', id, texts: found };
    const image = bitmapPixels(bitmap);
    const texts = await scanQr(image, {
      firstOnly: !all,
      ...(thorough ? { zxingWasm: wantWasm } : {}),
    });
    return { kind: 'texts', id, texts };
  } catch (error) {
    if (error instanceof ProtocolError) {
      const reason = error.message.slice(error.code.length + 2);
      return { kind: 'nothing', id, code: error.code, reason };
    }
    return { kind: 'nothing', id, code: 'IMAGE_FORMAT', reason: 'the picture cannot be looked at' };
  } finally {
    bitmap.close();
  }
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'scan') {
    void scan(data).then((reply) => scope.postMessage(reply));
    return;
  }
  const all = waiting;
  waiting = [];
  for (const { resolve, reject } of all) {
    if (data.kind === 'wasm') resolve(data.bytes);
    else reject(new Error(data.reason));
  }
};
