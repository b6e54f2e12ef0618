/** Completion for zsh, by its own _describe and _arguments. */
import type { Completed, Values } from './completed.ts'

export function zshScript(program: string, { names, groups, commands }: Completed): string {
  const called = `_${program}`
  return `#compdef ${program}
# Completion for zsh: source <(${program} completion zsh)
${called}() {
  local -a names
  [[ $words[2] == help ]] && { shift words; ((CURRENT--)) }
  if ((CURRENT == 2)); then
    names=(${described(names)})
    _describe command names
    return
  fi
  case $words[2] in
${groups
  .map(
    ({ name, members }) => `    ${name})
      names=(${described(members)})
      if ((CURRENT == 3)); then
        _describe command names
        return
      fi
      words=("$words[2] $words[3]" "\${(@)words[4,-1]}")
      ((CURRENT -= 2)) ;;`,
  )
  .join('\n')}
    *) shift words; ((CURRENT--)) ;;
  esac
  case $words[1] in
${commands.map(caseOf).join('\n')}
  esac
}
compdef ${called} ${program}`
}

function caseOf({ name, arguments: given, options }: Completed['commands'][number]): string {
  const specs = [
    ...options.map(({ name: option, summary, values }) =>
      quoted(`--${option}[${escaped(summary)}]${values === undefined ? '' : `:${option}:${action(values)}`}`),
    ),
    ...given.map((values) => quoted(`:argument:${action(values)}`)),
  ]
  return `    '${name}') _arguments ${specs.join(' ')} ;;`
}

function described(named: Completed['names']): string {
  return named.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join(' ')
}

function action(values: Values): string {
  if (values === 'files') return '_files'
  return values === 'unknown' ? ' ' : `(${values.join(' ')})`
}

/** Within the brackets of _arguments. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
