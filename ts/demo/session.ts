/**
 * Who is at the page: the identity, its contacts and its papers, held in memory while unlocked and
 * stored as encrypted records. Views listen for changes; they never touch the store. @module
 */
import { equalBytes, wipe } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { toHex } from '../base/hex.ts';
import type { Random } from '../base/random.ts';
import { needsPassphrase, Vault } from '../host/browser/vault.ts';
import type { RecordStore } from '../host/browser/indexed-db.ts';
import type { Contact } from '../lxmf/contact.ts';
import { deliveryHash } from '../lxmf/message.ts';
import { Identity } from '../reticulum/identity.ts';
import { paperKey, type KnownSender, type Reader } from './model/reading.ts';
import {
  CONTACTS,
  decodeRecord,
  PAPERS,
  WRITTEN,
  type KeptPaper,
  type NamedContact,
  type RecordKind,
  type WrittenPaper,
} from './model/record.ts';

/** `empty`: no identity; `locked`: one that needs its passphrase; `ready`: at work. */
export type Stage = 'empty' | 'locked' | 'ready';

const HEADER = 'header';
const IDENTITY = 'identity';

/** All that is kept besides the identity, by id. */
interface Holdings {
  readonly contacts: Map<string, NamedContact>;
  readonly papers: Map<string, KeptPaper>;
  readonly written: Map<string, WrittenPaper>;
}

/** The state of the page. */
export class Session {
  readonly #store: RecordStore;
  readonly #random: Random;
  readonly #listeners = new Set<() => void>();
  #header: Uint8Array | undefined;
  #protected = false;
  #damage: string | undefined;
  #vault: Vault | undefined;
  #identity: Identity | undefined;
  #held: Holdings = nothing();

