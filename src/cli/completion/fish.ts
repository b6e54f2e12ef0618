/** Completion for fish: one line for each command and each option. */
import type { Completed, Values } from './completed.ts'

export function fishScript(program: string, { names, groups, commands }: Completed): string {
  const called = `__${program.replaceAll('-', '_')}`
  const offer = (condition: string, rest: string) =>
    `complete -c ${program} -n '${called}_${condition}' ${rest}`
  const name = (one: Completed['names'][number]) => `-a ${one.name} -d ${quoted(one.summary)}`
  return [
    `# Completion for fish: ${program} completion fish | source`,
    `function ${called}_at
  test (string join ' ' -- (commandline -opc)[2..]) = "$argv"
end
function ${called}_in
  string match -q -- "$argv *" (string join ' ' -- (commandline -opc)[2..])' '
end
complete -c ${program} -f`,
    ...names.flatMap((one) => [
      offer('at', name(one)),
      ...(one.name === 'help' ? [] : [offer('at help', name(one))]),
    ]),
    ...groups.flatMap((group) =>
      group.members.flatMap((member) => [
        offer(`at ${group.name}`, name(member)),
        offer(`at help ${group.name}`, name(member)),
      ]),
    ),
    ...commands.flatMap((command) => [
      ...command.arguments.flatMap((values) =>
        values === 'unknown' ? [] : [offer(`in ${command.name}`, action(values))],
      ),
      ...command.options.map((option) =>
        offer(
          `in ${command.name}`,
          `-l ${option.name} ${option.values === undefined ? '' : `-r ${action(option.values)} `}-d ${quoted(option.summary)}`,
        ),
      ),
    ]),
  ].join('\n')
}

function action(values: Values): string {
  if (values === 'files') return '-F'
  return values === 'unknown' ? '-f' : `-f -a '${values.join(' ')}'`
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
