/**
 * Command lines against a table: what a command takes, checked strictly, and its help text. Stands on
 * `node:util.parseArgs` for splitting; every judgement and every message is made here. @module
 */
import { parseArgs } from 'node:util';
import { UsageError } from './exit.ts';

/** An option of a command. */
export interface OptionSpec {
  /** Without dashes. */
  readonly name: string;
  /** A letter that stands for it behind one dash. */
  readonly short?: string;
  /** What its value is called in the help, such as `FILE`; without it the option is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly required?: boolean;
  readonly help: string;
}

/** A command as the user sees it. */
export interface CommandSpec {
  /** The words after `tesserae`, such as `paper new`. */
  readonly name: string;
  readonly summary: string;
  /** What stands without an option name; the command takes exactly one where this is given. */
  readonly positional?: { readonly name: string; readonly help: string };
  /** What may stand after that. */
  readonly second?: { readonly name: string; readonly help: string };
  readonly options: readonly OptionSpec[];
  /** Further paragraphs of the help. */
  readonly notes?: readonly string[];
}

/** A checked command line. */
export class ParsedArgs {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #positional: string | undefined;
  /** What stands after {@link positional}, if anything does. */
  readonly second: string | undefined;

  constructor(
    values: ReadonlyMap<string, readonly string[]>,
    positional: string | undefined,
    second?: string
  ) {
    this.#values = values;
    this.#positional = positional;
    this.second = second;
  }

  /** Whether a switch or option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of an option, if it was given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** The value of an option that the table marks as required. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is required`);
    return value;
  }

  /** All values of an option that may be repeated. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** What stands without an option name. */
  get positional(): string {
    if (this.#positional === undefined) throw new UsageError('an argument is missing');
    return this.#positional;
  }

  /**
   * A number given to an option.
   * @throws UsageError unless it is written plainly, lies in `min..max`, and is whole where asked
   */
  number(
    name: string,
    min: number,
    max: number,
    kind: 'whole' | 'any' = 'whole'
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const plain = kind === 'whole' ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,15})?$/;
    const value = Number(text);
    if (!plain.test(text) || value < min || value > max) {
      const what = kind === 'whole' ? 'a whole number' : 'a number';
      throw new UsageError(`--${name} must be ${what} from ${min} to ${max}, got "${text}"`);
    }
    return value;
  }
}

const HELP: OptionSpec = { name: 'help', short: 'h', help: 'show this help' };

/**
 * Check the words after a command's name.
 * @returns `help` when `-h` or `--help` is among them, whatever else is
 * @throws UsageError naming the argument that is wrong
 */
export function parseCommand(spec: CommandSpec, argv: readonly string[]): ParsedArgs | 'help' {
  const table = new Map([...spec.options, HELP].map((option) => [option.name, option]));
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      [...table.values()].map((option) => [
        option.name,
        {
          type: option.value === undefined ? ('boolean' as const) : ('string' as const),
          ...(option.short === undefined ? {} : { short: option.short }),
        },
      ])
    ),
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'help') return 'help';
  }
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = table.get(token.name);
    if (option === undefined) {
      throw new UsageError(`${token.rawName} is not an option of "tesserae ${spec.name}"`);
    }
    const list = values.get(option.name) ?? [];
    if (list.length > 0 && option.multiple !== true) {
      throw new UsageError(`--${option.name} is given twice`);
    }
    list.push(valueOf(option, token.value, token.inlineValue === true));
    values.set(option.name, list);
  }
  for (const option of spec.options) {
    if (option.required === true && !values.has(option.name)) {
      throw new UsageError(`--${option.name} ${option.value ?? ''} is required`);
    }
  }
  const second = spec.second === undefined ? undefined : positionals[1];
  if (second !== undefined) positionals.splice(1, 1);
  return new ParsedArgs(values, positionalOf(spec, positionals), second);
}

function valueOf(option: OptionSpec, value: string | undefined, inline: boolean): string {
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`--${option.name} takes no value`);
    return '';
  }
  // A lone dash means standard input; anything longer is more likely a forgotten value.
  if (value === undefined || (!inline && /^-./.test(value))) {
    throw new UsageError(
      `--${option.name} needs a value; one that begins with a dash is written --${option.name}=-...`
    );
  }
  return value;
}

function positionalOf(spec: CommandSpec, given: readonly string[]): string | undefined {
  const [first, second] = given;
  if (spec.positional === undefined) {
    if (first === undefined) return undefined;
    throw new UsageError(`"tesserae ${spec.name}" takes no argument "${first}"`);
  }
  if (first === undefined) throw new UsageError(`${spec.positional.name} is required`);
  if (second !== undefined) {
    throw new UsageError(`one ${spec.positional.name} is expected, "${second}" is too many`);
  }
  return first;
}

/** The help text of one command. */
export function commandHelp(spec: CommandSpec): string {
  const options = [...spec.options, HELP];
  const usage = [
    `usage: tesserae ${spec.name}`,
    ...spec.options.map((option) => {
      const text = optionText(option);
      const bare = option.required === true ? text : `[${text}]`;
      return option.multiple === true ? `${bare}...` : bare;
    }),
    ...(spec.positional === undefined ? [] : [spec.positional.name]),
    ...(spec.second === undefined ? [] : [`[${spec.second.name}]`]),
  ].join(' ');
  const rows = [
    ...[spec.positional, spec.second].flatMap((one) =>
      one === undefined ? [] : [[one.name, one.help]]
    ),
    ...options.map((option) => [
      (option.short === undefined ? '' : `-${option.short}, `) + optionText(option),
      option.help,
    ]),
  ];
  const parts = [usage, '', spec.summary, '', ...columns(rows)];
  for (const note of spec.notes ?? []) parts.push('', note);
  return parts.join('\n') + '\n';
}

/** The help text of the program, or of the commands that begin with one word. */
export function overview(specs: readonly CommandSpec[], group?: string): string {
  const shown = specs.filter(({ name }) => group === undefined || name.split(' ')[0] === group);
  const head = group === undefined ? 'COMMAND' : `${group} COMMAND`;
  return [
    `usage: tesserae ${head} [options]`,
    '',
    ...columns(shown.map((spec) => [spec.name, spec.summary])),
    '',
    'tesserae COMMAND --help shows the options of a command, tesserae --version the version.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not addressed to you, 4 signature not verified.',
    '',
  ].join('\n');
}

function optionText(option: OptionSpec): string {
  return option.value === undefined ? `--${option.name}` : `--${option.name} ${option.value}`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
