/**
 * A configuration file in the format of the reference: sections with keys, read, changed and written
 * back with its comments.
 * @module
 * @see RNS/vendor/configobj.py ConfigObj (configobj 5.0.9)
 */
import { fromUtf8, utf8 } from '../base/bytes.ts';
import {
  configError,
  readDocument,
  writeDocument,
  type ConfigNode,
  type EntryNode,
} from './config-document.ts';
import type { ConfigValue } from './config-lines.ts';
import { interpolate } from './config-interpolation.ts';
import { quoteEntry, quoteHeader, quoteValue } from './config-quoting.ts';
import type { ProtocolError } from '../base/errors.ts';

const MARK = '\ufeff';

/** A file, its lines, and the tree of its sections. */
export class ConfigFile {
  /** The name that errors carry. */
  readonly fileName: string;
  readonly root: ConfigSection;
  readonly #nodes: ConfigNode[];
  readonly #mark: string;
  readonly #ending: string;

  private constructor(text: string, fileName: string) {
    this.fileName = fileName;
    this.#mark = text.startsWith(MARK) ? MARK : '';
    this.#ending = /\r?\n/.exec(text)?.[0] ?? '\n';
    this.root = new ConfigSection(this, undefined, '', 0, undefined, '');
    this.#nodes = this.#build(readDocument(text.slice(this.#mark.length), fileName));
  }

  /**
   * Read a file's text.
   * @throws ProtocolError `RNS_CONFIG`, naming file and line, on malformed lines, duplicate keys or
   *   sections, and sections that skip a level
   */
  static parse(text: string, fileName = 'config'): ConfigFile {
    return new ConfigFile(text, fileName);
  }

  /** Read a file's bytes, which must be UTF-8. @throws ProtocolError `RNS_CONFIG`, as {@link parse} */
  static fromBytes(bytes: Uint8Array, fileName = 'config'): ConfigFile {
    const text = fromUtf8(bytes);
    if (text === undefined) throw configError('is not UTF-8', fileName, undefined);
    return new ConfigFile(text, fileName);
  }

  /** The file's text: what was not changed is as it was read. */
  toText(): string {
    return this.#mark + writeDocument(this.#nodes);
  }

  /** {@link toText} as UTF-8. */
  toBytes(): Uint8Array {
    return utf8(this.toText());
  }

  /** A section without keys that is not in the file, so that errors and defaults can name it. */
  emptySection(name: string): ConfigSection {
    return new ConfigSection(this, this.root, name, 1, undefined, '');
  }

  /** @internal Insert a line after a node, or at the file's start or end. */
  insertAfter(place: ConfigNode | 'start' | 'end', node: ConfigNode): void {
    const { length } = this.#nodes;
    const at = place === 'start' ? 0 : place === 'end' ? length : this.#nodes.indexOf(place) + 1;
    const previous = this.#nodes[at - 1];
    // A last line without an ending needs one before another line can follow.
    if (previous !== undefined && !writeDocument([previous]).endsWith('\n')) {
      this.#nodes.splice(at, 0, { kind: 'other', text: this.#ending }, node);
    } else {
      this.#nodes.splice(at, 0, node);
    }
  }

  /** @internal Take lines out. */
  removeNodes(nodes: ReadonlySet<ConfigNode>): void {
    const kept = this.#nodes.filter((node) => !nodes.has(node));
    this.#nodes.splice(0, this.#nodes.length, ...kept);
  }

  /** @internal The end of a line, as the file has it. */
  get lineEnding(): string {
    return this.#ending;
  }

  #build(read: Iterable<ConfigNode>): ConfigNode[] {
    const nodes: ConfigNode[] = [];
    let section = this.root;
    for (const node of read) {
      nodes.push(node);
      if (node.kind === 'header') {
        if (node.depth > section.depth + 1) {
          throw configError('section is nested too deep', this.fileName, node.line);
        }
        let parent: ConfigSection = section;
        while (parent.depth >= node.depth) parent = parent.parent as ConfigSection;
        if (parent.has(node.name) || parent.section(node.name) !== undefined) {
          throw configError(`duplicate section "${node.name}"`, this.fileName, node.line);
        }
        section = parent.adopt(node.name, node.depth, node, node.indent);
      } else if (node.kind === 'entry') {
        if (section.has(node.key) || section.section(node.key) !== undefined) {
          throw configError(`duplicate key "${node.key}"`, this.fileName, node.line, section.path);
        }
        section.adoptEntry(node);
      }
    }
    return nodes;
  }
}

/** A section of a file, or its root, with keys and subsections in the order of the file. */
export class ConfigSection {
  readonly file: ConfigFile;
  readonly parent: ConfigSection | undefined;
  readonly name: string;
  /** 0 for the root, 1 for `[section]`, 2 for `[[subsection]]`. */
  readonly depth: number;
  readonly #header: ConfigNode | undefined;
  readonly #indent: string;
  readonly #entries = new Map<string, EntryNode>();
  readonly #sections = new Map<string, ConfigSection>();

