/** The release before this one, out of git: what an upgrade in place starts from. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

const git = (...args: readonly string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/**
 * The newest tag `v*`; without one, what this branch was before the newest migration came. Undefined, with a line that says
 * so, where there is no history to find it in, or a migration on the way does not promise that it can be upgraded from.
 */
export function previousRelease(): string | undefined {
  const found = find()
  if (typeof found === 'string') return found
  process.stdout.write(`Skipped: no previous release, since ${found.missing}.\n`)
  return undefined
}

function find(): string | { readonly missing: string } {
  try {
    if (git('rev-parse', '--show-cdup') !== '')
      return { missing: 'this checkout is no repository of its own' }
    const earlier = ['--merged', 'HEAD', '--no-contains', 'HEAD', '--sort=-version:refname']
    const [tag = ''] = git('tag', '--list', 'v*', ...earlier).split('\n')
    const release = tag === '' ? beforeNewestMigration() : tag
    const had = new Set(git('ls-tree', '--name-only', release, 'migrations/').split('\n'))
    const breaking = migrations().find((file) => !had.has(file) && isBreaking(file))
    return breaking === undefined ? release : { missing: `${breaking} is breaking` }
  } catch {
    return { missing: 'there is no git, or its history does not go back that far (a shallow clone)' }
  }
}

/** What this branch was before a migration came: `0009_what_answers_mean`. Undefined, with a line that says so, where that is not known. */
export function stateBefore(migration: string): string | undefined {
  try {
    const history = ['--first-parent', '--diff-filter=A', '--format=%H', 'HEAD', '--']
    const [came = ''] = git('log', ...history, `migrations/${migration}.sql`)
      .split('\n')
      .slice(-1)
    return git('rev-parse', '--verify', `${came}^`)
  } catch {
    process.stdout.write(`Skipped: there is no history from before ${migration}.\n`)
    return undefined
  }
}

/** Where a branch was merged is what counts, and not what was tried and withdrawn on the way: a release has kept its migrations. */
function beforeNewestMigration(): string {
  const now = new Set(filesOf('HEAD'))
  const newest = migrations().at(-1) ?? ''
  // Not committed yet: all that is committed is from before it.
  if (![...now].some((file) => file.endsWith(newest))) return 'HEAD'
  const changes = git('rev-list', '--first-parent', 'HEAD', '--', 'migrations/').split('\n')
  const before = changes
    .map((commit) => `${commit}^`)
    .find((commit) => {
      const files = filesOf(commit)
      return files.every((file) => now.has(file)) && !files.some((file) => file.endsWith(newest))
    })
  return git('rev-parse', '--verify', before ?? 'nothing')
}

/** Its migrations, each with what it says. */
function filesOf(commit: string): readonly string[] {
  return git('ls-tree', commit, 'migrations/').split('\n')
}

function migrations(): readonly string[] {
  const names = readdirSync(join(root, 'migrations')).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => `migrations/${name}`)
}

/** As the head of the file says. */
function isBreaking(file: string): boolean {
  return /^-- Breaking: yes/m.test(readFileSync(join(root, file), 'utf8'))
}

/** As a clone after `npm ci`: its files, with this checkout's packages. */
export async function checkOut(release: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const archive = execFileSync('git', ['archive', release], { cwd: root, maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}
