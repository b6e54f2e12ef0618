/** The command definitions as a commander program: parsing, help, suggestions for misspelt names. */
import { Command as Commander, Option } from 'commander'

import type { ArgumentDefinition, Command, OptionDefinition } from './command.ts'
import type { Input } from './command.ts'
import { createInput, placeArguments } from './input.ts'

export const programName = 'pinpoint-webhooks'

export interface Chosen {
  readonly command: Command
  readonly input: Input
  readonly json: boolean
}

export interface ProgramOptions {
  readonly version: string
  readonly commands: readonly Command[]
  readonly write: { out(text: string): void; err(text: string): void }
  readonly onChosen: (chosen: Chosen) => void
}

/** Parsing throws `CommanderError` for wrong command lines, and also after it has printed the help or the version. */
export function createProgram({ version, commands, write, onChosen }: ProgramOptions): Commander {
  const program = new Commander(programName)
  const configure = (commander: Commander) =>
    commander
      .exitOverride()
      .configureOutput({ writeOut: (text) => write.out(text), writeErr: (text) => write.err(text) })
      .showHelpAfterError(`See: ${programName} help`)
  configure(program)
    .description('Hires in Pinpoint become exactly one employee in the HR system.')
    .version(version)
    .configureHelp({ subcommandTerm: termOf })
    // After a command, `--version` is that command's own.
    .enablePositionalOptions()
    .addHelpText('after', `\n${eitherWay}\n\nMore about a command: ${programName} help COMMAND`)
  const groups = new Map<string, Commander>()

  for (const command of commands) {
    const [first = '', second] = command.name.split(' ')
    const parent = second === undefined ? program : (groups.get(first) ?? group(first))
    configure(addCommand(parent.command(second ?? first), command, onChosen))
  }
  return program

  function group(name: string): Commander {
    const commander = configure(program.command(name)).description(groupSummary(name, commands))
    groups.set(name, commander)
    return commander
  }
}

/** For whoever knows one way from another command. */
const eitherWay = 'TENANT and INTEGRATION can also be given as --tenant and --integration.'

export const jsonOption: OptionDefinition = { name: 'json', description: 'Print the result as JSON' }

/** Its own options, and those that all commands of its kind have. */
export function optionsOf({ options = [], prints }: Command): readonly OptionDefinition[] {
  return [...options, ...(prints === 'data' ? [jsonOption] : [])]
}

function addCommand(commander: Commander, command: Command, onChosen: ProgramOptions['onChosen']): Commander {
  commander
    .summary(command.summary)
    .description([`${command.summary}.`, command.details].filter(Boolean).join('\n\n'))
  const given = command.arguments ?? []
  // Whether all that are needed are there is seen below: some may be given as options.
  for (const argument of given)
    commander.argument(usageOf({ ...argument, optional: true }), argument.description)
  const shown = given.map((argument) => (argument.optional ? usageOf(argument) : `<${usageOf(argument)}>`))
  commander.usage(['[options]', ...shown].join(' '))
  for (const definition of optionsOf(command)) commander.addOption(toOption(definition))
  for (const { name, option } of given)
    if (option !== undefined) commander.addOption(new Option(`--${option} <${name}>`).hideHelp())
  const examples = command.examples.map((line) => `  $ ${programName} ${line}`).join('\n')
  return commander.addHelpText('after', `\nExamples:\n${examples}`).action(() => {
    const options: Readonly<Record<string, unknown>> = commander.opts()
    const input = createInput(command, { arguments: placed(commander, command), options })
    onChosen({ command, input, json: options['json'] === true })
  })
}

/** Throws commander's own errors. */
function placed(commander: Commander, command: Command): readonly (string | undefined)[] {
  const { values, missing, isTooMany } = placeArguments(command, commander.args, commander.opts())
  if (missing !== undefined) commander.error(`error: missing required argument '${missing.name}'`)
  if (isTooMany) commander.error(`error: too many arguments for '${command.name}'`)
  return values
}

/** `EVENT`, `[EVENT]`, `[EVENT...]` */
export function usageOf({
  name,
  optional,
  several,
}: Omit<ArgumentDefinition, 'description' | 'values' | 'option'>): string {
  const all = several ? `${name}...` : name
  return optional ? `[${all}]` : all
}

function toOption({ name, value, description, default: fallback }: OptionDefinition): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, description)
  return fallback === undefined ? option : option.default(fallback)
}

/** In a list of commands: as in its own usage line. */
function termOf(commander: Commander): string {
  if (commander.commands.length > 0) return commander.name()
  const usage = commander.options.length > 0 ? commander.usage() : commander.usage().replace('[options]', '')
  return `${commander.name()} ${usage.trim()}`.trim()
}

/** The second words of the commands in a group. */
function groupSummary(group: string, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name.split(' ')).filter(([first]) => first === group)
  return `${group}: ${names.map(([, second]) => second).join(', ')}`
}
