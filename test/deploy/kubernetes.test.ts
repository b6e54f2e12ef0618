// The manifests for Kubernetes: what Kubernetes says to them, and whether they fit the service and one another.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import packageJson from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { environment, readConfig, variableNames } from '../../src/config/environment.ts'
import { variableMeta } from '../../src/config/variable.ts'
import { bodyLimitBytes } from '../../src/http/read-body.ts'
import { createHttpApp } from '../../src/http/server.ts'
import { silentLog } from '../../src/observe/log.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createOutage } from '../../src/observe/outage.ts'
import { poolSizeFor } from '../../src/postgres/database.ts'
import { lastOf, lineage, parseDockerfile } from './dockerfile.ts'
import {
  containerOf,
  files,
  folder,
  kustomization,
  manifests,
  ofKind,
  schemaFault,
  typeFaults,
  workloads,
} from './manifests.ts'
import { asked, ownSeries } from './own-metrics.ts'

const titled = manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const)
const deployments = workloads.filter(({ kind }) => kind === 'Deployment')
const roles = deployments.map((one) => [one.metadata.name, one] as const)

const config = z.object({ data: z.record(z.string(), z.string()) }).parse(ofKind('ConfigMap')[0]).data
const scalers = ofKind('HorizontalPodAutoscaler').map(
  (manifest) =>
    z
      .object({
        spec: z.object({
          scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
          minReplicas: z.number(),
          maxReplicas: z.number(),
          metrics: z.array(
            z.object({
              type: z.string(),
              external: z.object({ metric: z.object({ name: z.string() }) }).optional(),
            }),
          ),
        }),
      })
      .parse(manifest).spec,
)

describe('The manifests', () => {
  it.each(titled)('%s is valid by the schema of Kubernetes', (_title, manifest) => {
    expect(schemaFault(manifest)).toBeUndefined()
  })

  it('use no name that Kubernetes does not know, at any depth', () => {
    expect(typeFaults(manifests)).toEqual([])
    const [deployment] = ofKind('Deployment')
    const wrong = JSON.parse(
      JSON.stringify(deployment).replace('readinessProbe', 'readynessProbe'),
    ) as typeof deployment
    expect(typeFaults([wrong!])).toEqual([expect.stringContaining('readynessProbe')])
  }, 60_000)

  it('are all applied by the kustomization, and it names no other', () => {
    expect([...kustomization.resources].sort()).toEqual([...files].sort())
  })

  it('run the image in the version of the package', () => {
    expect(kustomization.images).toMatchObject([{ name: packageJson.name, newTag: packageJson.version }])
    for (const workload of workloads) expect(containerOf(workload).image).toBe(packageJson.name)
  })
})

