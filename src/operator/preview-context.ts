/** What of a handler's context a preview gives in its own way: the same reads, nothing that writes, and a list of what would be made. */
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
  /** Filled as the handler goes. */
  readonly effects: PreviewedEffect[]
}

export function createPreviewEffects(deps: Deps, subject: PreviewSubject): EffectContext {
  const { effects } = deps
  const planned = (title: string) => void effects.push({ title, state: 'would_make' })
  return {
    // As a new run would have: no destination has ever been given this one.
    runId: newRunId(),
    // What it does beside reading is refused by the client.
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
        // As a run would end that has tried often enough.
        if (!mayBeLeft(error) || isTurn(error)) throw error
        return error
      }
    },
    // As the run would that a webhook begins.
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
