import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import kafkajs from 'kafkajs'
import { openKafkaLog } from './event-log.ts'

let directory: string
let broker: KafkaBroker

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-stamps-'))
  broker = await startKafkaBroker({
    directory,
    settings: [
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found=true',
    ],
  })
})
after(async () => {
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('a topic that keeps the times of its producers', { timeout: 60_000 }, () => {
  test('is told to take those of its brokers, and keeps every other setting of its own', async (context) => {
    const topic = await madeByHand(context)
    const before = await ownSettings(topic)
    const { log, warned } = openLog(context, topic)
    await log.prepare(1)
    assert.deepEqual(await ownSettings(topic), { ...before, 'message.timestamp.type': 'LogAppendTime' })
    assert.equal(before['segment.bytes'], '104857600')
    const appender = await log.openAppender(0)
    context.after(() => appender.close())
    const appended = await appender.append([{ key: '', value: new Uint8Array(1) }])
    assert.notEqual(appended.storeMs, undefined)
    assert.deepEqual(warned, [])
  })

  test('is left as it is where that is not allowed, and the log says which command does it', async (context) => {
    const topic = await madeByHand(context)
    const before = await ownSettings(topic)
    await forbidSettings(topic)
    const { log, warned } = openLog(context, topic)
    await log.prepare(1)
    assert.deepEqual(await ownSettings(topic), before)
    const appender = await log.openAppender(0)
    context.after(() => appender.close())
    const appended = await appender.append([{ key: '', value: new Uint8Array(1) }])
    assert.deepEqual(appended, { offset: 0n, storeMs: undefined, behind: undefined })
    assert.match(
      warned.join('\n'),
      new RegExp(`kafka-configs.sh --alter .*--entity-name ${topic} .*message.timestamp.type=LogAppendTime`),
    )
  })
})

function openLog(context: TestContext, topic: string) {
  const warned: string[] = []
  const quiet = createLogger('test', 'silent')
  const log = openKafkaLog({
    brokers: broker.brokers,
    topic,
    clock: systemClock,
    log: Object.assign(quiet, { warn: (_: object, message: string) => warned.push(message) }),
  })
  context.after(() => log.close())
  return { log, warned }
}

/** A topic that loses nothing, with a setting that is nobody's business but that of whoever made it. */
async function madeByHand(context: TestContext): Promise<string> {
  const topic = `stamps.${systemClock.randomId()}`
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'max.message.bytes': '16777216',
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': '1',
    'segment.bytes': '104857600',
    'message.timestamp.type': 'CreateTime',
  }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await withAdmin(async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, configEntries }] })
    // A busy broker has forgotten for a moment what it has just made.
    while (!(await admin.listTopics()).includes(topic));
  })
  context.after(() => withAdmin((admin) => admin.deleteTopics({ topics: [topic] })).catch(() => undefined))
  return topic
}

const OF_THE_TOPIC = 1

async function ownSettings(name: string): Promise<Record<string, string>> {
  const { resources } = await withAdmin((admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
    }),
  )
  const own = resources.flatMap(({ configEntries }) =>
    configEntries.filter(({ configSource }) => configSource === OF_THE_TOPIC),
  )
  return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]))
}

async function forbidSettings(topic: string): Promise<void> {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs
  const entry = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:*',
    host: '*',
  }
  await withAdmin((admin) =>
    admin.createAcls({
      acl: [
        { ...entry, operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW },
        { ...entry, operation: AclOperationTypes.ALTER_CONFIGS, permissionType: AclPermissionTypes.DENY },
      ],
    }),
  )
}

async function withAdmin<Result>(use: (admin: kafkajs.Admin) => Promise<Result>): Promise<Result> {
  const admin = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  return use(admin).finally(() => admin.disconnect())
}
