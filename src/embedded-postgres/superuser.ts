/** For test kits, which make databases of their own: the service itself asks for no more than its role may do. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Embedded } from './embedded.ts'

export async function superuserUrl({ url, home }: Pick<Embedded, 'url' | 'home'>): Promise<string> {
  const superuser = new URL(url)
  superuser.username = 'postgres'
  superuser.password = await readFile(join(home, 'password'), 'utf8')
  return superuser.href
}
