/** docs/reference/errors.md, rendered from the catalogue of codes. */
import { exitCodes } from '../src/cli/exit-code.ts'
import { type CatalogueEntry, type Disposition, errorCatalogue } from './error-catalogue.ts'

const next: Readonly<Record<Disposition, string>> = {
  RetryLater: 'Waits and tries again',
  NeedsPerson: 'Parked for a person',
  Refused: 'Refused',
  usage: 'The command line is wrong',
  bug: 'A bug',
  warning: 'A warning',
}

/** Outside a run, a failure ends the command. */
const endsWith: Readonly<Partial<Record<Disposition, number>>> = {
  RetryLater: exitCodes.retryLater.code,
  NeedsPerson: exitCodes.needsPerson.code,
  Refused: exitCodes.refused.code,
  usage: exitCodes.usage.code,
}

/** In the order of the page. A room without a line here is an error of this script. */
const rooms: Readonly<Record<string, string>> = {
  hibob: 'HiBob: the employee and the CV.',
  webhook: 'The integration that posts a hire to an address of the tenant’s.',
  pinpoint: 'The application that was hired, and the comment on it.',
  '<destination>':
    'What any call to the outside can end with. `<destination>` is `pinpoint` or the name of an integration: `hibob.unavailable`, `pinpoint.credentials_refused`.',
  file: 'Fetching the file of the CV by the link that Pinpoint gives.',
  outbound: 'Calls that are refused before they are sent. Only the code of an integration can cause one.',
  runs: 'The engine: turns, effects, resume, cancel and replay.',
  intake: 'Deliveries: what is in quarantine, and webhooks that come too late.',
  sweep: 'Asking Pinpoint for hires whose webhook never came.',
  tenants: 'Tenants, connections and the file that describes them.',
  http: 'Listening, and the time that a request may take.',
  cli: 'The command line.',
  service: 'The service that `send` posts to.',
  access: 'The audit log.',
  backup: 'Copying the embedded PostgreSQL with `backup`.',
  config: 'The environment and the key file.',
  seal: 'Secrets and personal data that are sealed in the database.',
  lambda: 'The functions on AWS Lambda: their environment and their secrets.',
  store: 'PostgreSQL, the embedded one and migrations.',
}

/** Who gets to read a code, by the folder that it is thrown in. */
const shownBy: readonly (readonly [folder: string, shown: string])[] = [
  ['src/access/', 'the command line'],
  ['src/app/', 'the command line'],
  ['src/backup/', 'the command line'],
  ['src/base/', 'runs, the command line'],
  ['src/cli/', 'the command line'],
  ['src/config/', 'the command line, at start'],
  ['src/dispatch/', 'runs'],
  ['src/doctor/', 'the command line'],
  ['src/effects/', 'runs'],
  ['src/embedded-postgres/', 'the command line, at start'],
  ['src/http/listen-failure.ts', 'the command line, at start'],
  ['src/http/', 'the log; a webhook is answered 503'],
  ['src/intake/', 'runs'],
  ['src/integrations/', 'runs'],
  ['src/keys/', 'the command line, at start'],
  ['src/lambda/', 'the log of the functions'],
  ['src/limits/', 'runs'],
  ['src/operator/operate.ts', 'the command line'],
  ['src/operator/store/', 'the command line'],
  ['src/operator/', 'runs'],
  ['src/outbound/', 'runs, `connections check`'],
  ['src/parking/', 'runs'],
  ['src/pinpoint/', 'runs, `connections check`'],
  ['src/postgres/transaction.ts', 'the command line, the log; a webhook is answered 503'],
  ['src/postgres/', 'the command line, at start'],
  ['src/quarantine/', 'the command line'],
  ['src/runs/', 'runs'],
  ['src/sweeps/', 'runs'],
  ['src/tenants/preflight', 'runs'],
  ['src/tenants/', 'the command line'],
  ['src/worker/', 'runs'],
]

export function errorsPage(): string {
  const byRoom = Map.groupBy(errorCatalogue(), ({ code }) => code.slice(0, code.indexOf('.')))
  for (const room of byRoom.keys())
    if (rooms[room] === undefined) throw new Error(`errors-page.ts: what is "${room}"?`)
  const sections = Object.entries(rooms).flatMap(([room, about]) => {
    const entries = byRoom.get(room)
    if (entries === undefined) throw new Error(`errors-page.ts: no code begins with "${room}"`)
    return [`## ${room === '<destination>' ? 'Any destination' : room}`, about, ...entries.map(section)]
  })
  return `# Errors

Every code that the service and the command line can give, what happens next, and what you do. A code is \`room.what_happened\`
and has one class; the class decides what happens. \`{…}\` stands for what is filled in: ids and names of fields, never
anything personal.

<!-- Generated from src/ by \`npm run docs\`. Do not edit. -->

| class | what happens next | the run | exit code |
| --- | --- | --- | --- |
| \`RetryLater\` | ${next.RetryLater} automatically | \`waiting\`, with \`nextAt\`; after 72 hours of failures it is parked as \`runs.gave_up\` | ${exitCodes.retryLater.code} |
| \`NeedsPerson\` | ${next.NeedsPerson}, with the fix | \`parked\` | ${exitCodes.needsPerson.code} |
| \`Refused\` | Ended: it can never succeed as it stands | \`refused\` | ${exitCodes.refused.code} |
| \`WrongUsage\` | A wrong command line, refused before it does anything | none | ${exitCodes.usage.code} |
| anything else | A bug | a few attempts, then \`parked\` as \`runs.bug\` | ${exitCodes.bug.code} |

A warning changes nothing about the run's state: it stands in the result of a run that is done. On the command line a bug has
the code \`bug\`. What the webhook route answers, with its own codes: [HTTP](http.md).

${sections.join('\n\n')}
`
}

function section({ code, disposition, messages, fixes, files }: CatalogueEntry): string {
  const shown = [...new Set(files.map(shownIn))].join(', ')
  const exit = shown.startsWith('runs') ? undefined : endsWith[disposition]
  const lines = [
    `### \`${code}\``,
    `${exit === undefined ? next[disposition] : `Ends the command with ${exit}`} · shown in ${shown}`,
    messages.map((message) => quoted(message)).join('\n>\n'),
    ...fixes.map((fix) => `**What to do.** ${escaped(fix)}`),
  ]
  return lines.join('\n\n')
}

function shownIn(file: string): string {
  const found = shownBy.find(([folder]) => file.startsWith(folder))
  if (found === undefined) throw new Error(`errors-page.ts: who reads what ${file} throws?`)
  return found[1]
}

function quoted(message: string): string {
  return escaped(message)
    .split('\n')
    .map((line) => `> ${line.trim()}`)
    .join('\n')
}

/** `<destination>` would be taken for HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;')
}
