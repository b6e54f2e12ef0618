/**
 * How evenly tenants fall on several clusters, and how many must move when one is added: computed, nothing is started. The
 * tenants are of very different sizes (Pareto), since that is what makes a cluster fuller than its neighbours.
 *
 *   npm run bench:clusters -- [--tenants 2000] [--clusters 4] [--json]
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '2000' },
    clusters: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
})
const clusters = Number(values.clusters)

interface Tenant {
  readonly slug: string
  /** A year. */
  readonly hires: number
}

/** Eighty hires of a hundred are those of the largest fifth. */
const paretoShape = 1.16
const count = Number(values.tenants)
const sizes = Array.from({ length: count }, (_, index) =>
  Math.round(100 * (1 - (index + 0.5) / count) ** (-1 / paretoShape)),
)
/** In an order that has nothing to do with their sizes, as tenants come. */
const tenants: readonly Tenant[] = sizes
  .map((hires, index) => ({ slug: `tenant-${index}`, hires }))
  .sort((a, b) => hash(a.slug) - hash(b.slug))

/** Which cluster each tenant is in, when there are so many. */
type Placement = (of: number) => readonly number[]

const modulo: Placement = (of) => tenants.map(({ slug }) => hash(slug) % of)

/** The cluster whose hash together with the slug is the highest: a new cluster takes from all, and nothing else moves. */
const highest: Placement = (of) =>
  tenants.map(({ slug }) => {
    const scores = Array.from({ length: of }, (_, cluster) => hash(`${slug} ${cluster}`))
    return scores.indexOf(Math.max(...scores))
  })

/** A table: each tenant where the fewest hires are when it comes, and it stays there. Those that are there stay when one is added. */
const table: Placement = (of) => {
  const loads = Array.from({ length: Math.min(of, clusters) }, () => 0)
  return tenants.map(({ hires }) => {
    const emptiest = loads.indexOf(Math.min(...loads))
    loads[emptiest] = (loads[emptiest] ?? 0) + hires
    return emptiest
  })
}

const rows = Object.entries({ 'hash modulo': modulo, 'highest hash': highest, table }).map(
  ([name, placement]) => {
    const now = placement(clusters)
    const later = placement(clusters + 1)
    return {
      name,
      fullest: fullest(now),
      fullestWithOneMore: fullest(later),
      moved: now.filter((cluster, index) => cluster !== later[index]).length / count,
    }
  },
)

if (values.json) console.log(JSON.stringify({ tenants: count, clusters, rows }, null, 2))
else {
  const all = sizes.reduce((sum, hires) => sum + hires, 0)
  const largest = Math.max(...sizes)
  console.log(
    `${count} tenants, ${all} hires a year, the largest tenant ${percent(largest / all)} of them; ${clusters} clusters\n`,
  )
  console.log('placement      fullest, of the average   with one more   tenants that move')
  for (const { name, fullest: now, fullestWithOneMore: later, moved } of rows) {
    console.log(
      `${name.padEnd(14)} ${percent(now).padStart(22)}   ${percent(later).padStart(13)}   ${percent(moved).padStart(17)}`,
    )
  }
}

/** The hires of the fullest cluster, against the average of those that are in use. */
function fullest(placed: readonly number[]): number {
  const loads = new Map<number, number>()
  placed.forEach((cluster, index) =>
    loads.set(cluster, (loads.get(cluster) ?? 0) + (tenants[index]?.hires ?? 0)),
  )
  const all = [...loads.values()]
  return Math.max(...all) / (all.reduce((sum, load) => sum + load, 0) / all.length)
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}
