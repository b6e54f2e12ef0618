// Reference pages that are rendered from code say what the code says.
import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { generatedPages } from '../../scripts/generated-pages.ts'

describe('A generated page', () => {
  it.each(generatedPages)('$path is up to date (otherwise: npm run docs)', async ({ path, render }) => {
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(render())
  })
})
