/** `apply FILE` */
import type { Change } from '../access/note-changes.ts'
import { counted } from '../base/duration.ts'
import { NeedsPerson } from '../base/failure.ts'
import { hasDatabase } from '../embedded-postgres/database.ts'
import { integrations } from '../integrations/registry.ts'
import { type AppliedTenant, applyDeclaration, type ApplyReport } from '../tenants/apply.ts'
import type { Command } from './command.ts'
import { mappingAlone } from './mapping-in-file.ts'
import { readText } from './read-text.ts'
import { user } from './who-and-why.ts'
import { withStore } from './with-store.ts'

export const apply: Command = {
  name: 'apply',
  summary: 'Create or change tenants and connections as a file describes them',
  details:
    'YAML or JSON; `${NAME}` stands for a variable of the environment. All or nothing, and safe to repeat: a second time ' +
    'nothing changes. Nothing is removed. Where the mapping, a setting, a secret or the Pinpoint key changed, parked runs that waited ' +
    'for such a change resume. What the destination does not have of it, `connections check --against FILE` says before.',
  arguments: [{ name: 'FILE', description: 'The file, or - for standard input' }],
  examples: ['apply tenants.yaml', 'apply tenants.yaml --json', 'apply - < tenants.yaml'],
  prints: 'data',
  database: 'makes',
  run: async (context) => {
    const path = context.input.argument('FILE')
    const file = await readText(path)
    // What has tenants is read once.
    if (!file.includes('tenants') && mappingAlone(file) !== undefined) throw onlyMapping(path)
    const { databaseUrl, dataDir } = context.config()
    const isNew = databaseUrl === undefined && !(await hasDatabase(dataDir))
    return withStore(context, async ({ declarations: store }) => {
      const report = await applyDeclaration(
        { store, integrations, variables: context.environment, actor: user(context) },
        file,
      )
      return {
        data: { tenants: report.tenants.map(tenantData), resumed: report.resumed },
        text: isNew ? `A new database was made in ${dataDir}.\n${textOf(report)}` : textOf(report),
        next: nextOf(report),
        changes: report.tenants.flatMap(changeOf),
      }
    })
  },
}

function onlyMapping(path: string): NeedsPerson {
  return new NeedsPerson(
    'cli.only_mapping',
    'The file has a mapping alone, as `mapping suggest` prints it, and not the tenant that it is for. Nothing was changed.',
    {
      fix:
        'Copy what stands below `mapping:` to the `mapping` of the connection in the file of the tenant, beside `settings`, and apply that file. ' +
        `To try it first: mapping test TENANT INTEGRATION --last 20 --against ${path}`,
    },
  )
}

function tenantData({ connections, ...tenant }: AppliedTenant) {
  return { ...tenant, connections: connections.map((connection) => ({ ...connection })) }
}

/** The names of what was changed, never the values. */
function changeOf(tenant: AppliedTenant): readonly Change[] {
  const parts = [
    { ...tenant, name: 'tenant' },
    ...tenant.connections.map((one) => ({ ...one, name: one.integration })),
  ]
  const changed = parts.filter(({ outcome }) => outcome !== 'unchanged')
  if (changed.length === 0) return []
  const did = changed.map(({ name, outcome, changed: what }) => [name, [outcome, ...what].join(' ')])
  return [{ tenant: tenant.slug, did: Object.fromEntries(did) as Change['did'] }]
}

function textOf({ tenants, resumed }: ApplyReport): string {
  const lines = tenants.flatMap((tenant) => [
    line(`tenant ${tenant.slug}`, tenant),
    ...tenant.connections.map(
      (one) =>
        `  ${line(one.integration, one)}${one.kept.map((kept) => `, keeps \`${kept}\``).join('')}${one.unpaused ? ', no longer paused' : ''}`,
    ),
  ])
  return [...lines, ...(resumed === 0 ? [] : [`${counted(resumed, 'parked run')} resumed`])].join('\n')
}

function line(
  name: string,
  { outcome, changed }: { readonly outcome: string; readonly changed: readonly string[] },
): string {
  return `${name}: ${outcome}${changed.length === 0 ? '' : ` (${changed.join(', ')})`}`
}

function nextOf({ tenants }: ApplyReport): string {
  const corrected = tenants.filter(
    ({ outcome, changed }) => outcome === 'changed' && changed.includes('signingSecrets'),
  )
  // Deliveries that arrived while the secret was wrong are in quarantine.
  if (corrected.length > 0)
    return `Next: pinpoint-webhooks quarantine verify${onlyOne(corrected, '--tenant ')}`
  const changed = tenants.filter((tenant) => changeOf(tenant).length > 0)
  return `Next: pinpoint-webhooks connections check${onlyOne(changed.length === 0 ? tenants : changed, '')}`
}

/** Names the tenant if there is only one; without a name, both commands are about all tenants. */
function onlyOne([only, ...others]: readonly AppliedTenant[], option: string): string {
  return only === undefined || others.length > 0 ? '' : ` ${option}${only.slug}`
}
