/** Runs one command line: chooses the command, prints its result or its failure, and returns the exit code. */
import { CommanderError } from 'commander'

import { systemClock } from '../base/clock.ts'
import { Failure, NeedsPerson } from '../base/failure.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { withoutSteering } from '../base/plain-text.ts'
import { type Config, type Environment, readConfig } from '../config/environment.ts'
import { logLevelOf, logStyleOf } from '../config/logging.ts'
import { createLog, safeError } from '../observe/log.ts'
import { refusalOf } from '../postgres/refusal.ts'
import { withColours } from './colours.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts'
import { type Chosen, createProgram, jsonOption, programName } from './program.ts'
import { createProgress, noProgress, type Progress } from './progress.ts'
import { WrongUsage } from './wrong-usage.ts'

export interface CliOptions {
  readonly version: string
  readonly commands: readonly Command[]
  readonly environment: Environment
  readonly signal: AbortSignal
  readonly write: { out(text: string): void; err(text: string): void }
  /** Whether standard error is a terminal. */
  readonly watched?: boolean
  /** Whether standard output shows colours. */
  readonly colours?: boolean
}

/** `line`: what was typed after the program's name. */
export async function runCli(line: readonly string[], options: CliOptions): Promise<ExitCode> {
  const chosen = choose(line, options)
  if (typeof chosen === 'number') return chosen
  const { write } = options
  const progress = options.watched ? createProgress((text) => write.err(text), systemClock) : noProgress
  try {
    const result = await chosen.command.run(contextOf(chosen, options, progress))
    await progress.end()
    printResult(result, chosen, options)
    return result.exitCode ?? exitCodes.ok.code
  } catch (caught) {
    await progress.end()
    const error = refusalOf(caught) ?? caught
    write.err(`${chosen.json ? safeJson({ error: failureJson(error) }) : forTerminal(failureText(error))}\n`)
    return exitCodeOf(error)
  }
}

function choose(line: readonly string[], options: CliOptions): Chosen | ExitCode {
  let chosen: Chosen | undefined
  const json = line.includes(`--${jsonOption.name}`)
  const write = json ? { ...options.write, err: () => {} } : options.write
  const program = createProgram({ ...options, write, onChosen: (command) => (chosen = command) })
  try {
    program.parse(helpOfGroup(line, options.commands), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return exitCodes.ok.code
    if (json) options.write.err(`${JSON.stringify({ error: failureJson(usageFailure(error)) })}\n`)
    return exitCodes.usage.code
  }
  return chosen ?? exitCodes.usage.code
}

/** Commander's `help` takes one word; each group of commands has one of its own for the second. */
function helpOfGroup(line: readonly string[], commands: readonly Command[]): string[] {
  const [help, group = '', ...rest] = line
  const isGroup = commands.some(({ name }) => name.startsWith(`${group} `))
  return help === 'help' && rest.length > 0 && isGroup ? [group, 'help', ...rest] : [...line]
}

function contextOf(
  { command, input, json }: Chosen,
  { environment, signal, write }: CliOptions,
  progress: Progress,
): CommandContext {
  let config: Config | undefined
  return {
    input,
    json,
    name: command.name,
    database: command.database,
    environment,
    signal,
    config: () => (config ??= readConfig(environment)),
    log: createLog(logLevelOf(environment) ?? 'warn', {
      ...logStyleOf(environment),
      beforeText: progress.clear,
    }),
    print: (text) => write.out(`${forTerminal(text)}\n`),
    progress: progress.show,
  }
}

function printResult(result: CommandResult, { json }: Chosen, { write, colours }: CliOptions): void {
  if (json) {
    write.out(`${safeJson(result.data ?? {}, 2)}\n`)
    return
  }
  const parts = [result.text, result.next].filter((part) => part !== undefined && part !== '')
  if (parts.length === 0) return
  const text = forTerminal(parts.join('\n\n'))
  write.out(`${colours ? withColours(text) : text}\n`)
}

/** Text from others in it cannot control the terminal. */
function forTerminal(text: string): string {
  return text.split('\n').map(withoutSteering).join('\n')
}

/** JSON with control characters escaped, so that it cannot control a terminal. */
function safeJson(data: Json, indent?: number): string {
  return JSON.stringify(data, null, indent).replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (steering) =>
    steering.split('').map(unitEscaped).join(''),
  )
}

function unitEscaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function failureText(error: unknown): string {
  if (error instanceof NeedsPerson) return `${error.message}\n${error.fix}\n(${error.code})`
  if (error instanceof Failure) return `${error.message}\n(${error.code})`
  return `A bug. Please report it with this: ${JSON.stringify(safeError(error))}`
}

function usageFailure({ message }: CommanderError): WrongUsage {
  const wrong = message.replace(/^error: /, '')
  return new WrongUsage('cli.usage', wrong, { fix: `See: ${programName} help` })
}

function failureJson(error: unknown): JsonObject {
  if (!(error instanceof Failure)) return { code: 'bug', ...safeError(error) }
  const { code, message, details } = error
  return { code, message, ...(error instanceof NeedsPerson ? { fix: error.fix } : {}), details }
}
