/** Every integration there is. A new one is its folder and its name here. */
import type { Integration } from '../sdk/integration.ts'
import { hibob } from './hibob/index.ts'
import { webhook } from './webhook/index.ts'

export const integrations: readonly Integration[] = [hibob, webhook]

export const integrationNames: readonly string[] = integrations.map(({ name }) => name)

/** Every integration's name and the events it handles. */
export const handlers = handlersOf(integrations)

export function handlersOf(all: readonly Integration[]): ReadonlyMap<string, readonly string[]> {
  return new Map(all.map(({ name, on }) => [name, Object.keys(on)]))
}

/** The integrations that handle an event of this name. */
export function handling(
  event: string | null,
  all: readonly Integration[] = integrations,
): readonly string[] {
  return [...handlersOf(all)]
    .filter(([, events]) => event !== null && events.includes(event))
    .map(([name]) => name)
}
