/** What was typed, read by the names that the command defines. */
import type { ArgumentDefinition, Command, Input } from './command.ts'

type Options = Readonly<Record<string, unknown>>

interface Placed {
  /** In the order of the definitions; those of a repeated argument at the end. */
  readonly values: readonly (string | undefined)[]
  /** The first that is needed and not given. */
  readonly missing: ArgumentDefinition | undefined
  readonly isTooMany: boolean
}

/** What is given as an option leaves its place to the arguments behind it. */
export function placeArguments(
  { arguments: defined = [] }: Pick<Command, 'arguments'>,
  words: readonly string[],
  options: Options,
): Placed {
  const left = [...words]
  const placed = defined.map(
    ({ option }) => (option === undefined ? undefined : textOf(options, option)) ?? left.shift(),
  )
  return {
    values: [...placed, ...left],
    missing: defined.find(({ optional }, index) => optional !== true && placed[index] === undefined),
    isTooMany: left.length > 0 && defined.at(-1)?.several !== true,
  }
}

export function createInput(
  command: Command,
  typed: { readonly arguments: readonly (string | undefined)[]; readonly options: Options },
): Input {
  const defined = command.arguments ?? []
  const indexOf = (name: string) => {
    const index = defined.findIndex((argument) => argument.name === name)
    if (index < 0) throw new Error(`${command.name} defines no argument ${name}`)
    return index
  }
  const optionalArgument = (name: string) => typed.arguments[indexOf(name)]
  const assertOption = (name: string) => {
    if (command.options?.some((option) => option.name === name) === true) return
    throw new Error(`${command.name} defines no option ${name}`)
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
      const argument = defined.find(({ option }) => option === name)
      if (argument !== undefined) return optionalArgument(argument.name)
      assertOption(name)
      return textOf(typed.options, name)
    },
    flag(name) {
      assertOption(name)
      return typed.options[camelCase(name)] === true
    },
    typed: [...typed.arguments, ...Object.values(typed.options)].filter((value) => typeof value === 'string'),
  }
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[camelCase(name)]
  return typeof value === 'string' ? value : undefined
}

/** Commander names `--dry-run` `dryRun`. */
function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
