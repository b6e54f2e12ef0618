// The dashboard and the alerts ask for what the service has, and show all of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { lockedTenants } from '../../src/doctor/store/notices.ts'
import { asked, metricOf, ownSeries, prefix, unknownIn } from './own-metrics.ts'

const compose = join(import.meta.dirname, '../../deploy/compose')
const read = (path: string) => readFileSync(join(compose, path), 'utf8')

const dashboardShape = z.object({
  uid: z.string(),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string().min(1),
      description: z.string().min(1),
      datasource: z.object({ type: z.literal('prometheus'), uid: z.string() }),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z
        .array(z.object({ expr: z.string().min(1), datasource: z.object({ uid: z.string() }) }))
        .min(1),
    }),
  ),
})
const alertsShape = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^PinpointWebhooks[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), fix: z.string() }),
        }),
      ),
    }),
  ),
})

const dashboard = dashboardShape.parse(JSON.parse(read('grafana/dashboards/pinpoint-webhooks.json')))
const alerts = alertsShape.parse(parse(read('prometheus/alerts.yaml'))).groups.flatMap(({ rules }) => rules)
const shown = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr] as const),
)

describe('The dashboard', () => {
  it.each(shown)('%s asks for series and labels that exist', (_title, expr) => {
    expect(asked(expr)).not.toEqual([])
    expect(unknownIn(expr)).toEqual([])
  })

  it('shows every metric of the service', () => {
    const all = ownSeries()
      .map(({ name }) => metricOf(name))
      .filter((name) => name.startsWith(prefix))
    const used = new Set(shown.flatMap(([, expr]) => asked(expr).map(({ name }) => metricOf(name))))
    expect([...new Set(all)].filter((name) => !used.has(name))).toEqual([])
  })

  it('never adds up what every process reports the same', () => {
    const same =
      /\bsum\b[^(]*\([^)]*(unfinished_runs|due_runs|oldest_due|inbox_events|oldest_inbox_event|deferred_events|over_quota)/
    expect(
      [...shown.map(([, expr]) => expr), ...alerts.map(({ expr }) => expr)].filter((e) => same.test(e)),
    ).toEqual([])
  })

  it('takes its data from the source that is provisioned', () => {
    const { datasources } = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(parse(read('grafana/provisioning/datasources/prometheus.yaml')))
    const uids = dashboard.panels.flatMap((panel) => [
      panel.datasource,
      ...panel.targets.map((t) => t.datasource),
    ])
    expect(new Set(uids.map(({ uid }) => uid))).toEqual(new Set(datasources.map(({ uid }) => uid)))
  })

  it('has panels that do not lie on one another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })
})

describe('The alerts', () => {
  it.each(alerts.map(({ alert, expr }) => [alert, expr] as const))(
    '%s asks for what exists',
    (_name, expr) => {
      expect(asked(expr)).not.toEqual([])
      expect(unknownIn(expr)).toEqual([])
    },
  )

  it('name outcomes and states that the service has', () => {
    const http = readFileSync(join(compose, '../../docs/reference/http.md'), 'utf8')
    const known: Readonly<Record<string, readonly string[]>> = {
      deliveries_total: Array.from(http.matchAll(/"error":"(\w+)"/g), ([, error = '']) => error),
      unfinished_runs: ['queued', 'running', 'waiting', 'parked'],
      sweeps_total: ['done', 'failed'],
      notices: ['inbox', 'connections', 'destinations', 'disk', lockedTenants([]).what.toLowerCase()],
    }
    const picked = alerts.flatMap(({ expr }) =>
      Array.from(expr.matchAll(/pinpoint_webhooks_(\w+)\{\w+="(\w+)"/g)),
    )
    expect(picked.length).toBeGreaterThan(3)
    expect(
      picked.filter(([, name = '', value = '']) => !known[name]?.includes(value)).map(([all]) => all),
    ).toEqual([])
  })

  it('have names of their own, and are all in the guide for operators', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
    const guide = readFileSync(join(compose, '../../docs/operate/run-it.md'), 'utf8')
    expect(alerts.filter(({ alert }) => !guide.includes(alert)).map(({ alert }) => alert)).toEqual([])
  })
})

describe('Our reading of PromQL', () => {
  it.each([
    ['sum(pinpoint_webhooks_deliverys_total)', ['pinpoint_webhooks_deliverys_total']],
    [
      'sum by (tenant) (rate(pinpoint_webhooks_deliveries_total[5m]))',
      ['pinpoint_webhooks_deliveries_total{tenant}'],
    ],
    ['max(pinpoint_webhooks_unfinished_runs{stat="parked"})', ['pinpoint_webhooks_unfinished_runs{stat}']],
    ['pinpoint_webhooks_outbound_seconds', ['pinpoint_webhooks_outbound_seconds']],
    ['a_metric offset 5m or vector(0)', ['a_metric']],
  ])('finds what is wrong in %s', (expr, wrong) => expect(unknownIn(expr)).toEqual(wrong))
})
