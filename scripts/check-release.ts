/** `npm run release:check -- v0.1.0`: exits 1 and says why when a release under this tag would not be whole. */
import { readFile } from 'node:fs/promises'

import packageJson from '../package.json' with { type: 'json' }
import { releaseProblems } from './release-problems.ts'

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')

const problems = releaseProblems({
  tag: process.argv[2] ?? 'missing',
  version: packageJson.version,
  changelog: await read('CHANGELOG.md'),
  upgradeNotes: await read('docs/operate/upgrade.md'),
})
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
