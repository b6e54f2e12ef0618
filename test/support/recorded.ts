/** What intake has recorded of an event that is stored. */
import type { EventId } from '../../src/base/ids.ts'
import type { Recorded } from '../../src/intake/ports.ts'

export async function storedOf(
  recording: Promise<Recorded>,
): Promise<Recorded & { readonly event: EventId }> {
  const { event, ...recorded } = await recording
  if (event === undefined) throw new Error('its event was pruned')
  return { ...recorded, event }
}
