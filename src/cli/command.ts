/** What a command is: one definition, from which parsing, help and the reference page are derived. */
import type { Change, Found } from '../access/note-changes.ts'
import type { Json } from '../base/json.ts'
import type { Config, Environment } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import type { ExitCode } from './exit-code.ts'

export interface ArgumentDefinition {
  /** As in the usage line: `FILE`. */
  readonly name: string
  readonly description: string
  readonly optional?: true
  /** The allowed values, for completion. */
  readonly values?: readonly string[]
  /** Only for the last argument: it may be repeated, see `severalArguments`. */
  readonly several?: true
  /** It may be given as this option instead: `tenant`. */
  readonly option?: string
}

export interface OptionDefinition {
  /** Without hyphens: `dry-run`. */
  readonly name: string
  /** Name of the value, such as `URL`; without it the option is a switch. */
  readonly value?: string
  /** All that may be given, for completion. */
  readonly values?: readonly string[]
  readonly description: string
  /** Shown in the help, and used when the option is not given. */
  readonly default?: string
}

export interface Command {
  /** `apply`, or `tenants list` in a group. */
  readonly name: string
  /** One sentence without a full stop. */
  readonly summary: string
  /** Further paragraphs. */
  readonly details?: string
  readonly arguments?: readonly ArgumentDefinition[]
  readonly options?: readonly OptionDefinition[]
  /** Whole command lines, without the program's name. */
  readonly examples: readonly string[]
  /** `data`: it ends with a result, which `--json` prints. `stream`: it keeps running and prints lines. */
  readonly prints: 'data' | 'stream'
  /**
   * What it may do to the database and the data folder. `reads`: change nothing. `changes`: change an existing database, so that in the
   * wrong folder it fails instead of creating an empty installation. `makes`: also create the database and its key.
   */
  readonly database: 'none' | 'reads' | 'changes' | 'makes'
  run(context: CommandContext): Promise<CommandResult>
}

export interface CommandContext extends Pick<Command, 'name' | 'database'> {
  readonly input: Input
  /** Only the data of the result is printed; work that only the text needs can be skipped. */
  readonly json: boolean
  readonly environment: Environment
  /** Read from the environment on the first call. */
  readonly config: () => Config
  readonly log: Log
  /** Prints a line at once: for `stream` commands. */
  readonly print: (line: string) => void
  /** Shows the progress of a command that takes longer than a second. Not part of the result. */
  readonly progress: (line: string) => void
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

export interface CommandResult {
  /** What `--json` prints. */
  readonly data?: Json
  /** What people read otherwise. */
  readonly text?: string
  /** What to do next; for people only. */
  readonly next?: string
  /** Default 0. */
  readonly exitCode?: ExitCode
}

/** Of a command that changes what is stored. */
export interface ChangeResult extends CommandResult {
  /** Empty: nothing. */
  readonly changes: readonly Change[]
  /** Of a check. */
  readonly found?: Found
}

/** The arguments and options of a command line. Asking for a name that the command does not define is a bug. */
export interface Input {
  argument(name: string): string
  optionalArgument(name: string): string | undefined
  /** All values of a repeated argument. */
  severalArguments(name: string): readonly string[]
  /** Also of an argument that may be given as this option. */
  option(name: string): string | undefined
  flag(name: string): boolean
  /** All arguments and values of options. */
  readonly typed: readonly string[]
}
