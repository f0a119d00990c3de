/** `tesserae/browser`: what needs the host, for pages. @module */
export * from '../reticulum-host.ts';
export * from '../interface.ts';
export * from '../registry.ts';
export * from '../serial-port.ts';
export * from './driver.ts';
export * from './serial.ts';
export * from './stamp-pool.ts';
export * from './websocket.ts';
export type { WebSocketClientOptions } from '../websocket-client.ts';
