import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Certificates, testCertificates } from '@micropay/local/authority/certificates.fixture'
import { freePort } from '@micropay/local/stores/free-port'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { EventLog, LogError } from '../event-log.ts'
import { numbered, plain } from '../fresh-log.fixture.ts'
import { appendTo, readRecords } from '../log-reading.fixture.ts'
import { createKafkaClient } from './client.ts'
import { openKafkaLog } from './event-log.ts'
import { grantRights } from './grant-rights.ts'
import { openKafkaInbox } from './inbox.ts'
import { kafkaSecurity } from './security-environment.ts'

const log = createLogger('test', 'silent')
const topic = 'ledger'
const users = { admin: 'of-the-admin', writer: 'of-the-writer', reader: 'of-the-reader' } as const

describe('a broker that asks who comes, and says what they may', { timeout: 120_000 }, () => {
  let directory: string
  let certificates: Certificates
  let broker: KafkaBroker
  const opened: { close(): Promise<void> }[] = []

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-security-'))
    certificates = await testCertificates()
    await writeFile(join(certificates.directory, 'ca.crt'), certificates.authority.ca.cert)
    const port = await freePort()
    const controller = await freePort()
    const { cert, key } = await certificates.issue({ hosts: ['127.0.0.1'] })
    broker = await startKafkaBroker({
      ...{ directory: join(directory, 'broker'), port },
      users: Object.entries(users).map(([name, password]) => `SCRAM-SHA-512=[name=${name},password=${password}]`),
      settings: [
        `listeners=SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
        `advertised.listeners=SASL_SSL://127.0.0.1:${port}`,
        `controller.quorum.voters=1@127.0.0.1:${controller}`,
        'listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name=SASL_SSL',
        'sasl.enabled.mechanisms=SCRAM-SHA-512',
        'sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512',
        `listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${jaas('admin')}`,
        ...['ssl.keystore.type=PEM', 'ssl.truststore.type=PEM'],
        `ssl.keystore.certificate.chain=${property(cert)}`,
        `ssl.keystore.key=${property(key)}`,
        `ssl.truststore.certificates=${property(certificates.authority.ca.cert)}`,
        'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The controller is this process itself.
        'super.users=User:admin;User:ANONYMOUS',
      ],
    })
    await grant()
  })
  after(async () => {
    for (const each of opened) await each.close()
    await broker.stop()
    await certificates.remove()
    await rm(directory, { recursive: true })
  })

  function securityOf(user: string, password: string, ca = join(certificates.directory, 'ca.crt')) {
    return kafkaSecurity({
      ...{ KAFKA_SECURITY: 'sasl_ssl', KAFKA_CA_FILE: ca },
      ...{ KAFKA_USERNAME: user, KAFKA_PASSWORD: password },
    })
  }
  /** What docs/deployment.md says that each of them needs. */
  async function grant(): Promise<void> {
    const client = createKafkaClient({
      ...{ brokers: broker.brokers, requestTimeoutMs: 10_000, silentMs: 5_000, clock: systemClock, log },
      security: securityOf('admin', users.admin),
    })
    await grantRights(client, topic, 'writer', 'reader')
  }
  function open(security: ReturnType<typeof kafkaSecurity>): EventLog {
    const options = { brokers: broker.brokers, topic, clock: systemClock, log, requestTimeoutMs: 4_000 }
    const opening = openKafkaLog({ ...options, unavailableAfterMs: 2_000, ...(security ? { security } : {}) })
    opened.push(opening)
    return opening
  }

  test('the credentials of a reader read the ledger, and cannot write to it', async () => {
    const writer = open(securityOf('writer', users.writer))
    await writer.prepare(1)
    await appendTo(writer, 0, numbered('written', 3))

    const reader = open(securityOf('reader', users.reader))
    assert.equal(await reader.partitions(), 1)
    assert.deepEqual((await readRecords(reader, 0, 0n, 3)).map(plain), numbered('written', 3).map(plain))
    const appender = await reader.openAppender(0)
    await assert.rejects(appender.append(numbered('forged', 1)), (error: LogError) => {
      assert.match(String(error.cause), /not authorized|TOPIC_AUTHORIZATION_FAILED/i)
      return true
    })
    await appender.close()
    assert.equal(await writer.end(0), 3n)
    await appendTo(writer, 0, numbered('more', 1))
    assert.equal(await reader.end(0), 4n)
  })

  test('messages between partitions take the same way', async () => {
    const security = securityOf('writer', users.writer)
    const inbox = openKafkaInbox({
      ...{ brokers: broker.brokers, topic: `${topic}.inbox`, clock: systemClock, log },
      ...(security ? { security } : {}),
    })
    opened.push(inbox)
    await inbox.prepare(1)
  })

  test('nobody is let in by a wrong password, without a name, or without TLS', async () => {
    for (const security of [securityOf('writer', 'a guess'), securityOf('nobody', 'x'), undefined]) {
      await assert.rejects(open(security).end(0))
    }
    await assert.rejects(open(securityOf('reader', 'a guess')).partitions())
    await assert.rejects(open(securityOf('writer', 'a guess')).end(0), (error: LogError) => {
      assert.match(String(error.cause ?? error), /does not let writer in/)
      return true
    })
  })

  test('a broker whose certificate is of another authority is told nothing', async (context) => {
    const others = await testCertificates()
    context.after(others.remove)
    const { ca } = await others.write('other', { hosts: ['127.0.0.1'] })
    await assert.rejects(open(securityOf('writer', users.writer, ca)).end(0), (error: LogError) => {
      assert.match(String(error.cause ?? error), /certificate/)
      return true
    })
  })
})

/** How the broker itself logs in. */
function jaas(user: keyof typeof users): string {
  const module = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  return `${module} required username="${user}" password="${users[user]}";`
}

/** As a file of Java's properties has it. */
function property(pem: string): string {
  return pem.trim().replaceAll('\n', '\\n')
}
