/** The real clients, over the real outbound, against a sandbox. Everything is closed after each test. */
import type { Sandbox } from '../../sandbox/index.ts'
import { openBob } from '../../src/integrations/hibob/client.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { secrets, settings } from '../../src/integrations/hibob/settings.ts'
import { openPinpoint } from '../../src/pinpoint/client.ts'
import type { OpenHttp } from '../../src/sdk/index.ts'
import { contextOf, type Given } from '../integrations/context.ts'
import { memoryLimits, openOutbound } from '../outbound/little-server.ts'
import { making } from '../support/making.ts'

export const serviceUser = { serviceUserId: 'SERVICE-1001', serviceUserToken: 'hibob-sandbox-token' }

export function openHttp(readOnly = false): OpenHttp {
  return making(openOutbound().openHttp(memoryLimits(), { readOnly }))
}

export function pinpointOf(apiUrl: string, apiKey = 'pinpoint-sandbox-key') {
  return openPinpoint(openHttp(), { apiUrl, apiKey })
}

export function bobOf(apiUrl: string, given: object = {}, user: object = serviceUser) {
  return openBob(openHttp(), settings.parse({ apiUrl, ...given }), secrets.parse(user))
}

/** What HiBob's handler does with an application of the sandbox. */
export async function hireInBob(sandbox: Sandbox, applicationId: string, given: Given = {}) {
  const data = (await pinpointOf(sandbox.pinpointUrl).hire(applicationId)).application
  if (data === undefined) throw new Error('no such application')
  const context = contextOf(hibob, {
    openHttp: openHttp(),
    secrets: serviceUser,
    ...given,
    settings: { apiUrl: sandbox.hibobUrl, ...given.settings },
    data,
  })
  return hibob.on.application_hired?.(context)
}
