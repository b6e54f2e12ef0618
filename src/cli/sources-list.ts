/** `sources list` */
import { openOutbound, openPoliteHttp } from '../app/outbound.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import { maskedText } from '../hires/mask.ts'
import { readSources } from '../mapping/read-sources.ts'
import { namedId, namedSources, sources } from '../mapping/sources.ts'
import { openPinpoint, type Pinpoint } from '../pinpoint/client.ts'
import { details, type Extra } from '../pinpoint/read-hire.ts'
import type { DecryptedTenant } from '../tenants/tenant.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { tenantArgument } from './connection-arguments.ts'
import { noteReveal, revealOption } from './shown-hires.ts'
import { table } from './table.ts'
import { tenantOf } from './tenant-option.ts'
import { withStoreToRead } from './with-store.ts'

export const sourcesList: Command = {
  name: 'sources list',
  summary:
    'List what Pinpoint can say of a hire, with the fields that the customer has added; or what it says of one',
  details:
    'Pinpoint is asked for the names of the added fields, or for the application, with what hires leave of its rate limit. Nothing is written. ' +
    'Values that say something of a person, such as a start date, are masked; those of the organisation, such as a department, are not.',
  arguments: [tenantArgument],
  options: [
    { name: 'application', value: 'ID', description: 'The values of this application' },
    {
      ...revealOption,
      description: 'Show the values in clear; who did so, when and of whom, is noted in the audit log',
    },
  ],
  examples: ['sources list acme', 'sources list acme --application 9000003 --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const tenant = await tenantOf(context.input, store)
      const application = context.input.option('application')
      const outbound = openOutbound(context.config())
      try {
        const parts = { store, outbound, log: context.log, address: context.config().egressName }
        const pinpoint = openPinpoint(await openPoliteHttp(parts, tenant.id), tenant)
        return application === undefined
          ? await catalogue(pinpoint)
          : await ofApplication(context, { store, tenant, pinpoint, application })
      } finally {
        await outbound.close()
      }
    }),
}

/** Without the questions of an onboarding, which Pinpoint does not list. */
async function catalogue(pinpoint: Pinpoint): Promise<CommandResult> {
  const fields = await pinpoint.customFields()
  const named = namedSources.flatMap(({ prefix, title }) =>
    (fields ?? [])
      .filter(({ of }) => prefix === `${of ?? ''}.custom`)
      .map(({ name }) => ({ id: namedId(prefix, name), title, type: 'text' })),
  )
  const all = [...sources.map(({ id, title, type }) => ({ id, title, type })), ...named]
  const note =
    fields === undefined
      ? '\n\nPinpoint does not show the fields that were added to this API key (Custom Field: Read). They can be used all the same: application.custom["NAME"].'
      : ''
  return {
    data: { sources: all, customFieldsShown: fields !== undefined },
    text:
      table(
        ['SOURCE', 'TYPE', 'WHAT IT IS'],
        all.map(({ id, type, title }) => [id, type, title]),
      ) + note,
  }
}

interface About {
  readonly store: Pick<StoreToRead, 'audit'>
  readonly tenant: DecryptedTenant
  readonly pinpoint: Pinpoint
  readonly application: string
}

async function ofApplication(
  context: CommandContext,
  { store, tenant, pinpoint, application: id }: About,
): Promise<CommandResult> {
  const notShown: Extra[] = []
  const { application } = await pinpoint.hire(id, {
    extras: ['job', ...details],
    onRefused: async (refused) => void notShown.push(...refused),
  })
  if (application === undefined) throw unknownApplication(id)
  const reveal = context.input.flag(revealOption.name)
  if (reveal) await noteReveal(context, store, { tenant: tenant.slug, subjects: [id] })
  const values = readSources({ application }).map(({ organisational, value, ...one }) => ({
    ...one,
    value: value === undefined || reveal || organisational ? (value ?? null) : maskedText(value),
  }))
  const refused = notShown.length === 0 ? '' : `\n\n${notSentAlong(notShown)}`
  const data: JsonObject = { application: id, masked: !reveal, sources: values, notShown }
  return {
    data,
    text:
      table(
        ['SOURCE', 'VALUE'],
        values.map(({ id, value }) => [id, value ?? '']),
      ) + refused,
  }
}

export function notSentAlong(extras: readonly Extra[]): string {
  return `Pinpoint does not send along to this API key: ${extras.map((one) => whatItIs[one]).join(', ')}.`
}

export function unknownApplication(id: string): Refused {
  return new Refused(
    'pinpoint.unknown_application',
    `Pinpoint does not know application ${id}, or does not show it to this API key.`,
  )
}

const whatItIs: Readonly<Record<Extra, string>> = {
  job: 'the job with its location and department',
  comments: 'the comments',
  division: 'the division of the job',
  hiring_manager: 'the hiring manager',
  job_attributes: 'the custom attributes of the job',
  offer_manager: 'the manager on the offer',
  offer_attributes: 'the custom attributes of the offer',
  onboarding: 'the onboarding',
  onboarding_answers: 'the answers of the onboarding',
  candidate_attributes: 'the custom attributes of the candidate',
}
