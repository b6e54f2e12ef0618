/** An event as the CLI and scripts see it. */
import type { RunState } from '../runs/run.ts'

export interface EventView {
  readonly id: string
  readonly tenant: string
  readonly name: string | null
  readonly subject: string | null
  readonly triggeredAt: string | null
  readonly receivedAt: string
  readonly origin: string
  readonly deliveries: number
  readonly runs: readonly { readonly id: string; readonly integration: string; readonly state: RunState }[]
}