describe.each(workloads.map((one) => [one.metadata.name, one] as const))(
  'The pod of %s',
  (_name, workload) => {
    const container = containerOf(workload)
    const pod = workload.spec.template.spec

    it('may do nothing but run: no root, no rights, no writing, no token', () => {
      expect(pod).toMatchObject({
        serviceAccountName: 'pinpoint-webhooks',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    })

    it('runs as the user of the image', () => {
      const stages = parseDockerfile(readFileSync(join(folder, '../container/Dockerfile'), 'utf8'))
      const [uid, gid] = (lastOf(lineage(stages, 'service'), 'USER') ?? '').split(':').map(Number)
      expect(pod.securityContext).toMatchObject({ runAsUser: uid, runAsGroup: gid })
    })

    it('sets only variables that the service knows, and takes every secret from the Secret', () => {
      const names = [
        ...container.env.map(({ name }) => name),
        ...(container.envFrom.length > 0 ? Object.keys(config) : []),
      ]
      expect(names.filter((name) => !variableNames.some((known) => known === name))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      for (const { name, value, valueFrom } of container.env) {
        const known = variableNames.find((one) => one === name)
        if (known === undefined || !variableMeta.get(environment.shape[known])?.secret) continue
        expect(value).toBeUndefined()
        expect(valueFrom?.secretKeyRef).toEqual({ name: 'pinpoint-webhooks', key: name })
      }
    })

    it('starts a command that exists, with bounds for memory', () => {
      expect(commands.map(({ name }) => name)).toContain(container.args.join(' '))
      expect(container.resources.limits.memory).toMatch(/^\d+Mi$/)
    })
  },
)

describe.each(roles)('%s', (name, workload) => {
  const container = containerOf(workload)
  const env = new Map(container.env.map((one) => [one.name, one.value]))

  it('has a role and settings that the service accepts', () => {
    const plain = [...env].filter((pair): pair is [string, string] => pair[1] !== undefined)
    const parsed = readConfig({ ...config, ...Object.fromEntries(plain) })
    expect(name).toBe(`pinpoint-webhooks-${parsed.role}`)
  })

  it('is asked at addresses that are there, and never killed for what the database does', async () => {
    const metrics = createMetrics()
    const outage = createOutage(silentLog, { began: 'a', over: 'b' })
    const app = createHttpApp({ readiness: [], outage, log: silentLog, metrics })
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]
    expect(probes.map((probe) => probe?.httpGet.path)).toEqual(['/healthz', '/healthz', '/readyz'])
    for (const probe of probes) {
      expect((await app.request(probe?.httpGet.path ?? '')).status).toBe(200)
      expect(container.ports.map((port) => port.name)).toContain(probe?.httpGet.port)
    }
    expect(container.ports).toEqual([
      { name: 'http', containerPort: 8080 },
      { name: 'admin', containerPort: 8081 },
    ])
  })

  it('gets the time that it needs to stop', () => {
    const requests = 15
    const needs =
      (container.lifecycle?.preStop.sleep.seconds ?? 0) + requests + Number(config['SHUTDOWN_GRACE_SECONDS'])
    expect(workload.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(needs)
  })

  it('is found by its own selector, its budget and its autoscaler', () => {
    const { labels } = workload.spec.template.metadata
    expect(workload.spec.selector?.matchLabels).toEqual(labels)
    const [budget] = ofKind('PodDisruptionBudget').filter((one) => one.metadata.name === name)
    expect(budget).toMatchObject({ spec: { maxUnavailable: 1, selector: { matchLabels: labels } } })
    expect(scalers.filter(({ scaleTargetRef }) => scaleTargetRef.name === name)).toHaveLength(1)
  })
})

describe('The autoscalers', () => {
  it('leave connections for everybody in a PostgreSQL with its default limits', () => {
    const ofOne = (workload: (typeof deployments)[number]) => {
      const concurrency = containerOf(workload).env.find((one) => one.name === 'WORKER_CONCURRENCY')?.value
      return poolSizeFor(Number(concurrency)) + 1
    }
    const most = deployments.map((workload) => {
      const scaler = scalers.find((one) => one.scaleTargetRef.name === workload.metadata.name)
      const surge = workload.spec.strategy?.rollingUpdate.maxSurge
      return ofOne(workload) * ((scaler?.maxReplicas ?? Infinity) + (surge ?? Infinity))
    })
    // 100, less three that are kept for superusers; and the migration and a command need one each.
    expect(most.reduce((sum, some) => sum + some, 0)).toBeLessThanOrEqual(100 - 3 - 2)
  })

  it('ask for a metric that the service has, by the name that the adapter gives it', () => {
    const [name, ...more] = scalers.flatMap(({ metrics }) =>
      metrics.flatMap(({ external }) => external?.metric.name ?? []),
    )
    expect(more).toEqual([])
    expect(ownSeries().map((series) => series.name)).toContain(name)
    const { rules } = z
      .object({
        rules: z.object({
          external: z.array(z.object({ seriesQuery: z.string(), metricsQuery: z.string() })),
        }),
      })
      .parse(parse(readFileSync(join(folder, 'prometheus-adapter-values.yaml'), 'utf8')))
    expect(rules.external).toHaveLength(1)
    expect(
      rules.external.flatMap(({ seriesQuery }) => asked(seriesQuery).map((series) => series.name)),
    ).toEqual([name])
    expect(rules.external[0]?.metricsQuery).toMatch(/^max\(/)
  })
})

describe('The network', () => {
  const peers = z.array(
    z.looseObject({ ports: z.array(z.object({ port: z.union([z.string(), z.number()]) })) }),
  )
  const policies = ofKind('NetworkPolicy').map((manifest) =>
    z
      .object({
        metadata: z.object({ name: z.string() }),
        spec: z.object({
          podSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
          policyTypes: z.array(z.string()),
          ingress: peers.optional(),
          egress: peers.optional(),
        }),
      })
      .parse(manifest),
  )
  const covers = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) =>
    Object.entries(selector).every(([key, value]) => labels[key] === value)

  it.each(workloads.map((one) => [one.metadata.name, one] as const))(
    'is closed both ways for %s, but for what is named',
    (name, { spec }) => {
      const its = policies.filter((policy) =>
        covers(policy.spec.podSelector.matchLabels, spec.template.metadata.labels),
      )
      expect(new Set(its.flatMap((policy) => policy.spec.policyTypes))).toEqual(
        new Set(['Ingress', 'Egress']),
      )
      const out = its
        .flatMap((policy) => policy.spec.egress ?? [])
        .flatMap(({ ports }) => ports.map(({ port }) => port))
      // Only workers call the outside.
      expect(out.includes(443)).toBe(name.endsWith('-worker'))
      expect(out).toEqual(expect.arrayContaining([53, 5432]))
    },
  )

  it('lets webhooks in from outside and nothing else', () => {
    expect(ofKind('Ingress')).toMatchObject([
      { spec: { rules: [{ http: { paths: [{ path: '/webhooks/pinpoint', pathType: 'Prefix' }] } }] } },
    ])
    expect(ofKind('Ingress')[0]?.metadata).toMatchObject({
      annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': `${bodyLimitBytes / 1024 / 1024}m` },
    })
  })

  it('leads them to the intake', () => {
    const [service] = ofKind('Service')
    const { selector } = z.object({ selector: z.record(z.string(), z.string()) }).parse(service?.['spec'])
    const found = workloads.filter(({ spec }) => covers(selector, spec.template.metadata.labels))
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['pinpoint-webhooks-intake'])
    expect(ofKind('Ingress')).toMatchObject([
      {
        spec: { rules: [{ http: { paths: [{ backend: { service: { name: service?.metadata.name } } }] } }] },
      },
    ])
  })
})
