/** The declarative file: YAML or JSON text → tenants and connections, checked as a whole; all faults are reported together. */
import { z } from 'zod'

import { NeedsPerson } from '../base/failure.ts'
import { checkAgainst, type Fault, faultLine } from '../base/fault.ts'
import type { Integration } from '../sdk/integration.ts'
import { commentSchema, delaySchema, writeBackSchema } from './connection-options.ts'
import { readConnectionValues } from './connection-values.ts'
import { interpolate, parseYaml } from './interpolate.ts'
import { mappingFaults } from './mapping-faults.ts'
import { keepFinishedSchema } from './retention.ts'
import { sweepSchema } from './sweep-schedule.ts'
import { slugPattern } from './tenant.ts'
import { timeZoneSchema } from './time-zone.ts'

export interface DeclarationContext {
  readonly integrations: readonly Integration[]
  /** The values of `${NAME}`. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

export type Declaration = z.output<ReturnType<typeof declarationSchema>>
export type DeclaredTenant = Declaration['tenants'][number]
export type DeclaredConnection = DeclaredTenant['connections'][number]

/** Throws one `NeedsPerson` (`tenants.declaration_invalid`) with every fault and its path. Values are never quoted. */
export function readDeclaration(text: string, { integrations, variables }: DeclarationContext): Declaration {
  if (text.length > mostCharacters) {
    throw invalid([{ path: '', problem: `is longer than ${mostCharacters} characters` }])
  }
  const parsed = parseYaml(text)
  if (!parsed.ok) throw invalid(parsed.faults)
  const { value, faults } = interpolate(parsed.value, variables)
  const checked = checkAgainst(declarationSchema(integrations), value)
  // A text whose variable is missing is empty now, which need not be reported as well.
  const more = checked.ok
    ? []
    : checked.faults.filter(({ path }) => !faults.some((fault) => fault.path === path))
  if (!checked.ok || faults.length > 0) throw invalid([...faults, ...more])
  return checked.value
}

export function invalid(faults: readonly Fault[]): NeedsPerson {
  const lines = faults.map(faultLine)
  return new NeedsPerson(
    'tenants.declaration_invalid',
    `The file is not valid:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    {
      fix: 'Correct the file and apply it again. Nothing was changed.',
      details: { faults: lines },
    },
  )
}

/** A thousand tenants take about 500,000. */
const mostCharacters = 1024 * 1024
const longestText = 2048

// Trimmed: a line break copied along with a secret would make every signature wrong.
const secretText = z.string().trim().min(1).max(longestText)
// The key is sent in a header.
const apiKeyText = secretText.regex(
  /^[\x21-\x7e]*$/,
  'must have no spaces, line breaks or characters beyond ASCII',
)
const signingSecrets = z.array(secretText.max(256)).min(1).max(5)
const jsonObject = z.record(z.string(), z.json()).superRefine((object, context) => {
  for (const { path, problem } of textFaults(object))
    context.addIssue({ code: 'custom', path: [...path], message: problem })
})

const pinpointSchema = z
  .strictObject({
    subdomain: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the first part of <subdomain>.pinpointhq.com')
      .optional(),
    apiUrl: z
      .string()
      .max(longestText)
      .refine(isBaseUrl, 'must be an http(s) URL without user, query and fragment')
      .optional(),
    apiKey: apiKeyText,
    signingSecrets,
    demoHires: z.boolean().default(false),
  })
  .superRefine(
    (given: { readonly subdomain?: unknown; readonly apiUrl?: unknown }, context) => {
      const count = [given.subdomain, given.apiUrl].filter((value) => value !== undefined).length
      if (count !== 1) context.addIssue('needs either subdomain or apiUrl')
    },
    { when: ({ value }) => isObject(value) },
  )
  .transform(({ subdomain, apiUrl, ...given }) => ({
    apiUrl: withoutSlash(apiUrl ?? `https://${subdomain ?? ''}.pinpointhq.com/api/v1`),
    ...given,
  }))

