/** docs/reference/logs-and-metrics.md, rendered from the log calls in the source and from the registered metrics. */
import { z } from 'zod'

import { createMetrics } from '../src/observe/metrics.ts'
import { logCatalogue, type LogLevel, type LogLine } from './log-catalogue.ts'

const levels: readonly (readonly [level: LogLevel, about: string])[] = [
  ['error', 'Somebody should look.'],
  ['warn', 'Unusual. The service continues, or has refused something.'],
  ['info', 'The normal course of things.'],
  ['debug', 'For looking closely.'],
]

/** prom-client holds the labels of a metric, but its types do not say so. */
const metricShape = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  labelNames: z.array(z.string()),
})

export function logsPage(): string {
  const lines = logCatalogue()
  const sections = levels.map(([level, about]) => {
    const rows = lines.filter((line) => line.level === level).map(logRow)
    return `### ${level}\n\n${about}\n\n| message | fields |\n| --- | --- |\n${[...new Set(rows)].sort().join('\n')}`
  })
  return `# Logs and metrics

<!-- Generated from src/ by \`npm run docs\`. Do not edit. -->

## Logs

One JSON object a line, on standard error: \`level\` (20 debug, 30 info, 40 warn, 50 error), \`time\`, \`msg\`, and the fields below.
On a terminal the same is text: local time, level, message, \`name=value\`; of an error the first line, and where it was thrown when
it was unexpected or \`LOG_LEVEL\` is \`debug\`. [\`LOG_FORMAT\`](configuration.md#log_format) chooses one of them. \`LOG_LEVEL\` sets the least severe that is written. Lines carry ids, codes and counts, never names, e-mails, secrets or links
of CVs. \`from\` is the IP address that a refused request came from ([whose word counts](../operate/run-it.md)). "The error" is \`error\` (its class), \`code\`, and \`text\` for a failure of ours ([errors](errors.md)) or \`at\` (where it
was thrown) for any other: the text of a foreign error may quote anything, so it is not logged.

${sections.join('\n\n')}

## Metrics

\`/metrics\`, in the format of Prometheus, of this process. Besides these, those of the process and of Node that
[prom-client](https://github.com/siimon/prom-client#default-metrics) collects (\`process_…\`, \`nodejs_…\`). No label tells of a tenant or a person.

| metric | type | labels | what it counts |
| --- | --- | --- | --- |
${ownMetrics().map(metricRow).join('\n')}
`
}

function logRow({ message, fields }: LogLine): string {
  return `| ${message} | ${fields.join(', ')} |`
}

function ownMetrics() {
  return createMetrics()
    .registry.getMetricsAsArray()
    .filter(({ name }) => name.startsWith('pinpoint_webhooks_'))
    .map((metric) => metricShape.parse(metric))
}

function metricRow({ name, type, labelNames, help }: z.infer<typeof metricShape>): string {
  return `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`
}
