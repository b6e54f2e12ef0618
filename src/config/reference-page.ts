/** Renders docs/reference/configuration.md from the schema. */
import { environment, type VariableName, variableNames } from './environment.ts'
import { variableMeta } from './variable.ts'

export function configurationPage(): string {
  return `# Configuration

Everything is set in environment variables. None is required. A blank value counts as unset. All faults are reported
together at start, and the program then exits with code 2. Tenants and integrations are configured with \`pinpoint-webhooks apply FILE\`.

<!-- Generated from src/config/environment.ts by \`npm run docs\`. Do not edit. -->

${variableNames.map((name) => section(name)).join('\n')}`
}

function section(name: VariableName): string {
  const schema = environment.shape[name]
  const meta = variableMeta.get(schema)
  if (meta === undefined) throw new Error(`${name} has no description`)
  const unset =
    schema.def.type === 'prefault' ? `\`${schema.def.defaultValue}\`` : `unset: ${meta.unset ?? 'nothing'}`
  const lines = [
    `- Accepts: ${meta.accepts}`,
    `- Default: ${unset}`,
    ...(meta.unit === undefined ? [] : [`- Unit: ${meta.unit}`]),
    ...(meta.secret ? ['- Secret: never printed or logged'] : []),
  ]
  return `## ${name}\n\n${meta.description}\n\n${lines.join('\n')}\n`
}
