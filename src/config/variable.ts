/** What is said of each variable of the environment, beside what it must look like. */
import { z } from 'zod'

export interface VariableMeta {
  readonly description: string
  /** What it accepts, in words. */
  readonly accepts: string
  readonly unit?: string
  /** True: printed as "set", never its value. */
  readonly secret?: true
  /** What happens without it, for a variable that has no default value. */
  readonly unset?: string
}

export const variableMeta = z.registry<VariableMeta>()

export const wholeNumber = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max))
