import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { callers } from '@micropay/runtime/tls/callers'
import { allows, type Party, policiesOf } from './allowed-ways.fixture.ts'
import { type Overlay, overlays, resourcesOf, workloadsOf } from './workloads.fixture.ts'

const pod = (name: string, labels: Readonly<Record<string, string>>, namespace = 'micropay') => ({
  name,
  namespace,
  labels,
})
const named = (name: string, value: string, namespace: string) =>
  pod(name, { 'app.kubernetes.io/name': value }, namespace)
/** Pods that operators make, with the labels that they give them, and pods of others. */
const postgres = pod('postgres', { 'cnpg.io/cluster': 'micropay-postgres' })
const broker = pod('broker', { 'strimzi.io/cluster': 'micropay', 'strimzi.io/broker-role': 'true' })
const controller = pod('controller', { 'strimzi.io/cluster': 'micropay', 'strimzi.io/controller-role': 'true' })
const topics = pod('topic operator', { 'strimzi.io/cluster': 'micropay', 'strimzi.io/kind': 'Kafka' })
const stores = [postgres, broker, controller, topics]
const prometheus = named('prometheus', 'prometheus', 'monitoring')
const edge = named('edge', 'edge', 'edge')
const strimzi = pod('strimzi', { 'strimzi.io/kind': 'cluster-operator' }, 'strimzi')
const cloudNative = named('cloudnative-pg', 'cloudnative-pg', 'cnpg-system')
const dns = pod('names', { 'k8s-app': 'kube-dns' }, 'kube-system')
const stranger = pod('stranger', {})
const neighbour = named('neighbour', 'gateway', 'elsewhere')
const outside = { name: 'the issuer', address: '203.0.113.7' }
const inside = { name: 'a private address', address: '10.1.2.3' }
const metadataOfCloud = { name: 'the metadata of the cloud', address: '169.254.169.254' }

const rows: readonly ServiceRow[] = serviceTable
const isService = (name: string): name is keyof typeof callers => Object.hasOwn(callers, name)
const row = (name: string) => rows.find((each) => each.name === name)
const usesLog = (name: string) => row(name)?.needs.includes('log') ?? false
const usesPostgres = (name: string) => name === 'databases' || row(name)?.database !== undefined

/** Every port that anything here listens on, and of others that nothing should reach. */
const ports = [22, 80, 443, 5432, 6379, 6443, 8000, 8080, 8081, 8090, 8443, 9090, 9091, 9092, 9093, 9464]

/** Who may reach whom at which port: all of it, in words of the product. */
function isWanted(overlay: Overlay, from: Party, to: Party, port: number): boolean {
  const hasEdge = overlay !== 'local'
  if (port === 8080 && isService(to.name)) {
    if (to.name === 'gateway') return hasEdge && from === edge
    return callers[to.name].some((caller) => caller === from.name && 'labels' in from && from.namespace === 'micropay')
  }
  if (isService(to.name) && port === 9464) return hasEdge && from === prometheus
  if (to === postgres && port === 5432) return usesPostgres(from.name) || from === postgres || from === cloudNative
  if (to === postgres && port === 8000) return from === postgres || from === cloudNative
  if (to === broker && port === 9093) return usesLog(from.name)
  const ofKafka = [broker, controller, topics]
  if (ofKafka.some((each) => each === to) && [9090, 9091, 8443].includes(port)) {
    return ofKafka.some((each) => each === from) || from === strimzi
  }
  if (to.name === 'valkey') return port === 6379 && from.name === 'gateway' && from !== neighbour
  if (to.name === 'issuer') return port === 8090 && isService(from.name)
  if (stores.some((each) => each === from) && !isOurs(to)) return port === 443 || port === 6443
  if (to === outside) return port === 443 && isService(from.name)
  return false
}

/** Of the namespace, so that its policies say who comes in. */
const isOurs = (party: Party) => 'labels' in party && party.namespace === 'micropay'

test('who may speak with whom is what callers.ts says of services, what each needs of stores, and nothing else', () => {
  for (const overlay of overlays) {
    const policies = policiesOf(resourcesOf(overlay))
    const own = workloadsOf(overlay).map(({ name, labels }) => pod(name, labels))
    const others = [prometheus, edge, strimzi, cloudNative, neighbour]
    const wrong: string[] = []
    let ways = 0
    for (const from of [...own, ...stores, stranger, ...others]) {
      for (const to of [...own, ...stores, stranger, outside, inside, metadataOfCloud]) {
        for (const port of ports) {
          if (!isOurs(from) && !isOurs(to)) continue
          ways += 1
          const isAllowed = allows(policies, from, to, { protocol: 'TCP', port })
          if (isAllowed !== isWanted(overlay, from, to, port)) {
            wrong.push(`${from.name} ${isAllowed ? 'may reach' : 'cannot reach'} ${to.name} at ${port}`)
          }
        }
      }
    }
    assert.deepEqual(wrong, [], overlay)
    assert.ok(ways > 4_000)
  }
})

test('everybody may ask for names, and nothing else of whom they ask', () => {
  for (const overlay of overlays) {
    const policies = policiesOf(resourcesOf(overlay))
    for (const from of [...workloadsOf(overlay).map(({ name, labels }) => pod(name, labels)), ...stores]) {
      for (const protocol of ['TCP', 'UDP'] as const) {
        assert.ok(allows(policies, from, dns, { protocol, port: 53 }), from.name)
        assert.equal(allows(policies, from, stranger, { protocol, port: 53 }), false, from.name)
      }
    }
  }
})