interface GivenConnection {
  readonly integration?: unknown
  readonly settings?: unknown
  readonly mapping?: unknown
  readonly secrets?: unknown
}

function declarationSchema(integrations: readonly Integration[]) {
  const connection = z
    .strictObject({
      integration: z
        .string()
        .refine(
          (name) => integrations.some((integration) => integration.name === name),
          `must be one of: ${integrations.map(({ name }) => name).join(', ')}`,
        ),
      enabled: z.boolean().default(true),
      delay: delaySchema,
      comment: commentSchema,
      writeBack: writeBackSchema,
      commentWhenParked: z.boolean().default(false),
      settings: jsonObject.default({}),
      mapping: jsonObject.optional(),
      secrets: jsonObject.default({}),
    })
    .superRefine(
      (given: GivenConnection, context) => {
        const integration = integrations.find(({ name }) => name === given.integration)
        if (integration === undefined) return
        for (const part of ['settings', 'secrets'] as const) {
          // Not an object: reported already.
          if (given[part] !== undefined && !isObject(given[part])) continue
          const result = integration[part].strict().safeParse(given[part] ?? {}, { reportInput: true })
          for (const issue of result.error?.issues ?? [])
            context.addIssue({ ...issue, path: [part, ...issue.path] })
        }
        for (const { target, problem } of mappingFaults(integration, given))
          context.addIssue({
            code: 'custom',
            path: target === '' ? ['mapping'] : ['mapping', target],
            message: problem,
          })
        const wrong = combinationFault(integration, given)
        if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong })
      },
      { when: ({ value }) => isObject(value) },
    )
  const tenant = z.strictObject({
    slug: z.string().regex(slugPattern, 'must be 1 to 63 lower-case letters, digits and hyphens'),
    pinpoint: pinpointSchema,
    sweep: sweepSchema,
    keepFinishedFor: keepFinishedSchema,
    timeZone: timeZoneSchema,
    connections: z
      .array(connection)
      .default([])
      .superRefine(noneTwice('integration'), { when: () => true }),
  })
  return z.strictObject({
    tenants: z
      .array(tenant)
      .min(1)
      .superRefine(noneTwice('slug'), { when: () => true }),
  })
}

/** Only if settings and secrets are each valid. */
function combinationFault(
  integration: Integration,
  given: { readonly settings?: unknown; readonly secrets?: unknown },
): string | undefined {
  const { settings = {}, secrets = {} } = given
  const values = readConnectionValues(integration, { settings, secrets })
  return values.ok ? integration.wrong?.(values.value) : undefined
}

/** Runs on whatever was written, so that a duplicate is reported together with the other faults. */
function noneTwice(key: string) {
  return (
    given: unknown,
    context: { addIssue(issue: { code: 'custom'; message: string; path: PropertyKey[] }): void },
  ) => {
    const names = (Array.isArray(given) ? given : []).map((item: unknown) =>
      isObject(item) ? item[key] : undefined,
    )
    names.forEach((name, index) => {
      if (name === undefined || names.indexOf(name) === index) return
      context.addIssue({
        code: 'custom',
        message: `is the same as in entry ${names.indexOf(name) + 1}`,
        path: [index, key],
      })
    })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}

/** Character by character: a regular expression would take quadratic time. */
function withoutSlash(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end--
  return text.slice(0, end)
}

/** At any depth: every run would read a text of any length again, and a password in a URL would be shown. */
function textFaults(
  value: unknown,
  path: readonly PropertyKey[] = [],
): readonly { readonly path: readonly PropertyKey[]; readonly problem: string }[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, part]) =>
      textFaults(part, [...path, Array.isArray(value) ? Number(key) : key]),
    )
  }
  if (typeof value !== 'string') return []
  if (value.length > longestText) return [{ path, problem: `must be at most ${longestText} characters long` }]
  const url = /^https?:/i.test(value) ? URL.parse(value) : null
  return url !== null && `${url.username}${url.password}` !== ''
    ? [{ path, problem: 'must not hold a user or a password: it is shown and logged as an address' }]
    : []
}
