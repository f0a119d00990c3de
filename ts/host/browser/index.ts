/** `tesserae/browser`: what needs the host, for pages. @module */
export * from './stamp-pool.ts';
