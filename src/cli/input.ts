/** What was typed, read by the names that the command defines. */
import type { Command, Input } from './command.ts'

export function createInput(
  command: Command,
  typed: {
    readonly arguments: readonly (string | undefined)[]
    readonly options: Readonly<Record<string, unknown>>
  },
): Input {
  const indexOf = (name: string) => {
    const index = (command.arguments ?? []).findIndex((argument) => argument.name === name)
    if (index < 0) throw new Error(`${command.name} defines no argument ${name}`)
    return index
  }
  const optionalArgument = (name: string) => typed.arguments[indexOf(name)]
  const optionValue = (name: string) => {
    const definition = command.options?.find((option) => option.name === name)
    if (definition === undefined) throw new Error(`${command.name} defines no option ${name}`)
    return typed.options[camelCase(name)]
  }
  return {
    optionalArgument,
    severalArguments: (name) =>
      typed.arguments.slice(indexOf(name)).filter((argument) => argument !== undefined),
    argument(name) {
      const value = optionalArgument(name)
      if (value === undefined) throw new Error(`${command.name} was run without ${name}`)
      return value
    },
    option(name) {
      const value = optionValue(name)
      return typeof value === 'string' ? value : undefined
    },
    flag: (name) => optionValue(name) === true,
    typed: [...typed.arguments, ...Object.values(typed.options)].filter((value) => typeof value === 'string'),
  }
}

/** Commander names `--dry-run` `dryRun`. */
function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