  private constructor(store: RecordStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Read what is stored; without a passphrase the session is ready at once. */
  static async start(store: RecordStore, random: Random): Promise<Session> {
    const session = new Session(store, random);
    await session.refresh();
    return session;
  }

  get stage(): Stage {
    if (this.#identity !== undefined) return 'ready';
    return this.#header === undefined ? 'empty' : 'locked';
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Whether what is stored is encrypted under a passphrase. */
  get protected(): boolean {
    return this.#protected;
  }

  /** Why what is stored cannot be read at all, if that is so. */
  get damage(): string | undefined {
    return this.#damage;
  }

  /** Whether what is stored outlives the page. */
  get persistent(): boolean {
    return this.#store.persistent;
  }

  /** Contacts by name. */
  get contacts(): readonly NamedContact[] {
    return [...this.#held.contacts.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Papers read, the latest first. */
  get papers(): readonly KeptPaper[] {
    return [...this.#held.papers.values()].sort((a, b) => b.firstReadMs - a.firstReadMs);
  }

  /** Papers written, the latest first. */
  get written(): readonly WrittenPaper[] {
    return [...this.#held.written.values()].sort((a, b) => b.timestamp - a.timestamp);
  }

  /** Run `listener` after every change; returns what stops that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Take an identity and store it; what was stored for another identity is gone. */
  async adopt(identity: Identity, passphrase: string | undefined): Promise<void> {
    await this.#writeAll(identity, passphrase, nothing());
  }

  /** Encrypt under another passphrase, or under none, with a fresh key for all records. */
  async changePassphrase(passphrase: string | undefined): Promise<void> {
    await this.#writeAll(this.#ready(), passphrase, this.#held);
  }

  /** @throws ProtocolError `VAULT_PASSPHRASE` when it is wrong, `VAULT_DAMAGED` when the store is */
  async unlock(passphrase: string | undefined): Promise<void> {
    if (this.#header === undefined) return;
    const vault = await Vault.unlock(this.#header, passphrase, this.#random);
    const sealed = await this.#store.get(IDENTITY);
    if (sealed === undefined) throw new ProtocolError('VAULT_DAMAGED', 'the identity is missing');
    const key = await vault.open(IDENTITY, sealed);
    const identity = Identity.fromPrivateKey(key);
    wipe(key);
    const held = await this.#readHoldings(vault);
    this.#identity = identity;
    this.#vault = vault;
    this.#held = held;
    this.#changed();
  }

  /** Take up what another window of the page has written since. */
  async refresh(): Promise<void> {
    const header = await this.#store.get(HEADER);
    if (!sameHeader(header, this.#header)) await this.#meet(header);
    else if (this.#vault !== undefined) this.#held = await this.#readHoldings(this.#vault);
    this.#changed();
  }

  /** Forget everything in memory; without a passphrase there is nothing to lock with. */
  lock(): void {
    if (!this.protected) return;
    this.#forget();
    this.#changed();
  }

  /** Delete the identity and all that is kept with it from this browser. */
  async erase(): Promise<void> {
    await this.#store.replaceAll(new Map());
    await this.#meet(undefined);
    this.#changed();
  }

  /** Add a contact, or rename the one of the same address. */
  async saveContact(contact: Contact, name: string): Promise<NamedContact> {
    const id = this.contactOf(contact.destinationHash)?.id ?? this.#newId();
    const { destinationHash, identity } = contact;
    const named = { destinationHash, identity, id, name: name.trim() };
    await this.#put(CONTACTS, this.#held.contacts, named);
    return named;
  }

  removeContact(contact: NamedContact): Promise<void> {
    return this.#remove(CONTACTS, this.#held.contacts, contact);
  }

  contactOf(destinationHash: Uint8Array): NamedContact | undefined {
    return [...this.#held.contacts.values()].find((each) =>
      equalBytes(each.destinationHash, destinationHash)
    );
  }

  /** Remember a paper as read, still sealed; one that is remembered keeps its first time. */
  async keepPaper(transientId: Uint8Array, sealed: Uint8Array, nowMs: number): Promise<void> {
    const key = paperKey(transientId);
    if (this.#paperOf(key) !== undefined) return;
    const paper = { id: this.#newId(), key, sealed, firstReadMs: nowMs };
    await this.#put(PAPERS, this.#held.papers, paper);
  }

  forgetPaper(paper: KeptPaper): Promise<void> {
    return this.#remove(PAPERS, this.#held.papers, paper);
  }

  /** Remember a paper that was written, for printing it again. */
  keepWritten(paper: Omit<WrittenPaper, 'id'>): Promise<void> {
    return this.#put(WRITTEN, this.#held.written, { ...paper, id: this.#newId() });
  }

  forgetWritten(paper: WrittenPaper): Promise<void> {
    return this.#remove(WRITTEN, this.#held.written, paper);
  }

  /** What reading may look up, as of now. */
  reader(): Reader {
    return {
      identity: this.#identity,
      locked: this.stage === 'locked',
      known: (hash) => this.#known(hash),
      firstRead: (transientId) => this.#paperOf(paperKey(transientId))?.firstReadMs,
    };
  }

  #known(hash: Uint8Array): KnownSender | undefined {
    const own = this.#identity;
    if (own !== undefined && equalBytes(deliveryHash(own), hash)) {
      return { identity: own, name: undefined };
    }
    const contact = this.contactOf(hash);
    return contact === undefined ? undefined : { identity: contact.identity, name: contact.name };
  }

  #paperOf(key: string): KeptPaper | undefined {
    return [...this.#held.papers.values()].find((paper) => paper.key === key);
  }

  /** Take up a header that was not there before. */
  async #meet(header: Uint8Array | undefined): Promise<void> {
    this.#forget();
    this.#header = header;
    this.#protected = false;
    this.#damage = undefined;
    if (header === undefined) return;
    try {
      this.#protected = needsPassphrase(header);
      if (!this.#protected) await this.unlock(undefined);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#damage = error.message.slice(error.code.length + 2);
    }
  }

  async #writeAll(
    identity: Identity,
    passphrase: string | undefined,
    held: Holdings
  ): Promise<void> {
    const { vault, header } = await Vault.create(passphrase, this.#random);
    const records = new Map([[HEADER, header]]);
    const key = identity.privateKey();
    records.set(IDENTITY, await vault.seal(IDENTITY, key));
    wipe(key);
    await sealAll(vault, CONTACTS, held.contacts, records);
    await sealAll(vault, PAPERS, held.papers, records);
    await sealAll(vault, WRITTEN, held.written, records);
    await this.#store.replaceAll(records);
    this.#header = header;
    this.#protected = passphrase !== undefined;
    this.#damage = undefined;
    this.#vault = vault;
    this.#identity = identity;
    this.#held = held;
    this.#changed();
  }

  async #put<T extends { readonly id: string }>(
    kind: RecordKind<T>,
    items: Map<string, T>,
    item: T
  ): Promise<void> {
    this.#ready();
    const name = kind.prefix + item.id;
    const sealed = await (this.#vault as Vault).seal(name, kind.encode(item));
    // Another window may have changed the key: a record under the old one could never be read.
    if (!sameHeader(await this.#store.get(HEADER), this.#header)) {
      throw new ProtocolError(
        'VAULT_DAMAGED',
        'another window changed the store; reload this page'
      );
    }
    await this.#store.put(name, sealed);
    items.set(item.id, item);
    this.#changed();
  }

  async #remove<T extends { readonly id: string }>(
    kind: RecordKind<T>,
    items: Map<string, T>,
    item: T
  ): Promise<void> {
    await this.#store.delete(kind.prefix + item.id);
    items.delete(item.id);
    this.#changed();
  }

  async #readHoldings(vault: Vault): Promise<Holdings> {
    return {
      contacts: await openAll(this.#store, vault, CONTACTS),
      papers: await openAll(this.#store, vault, PAPERS),
      written: await openAll(this.#store, vault, WRITTEN),
    };
  }

  #ready(): Identity {
    if (this.#identity === undefined) throw new Error('no identity is unlocked');
    return this.#identity;
  }

  #forget(): void {
    this.#identity = undefined;
    this.#vault = undefined;
    this.#held = nothing();
  }

  #newId(): string {
    return toHex(this.#random.bytes(8));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function nothing(): Holdings {
  return { contacts: new Map(), papers: new Map(), written: new Map() };
}

function sameHeader(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

async function sealAll<T extends { readonly id: string }>(
  vault: Vault,
  kind: RecordKind<T>,
  items: ReadonlyMap<string, T>,
  records: Map<string, Uint8Array>
): Promise<void> {
  for (const [id, item] of items) {
    const name = kind.prefix + id;
    records.set(name, await vault.seal(name, kind.encode(item)));
  }
}

async function openAll<T extends { readonly id: string }>(
  store: RecordStore,
  vault: Vault,
  kind: RecordKind<T>
): Promise<Map<string, T>> {
  const all = new Map<string, T>();
  for (const [name, sealed] of await store.list(kind.prefix)) {
    const id = name.slice(kind.prefix.length);
    try {
      all.set(id, kind.decode(id, decodeRecord(await vault.open(name, sealed))));
    } catch (error) {
      // One damaged record must not lock the user out of the identity and all the others.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return all;
}
