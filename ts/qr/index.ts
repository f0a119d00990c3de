/** `tesserae/qr`: QR codes drawn and read. See README.md in this folder. @module */
export * from './code.ts';
export * from './image.ts';
export { qrToPng, type PngOptions } from './png.ts';
export * from './print.ts';
export * from './scan.ts';
export * from './svg.ts';
export * from './text.ts';
