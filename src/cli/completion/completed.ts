/** What can be completed, read from the command definitions. */
import type { Command } from '../command.ts'
import { optionsOf } from '../program.ts'

/** What may stand in a place: one of these, a path, or something that only the database knows. */
export type Values = readonly string[] | 'files' | 'unknown'

interface Named {
  readonly name: string
  readonly summary: string
}

export interface Completed {
  /** The first words of a command line. */
  readonly names: readonly Named[]
  readonly groups: readonly { readonly name: string; readonly members: readonly Named[] }[]
  readonly commands: readonly {
    readonly name: string
    readonly arguments: readonly Values[]
    /** Without `values` it is a switch. */
    readonly options: readonly (Named & { readonly values: Values | undefined })[]
  }[]
}

export function completedOf(commands: readonly Command[]): Completed {
  const first = (name: string) => name.split(' ')[0] ?? ''
  const groups = [...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [first(name)] : [])))].map(
    (group) => ({
      name: group,
      members: commands
        .filter(({ name }) => name.startsWith(`${group} `))
        .map(({ name, summary }) => ({ name: name.slice(group.length + 1), summary })),
    }),
  )
  const named = [...new Set(commands.map(({ name }) => first(name)))].map((name) => ({
    name,
    summary:
      commands.find((command) => command.name === name)?.summary ??
      (groups.find((group) => group.name === name)?.members ?? []).map((member) => member.name).join(', '),
  }))
  return {
    names: [...named, { name: 'help', summary: 'Show what a command does' }],
    groups,
    commands: commands.map((command) => ({
      name: command.name,
      arguments: (command.arguments ?? []).map(({ name, values }) => valuesOf(name, values)),
      options: optionsOf(command).map(({ name, value, values, description }) => ({
        name,
        summary: description,
        values: value === undefined ? undefined : valuesOf(value, values),
      })),
    })),
  }
}

function valuesOf(name: string, values: readonly string[] | undefined): Values {
  return values ?? (name === 'FILE' || name === 'FOLDER' ? 'files' : 'unknown')
}
