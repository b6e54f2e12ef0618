/** The Kubernetes manifests as objects, and two readings of them: by Kubernetes' own schema, and for names it does not know. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Job } from 'kubernetes-models/batch/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1'
import ts from 'typescript'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

export const folder = join(import.meta.dirname, '../../deploy/kubernetes')

const manifestShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
})
export type Manifest = z.infer<typeof manifestShape>

export const kustomization = z
  .object({
    namespace: z.string(),
    resources: z.array(z.string()),
    images: z.array(z.object({ name: z.string(), newName: z.string(), newTag: z.string() })),
  })
  .parse(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')))

/** What is not applied to the cluster but read by something else. */
export const notManifests = ['kustomization.yaml', 'prometheus-adapter-values.yaml']
export const files = readdirSync(folder).filter((file) => !notManifests.includes(file))

export const manifests: readonly Manifest[] = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) =>
    manifestShape.parse(document.toJS()),
  ),
)

interface Model {
  validate(): void
}
const models: Readonly<Record<string, readonly [folder: string, open: (data: never) => Model]>> = {
  Deployment: ['apps/v1', (data) => new Deployment(data)],
  HorizontalPodAutoscaler: ['autoscaling/v2', (data) => new HorizontalPodAutoscaler(data)],
  Job: ['batch/v1', (data) => new Job(data)],
  Ingress: ['networking.k8s.io/v1', (data) => new Ingress(data)],
  NetworkPolicy: ['networking.k8s.io/v1', (data) => new NetworkPolicy(data)],
  PodDisruptionBudget: ['policy/v1', (data) => new PodDisruptionBudget(data)],
  ConfigMap: ['v1', (data) => new ConfigMap(data)],
  Namespace: ['v1', (data) => new Namespace(data)],
  Service: ['v1', (data) => new Service(data)],
  ServiceAccount: ['v1', (data) => new ServiceAccount(data)],
}

/** What the schema of Kubernetes says against it. */
export function schemaFault(manifest: Manifest): string | undefined {
  const [folder, open] = models[manifest.kind] ?? []
  if (open === undefined || folder !== manifest.apiVersion)
    return `unknown: ${manifest.apiVersion} ${manifest.kind}`
  try {
    open(manifest as never).validate()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Names and values that the types of Kubernetes do not have, at any depth: the schema lets unknown fields pass. */
export function typeFaults(given: readonly Manifest[]): readonly string[] {
  const path = join(import.meta.dirname, 'manifests-as-types.ts')
  const text = given
    .map((manifest, index) => {
      const [at = ''] = models[manifest.kind] ?? []
      const type = `import('kubernetes-models/${at}').I${manifest.kind}`
      return `export const m${index}: ${type} = ${JSON.stringify(manifest)}`
    })
    .join('\n')
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const real = ts.createCompilerHost(options)
  host.getSourceFile = (name, ...rest) =>
    name === path
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
      : real.getSourceFile(name, ...rest)
  host.fileExists = (name) => name === path || real.fileExists(name)
  const program = ts.createProgram([path], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

const envShape = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
})
const probeShape = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  failureThreshold: z.number(),
})
const containerShape = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(envShape),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  startupProbe: probeShape.optional(),
  livenessProbe: probeShape.optional(),
  readinessProbe: probeShape.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  securityContext: z.unknown(),
})
const podShape = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.object({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean(),
    terminationGracePeriodSeconds: z.number().optional(),
    securityContext: z.unknown(),
    containers: z.array(containerShape),
    volumes: z.array(z.object({ name: z.string(), emptyDir: z.unknown() })).default([]),
  }),
})
const workloadShape = z.object({
  kind: z.enum(['Deployment', 'Job']),
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }).optional(),
    strategy: z.object({ rollingUpdate: z.object({ maxSurge: z.number() }) }).optional(),
    template: podShape,
  }),
})

export type Workload = z.infer<typeof workloadShape>
export const workloads: readonly Workload[] = manifests
  .filter(({ kind }) => ['Deployment', 'Job'].includes(kind))
  .map((manifest) => workloadShape.parse(manifest))

/** The only container of a workload. */
export function containerOf({ spec }: Workload): z.infer<typeof containerShape> {
  const [only, ...more] = spec.template.spec.containers
  if (only === undefined || more.length > 0) throw new Error('not exactly one container')
  return only
}

export const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
