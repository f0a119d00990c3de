/**
 * Who is at the page: the identity, its contacts and the papers read, held in memory while unlocked and
 * stored as encrypted records. Views listen for changes; they never touch the store. @module
 */
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { toHex } from '../base/hex.ts';
import { wipe } from '../base/bytes.ts';
import { canEncrypt, needsPassphrase, Vault } from '../host/browser/vault.ts';
import type { RecordStore } from '../host/browser/indexed-db.ts';
import { contactCard, parseContactCard, type Contact } from '../lxmf/contact.ts';
import { deliveryHash } from '../lxmf/message.ts';
import { parsePaperUri, paperUri } from '../lxmf/paper.ts';
import { Identity } from '../reticulum/identity.ts';
import { paperKey, type KnownSender, type Reader } from './model/reading.ts';
import { decodeRecord, encodeRecord } from './model/record.ts';

/** `empty`: no identity; `locked`: one that needs its passphrase; `ready`: at work. */
export type Stage = 'empty' | 'locked' | 'ready';

/** A contact with the name that the user gave it. */
export interface NamedContact extends Contact {
  readonly id: string;
  readonly name: string;
}

/** A paper that was read, still sealed. */
export interface KeptPaper {
  readonly id: string;
  readonly sealed: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly firstReadMs: number;
}

