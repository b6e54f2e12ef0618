/** Hires in memory: the twin of src/hires/store/hires.ts. */
import { foldedWords } from '../../../src/base/plain-text.ts'
import type { SeenHire } from '../../../src/hires/hire.ts'
import type { HireReader } from '../../../src/hires/ports.ts'
import type { MemoryDatabase, StoredRun } from './database.ts'

export function keepHire(
  { hires }: MemoryDatabase,
  { tenant, subject }: StoredRun,
  hire: SeenHire | undefined,
): void {
  const name = `${tenant} ${subject}`
  const before = hires.get(name)
  if (hire === undefined || (before !== undefined && before.readAt > hire.readAt)) return
  hires.set(name, hire)
}

export function createMemoryHireReader({ hires, tenants }: MemoryDatabase): HireReader {
  const tenantOf = (slug: string) => [...tenants.values()].find((tenant) => tenant.slug === slug)
  return {
    async read(applications) {
      return applications.map(
        ({ tenant, application }) => hires.get(`${tenantOf(tenant)?.id ?? ''} ${application}`)?.details,
      )
    },
    async find({ tenant, limit, ...search }) {
      const matches = ({ details, nameParts }: SeenHire) => {
        if ('email' in search) return fold(details.email ?? '') === fold(search.email)
        const words = foldedWords(search.name)
        return words.length > 0 && words.every((word) => nameParts.includes(word))
      }
      return [...hires]
        .filter(([, hire]) => matches(hire))
        .toSorted(([, one], [, other]) => other.readAt.getTime() - one.readAt.getTime())
        .map(([name]) => {
          const [id = '', application = ''] = name.split(' ')
          return { tenant: [...tenants.values()].find((one) => one.id === id)?.slug ?? '', application }
        })
        .filter((one) => tenant === undefined || one.tenant === tenant)
        .slice(0, limit)
    },
  }
}

function fold(email: string): string {
  return email.trim().normalize('NFC').toLowerCase()
}
