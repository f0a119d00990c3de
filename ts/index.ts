/**
 * `tesserae`: what the families share. The families are `tesserae/reticulum` and `tesserae/lxmf`, the
 * kernels `tesserae/kernel`. @module
 */
export * from './base/base32.ts';
export * from './base/base64url.ts';
export * from './base/clock.ts';
export { ERROR_CODES, ProtocolError, type ErrorCode, type ErrorPlace } from './base/errors.ts';
export * from './base/hex.ts';
export * from './base/random.ts';
export * from './codec/msgpack.ts';
export * from './codec/msgpack-decode.ts';
export * from './crypto/provider.ts';
export * from './crypto/token.ts';
