/** `tesserae/node`: what needs the host, for Node programs. @module */
export * from './files.ts';
export { StampPool, createStampWorker } from './stamp-pool.ts';
