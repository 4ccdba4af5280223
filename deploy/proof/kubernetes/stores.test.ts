import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BROKER_STAMPS } from '@micropay/event-log/kafka/broker-stamps'
import { logRights } from '@micropay/event-log/kafka/grant-rights'
import { INBOX_SETTINGS } from '@micropay/event-log/kafka/inbox-topic'
import { requiredSettings } from '@micropay/event-log/kafka/topic'
import { environmentOf } from './environment.fixture.ts'
import { type Overlay, ofKind, overlays, servicesOf } from './workloads.fixture.ts'

const specOf = (overlay: Overlay, kind: string, name: string) => {
  const [found, ...others] = ofKind(overlay, kind).filter(({ metadata }) => metadata.name === name)
  assert.deepEqual(others, [])
  return Object(found?.spec)
}
const texts = (settings: object) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))

/** What the write side is told of the log. */
function logOf(overlay: Overlay) {
  const [worker] = servicesOf(overlay).filter(({ name }) => name === 'write-side')
  assert.ok(worker)
  return environmentOf(overlay, worker)
}

test('the topics are made as the write side would make them, so that it takes them, with as many partitions', () => {
  for (const overlay of overlays) {
    const { KAFKA_TOPIC = 'micropay.ledger', KAFKA_REPLICATION, PARTITIONS } = logOf(overlay)
    const copies = Number(KAFKA_REPLICATION)
    const ledger = specOf(overlay, 'KafkaTopic', KAFKA_TOPIC)
    const minInSyncReplicas = Math.max(1, copies - 1)
    assert.deepEqual(texts(ledger.config), { ...requiredSettings({ minInSyncReplicas }), ...BROKER_STAMPS })
    const inbox = specOf(overlay, 'KafkaTopic', `${KAFKA_TOPIC}.inbox`)
    assert.deepEqual(texts(inbox.config), INBOX_SETTINGS)
    for (const topic of [ledger, inbox]) {
      assert.deepEqual([topic.partitions, topic.replicas], [Number(PARTITIONS), copies])
    }
    assert.equal(ofKind(overlay, 'KafkaTopic').length, 2)
  }
})

test('the users of the brokers have the rights that log-rights gives, and each service logs in as its own', () => {
  for (const overlay of overlays) {
    for (const [user, operations] of Object.entries(logRights)) {
      const { authentication, authorization } = specOf(overlay, 'KafkaUser', user)
      assert.equal(authentication.type, 'scram-sha-512')
      assert.equal(authorization.type, 'simple')
      const resource = { type: 'topic', name: 'micropay.ledger', patternType: 'prefix' }
      const [acl, ...others] = authorization.acls
      assert.deepEqual([acl.resource, acl.host, others], [resource, '*', []])
      const inUpperCase = acl.operations.map((name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase())
      assert.deepEqual(inUpperCase.toSorted(), operations.toSorted())
    }
    assert.equal(ofKind(overlay, 'KafkaUser').length, Object.keys(logRights).length)
    for (const workload of servicesOf(overlay)) {
      const { KAFKA_USERNAME } = environmentOf(overlay, workload)
      const user = workload.labels['micropay.io/log']
      assert.equal(KAFKA_USERNAME, user, workload.name)
      assert.equal(user === 'writer', workload.name === 'write-side', 'nobody else writes the ledger')
    }
  }
})

test('brokers take nobody without TLS and a login, and keep as many copies as are asked of them', () => {
  for (const overlay of overlays) {
    const { KAFKA_BROKERS, KAFKA_REPLICATION, KAFKA_SECURITY } = logOf(overlay)
    const { kafka } = specOf(overlay, 'Kafka', 'micropay')
    const [listener, ...others] = kafka.listeners
    assert.deepEqual(others, [])
    assert.equal(`micropay-kafka-bootstrap:${listener.port}`, KAFKA_BROKERS)
    assert.deepEqual(
      [listener.type, listener.tls, listener.authentication.type, KAFKA_SECURITY],
      ['internal', true, 'scram-sha-512', 'sasl_ssl'],
    )
    assert.equal(kafka.authorization.type, 'simple')
    assert.equal(kafka.config['auto.create.topics.enable'], false)
    assert.equal(kafka.config['unclean.leader.election.enable'], false)
    const brokers = specOf(overlay, 'KafkaNodePool', 'broker')
    assert.equal(brokers.replicas, Number(KAFKA_REPLICATION))
    for (const { deleteClaim } of brokers.storage.volumes)
      assert.equal(deleteClaim, false, 'the ledger outlives its pods')
    assert.equal(brokers.replicas, overlay === 'local' ? 1 : 3)
    assert.equal(kafka.rack === undefined, overlay === 'local')
  }
})

test('PostgreSQL takes nobody in plain text, and its superuser is the one whose password the job has', () => {
  for (const overlay of overlays) {
    const cluster = specOf(overlay, 'Cluster', 'micropay-postgres')
    assert.deepEqual(cluster.postgresql.pg_hba, ['hostnossl all all all reject'])
    assert.deepEqual(cluster.superuserSecret, { name: 'postgres-superuser' })
    assert.equal(cluster.instances > 1, overlay !== 'local')
  }
})

test('the host that people use is one everywhere: of the way in, of the certificate, and of the gateway', () => {
  for (const overlay of ['staging', 'production'] as const) {
    const [gateway] = servicesOf(overlay).filter(({ name }) => name === 'gateway')
    assert.ok(gateway)
    const { PUBLIC_URL = '', PUBLIC_TLS_CERT_FILE } = environmentOf(overlay, gateway)
    const { hostname } = new URL(PUBLIC_URL)
    const { listeners } = specOf(overlay, 'Gateway', 'micropay')
    const hosts = listeners.map((listener: { hostname: string }) => listener.hostname)
    assert.deepEqual(hosts, [hostname, hostname])
    assert.deepEqual(specOf(overlay, 'Certificate', 'gateway-public').dnsNames, [hostname])
    assert.equal(specOf(overlay, 'BackendTLSPolicy', 'gateway').validation.hostname, hostname)
    assert.equal(PUBLIC_TLS_CERT_FILE, '/public-certificate/tls.crt')
  }
})

test('projections are scaled by the lag that they tell Prometheus, and no number while it is not known', () => {
  for (const overlay of ['staging', 'production'] as const) {
    for (const { metadata, spec } of ofKind(overlay, 'ScaledObject')) {
      const { triggers, fallback, minReplicaCount } = Object(spec)
      const [{ metadata: asked }] = triggers
      assert.equal(asked.query, `max(micropay_projection_lag_seconds{job="${metadata.name}"})`)
      assert.equal(asked.ignoreNullValues, 'false')
      assert.ok(fallback.replicas >= minReplicaCount && minReplicaCount >= 2)
    }
  }
})
