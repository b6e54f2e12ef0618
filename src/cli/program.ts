/** The command definitions as a commander program: parsing, help, suggestions for misspelt names. */
import { Command as Commander, Option } from 'commander'

import type { ArgumentDefinition, Command, OptionDefinition } from './command.ts'
import type { Input } from './command.ts'
import { createInput } from './input.ts'

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
    // After a command, `--version` is that command's own.
    .enablePositionalOptions()
    .addHelpText('after', `\nMore about a command: ${programName} help COMMAND`)
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

export const jsonOption: OptionDefinition = { name: 'json', description: 'Print the result as JSON' }

/** Its own options, and those that all commands of its kind have. */
export function optionsOf({ options = [], prints }: Command): readonly OptionDefinition[] {
  return [...options, ...(prints === 'data' ? [jsonOption] : [])]
}

function addCommand(commander: Commander, command: Command, onChosen: ProgramOptions['onChosen']): Commander {
  commander
    .summary(command.summary)
    .description([`${command.summary}.`, command.details].filter(Boolean).join('\n\n'))
  for (const { description, ...argument } of command.arguments ?? []) {
    const usage = usageOf(argument)
    commander.argument(argument.optional ? usage : `<${usage}>`, description)
  }
  for (const definition of optionsOf(command)) commander.addOption(toOption(definition))
  const examples = command.examples.map((line) => `  $ ${programName} ${line}`).join('\n')
  return commander.addHelpText('after', `\nExamples:\n${examples}`).action(() => {
    const input = createInput(command, { arguments: commander.args, options: commander.opts() })
    onChosen({ command, input, json: commander.opts()['json'] === true })
  })
}

/** `EVENT`, `[EVENT]`, `[EVENT...]` */
export function usageOf({
  name,
  optional,
  several,
}: Omit<ArgumentDefinition, 'description' | 'values'>): string {
  const all = several ? `${name}...` : name
  return optional ? `[${all}]` : all
}

function toOption({ name, value, description, default: fallback }: OptionDefinition): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, description)
  return fallback === undefined ? option : option.default(fallback)
}

/** The second words of the commands in a group. */
function groupSummary(group: string, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name.split(' ')).filter(([first]) => first === group)
  return `${group}: ${names.map(([, second]) => second).join(', ')}`
}
