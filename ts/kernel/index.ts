/**
 * `tesserae/kernel`: what this host can run, which engine runs each kernel and why, and the functions
 * that kernels compute. Every kernel is known to `engineReport` once this is imported. @module
 */
export { blake2b, blake2b256, blake2b512, Blake2b } from './blake2b.ts';
export { CHACHA_NATIVE_FROM } from './chacha.ts';
export { hkdfSha256 } from './hkdf.ts';
export { HMAC_BYTES, HmacKey, hmacSha256 } from './hmac.ts';
export { HMAC_NATIVE_FROM, type NativeFrom } from './hmac-engine.ts';
export {
  engineReport,
  forceEngine,
  forcedEngine,
  type Engine,
  type KernelReport,
  type RefusedEngine,
  type WasmBuild,
} from './loader.ts';
export {
  ENGINES,
  chooseEngine,
  detectCapabilities,
  probe,
  type Capabilities,
  type EngineChoice,
} from './probe.ts';
export { ReedSolomon, type Decoding } from './reed-solomon.ts';
export {
  StampSearch,
  WorkblockBuilder,
  prepareWorkblock,
  stampDigest,
  type Workblock,
} from './stamp.ts';
