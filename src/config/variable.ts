/** The description of each environment variable, beside its schema. */
import { z } from 'zod'

export interface VariableMeta {
  readonly description: string
  /** The accepted values, in words. */
  readonly accepts: string
  readonly unit?: string
  /** True: shown as "set", never with its value. */
  readonly secret?: true
  /** The behaviour without the variable, if it has no default value. */
  readonly unset?: string
}

export const variableMeta = z.registry<VariableMeta>()

export const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max))
