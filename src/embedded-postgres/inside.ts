/** Whether a path is in a folder, after resolving links; neither need exist yet. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'

import { ifThere } from './if-there.ts'

export async function isInside(path: string, folder: string): Promise<boolean> {
  return `${await realPathOf(path)}${sep}`.startsWith(`${await realPathOf(folder)}${sep}`)
}

async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path)
  return (await ifThere(realpath(absolute))) ?? join(await realPathOf(dirname(absolute)), basename(absolute))
}
