import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { z } from 'zod'
import { buildOverlay, type Resource } from './build-overlay.ts'

export const kubernetesFolder = join(repositoryRoot, 'deploy/kubernetes')
export const overlays = ['local', 'staging', 'production'] as const
export type Overlay = (typeof overlays)[number]

const built = new Map<Overlay, readonly Resource[]>()

/** All that an overlay brings into a cluster. */
export function resourcesOf(overlay: Overlay): readonly Resource[] {
  const resources = built.get(overlay) ?? buildOverlay(join(kubernetesFolder, 'overlays', overlay))
  built.set(overlay, resources)
  return resources
}

export function ofKind(overlay: Overlay, kind: string): readonly Resource[] {
  return resourcesOf(overlay).filter((resource) => resource.kind === kind)
}

const Probe = z.looseObject({
  httpGet: z.object({ path: z.string(), port: z.string() }).optional(),
  periodSeconds: z.number(),
  failureThreshold: z.number().default(3),
})
const Items = z.array(z.object({ key: z.string(), path: z.string() }))
const SecretSource = z.object({ name: z.string(), items: Items })
const Volume = z.object({
  name: z.string(),
  secret: z.object({ secretName: z.string(), defaultMode: z.number(), items: Items.optional() }).optional(),
  projected: z.object({ defaultMode: z.number(), sources: z.array(z.object({ secret: SecretSource })) }).optional(),
  emptyDir: z.object({ sizeLimit: z.string() }).optional(),
  configMap: z.object({ name: z.string() }).optional(),
})
const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  env: z
    .array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }))
    .default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.object({ name: z.string() }) })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  resources: z.object({ requests: z.record(z.string(), z.string()), limits: z.record(z.string(), z.string()) }),
  securityContext: z.unknown().optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) })),
})
export type Container = z.infer<typeof Container>
const PodSpec = z.looseObject({
  serviceAccountName: z.string(),
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.boolean(),
  terminationGracePeriodSeconds: z.number().default(30),
  securityContext: z.unknown().optional(),
  topologySpreadConstraints: z.array(z.object({ topologyKey: z.string() })).default([]),
  containers: z.tuple([Container]),
  volumes: z.array(Volume).default([]),
})
const Workload = z.object({
  kind: z.enum(['Deployment', 'StatefulSet', 'Job']),
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().optional(),
    template: z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }), spec: PodSpec }),
  }),
})
export type Workload = {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job'
  readonly name: string
  /** Undefined where something scales it. */
  readonly replicas: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly pod: z.infer<typeof PodSpec>
  /** The one that it has. */
  readonly container: Container
  readonly volumeClaims: unknown
}

/** Each thing of an overlay that makes pods, but for those that operators make (Kafka, PostgreSQL). */
export function workloadsOf(overlay: Overlay): readonly Workload[] {
  return resourcesOf(overlay).flatMap((resource) => {
    if (!['Deployment', 'StatefulSet', 'Job', 'DaemonSet', 'CronJob', 'Pod'].includes(resource.kind)) return []
    const { kind, metadata, spec } = Workload.parse(resource)
    const { labels } = spec.template.metadata
    const pod = spec.template.spec
    const { replicas, volumeClaimTemplates: volumeClaims } = spec
    return [{ kind, name: metadata.name, replicas, labels, pod, container: pod.containers[0], volumeClaims }]
  })
}

/** Those that are services of MicroPay: of the table of services. */
export function servicesOf(overlay: Overlay): readonly Workload[] {
  return workloadsOf(overlay).filter(({ kind, container }) => kind !== 'Job' && container.name === 'service')
}
