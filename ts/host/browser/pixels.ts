/** Pictures into pixels by the browser's own decoders, for the QR reader. @module */
import { ProtocolError } from '../../base/errors.ts';
import { imageFormat, type RgbaImage } from '../../qr/image.ts';

/** Longest side that is looked at in full; larger pictures are scaled down to it. */
export const MAX_SIDE = 4096;

/** Pixels that a drawing without a size of its own is given on its longer side. */
const DRAWING_SIDE = 1600;

/**
 * Decode a picture of any format that the browser shows; runs on the page, because SVG needs one.
 * @throws ProtocolError `IMAGE_FORMAT` naming the format where it is known
 */
export async function decodePicture(blob: Blob): Promise<ImageBitmap> {
  if (blob.size === 0) throw new ProtocolError('IMAGE_FORMAT', 'the file is empty');
  const head = new Uint8Array(await blob.slice(0, 512).arrayBuffer());
  const format = imageFormat(head);
  try {
    if (format?.startsWith('SVG') === true || blob.type === 'image/svg+xml') {
      return await drawSvg(blob);
    }
    return await fitted(await createImageBitmap(blob));
  } catch (cause) {
    const what = format === undefined ? 'no picture' : `a ${format} file`;
    throw new ProtocolError('IMAGE_FORMAT', `this is ${what} that the browser cannot show`, {
      cause,
    });
  }
}

/** The pixels of a bitmap; works in workers. The bitmap is closed. */
export function bitmapPixels(bitmap: ImageBitmap): RgbaImage {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new ProtocolError('IMAGE_FORMAT', 'the browser gives no pixels');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

async function fitted(bitmap: ImageBitmap): Promise<ImageBitmap> {
  const factor = MAX_SIDE / Math.max(bitmap.width, bitmap.height);
  if (factor >= 1) return bitmap;
  const small = await createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * factor)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * factor)),
    resizeQuality: 'high',
  });
  bitmap.close();
  return small;
}

/** As an image element an SVG runs no scripts and loads nothing, whatever it says. */
async function drawSvg(blob: Blob): Promise<ImageBitmap> {
  const url = URL.createObjectURL(new Blob([blob], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const ratio = image.naturalWidth > 0 ? image.naturalHeight / image.naturalWidth : 1;
    const width = Math.round(DRAWING_SIDE / Math.max(1, ratio));
    const height = Math.round(width * ratio);
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (context === null) throw new Error('no drawing context');
    context.drawImage(image, 0, 0, width, height);
    return context.canvas.transferToImageBitmap();
  } finally {
    URL.revokeObjectURL(url);
  }
}
