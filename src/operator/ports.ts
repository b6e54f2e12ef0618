/** The storage that a preview needs; all of it is read-only. */
import type { ConnectionId, EventId } from '../base/ids.ts'
import type { KnownEffect } from '../effects/locate.ts'
import type { EffectName, Elsewhere } from '../runs/ports.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Chosen, EventChoice } from './chosen-events.ts'

/** One connection that would handle one event. Secrets are decrypted, in memory only. */
export interface PreviewSubject extends Pick<ClaimedRun, 'subject' | 'integration' | 'tenant' | 'event'> {
  readonly connection: Pick<
    ClaimedRun['connection'],
    'id' | 'enabled' | 'settings' | 'mapping' | 'comment' | 'writeBack' | 'secrets' | 'paused'
  >
}

export interface PreviewStore {
  choose(choice: EventChoice): Promise<readonly Chosen[]>
  /** The enabled connections that handle this event. Undefined: there is no such event. */
  chooseEvent(
    event: string,
    choice: Pick<EventChoice, 'handling' | 'integration'>,
  ): Promise<Chosen[] | undefined>
  open(event: EventId, connection: ConnectionId): Promise<PreviewSubject | undefined>
}

/** The ledger without its writing functions, for previews. */
export interface LedgerReader {
  look(
    name: EffectName,
  ): Promise<{ readonly known: KnownEffect | undefined; readonly elsewhere: Elsewhere | undefined }>
}
