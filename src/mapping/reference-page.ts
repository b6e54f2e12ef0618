/** docs/reference/sources.md, rendered from the catalogue. */
import { namedId, namedSources, sources } from './sources.ts'

export function sourcesPage(): string {
  const rows = sources.map(({ id, type, title }) => `| \`${id}\` | ${type} | ${title} |`)
  const named = namedSources.map(({ prefix, title }) => `| \`${namedId(prefix, 'NAME')}\` | ${title} |`)
  return `# Sources

What Pinpoint can say of a hire. \`sources list acme\` prints this list with the names of the fields that the customer has added,
\`sources list acme --application ID\` what Pinpoint says of one application. Values are read leniently: whatever the JSON type, an
empty value is none.

<!-- Generated from src/mapping/sources.ts by \`npm run docs\`. Do not edit. -->

| source | type | what it is |
| --- | --- | --- |
${rows.join('\n')}

The offer is the accepted one; of several, the one that was accepted last.

## Fields that the customer has added

| source | what it is |
| --- | --- |
${named.join('\n')}

The name stands in double quotes, as it is spelled in Pinpoint; a quotation mark in it is written \`\\"\`. Lists, and several values under one name, are joined
by commas.

The division, the managers, the onboarding and the custom attributes of the job, the offer and the candidate come along only when they are asked
for. Pinpoint does not describe all of them: an API key may be refused some, which \`sources list --application\` says.
`
}
