/** Reads of HiBob that a hire can do without: they are repeated for some minutes, as a CV is, and then the hire goes on. */
import type { Failure, HandlerContext } from '../../sdk/index.ts'

export type Optionally = HandlerContext<unknown, unknown, unknown>['optional']

/** `optional` undefined: the first failure counts. */
export async function readOptionally<T>(
  optional: Optionally | undefined,
  title: string,
  read: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly failure: Failure }> {
  if (optional === undefined) return { value: await read() }
  const values: T[] = []
  const failure = await optional(title, async () => void values.push(await read()))
  return failure === undefined ? { value: values[0] as T } : { failure }
}
