/**
 * Webhook: tells any receiver of a hire, signed after Standard Webhooks, at least once and always under the same id.
 * Guide for operators: docs/integrations/webhook.md
 */
import { z } from 'zod'

import { defineIntegration, httpAddress, NeedsPerson, RetryLater, secret } from '../../sdk/index.ts'
import { messageBody } from './message.ts'
import { isSigningSecret, signedHeaders } from './signature.ts'

/**
 * Refusals that waiting may mend: a receiver that is being set up, moved or repaired answers them. Redirects are among
 * them and are not followed: a signed message goes to the address that was set. 403 is what firewalls answer to a message whose
 * values they do not like. 401 and 429 mean what they say.
 */
const refusals = Array.from({ length: 200 }, (_, index) => 300 + index).filter(
  (status) => ![401, 429].includes(status),
)

export const webhook = defineIntegration({
  name: 'webhook',
  title: 'Webhook',

  settings: z.strictObject({
    url: httpAddress
      .optional()
      .describe(
        'Where to post, an https address. Shown; one that lets whoever knows it post belongs under `secrets`',
      ),
    payload: z
      .enum(['thin', 'full'])
      .default('thin')
      .describe('`thin`: ids only. `full`: with the candidate’s name, e-mail, phone and the job'),
  }),

  secrets: z.strictObject({
    url: secret('The address, where it is a secret itself, instead of `url` in the settings')
      .pipe(httpAddress)
      .optional(),
    signingSecret: secret('`whsec_` and the base64 of 24 to 64 random bytes, known to the receiver').refine(
      isSigningSecret,
      'must be whsec_ followed by the base64 of 24 to 64 bytes',
    ),
  }),

  wrong: ({ settings, secrets }) =>
    (settings.url === undefined) === (secrets.url === undefined)
      ? 'needs `url` either in its settings or in its secrets'
      : undefined,

  /** Sends nothing: a receiver would take a test for a hire. */
  async check({ openHttp, settings, secrets }) {
    openHttp({ baseUrl: addressOf(settings, secrets), headers: {}, destination: 'webhook' })
    return [{ ok: true, what: 'Settings', because: 'Address and secret are well-formed. Nothing was sent.' }]
  },

  on: {
    async application_hired({ event, settings, secrets, openHttp, runId, now, step, warn }) {
      const { jobRefused } = event.data
      if (settings.payload === 'full' && jobRefused !== undefined) {
        const because = `Pinpoint does not show the job to this API key (${jobRefused}).`
        warn('webhook.job_unread', `Location and department of the job were left out: ${because}`)
      }
      const body = messageBody(event, settings.payload)
      const message = { id: `msg_${runId}`, sentAt: now(), body }
      const http = openHttp({ baseUrl: addressOf(settings, secrets), headers: {}, destination: 'webhook' })
      // Journalled, so that a message that is known to have arrived is not sent again by a later try.
      await step('Message', async () => {
        const { status } = await http.send({
          method: 'POST',
          path: '',
          headers: { 'content-type': 'application/json', ...signedHeaders(secrets.signingSecret, message) },
          text: body,
          bucket: 'send',
          body: 'any',
          answers: refusals,
        })
        assertAccepted(status)
        return { id: message.id, status }
      })
      return { did: 'sent' }
    },
  },
})

function addressOf(
  settings: { readonly url?: string | undefined },
  secrets: { readonly url?: string | undefined },
): string {
  const url = secrets.url ?? settings.url
  if (url !== undefined) return url
  throw new NeedsPerson('webhook.no_address', 'The connection has no address to post to.', {
    fix: 'Set `url` in the settings of the connection, or in its secrets; parked runs then resume automatically.',
    resumesOn: 'connection',
  })
}

function assertAccepted(status: number): void {
  if (status === 410) {
    throw new NeedsPerson(
      'webhook.endpoint_gone',
      'The receiver says that this endpoint is gone for good (410).',
      {
        fix: 'Set the `url` of the connection to the new endpoint; parked runs then resume automatically. Or disable the connection.',
        resumesOn: 'connection',
        // Standard Webhooks: 410 disables the endpoint. Nothing more is sent there until somebody changes something.
        pausesConnection: true,
      },
    )
  }
  if (status >= 300) {
    const redirect = status < 400 ? ' Redirects are not followed: set the final address as `url`.' : ''
    throw new RetryLater('webhook.refused', `The receiver answered ${status}.${redirect}`, {
      details: { status },
    })
  }
}
