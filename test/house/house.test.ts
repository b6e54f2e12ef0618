// What the source must keep to so that a stranger finds the way: docs/decisions/0053-rooms-by-idea.md
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { readSources } from '../../scripts/source-text.ts'

const sources = readSources()
const lines = (text: string) => text.trimEnd().split('\n').length
const roomOf = (path: string) => path.split('/')[1] ?? ''

/** Rooms whose files are each one thing of many alike. */
const wide = ['cli', 'embedded-postgres', 'integrations']

describe('The source', () => {
  it('has files of half a page in the median, and none above 250 lines', () => {
    const lengths = sources.map(({ text }) => lines(text)).toSorted((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(90)
    expect(sources.filter(({ text }) => lines(text) > 250).map(({ path }) => path)).toEqual([])
  })

  it('has at most 16 files of its own in a room, beside its store', () => {
    const own = sources.filter(({ path }) => path.split('/').length === 3)
    const crowded = [...Map.groupBy(own, ({ path }) => roomOf(path))]
      .filter(([room, files]) => !wide.includes(room) && files.length > 16)
      .map(([room, files]) => `${room}: ${files.length}`)
    expect(crowded).toEqual([])
  })

  it('has every room in the list that says what may import what', () => {
    const rules = readFileSync(new URL('../../.dependency-cruiser.cjs', import.meta.url), 'utf8')
    const listed = new Set([...rules.matchAll(/^ {2}'([^']+)',$/gm)].map(([, room]) => room))
    expect([...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => !listed.has(room))).toEqual(
      [],
    )
  })
})
