/** docs/reference/hibob-fields.md, rendered from what we know of HiBob's fields without asking it. */
import type { Target } from '../../sdk/index.ts'
import { targets } from './mapping.ts'

export function hibobFieldsPage(): string {
  const rows = targets.map(
    (target) => `| \`${target.id}\` | ${target.title} | ${kindOf(target)} | ${target.group} |`,
  )
  return `# Fields of HiBob

The left side of a [mapping](../guides/map-fields.md): fields that every HiBob has and that a new employee can be given. Your HiBob has more, such as the
company's own, and perhaps not all of these: \`connections fields acme hibob\` lists what it has now, with the items of its lists. Another field's id that
looks like one of these is taken for a misspelling; any other one is compared with your HiBob before anything is sent.

<!-- Generated from src/integrations/hibob/mapping.ts by \`npm run docs\`. Do not edit. -->

| field | what it is | kind | category, by which HiBob grants permissions |
| --- | --- | --- | --- |
${rows.join('\n')}

A _choice_ is an item of a list of your HiBob, by its name or its id; of _choices_ there may be several, with commas between them. A _person_ is
found by an e-mail address (\`find: employee\`). Pay and the days of rows: [pay and contract](../guides/map-fields.md#pay-and-contract).
`
}

function kindOf({ type, multiple, required }: Target): string {
  const kind = type === 'address_part' ? 'text' : multiple === true ? 'choices' : type
  return required ? `${kind}, required` : kind
}
