/** Renders docs/reference/cli.md from the definitions of the commands. */
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { exitCodes } from './exit-code.ts'
import { optionsOf, programName, usageOf } from './program.ts'

export function cliPage(): string {
  const codes = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  return `# Command line

\`npx --no ${programName} COMMAND\` in the checkout; without \`--no\`, in another folder, npx
would offer to run whatever somebody has published under this name. Configuration comes from the [environment](configuration.md). Results go to
standard output; failures and log lines go to standard error. \`npx --no ${programName} help\` lists the commands, and \`help COMMAND\` explains
one. What begins with a hyphen right behind the name would be read by npx itself: \`npx --no -- ${programName} --version\`.

What a command is about stands behind its name, and what narrows a list is an option. \`TENANT\` and \`INTEGRATION\` can also be given as \`--tenant\` and \`--integration\`. \`--json\` prints the result as JSON, and a failure as
\`{"error":{"code","message","fix","details"}}\`. Secrets and keys are never printed.

<!-- Generated from src/cli/ by \`npm run docs\`. Do not edit. -->

## Exit codes

| code | meaning |
| --- | --- |
${codes.join('\n')}

${commands.map(section).join('\n')}`
}

function section(command: Command): string {
  const given = command.arguments ?? []
  const usage = [programName, command.name, ...given.map(usageOf)]
  const lines = [
    ...given.map(({ name, description }) => `- \`${name}\`: ${description}`),
    ...optionsOf(command).map(({ name, value, description, default: fallback }) => {
      const suffix = fallback === undefined ? '' : ` (default \`${fallback}\`)`
      return `- \`--${name}${value === undefined ? '' : ` ${value}`}\`: ${description}${suffix}`
    }),
  ]
  const parts = [
    `## ${command.name}`,
    `${command.summary}.`,
    ...(command.details === undefined ? [] : [command.details]),
    `    ${usage.join(' ')}`,
    lines.join('\n'),
    `\`\`\`sh\n${command.examples.map((line) => `${programName} ${line}`).join('\n')}\n\`\`\``,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
