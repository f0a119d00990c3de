/** `tesserae/reticulum`: identities, addresses and ratchets. See README.md in this folder. @module */
export * from './announce.ts';
export * from './destination-hash.ts';
export * from './identity.ts';
export * from './identity-text.ts';
export * from './packet.ts';
export * from './ratchet.ts';
