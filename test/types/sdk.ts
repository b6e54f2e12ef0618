/**
 * What must not compile in an integration. The compiler is the test: an expectation below that no longer errs is itself
 * an error of `tsc`. Nothing here is run.
 */
/* eslint-disable @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-member-access -- what does not compile has no type */
import { z } from 'zod'

import { type Complete, complete, defineIntegration, secret } from '../../src/sdk/index.ts'

const definition = {
  name: 'example',
  title: 'Example',
  settings: z.strictObject({ site: z.string().describe('A site') }),
  secrets: z.strictObject({ token: secret('A token') }),
  check: async () => [],
}

interface Hire {
  readonly email: string
}

export const right = defineIntegration({
  ...definition,
  async check({ settings, secrets }) {
    return [{ ok: true, what: settings.site, because: String(secrets.token.length) }]
  },
  on: {
    async application_hired({ event, settings, secrets }) {
      const used: readonly (string | undefined)[] = [event.data.email, settings.site, secrets.token]
      return { did: used.length > 0 ? 'sent' : 'nothing' }
    },
  },
})

/** What a preview answers for a thing that is not there has no id to go on with. */
export const forgottenPlanned = defineIntegration({
  ...definition,
  on: {
    async application_hired({ ensure }) {
      const record = await ensure({
        title: 'Record',
        kind: 'record',
        key: 'k',
        readLagSeconds: 0,
        find: async () => undefined,
        make: async () => ({ id: '1' }),
      })
      // @ts-expect-error the id is there only where `planned` was looked at
      const length = record.id.length
      return { did: length > 0 ? 'created' : 'found', record }
    },
  },
})

export const wrongEventName = defineIntegration({
  ...definition,
  on: {
    // @ts-expect-error Pinpoint has no such event
    application_hirred: async () => ({ did: 'nothing' }),
  },
})

export const unknownSetting = defineIntegration({
  ...definition,
  on: {
    async application_hired({ settings }) {
      // @ts-expect-error the schema has `site` only
      return { did: settings.city === undefined ? 'nothing' : 'sent' }
    },
  },
})

export const unknownSecret = defineIntegration({
  ...definition,
  on: {
    async application_hired({ secrets }) {
      // @ts-expect-error the schema has `token` only
      return { did: secrets.password === undefined ? 'nothing' : 'sent' }
    },
  },
})

export const misspeltField = defineIntegration({
  ...definition,
  on: {
    async application_hired({ event }) {
      // @ts-expect-error it is `firstName`
      return { did: event.data.first_name === undefined ? 'nothing' : 'sent' }
    },
  },
})

export const strangeResult = defineIntegration({
  ...definition,
  on: {
    // @ts-expect-error `did` says one of four things
    application_hired: async () => ({ did: 'finished' }),
  },
})

export const forgottenGap = (email: string | undefined): string => {
  const hire: Complete<Hire> = complete<Hire>({ email })
  // @ts-expect-error there is a value only where `ok` was looked at
  return hire.value.email
}

export const unknownField = (email: string | undefined) =>
  // @ts-expect-error a hire has no such field
  complete<Hire>({ email, mail: email })

export const misspeltMissing = (hire: Complete<Hire>): boolean =>
  // @ts-expect-error only fields of the hire can be missing
  !hire.ok && hire.missing.includes('mail')
