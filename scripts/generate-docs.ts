/** Writes the reference pages that are rendered from code. `--check` writes nothing and exits 1 when one is out of date. */
import { readFile, writeFile } from 'node:fs/promises'

import { generatedPages } from './generated-pages.ts'

const check = process.argv.includes('--check')
for (const { path, render } of generatedPages) {
  const url = new URL(`../${path}`, import.meta.url)
  const wanted = render()
  const present = await readFile(url, 'utf8').catch(() => '')
  if (present === wanted) continue
  if (check) {
    console.error(`${path} is out of date. Run: npm run docs`)
    process.exitCode = 1
  } else {
    await writeFile(url, wanted)
    console.log(`wrote ${path}`)
  }
}
