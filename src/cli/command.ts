/** What a command is: one definition, from which parsing, help and the reference page are derived. */
import type { Change } from '../access/note-changes.ts'
import type { Json } from '../base/json.ts'
import type { Config, Environment } from '../config/environment.ts'
import type { Log } from '../observe/log.ts'
import type { ExitCode } from './exit-code.ts'

export interface ArgumentDefinition {
  /** As in the usage line: `FILE`. */
  readonly name: string
  readonly description: string
  readonly optional?: true
  /** All that may be given, for completion. */
  readonly values?: readonly string[]
  /** The last one may be given several times: `severalArguments`. */
  readonly several?: true
}

export interface OptionDefinition {
  /** Without hyphens: `dry-run`. */
  readonly name: string
  /** Name of the value, `URL`; without it the option is a switch. */
  readonly value?: string
  /** All that may be given, for completion. */
  readonly values?: readonly string[]
  readonly description: string
  /** Shown, and used when the option is not given. */
  readonly default?: string
}

export interface Command {
  /** `apply`, or `tenants list` for one of a group. */
  readonly name: string
  /** One sentence without a full stop. */
  readonly summary: string
  /** More to know, as paragraphs. */
  readonly details?: string
  readonly arguments?: readonly ArgumentDefinition[]
  readonly options?: readonly OptionDefinition[]
  /** Whole command lines, without the program's name. */
  readonly examples: readonly string[]
  /** `data`: it ends with a result, and `--json` prints that. `stream`: it stays, and prints as it goes. */
  readonly prints: 'data' | 'stream'
  /**
   * What it may do to the database and the data folder. `reads`: nothing. `changes`: only what is there, so that from the wrong
   * folder it does not answer for an empty installation. `makes`: also the database and its key.
   */
  readonly database: 'none' | 'reads' | 'changes' | 'makes'
  run(context: CommandContext): Promise<CommandResult>
}

export interface CommandContext extends Pick<Command, 'name' | 'database'> {
  readonly input: Input
  /** Only the data of the result is printed: what only its text needs may be left out. */
  readonly json: boolean
  readonly environment: Environment
  /** Reads the environment when it is first asked for. */
  readonly config: () => Config
  readonly log: Log
  /** Prints a line at once: for `stream` commands. */
  readonly print: (line: string) => void
  /** How far a command is that takes longer than a second: one line for whoever watches, not part of the result. */
  readonly progress: (line: string) => void
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

export interface CommandResult {
  /** What `--json` prints. */
  readonly data?: Json
  /** What people read otherwise. */
  readonly text?: string
  /** A sentence that tells what to do next; for people only. */
  readonly next?: string
  /** Default 0. */
  readonly exitCode?: ExitCode
}

/** Of a command that changes what is stored. */
export interface ChangeResult extends CommandResult {
  /** Empty: nothing. */
  readonly changes: readonly Change[]
}

/** What was typed. Asking for a name that the command does not define is a bug. */
export interface Input {
  argument(name: string): string
  optionalArgument(name: string): string | undefined
  /** All that were given of one that may be given several times. */
  severalArguments(name: string): readonly string[]
  option(name: string): string | undefined
  flag(name: string): boolean
  /** All arguments and values of options. */
  readonly typed: readonly string[]
}
