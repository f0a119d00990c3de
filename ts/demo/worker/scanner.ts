/** The page's side of the scan worker: one question, one answer; the worker starts at first use. @module */
import { ProtocolError } from '../../base/errors.ts';
import { decodePicture } from '../../host/browser/pixels.ts';
import { isReadable } from '../model/reading.ts';
import type { ScanReply, ScanRequest } from './scan-protocol.ts';

/** What the scanner needs of the build it runs in. */
export interface ScannerFiles {
  scanWorker(): Worker;
  /** The bytes of `zxing_reader.wasm`, from this page's own origin. */
  zxingWasm(): Promise<Uint8Array>;
}

/** A question to the worker that was not answered yet. */
interface Pending {
  resolve(texts: readonly string[]): void;
  reject(error: Error): void;
}

/** Finds the texts of QR codes in pictures and camera frames. */
export class Scanner {
  readonly #files: ScannerFiles;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #next = 0;

  constructor(files: ScannerFiles) {
    this.#files = files;
  }

  /**
   * The texts in a picture file, those that are paper messages first. If the first code found is none,
   * the whole picture is searched: a printed sheet may hold a card as well.
   * @throws ProtocolError `IMAGE_FORMAT`, `QR_NOT_FOUND`
   */
  async scanPicture(blob: Blob): Promise<readonly string[]> {
    const bitmap = await decodePicture(blob);
    const again = await createImageBitmap(bitmap);
    const quick = await this.#ask(bitmap, true, false);
    if (quick.some(isReadable)) {
      again.close();
      return readableFirst(quick);
    }
    try {
      return readableFirst([...new Set([...(await this.#ask(again, true, true)), ...quick])]);
    } catch (error) {
      if (error instanceof ProtocolError && quick.length > 0) return quick;
      throw error;
    }
  }

  /**
   * The texts in a camera frame, none where there are none.
   * @param thorough - also try the slow decoder, which is loaded for it
   */
  async scanFrame(frame: ImageBitmap, thorough: boolean): Promise<readonly string[]> {
    try {
      return await this.#ask(frame, thorough, false);
    } catch (error) {
      // A frame without a code is the normal case.
      if (error instanceof ProtocolError) return [];
      throw error;
    }
  }

  /** End the worker; the next question starts another. */
  close(): void {
    this.#fail(new Error('the scanner was closed'));
  }

  #ask(bitmap: ImageBitmap, thorough: boolean, all: boolean): Promise<readonly string[]> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      const request: ScanRequest = { kind: 'scan', id, bitmap, thorough, all };
      worker.postMessage(request, [bitmap]);
    });
  }

  #start(): Worker {
    const worker = this.#files.scanWorker();
    worker.onmessage = ({ data }: MessageEvent<ScanReply>) => this.#receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error('the reader of QR codes could not start'));
    };
    return worker;
  }

  #receive(worker: Worker, reply: ScanReply): void {
    if (reply.kind === 'want-wasm') {
      void this.#sendWasm(worker);
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'texts') pending?.resolve(reply.texts);
    else pending?.reject(new ProtocolError(reply.code, reply.reason));
  }

  async #sendWasm(worker: Worker): Promise<void> {
    let message: ScanRequest;
    try {
      message = { kind: 'wasm', bytes: await this.#files.zxingWasm() };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      message = { kind: 'no-wasm', reason };
    }
    worker.postMessage(message, message.kind === 'wasm' ? [message.bytes.buffer] : []);
  }

  #fail(error: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function readableFirst(texts: readonly string[]): readonly string[] {
  return [...texts].sort((a, b) => Number(isReadable(b)) - Number(isReadable(a)));
}