const HEADER = 'header';
const IDENTITY = 'identity';
const CONTACT = 'contact:';
const PAPER = 'paper:';

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
  #contacts = new Map<string, NamedContact>();
  #papers = new Map<string, KeptPaper>();

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
    return [...this.#contacts.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Papers read, the latest first. */
  get papers(): readonly KeptPaper[] {
    return [...this.#papers.values()].sort((a, b) => b.firstReadMs - a.firstReadMs);
  }

  /** Run `listener` after every change; returns what stops that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Take an identity and store it; what was stored for another identity is gone. */
  async adopt(identity: Identity, passphrase: string | undefined): Promise<void> {
    await this.#write(identity, passphrase, new Map(), new Map());
  }

  /** Encrypt under another passphrase, or under none, with a fresh key for all records. */
  async changePassphrase(passphrase: string | undefined): Promise<void> {
    const identity = this.#ready();
    await this.#write(identity, passphrase, this.#contacts, this.#papers);
  }

  /** @throws ProtocolError `VAULT_PASSPHRASE` when it is wrong, `VAULT_DAMAGED` when the store is */
  async unlock(passphrase: string | undefined): Promise<void> {
    if (this.#header === undefined) return;
    const vault = await Vault.unlock(this.#header, passphrase, this.#random);
    const sealed = await this.#store.get(IDENTITY);
    if (sealed === undefined) throw new ProtocolError('VAULT_DAMAGED', 'the identity is missing');
    const key = await vault.open(IDENTITY, sealed);
    const contacts = await readAll(this.#store, vault, CONTACT, toContact);
    const papers = await readAll(this.#store, vault, PAPER, toPaper);
    this.#identity = Identity.fromPrivateKey(key);
    wipe(key);
    this.#vault = vault;
    this.#contacts = contacts;
    this.#papers = papers;
    this.#changed();
  }

  /** Take up what another window of the page has written since. */
  async refresh(): Promise<void> {
    const header = await this.#store.get(HEADER);
    if (toText(header) !== toText(this.#header)) {
      await this.#meet(header);
    } else if (this.#vault !== undefined) {
      this.#contacts = await readAll(this.#store, this.#vault, CONTACT, toContact);
      this.#papers = await readAll(this.#store, this.#vault, PAPER, toPaper);
    }
    this.#changed();
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

  /** Forget everything in memory; without a passphrase there is nothing to lock with. */
  lock(): void {
    if (!this.protected) return;
    this.#forget();
    this.#changed();
  }

  /** Delete the identity, contacts and papers from this browser. */
  async erase(): Promise<void> {
    await this.#store.replaceAll(new Map());
    await this.#meet(undefined);
    this.#changed();
  }

  /** Add a contact, or rename the one of the same address. */
  async saveContact(contact: Contact, name: string): Promise<NamedContact> {
    const before = this.contactOf(contact.destinationHash);
    const id = before?.id ?? this.#newId();
    const named = { ...contact, id, name: name.trim() };
    await this.#put(CONTACT + id, encodeContact(named));
    this.#contacts.set(id, named);
    this.#changed();
    return named;
  }

  async removeContact(contact: NamedContact): Promise<void> {
    await this.#store.delete(CONTACT + contact.id);
    this.#contacts.delete(contact.id);
    this.#changed();
  }

  contactOf(destinationHash: Uint8Array): NamedContact | undefined {
    const wanted = toHex(destinationHash);
    return [...this.#contacts.values()].find((each) => toHex(each.destinationHash) === wanted);
  }

  /** Remember a paper as read, still sealed; one that is remembered keeps its first time. */
  async keepPaper(transientId: Uint8Array, sealed: Uint8Array, nowMs: number): Promise<void> {
    const key = paperKey(transientId);
    if (this.#papers.has(key)) return;
    const paper = { id: this.#newId(), sealed, firstReadMs: nowMs };
    await this.#put(PAPER + paper.id, encodePaper(key, paper));
    this.#papers.set(key, paper);
    this.#changed();
  }

  async forgetPaper(paper: KeptPaper): Promise<void> {
    await this.#store.delete(PAPER + paper.id);
    for (const [key, each] of this.#papers) if (each.id === paper.id) this.#papers.delete(key);
    this.#changed();
  }

  /** What reading may look up, as of now. */
  reader(): Reader {
    return {
      identity: this.#identity,
      locked: this.stage === 'locked',
      known: (hash) => this.#known(hash),
      firstRead: (transientId) => this.#papers.get(paperKey(transientId))?.firstReadMs,
    };
  }

  #known(hash: Uint8Array): KnownSender | undefined {
    const own = this.#identity;
    if (own !== undefined && toHex(deliveryHash(own)) === toHex(hash)) {
      return { identity: own, name: undefined };
    }
    const contact = this.contactOf(hash);
    return contact === undefined ? undefined : { identity: contact.identity, name: contact.name };
  }

  async #write(
    identity: Identity,
    passphrase: string | undefined,
    contacts: Map<string, NamedContact>,
    papers: Map<string, KeptPaper>
  ): Promise<void> {
    if (passphrase !== undefined && !canEncrypt()) {
      throw new ProtocolError('HOST_STORAGE', 'this page cannot encrypt: it needs https or a file');
    }
    const { vault, header } = await Vault.create(passphrase, this.#random);
    const records = new Map([[HEADER, header]]);
    const seal = async (name: string, plain: Uint8Array): Promise<void> => {
      records.set(name, await vault.seal(name, plain));
    };
    const key = identity.privateKey();
    await seal(IDENTITY, key);
    wipe(key);
    for (const contact of contacts.values())
      await seal(CONTACT + contact.id, encodeContact(contact));
    for (const [id, paper] of papers) await seal(PAPER + paper.id, encodePaper(id, paper));
    await this.#store.replaceAll(records);
    this.#header = header;
    this.#protected = passphrase !== undefined;
    this.#damage = undefined;
    this.#vault = vault;
    this.#identity = identity;
    this.#contacts = contacts;
    this.#papers = papers;
    this.#changed();
  }

  async #put(name: string, plain: Uint8Array): Promise<void> {
    this.#ready();
    const vault = this.#vault as Vault;
    // Another window may have changed the key: a record under the old one could never be read.
    if (toText(await this.#store.get(HEADER)) !== toText(this.#header)) {
      throw new ProtocolError(
        'VAULT_DAMAGED',
        'another window changed the store; reload this page'
      );
    }
    await this.#store.put(name, await vault.seal(name, plain));
  }

  #ready(): Identity {
    if (this.#identity === undefined) throw new Error('no identity is unlocked');
    return this.#identity;
  }

  #forget(): void {
    this.#identity = undefined;
    this.#vault = undefined;
    this.#contacts = new Map();
    this.#papers = new Map();
  }

  #newId(): string {
    return toHex(this.#random.bytes(8));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function encodeContact(contact: NamedContact): Uint8Array {
  return encodeRecord({ name: contact.name, card: contactCard(contact.identity) });
}

function toContact(id: string, record: ReadonlyMap<string, string>): [string, NamedContact] {
  const contact = parseContactCard(record.get('card') ?? '');
  return [id, { ...contact, id, name: record.get('name') ?? '' }];
}

function encodePaper(key: string, paper: KeptPaper): Uint8Array {
  return encodeRecord({ key, uri: paperUri(paper.sealed), firstReadMs: String(paper.firstReadMs) });
}

function toPaper(id: string, record: ReadonlyMap<string, string>): [string, KeptPaper] {
  const sealed = parsePaperUri(record.get('uri') ?? '');
  return [record.get('key') ?? '', { id, sealed, firstReadMs: Number(record.get('firstReadMs')) }];
}

async function readAll<T>(
  store: RecordStore,
  vault: Vault,
  prefix: string,
  decode: (id: string, record: ReadonlyMap<string, string>) => [string, T]
): Promise<Map<string, T>> {
  const all = new Map<string, T>();
  for (const [name, sealed] of await store.list(prefix)) {
    try {
      const record = decodeRecord(await vault.open(name, sealed));
      all.set(...decode(name.slice(prefix.length), record));
    } catch (error) {
      // One damaged record must not lock the user out of the identity and all the others.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return all;
}

function toText(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}
