/** Completion for bash 3.2 and later: one function, with a case for each command. */
import type { Completed, Values } from './completed.ts'

export function bashScript(program: string, { names, groups, commands }: Completed): string {
  const called = `_${program.replaceAll('-', '_')}`
  return `# Completion for bash: source <(${program} completion bash)
${called}() {
  local current=\${COMP_WORDS[COMP_CWORD]} last='' candidates='' files='' before=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == '=' ]] || before+=("\${COMP_WORDS[i]}")
  done
  [[ $current == '=' ]] && current=''
  if ((\${#before[@]} > 0)); then last=\${before[\${#before[@]} - 1]}; fi
  case "\${before[*]}" in
    '') candidates='${[...names.map(({ name }) => name), '--help', '--version'].join(' ')}' ;;
    'help') candidates='${names.map(({ name }) => name).join(' ')}' ;;
${groups.map(({ name, members }) => `    '${name}' | 'help ${name}') candidates='${members.map((member) => member.name).join(' ')}' ;;`).join('\n')}
${commands.map(caseOf).join('\n')}
  esac
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$candidates" -- "$current"))
  fi
}
complete -F ${called} ${program}`
}

function caseOf({ name, arguments: given, options }: Completed['commands'][number]): string {
  const words = name.split(' ').length
  const typed = options.flatMap(({ name: option, values }) =>
    values === undefined ? [] : [`      --${option}) ${set(values)} ;;`],
  )
  const positions = given.flatMap((values, index) =>
    values === 'unknown' ? [] : [`        ${words + index}) ${set(values)} ;;`],
  )
  const all = `candidates='${[...options.map((option) => `--${option.name}`), '--help'].join(' ')}'`
  return `    '${name}' | '${name} '*)
      case $last in
${typed.map((line) => `  ${line}\n`).join('')}        *) ${
    positions.length === 0
      ? all
      : `${all}; [[ $current == -* ]] || case \${#before[@]} in
${positions.map((line) => `    ${line}`).join('\n')}
          esac`
  } ;;
      esac ;;`
}

function set(values: Values): string {
  if (values === 'files') return 'files=yes'
  return `candidates='${values === 'unknown' ? '' : values.join(' ')}'`
}
