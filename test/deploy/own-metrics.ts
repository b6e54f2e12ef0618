/** The metrics of the service as Prometheus sees them, and those that a PromQL expression asks for. */
import { createMetrics } from '../../src/observe/metrics.ts'

export const prefix = 'pinpoint_webhooks_'

export interface Series {
  readonly name: string
  readonly labels: readonly string[]
}

/** Prometheus itself adds `up`, and labels for where a series came from. */
const fromPrometheus: readonly Series[] = [{ name: 'up', labels: [] }]
const targetLabels = ['job', 'instance', 'namespace', 'pod']

/** A histogram is seen as three series. */
export function ownSeries(): readonly Series[] {
  const { registry } = createMetrics()
  return registry.getMetricsAsArray().flatMap((metric): readonly Series[] => {
    const labels =
      'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : []
    if (String(metric.type) !== 'histogram') return [{ name: metric.name, labels }]
    const parts = ['_bucket', '_count', '_sum'].map((part) => ({ name: metric.name + part, labels }))
    return parts.map((part) =>
      part.name.endsWith('_bucket') ? { ...part, labels: [...labels, 'le'] } : part,
    )
  })
}

/** The metric that a series belongs to: `x_seconds_bucket` is one of `x_seconds`. */
export const metricOf = (series: string) => series.replace(/_(bucket|count|sum)$/, '')

const words =
  /\b(sum|max|min|avg|by|without|rate|increase|absent|histogram_quantile|vector|time|offset|or|and|on|unless)\b/g

/** Every series that an expression names, with the labels that it picks or groups by. */
export function asked(expression: string): readonly Series[] {
  const bare = expression.replace(/\[[^\]]*\]/g, '').replace(/\boffset\s+\w+/g, '')
  const groups = Array.from(bare.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g), ([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  ).flat()
  const selectors = bare.replace(/\b(?:by|without)\s*\([^)]*\)/g, '').replace(words, ' ')
  return Array.from(
    selectors.matchAll(/\b([a-z][a-z0-9_]+)(?:\{([^}]*)\})?/g),
    ([, name = '', inside = '']) => ({
      name,
      labels: [...Array.from(inside.matchAll(/(\w+)\s*[=!]~?/g), ([, label = '']) => label), ...groups],
    }),
  )
}

/** What is wrong with an expression: a series that nobody has, or a label that it has not. */
export function unknownIn(expression: string): readonly string[] {
  const known = new Map([...ownSeries(), ...fromPrometheus].map(({ name, labels }) => [name, labels]))
  return asked(expression).flatMap(({ name, labels }) => {
    const has = known.get(name)
    if (has === undefined) return [name]
    return labels
      .filter((label) => !has.includes(label) && !targetLabels.includes(label))
      .map((l) => `${name}{${l}}`)
  })
}
