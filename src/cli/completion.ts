/** `completion` */
import type { Command } from './command.ts'
import { bashScript } from './completion/bash.ts'
import { completedOf } from './completion/completed.ts'
import { fishScript } from './completion/fish.ts'
import { zshScript } from './completion/zsh.ts'
import { programName } from './program.ts'
import { orNear, WrongUsage } from './wrong-usage.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }
const shells = Object.keys(scripts)

/** It is one of the commands that it completes. */
export function completionOf(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'Print a script with which a shell completes commands, options and their values',
    details:
      'It completes the program under its own name, so that must be in PATH. In `~/.bashrc`: `source <(pinpoint-webhooks completion bash)`, ' +
      'likewise for zsh; for fish, write it to `~/.config/fish/completions/pinpoint-webhooks.fish`.',
    arguments: [{ name: 'SHELL', description: shells.join(', '), values: shells }],
    examples: ['completion bash', 'completion zsh', 'completion fish'],
    prints: 'data',
    database: 'none',
    run: async ({ input }) => {
      const shell = input.argument('SHELL')
      const script = shell === 'bash' || shell === 'zsh' || shell === 'fish' ? scripts[shell] : undefined
      if (script === undefined) {
        const near = orNear(shell, shells)
        throw new WrongUsage('cli.shell_unknown', `There is no completion for the shell "${shell}"${near}`, {
          fix: `Use one of ${shells.join(', ')}.`,
        })
      }
      const text = script(programName, completedOf(commands()))
      return { data: { shell, script: text }, text }
    },
  }
}
