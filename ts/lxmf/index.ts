/**
 * `tesserae/lxmf`: messages in every form that needs no network. See README.md in this folder.
 * @module
 */
export * from './announce-data.ts';
export * from './constants.ts';
export * from './contact.ts';
export * from './container.ts';
export * from './fields.ts';
export * from './message.ts';
export * from './method.ts';
export * from './paper.ts';
export * from './propagated.ts';
export * from './stamp.ts';
export * from './ticket.ts';
export * from './ticket-book.ts';
