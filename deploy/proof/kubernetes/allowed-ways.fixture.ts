import { z } from 'zod'
import type { Resource } from './build-overlay.ts'

/** Somebody that policies are asked about: a pod, by its namespace and labels, or an address outside of the cluster. */
export type Party =
  | { readonly name: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly name: string; readonly address: string }
export type Way = { readonly protocol: 'TCP' | 'UDP'; readonly port: number }

const Selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(
      z.strictObject({ key: z.string(), operator: z.enum(['In', 'Exists']), values: z.array(z.string()).optional() }),
    )
    .default([]),
})
const Peer = z.strictObject({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
})
const Ports = z.array(z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.number() })).min(1)
const Policy = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({
    podSelector: Selector,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])).min(1),
    ingress: z.array(z.strictObject({ from: z.array(Peer).min(1), ports: Ports })).default([]),
    egress: z.array(z.strictObject({ to: z.array(Peer).min(1).optional(), ports: Ports })).default([]),
  }),
})
export type Policy = z.infer<typeof Policy>

/** Those among the resources; throws for what is not understood here, which is more than one would notice. */
export function policiesOf(resources: readonly Resource[]): readonly Policy[] {
  return resources.filter(({ kind }) => kind === 'NetworkPolicy').map((resource) => Policy.parse(resource))
}

/**
 * Whether a connection comes about, as Kubernetes says it: the policies of who calls let it out, and those of who is
 * called let it in. Whom no policy of a direction is about may do all in it.
 */
export function allows(policies: readonly Policy[], from: Party, to: Party, way: Way): boolean {
  const leaves = policies.filter((policy) => isAbout(policy, from) && policy.spec.policyTypes.includes('Egress'))
  const comes = policies.filter((policy) => isAbout(policy, to) && policy.spec.policyTypes.includes('Ingress'))
  const out = leaves.length === 0 || leaves.some((policy) => letsOut(policy, to, way))
  return out && (comes.length === 0 || comes.some((policy) => letsIn(policy, from, way)))
}

function isAbout({ metadata, spec }: Policy, party: Party): boolean {
  return 'labels' in party && party.namespace === metadata.namespace && selects(spec.podSelector, party.labels)
}

function letsOut({ metadata, spec }: Policy, to: Party, way: Way): boolean {
  return spec.egress.some(
    ({ to: peers, ports }) =>
      hasPort(ports, way) && (peers === undefined || peers.some((peer) => isPeer(peer, to, metadata.namespace))),
  )
}

function letsIn({ metadata, spec }: Policy, from: Party, way: Way): boolean {
  return spec.ingress.some(
    ({ from: peers, ports }) => hasPort(ports, way) && peers.some((peer) => isPeer(peer, from, metadata.namespace)),
  )
}

const hasPort = (ports: z.infer<typeof Ports>, way: Way) =>
  ports.some(({ protocol, port }) => protocol === way.protocol && port === way.port)

function isPeer({ podSelector, namespaceSelector, ipBlock }: z.infer<typeof Peer>, party: Party, own: string): boolean {
  if (!('labels' in party)) return ipBlock !== undefined && isIn(party.address, ipBlock)
  if (ipBlock !== undefined) return false
  const isThere = namespaceSelector
    ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': party.namespace })
    : party.namespace === own
  return isThere && (podSelector === undefined || selects(podSelector, party.labels))
}

function selects(
  { matchLabels, matchExpressions }: z.infer<typeof Selector>,
  labels: Readonly<Record<string, string>>,
) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const held = labels[key]
      return held !== undefined && (operator === 'Exists' || values.includes(held))
    })
  )
}

function isIn(
  address: string,
  { cidr, except }: { readonly cidr: string; readonly except: readonly string[] },
): boolean {
  return isWithin(address, cidr) && !except.some((part) => isWithin(address, part))
}

/** Of IPv4; nothing here asks about another. */
function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits = '0'] = cidr.split('/')
  if (network.includes(':')) return false
  const shift = 32 - Number(bits)
  const top = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) / 2 ** shift
  return Math.floor(top(address)) === Math.floor(top(network))
}
