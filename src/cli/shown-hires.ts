/** Names in the output of commands: masked, or in clear with `--reveal`, which is noted. */
import { showInClear, showMasked, type ShownHire } from '../access/show-hires.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import type { JsonObject } from '../base/json.ts'
import type { RunView } from '../operator/operate.ts'
import type { CommandContext, OptionDefinition } from './command.ts'
import { auditSource } from './who-and-why.ts'

export const revealOption: OptionDefinition = {
  name: 'reveal',
  description:
    'Show names, e-mail addresses and job titles in clear; who did so, when and of whom, is noted in the audit log',
}

/** Notes that values of these applications are shown in clear. Called before they are shown. */
export async function noteReveal(
  context: Pick<CommandContext, 'name' | 'environment'>,
  { audit }: Pick<StoreToRead, 'audit'>,
  shown: { readonly tenant: string; readonly subjects: readonly string[] },
): Promise<void> {
  const { actor, ...details } = auditSource(context)
  await audit.append([{ actor, action: 'hires.reveal', ...shown, details }])
}

type Shown = ShownHire | 'unreadable' | undefined

/** In the order of the runs. */
export async function hiresOf(
  { hires, audit }: Pick<StoreToRead, 'hires' | 'audit'>,
  runs: readonly Pick<RunView, 'tenant' | 'subject'>[],
  context: Pick<CommandContext, 'input' | 'name' | 'environment'>,
): Promise<readonly Shown[]> {
  const show = context.input.flag(revealOption.name)
    ? showInClear({ hires, audit }, auditSource(context))
    : showMasked(hires)
  return show(runs.map(({ tenant, subject: application }) => ({ tenant, application })))
}

export function hireData(hire: Shown): JsonObject | null {
  return typeof hire === 'object' ? { ...hire } : null
}

/** The name, or else the e-mail address. */
export function nameText(hire: Shown): string {
  if (typeof hire === 'object') return hire.name ?? hire.email ?? ''
  return hire === 'unreadable' ? '(cannot be decrypted)' : '(not known)'
}

/** For a run, also the reason why there is no name. */
export function hireText(hire: Shown, { state, attempt }: Pick<RunView, 'state' | 'attempt'>): string {
  if (hire !== undefined) return nameText(hire)
  return attempt === 0 || state === 'running' ? '(not read yet)' : '(name not kept)'
}
