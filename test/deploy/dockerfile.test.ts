// The image cannot be built by these tests; what it is made of can be read. The same steps in a plain folder: container-start.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { asDeployed } from '../../bench/support/child.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { environment, variableNames } from '../../src/config/environment.ts'
import { variableMeta } from '../../src/config/variable.ts'
import { copies, execForm, lastOf, lineage, lint, parseDockerfile, variables } from './dockerfile.ts'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8')
const stages = parseDockerfile(text)
const final = lineage(stages, 'service')
const entrypoint = execForm(lastOf(final, 'ENTRYPOINT') ?? '') ?? []
const health = execForm((lastOf(final, 'HEALTHCHECK') ?? '').replace(/^.*\bCMD\s+/, '')) ?? []

/** What a build may see: the exceptions of an ignore file that ignores everything. */
const ignoreLines = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const letIn = ignoreLines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
const copied = stages
  .flatMap(({ instructions }) => copies(instructions))
  .filter(({ from }) => from === undefined)
const sources = copied.flatMap((copy) => copy.sources)

describe('The Dockerfile', () => {
  it('has nothing that we would not let through a review', () => {
    expect(lint(text)).toEqual([])
  })

  it('has in its base image the very Node that everything is tested with', () => {
    const images = stages.map(({ from }) => from).filter((from) => from.includes(':'))
    expect(new Set(images)).toEqual(new Set([`node:${packageJson.dependencies.node}-trixie-slim`]))
  })

  it('builds the image without PostgreSQL unless the other one is asked for', () => {
    expect(stages.at(-1)?.name).toBe('service')
    const embedded = lineage(stages, 'embedded')
    expect(copies(final).map(({ from }) => from)).toEqual(['files'])
    expect(copies(embedded).map(({ from }) => from)).toEqual(['files-embedded'])
    expect(lastOf(lineage(stages, 'files'), 'RUN')).not.toContain('embedded')
    expect(lastOf(embedded, 'VOLUME')).toBe(variables(final, 'ENV').get('DATA_DIR'))
    expect(lastOf(final, 'VOLUME')).toBeUndefined()
  })

  it('copies what is there, and sees nothing else of the checkout', () => {
    expect(ignoreLines[0]).toBe('*')
    expect([...sources].sort()).toEqual([...letIn].sort())
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([])
  })

  it('starts the program itself, as process 1, and takes any command instead of serve', () => {
    expect(entrypoint).toEqual(['node', 'src/main.ts'])
    const [command] = execForm(lastOf(final, 'CMD') ?? '') ?? []
    expect(commands.map(({ name }) => name)).toContain(command)
    const set = variables(final, 'ENV')
    const start = `node ${set.get('NODE_OPTIONS') ?? ''} bin/pinpoint-webhooks.js ${command ?? ''}`
    expect(start).toBe(packageJson.scripts.start)
    for (const [name, value] of Object.entries(asDeployed)) expect(set.get(name)).toBe(value)
  })

  it('asks after its health with a program that it copies', () => {
    expect(health[0]).toBe('node')
    expect(copied.map(({ target }) => target)).toContain(health[1])
  })

  it('sets only variables that exist, none of them secret, and exposes the port that it sets', () => {
    const set = variables(final, 'ENV')
    const own = [...set.keys()].filter((name) => name !== 'NODE_ENV' && !(name in asDeployed))
    expect(own.filter((name) => !variableNames.some((known) => known === name))).toEqual([])
    expect(
      variableNames.filter((name) => variableMeta.get(environment.shape[name])?.secret && set.has(name)),
    ).toEqual([])
    expect(lastOf(final, 'EXPOSE')).toBe(set.get('PORT'))
    expect(set.get('HOST')).toBe('0.0.0.0')
  })

  it('gives the data folder, and nothing else, to the user that it runs as', () => {
    const [uid = '', gid = ''] = (lastOf(final, 'USER') ?? '').split(':')
    const made = final.filter(({ name, text }) => name === 'RUN' && text.includes('install -d'))
    expect(made).toHaveLength(1)
    expect(made[0]?.text).toContain(
      `install -d -o ${uid} -g ${gid} -m 0700 ${variables(final, 'ENV').get('DATA_DIR') ?? ''}`,
    )
    expect(text).not.toMatch(/--chown|\bchown\b/)
  })
})

const good =
  'FROM node:24.1.0-slim\nWORKDIR /app\nUSER 1000\nHEALTHCHECK CMD ["node", "h.js"]\nENTRYPOINT ["node", "a.js"]'
const digest = `node@sha256:${'a'.repeat(64)}`

describe('Our reading of a Dockerfile', () => {
  it.each([good, good.replace('node:24.1.0-slim', digest), good.replace('USER 1000', 'USER 1000:1000')])(
    'lets through %j',
    (fine) => expect(lint(fine)).toEqual([]),
  )

  it.each([
    ['a base that moves', good.replace('24.1.0-slim', 'latest'), /^not pinned: node:latest$/],
    ['a base without a tag', good.replace(':24.1.0-slim', ''), /^not pinned: node$/],
    ['a major version only', good.replace('24.1.0-slim', '24'), /^not pinned: node:24$/],
    ['no user', good.replace('USER 1000\n', ''), /no USER/],
    ['root', good.replace('1000', '0'), /USER 0 is not/],
    ['a user by name', good.replace('1000', 'node'), /USER node is not/],
    ['a user who is changed back', `${good}\nUSER root`, /USER root is not/],
    ['ADD', `${good}\nADD https://example.com/x /x`, /ADD instead of COPY/],
    ['COPY of everything', `${good}\nCOPY . .`, /copies everything/],
    ['a download', `${good}\nRUN curl -O https://example.com/x`, /downloads something/],
    ['npm install', `${good}\nRUN npm install`, /npm install/],
    ['development packages', `${good}\nRUN npm ci`, /development packages/],
    ['a build step over two lines', `${good}\nRUN echo a && \\\n  npm ci`, /development packages/],
    ['a secret', `${good}\nENV ENCRYPTION_KEYS=x`, /secret in the image/],
    ['a start through a shell', good.replace('["node", "a.js"]', 'node a.js'), /ENTRYPOINT through a shell/],
    ['a start through npm', `${good}\nCMD ["npm", "start"]`, /CMD through a wrapper/],
    [
      'a health check through a shell',
      good.replace('["node", "h.js"]', 'node h.js || exit 1'),
      /HEALTHCHECK through/,
    ],
    ['no health check', good.replace(/HEALTHCHECK.*\n/, ''), /no HEALTHCHECK/],
    ['steps after root was left', `${good}\nRUN true`, /RUN after USER/],
  ])('finds %s', (_what, wrong, finding) => {
    expect(lint(wrong)).toContainEqual(expect.stringMatching(finding))
  })
})
