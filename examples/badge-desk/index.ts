/**
 * An example of an integration: the front desk has a badge ready for everybody who is hired. Its API is invented, and
 * as most are: no idempotency key, and two orders make two badges.
 */
import { z } from 'zod'

import { complete, defineIntegration, NeedsPerson, type OpenHttp, secret } from '../../src/sdk/index.ts'

export const badgeDesk = defineIntegration({
  name: 'badge-desk',
  title: 'Badge Desk',

  settings: z.strictObject({
    apiUrl: z.url({ protocol: /^https?$/ }).describe('Address of the badge desk'),
  }),

  secrets: z.strictObject({ token: secret('Token of the badge desk') }),

  async check({ openHttp, settings, secrets }) {
    const badges = await openDesk(openHttp, settings, secrets).badgesOf('nobody@example.com')
    return [{ ok: true, what: 'Badge desk', because: `It answers: ${badges.length} badges for nobody.` }]
  },

  on: {
    async application_hired({ event, settings, secrets, openHttp, ensure }) {
      const person = complete({ name: event.data.lastName, email: event.data.email })
      if (!person.ok) {
        throw new NeedsPerson('badge_desk.incomplete', `The hire has no ${person.missing.join(', ')}.`, {
          fix: 'Complete the candidate in Pinpoint, then resume the run.',
          resumesOn: 'record',
        })
      }
      const desk = openDesk(openHttp, settings, secrets)
      const { name, email } = person.value
      const badge = await ensure({
        title: 'Badge',
        kind: 'badge',
        key: email,
        readLagSeconds: 0,
        find: async () => (await desk.badgesOf(email))[0],
        make: () => desk.orderBadge(name, email),
      })
      return { did: badge.how === 'found' ? 'found' : 'created', record: badge }
    },
  },
})

const badge = z.object({ id: z.string() })

function openDesk(
  openHttp: OpenHttp,
  { apiUrl }: { readonly apiUrl: string },
  { token }: { readonly token: string },
) {
  const headers = { authorization: `Bearer ${token}` }
  const http = openHttp({ baseUrl: apiUrl, headers, destination: 'badge-desk' })
  return {
    async badgesOf(email: string) {
      const answer = await http.send({ method: 'GET', path: '/badges', query: { email }, bucket: 'badges' })
      return z.array(badge).parse(answer.json)
    },
    async orderBadge(name: string, email: string) {
      const answer = await http.send({
        method: 'POST',
        path: '/badges',
        json: { name, email },
        bucket: 'badges',
        effect: true,
      })
      return badge.parse(answer.json)
    },
  }
}
