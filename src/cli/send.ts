/** `send` */
import { text as readAll } from 'node:stream/consumers'

import { systemClock } from '../base/clock.ts'
import { Failure, NeedsPerson, Refused, RetryLater } from '../base/failure.ts'
import type { Json } from '../base/json.ts'
import { byHandHeader, signByHand } from '../intake/by-hand.ts'
import { integrationNames } from '../integrations/registry.ts'
import { unlimited } from '../outbound/call-interceptor.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { signatureHeader, signPinpoint } from '../pinpoint/signature.ts'
import type { Command, CommandContext, CommandResult, Input } from './command.ts'
import { unknownTenant } from './known-names.ts'
import { withStoreToRead } from './with-store.ts'
import { WrongUsage } from './wrong-usage.ts'

export const send: Command = {
  name: 'send',
  summary: 'Sign and post a sample application_hired, as Pinpoint would',
  details:
    'To a running service, in order to try a set-up without Pinpoint. The runs of an old event begin as those of a fresh one: a person ' +
    'has sent it.',
  options: [
    {
      name: 'tenant',
      value: 'SLUG',
      description: 'Whose webhook; without it the service goes by the signature',
    },
    {
      name: 'secret-env',
      value: 'NAME',
      description:
        "The environment variable that holds the signing secret; without it the tenant's own, from the database",
    },
    {
      name: 'secret',
      value: 'SECRET',
      description:
        'The signing secret, `-` for standard input: as an argument everybody on the machine can read it',
    },
    { name: 'url', value: 'URL', description: 'Address of the service; without it that of HOST and PORT' },
    { name: 'application', value: 'ID', description: "The application's id in Pinpoint", default: '1' },
    { name: 'job', value: 'ID', description: "The job's id in Pinpoint", default: '1' },
    {
      name: 'sample',
      description: "Pinpoint's own sample, of application 1 years ago: says that the connection works",
    },
    { name: 'triggered-at', value: 'SECONDS', description: 'Unix time of the hire; without it now' },
    {
      name: 'integration',
      value: 'NAME',
      values: integrationNames,
      description: 'Only for this integration',
    },
  ],
  examples: [
    'send --tenant acme --application 8863807',
    'send --tenant acme --triggered-at 1614687278 --json',
    'send --tenant acme --sample',
  ],
  prints: 'data',
  database: 'reads',
  run: async (context) => {
    return post(context, (await givenSecret(context)) ?? (await signingSecretOf(context)))
  },
}

async function givenSecret({ input, environment, log }: CommandContext): Promise<string | undefined> {
  const name = input.option('secret-env')
  const given = name === undefined ? input.option('secret') : environment[name]
  if (name === undefined && given === undefined) return undefined
  if (given !== undefined && name === undefined && given !== '-') {
    log.warn(
      {},
      'a secret on the command line can be read by everybody on this machine: use --secret-env or --secret -',
    )
  }
  const secret = given === '-' && name === undefined ? await readAll(process.stdin) : given
  if (secret !== undefined && secret.trim() !== '') return secret.trim()
  throw new NeedsPerson('cli.no_secret', 'There is nothing to sign with.', {
    fix: name === undefined ? 'Give the secret on standard input.' : `Set the environment variable ${name}.`,
  })
}

async function signingSecretOf(context: CommandContext): Promise<string> {
  const slug = context.input.option('tenant')
  if (slug === undefined) {
    throw new NeedsPerson('cli.no_secret', 'There is nothing to sign with.', {
      fix: 'Name --tenant, --secret-env or --secret.',
    })
  }
  return withStoreToRead(context, async ({ tenants }) => {
    const [secret] = (await tenants.open(slug))?.signingSecrets ?? []
    if (secret === undefined) throw await unknownTenant(tenants, slug)
    return secret
  })
}

const sampleTriggeredAt = 1_614_687_278

/** As the sample of https://developers.pinpointhq.com/docs/webhooks-overview: ids are numbers there. */
function bodyOf(input: Input): string {
  const given = (name: string) => (input.flag('sample') ? undefined : input.option(name))
  const idOf = (text = '1') => (/^\d{1,15}$/.test(text) ? Number(text) : text)
  const now = input.flag('sample') ? sampleTriggeredAt : Math.floor(systemClock.now().getTime() / 1000)
  const triggeredAt = Number(given('triggered-at') ?? now)
  if (!Number.isSafeInteger(triggeredAt)) {
    throw new WrongUsage('cli.not_a_time', '--triggered-at is not a Unix time.', {
      fix: 'Give whole seconds.',
    })
  }
  const data = {
    application: { id: idOf(given('application')) },
    job: { id: idOf(given('job')) },
  }
  return JSON.stringify({ event: 'application_hired', triggeredAt, data })
}

async function post(context: CommandContext, secret: string): Promise<CommandResult> {
  const { input } = context
  const tenant = input.option('tenant')
  const integration = input.option('integration')
  const text = bodyOf(input)
  // The operator gives the address, and it is usually this machine.
  const outbound = createOutbound({ allowPrivateNetwork: true, clock: systemClock })
  const open = outbound.openHttp(unlimited, { readOnly: false })
  const baseUrl = baseUrlOf(context)
  try {
    const answer = await open({ baseUrl, headers: {}, destination: 'service' }).send({
      method: 'POST',
      path: `/webhooks/pinpoint${tenant === undefined ? '' : `/${encodeURIComponent(tenant)}`}`,
      ...(integration === undefined ? {} : { query: { integration } }),
      headers: {
        'content-type': 'application/json',
        [signatureHeader]: signPinpoint(secret, text),
        [byHandHeader]: signByHand(secret, text, systemClock.now()),
      },
      text,
      bucket: 'webhook',
      answers: [400, 401, 404, 413, 503],
    })
    return resultOf(answer.status, answer.json as Json)
  } catch (error) {
    throw error instanceof Failure && error.code === 'service.unreachable' ? nobodyAt(baseUrl, error) : error
  } finally {
    await outbound.close()
  }
}

/** The operator has given the address, or HOST and PORT have. */
function nobodyAt(baseUrl: string, { details }: Failure): RetryLater {
  const why = typeof details['error'] === 'string' ? ` (${details['error']})` : ''
  return new RetryLater(
    'service.unreachable',
    `Nobody answers at ${new URL(baseUrl).origin}${why}. Start the service there (pinpoint-webhooks serve, or npm start), ` +
      'or say where it is: --url URL, or HOST and PORT in the environment as it has them.',
    { details, kind: 'outage' },
  )
}

function baseUrlOf(context: CommandContext): string {
  const given = context.input.option('url')
  if (given !== undefined) {
    if (/^https?:$/.test(URL.parse(given)?.protocol ?? '')) return given
    throw new WrongUsage('cli.url_invalid', `--url is not the address of a service.`, {
      fix: 'Give one such as http://127.0.0.1:8080.',
    })
  }
  const { host, port } = context.config()
  // A HOST that means "every interface" is reached through loopback.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function resultOf(status: number, answer: Json): CommandResult {
  const details = { status, answer }
  if (status === 503)
    throw new RetryLater('cli.not_stored', 'The service could not store the delivery (503).', { details })
  if (status >= 400)
    throw new Refused('cli.not_accepted', `The service refused the delivery (${status}).`, { details })
  return {
    data: details,
    text: `${status} ${JSON.stringify(answer)}`,
    next: 'Next: pinpoint-webhooks runs list',
  }
}
