/** The context of a handler in a preview: the same reads, no writes, and a list of what would be made. */
import type { Clock } from '../base/clock.ts'
import { newRunId } from '../base/ids.ts'
import { locate } from '../effects/locate.ts'
import type { MadeBefore } from '../effects/made-before.ts'
import { isTurn, mayBeLeft } from '../effects/optional.ts'
import type { Effect, Ensured } from '../sdk/ensure.ts'
import type { EffectContext } from '../worker/context.ts'
import type { LedgerReader, PreviewSubject } from './ports.ts'

export interface PreviewedEffect {
  /** As in the timeline of a run: "Employee in HiBob". */
  readonly title: string
  readonly state: 'is_there' | 'would_make'
}

interface Deps {
  readonly ledger: LedgerReader
  readonly clock: Clock
  readonly madeBefore: MadeBefore
  /** Filled by the handler. */
  readonly effects: PreviewedEffect[]
}

export function createPreviewEffects(deps: Deps, subject: PreviewSubject): EffectContext {
  const { effects } = deps
  const planned = (title: string) => void effects.push({ title, state: 'would_make' })
  return {
    // A new id, as a new run has: no destination has seen it.
    runId: newRunId(),
    // The client refuses everything but reads.
    step: (_title, work) => work(),
    async ensure(effect) {
      const ensured = await find(deps, subject, effect)
      if (ensured.how === 'planned') planned(effect.title)
      else effects.push({ title: effect.title, state: 'is_there' })
      return ensured
    },
    async optional(_title, work) {
      try {
        await work()
        return undefined
      } catch (error) {
        // A run would give up after enough attempts.
        if (!mayBeLeft(error) || isTurn(error)) throw error
        return error
      }
    },
    // As in the run that a webhook starts.
    followUpOn: () => true,
    planned,
  }
}

async function find(
  { ledger, clock, madeBefore }: Deps,
  { connection, subject: application }: PreviewSubject,
  effect: Effect,
): Promise<Ensured> {
  const { title, kind, key, findById } = effect
  const name = { connection: connection.id, kind, key, title }
  const { known, elsewhere } = await ledger.look(findById === undefined ? name : { ...name, application })
  const there = await locate({ clock, madeBefore, application, elsewhere }, known, effect)
  return there === undefined ? { id: undefined, how: 'planned' } : { id: there.id, how: 'found' }
}
