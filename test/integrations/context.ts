/** What a handler is given, without an engine: `ensure` looks and then makes, nothing is kept. For tests of one integration. */
import { Failure, RetryLater } from '../../src/base/failure.ts'
import type {
  HandlerContext,
  HiredApplication,
  Integration,
  JsonObject,
  OpenHttp,
} from '../../src/sdk/index.ts'
import { alreadyExists } from '../../src/sdk/index.ts'
import { openMapping } from '../../src/worker/open-mapping.ts'
import { openOutbound } from '../outbound/little-server.ts'
import { hireOf } from './a-hire.ts'

export interface Given {
  readonly settings?: object
  readonly secrets?: object
  readonly openHttp?: OpenHttp
  readonly runId?: string
  readonly now?: () => Date
  readonly data?: HiredApplication
  readonly mapping?: object | undefined
  readonly cached?: HandlerContext<unknown, unknown, unknown>['cached']
  /** Filled with the codes of warnings. */
  readonly warnings?: string[]
  readonly onWarning?: (code: string, message: string) => void
  /** True: as at the last try, what may pass is not tried again. */
  readonly lastTry?: boolean
  /** True: what is made counts as made by an earlier attempt, as the ledger tells it. */
  readonly laterAttempt?: boolean
}

type Context = HandlerContext<Record<string, unknown>, Record<string, unknown>, HiredApplication>

export function contextOf(integration: Integration, given: Given): Context {
  const parsed = (schema: Integration['settings'], value: object | undefined) =>
    value === undefined ? {} : schema.parse(value)
  const settings = parsed(integration.settings, given.settings)
  const data = given.data ?? hireOf()
  const triggeredAt = new Date('2026-11-24T08:00:00Z')
  const written = given.mapping as JsonObject | undefined
  const stored = written && { written, version: 1 }
  return {
    settings,
    mapped: openMapping(integration, stored, settings)?.({ application: data, triggeredAt }, undefined),
    secrets: parsed(integration.secrets, given.secrets),
    openHttp: given.openHttp ?? (() => ({ send: () => Promise.reject(new Error('no http in this test')) })),
    event: {
      id: 'evt_1',
      name: 'application_hired',
      tenant: 'acme',
      triggeredAt,
      data,
    },
    runId: given.runId ?? 'run_1',
    now: given.now ?? (() => new Date()),
    step: (_title, work) => work(),
    warn: (code, message) => {
      given.warnings?.push(code)
      given.onWarning?.(code, message)
    },
    download: (url, options) => openOutbound().download(url, options),
    cached: given.cached ?? ((_key, _seconds, read) => read()),
    // As at the first try: what may pass is tried again later.
    optional: (_title, work) =>
      work().then(
        () => undefined,
        (error: unknown) => {
          const isTried = !(error instanceof RetryLater) || given.lastTry === true
          if (error instanceof Failure && isTried) return error
          throw error
        },
      ),
    followUpOn: () => true,
    planned: (title) => {
      throw new Error(`planned outside of a preview: ${title}`)
    },
    async ensure({ find, firstFind, make }) {
      const before = firstFind === undefined ? await find() : firstFind.found
      if (before !== undefined && 'occupied' in before) throw before.occupied
      if (before !== undefined) return { id: before.id, how: 'found' }
      let made = await make()
      for (let left = 2; made !== alreadyExists && 'refused' in made; left--) {
        if (left === 0) throw made.refused
        made = await make()
      }
      const madeNow = given.laterAttempt !== true
      if (made !== alreadyExists) return { id: made.id, how: 'created', madeNow }
      const after = await find()
      if (after === undefined) throw new Error('exists, but is not found')
      if ('occupied' in after) throw after.occupied
      return { id: after.id, how: 'found' }
    },
  }
}
