/** The QR detector that some browsers bring along (Shape Detection API). @module */

/** Reads the QR codes of a picture with the browser's own detector. */
export interface NativeDetector {
  /** The texts found; none where it finds nothing or fails. */
  read(picture: ImageBitmap): Promise<string[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): {
    detect(picture: ImageBitmap): Promise<{ rawValue: string }[]>;
  };
  getSupportedFormats(): Promise<string[]>;
}

/** The detector of `host`, or `undefined` where it has none that reads QR codes. */
export async function nativeDetector(host: object): Promise<NativeDetector | undefined> {
  const { BarcodeDetector } = host as { BarcodeDetector?: DetectorClass };
  if (BarcodeDetector === undefined) return undefined;
  try {
    if (!(await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return undefined;
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    return {
      async read(picture): Promise<string[]> {
        try {
          const found = await detector.detect(picture);
          return [...new Set(found.map(({ rawValue }) => rawValue).filter((text) => text !== ''))];
        } catch {
          // Some platforms have the class but not the service behind it; our decoders take over.
          return [];
        }
      },
    };
  } catch {
    // The same, found out earlier.
    return undefined;
  }
}
