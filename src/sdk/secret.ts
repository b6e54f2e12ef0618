/** A non-empty text field of an integration's `secrets` schema: sealed at rest, never printed, masked in forms. */
import { z } from 'zod'

export function secret(description: string) {
  return z.string().min(1).describe(description).meta({ secret: true })
}