  /** @internal Sections come from {@link ConfigFile.parse} and {@link addSection}. */
  constructor(
    file: ConfigFile,
    parent: ConfigSection | undefined,
    name: string,
    depth: number,
    header: ConfigNode | undefined,
    indent: string
  ) {
    this.file = file;
    this.parent = parent;
    this.name = name;
    this.depth = depth;
    this.#header = header;
    this.#indent = indent;
  }

  /** The keys, in the order of the file. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** The subsections, in the order of the file. */
  sections(): ConfigSection[] {
    return [...this.#sections.values()];
  }

  /** Whether a key is set here. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The subsection of that name. */
  section(name: string): ConfigSection | undefined {
    return this.#sections.get(name);
  }

  /**
   * The value of a key, with `%(other)s` replaced by the value of that key here or in a section above.
   * @throws ProtocolError `RNS_CONFIG` when such a key is missing, or leads back to itself
   */
  get(key: string): ConfigValue | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : interpolate(this, key, entry.value);
  }

  /** The value of a key as it stands in the file. */
  raw(key: string): ConfigValue | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Number of the line on which a key stands, from 1. */
  lineOf(key: string): number | undefined {
    const line = this.#entries.get(key)?.line;
    return line === 0 ? undefined : line;
  }

  /** The section's names from the root, as they stand in headers. */
  get path(): string {
    if (this.parent === undefined) return '';
    const own = '['.repeat(this.depth) + this.name + ']'.repeat(this.depth);
    return this.parent.path === '' ? own : `${this.parent.path} ${own}`;
  }

  /** An error that names file, line, section and key. */
  error(key: string, what: string): ProtocolError {
    const path = this.path === '' ? key : `${this.path} ${key}`;
    return configError(what, this.file.fileName, this.lineOf(key), path);
  }

  /**
   * Set a key. A key that is there keeps its line, indentation and comment; another one is added behind
   * the section's last.
   * @throws RangeError when the format cannot express the key or value, or a subsection has that name
   */
  set(key: string, value: ConfigValue): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      const written = quoteValue(value, entry.before);
      entry.value = typeof value === 'string' ? value : [...value];
      entry.written = written;
      return;
    }
    if (this.#sections.has(key)) throw new RangeError(`"${key}" is a section`);
    const last = [...this.#entries.values()].at(-1);
    const indent = last?.indent ?? (this.depth === 0 ? '' : `${this.#indent}  `);
    const node: EntryNode = {
      kind: 'entry',
      key,
      line: 0,
      indent,
      ...quoteEntry(indent, key, value),
      value: typeof value === 'string' ? value : [...value],
      after: this.file.lineEnding,
    };
    this.file.insertAfter(last ?? this.#header ?? 'start', node);
    this.#entries.set(key, node);
  }

  /** Take a key out; its comments stay. */
  remove(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.file.removeNodes(new Set([entry]));
    return this.#entries.delete(key);
  }

  /** Add a subsection behind all others. @throws RangeError when the name is taken or cannot be written */
  addSection(name: string): ConfigSection {
    if (this.has(name) || this.#sections.has(name)) throw new RangeError(`"${name}" is taken`);
    const sibling = this.sections().at(-1);
    const indent = sibling === undefined ? '  '.repeat(this.depth) : sibling.#indent;
    const depth = this.depth + 1;
    const text = quoteHeader(indent, name, depth) + this.file.lineEnding;
    const node = { kind: 'header', name, depth, line: 0, indent, text } as const;
    const last = this.#lastNode() ?? 'end';
    this.file.insertAfter(last, node);
    if (last !== 'end') {
      this.file.insertAfter(last, { kind: 'other', text: this.file.lineEnding });
    }
    return this.adopt(name, depth, node, indent);
  }

  /** Take a subsection out with all it holds; comments stay. */
  removeSection(name: string): boolean {
    const section = this.#sections.get(name);
    if (section === undefined) return false;
    this.file.removeNodes(new Set(section.#nodes()));
    return this.#sections.delete(name);
  }

  /** @internal Take up a subsection that is in the file. */
  adopt(name: string, depth: number, header: ConfigNode, indent: string): ConfigSection {
    const section = new ConfigSection(this.file, this, name, depth, header, indent);
    this.#sections.set(name, section);
    return section;
  }

  /** @internal Take up a key that is in the file. */
  adoptEntry(entry: EntryNode): void {
    this.#entries.set(entry.key, entry);
  }

  #nodes(): ConfigNode[] {
    const own = this.#header === undefined ? [] : [this.#header];
    const below = this.sections().flatMap((section) => section.#nodes());
    return [...own, ...this.#entries.values(), ...below];
  }

  #lastNode(): ConfigNode | undefined {
    const below = this.sections().at(-1);
    if (below !== undefined) return below.#lastNode();
    return [...this.#entries.values()].at(-1) ?? this.#header;
  }
}
