import kafkajs, { type Admin } from 'kafkajs'
import { LogError } from '../event-log.ts'
import { typeOf } from './broker-error.ts'
import { BROKER_STAMPS, letBrokersStamp, type TopicAccess } from './broker-stamps.ts'

/**
 * Creates the ledger's topic, or checks that the one that is there has as many partitions and settings under which
 * nothing acknowledged is ever lost; throws LogError `log_mismatch`, with what to do, if not. What has no say in that
 * is set where it may be.
 */
export async function prepareTopic(access: TopicAccess, topic: LedgerTopic, partitions: number): Promise<void> {
  const required = requiredSettings(topic)
  const isNew = await createTopic(access, { ...topic, partitions, settings: { ...required, ...BROKER_STAMPS } })
  if (!isNew) await takeOver(access, topic, partitions, required)
}

export type NewTopic = {
  readonly name: string
  readonly replication: number
  readonly partitions: number
  readonly settings: Readonly<Record<string, string>>
}

/** Answers whether it was created here, and not there before or made by another process meanwhile. */
export async function createTopic({ admin, clock }: TopicCreation, topic: NewTopic): Promise<boolean> {
  // Creating one that is there fails, which kafkajs logs as an error; two processes that begin at once may still both
  // try.
  if ((await admin.listTopics()).includes(topic.name)) return false
  const created = await admin.createTopics({
    // kafkajs waits only for leaders, and fails where a broker has not yet heard of the topic that it has just made.
    waitForLeaders: false,
    topics: [
      {
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: topic.replication,
        configEntries: Object.entries(topic.settings).map(([name, value]) => ({ name, value })),
      },
    ],
  })
  await untilLed({ admin, clock }, topic.name)
  return created
}

/** How many partitions the topic has; undefined where there is no such topic. */
export async function countPartitions(admin: Admin, topic: string): Promise<number | undefined> {
  // Who asks for a topic that is not there may have a broker create it.
  if (!(await admin.listTopics()).includes(topic)) return undefined
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0]?.partitions.length || undefined
}

export type TopicCreation = Pick<TopicAccess, 'admin' | 'clock'>

async function untilLed({ admin, clock }: TopicCreation, topic: string): Promise<void> {
  const giveUpMs = clock.monotonicMs() + LED_WITHIN_MS
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] })
      return
    } catch (cause) {
      const isOnItsWay = typeOf(cause) === 'UNKNOWN_TOPIC_OR_PARTITION' || typeOf(cause) === 'LEADER_NOT_AVAILABLE'
      if (!isOnItsWay || clock.monotonicMs() > giveUpMs) throw cause
      await clock.sleep(LOOK_EVERY_MS)
    }
  }
}

const LED_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 50

export type LedgerTopic = {
  readonly name: string
  readonly replication: number
  readonly minInSyncReplicas: number
}

/** One append may carry a whole batch of payments. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/** Settings where more is as good. */
const lowerBounds = new Set(['max.message.bytes', 'min.insync.replicas'])

/** Under which nothing that was acknowledged is ever lost. */
export function requiredSettings(topic: Pick<LedgerTopic, 'minInSyncReplicas'>): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'max.message.bytes': String(MAX_BATCH_BYTES),
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': String(topic.minInSyncReplicas),
  }
}

async function takeOver(
  access: TopicAccess,
  topic: LedgerTopic,
  partitions: number,
  required: Record<string, string>,
): Promise<void> {
  await checkTopic(access.admin, topic, partitions, required)
  await letBrokersStamp(access, topic.name)
}

async function checkTopic(
  admin: Admin,
  topic: LedgerTopic,
  partitions: number,
  required: Record<string, string>,
): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic.name] })
  const present = topics[0]?.partitions ?? []
  if (present.length !== partitions) {
    throw new LogError(
      'log_mismatch',
      `topic ${topic.name} has ${present.length} partitions, not ${partitions}: a ledger keeps its number`,
    )
  }
  const copies = Math.min(...present.map((partition) => partition.replicas.length))
  if (copies < topic.replication) {
    throw new LogError(
      'log_mismatch',
      `topic ${topic.name} has ${copies} replicas and KAFKA_REPLICATION asks for ${topic.replication}: ` +
        'add replicas with kafka-reassign-partitions.sh',
    )
  }
  await checkSettings(admin, topic.name, required)
}

async function checkSettings(admin: Admin, name: string, required: Record<string, string>): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: Object.keys(required) }],
  })
  const entries = resources.flatMap((resource) => resource.configEntries)
  const settings = new Map(entries.map((entry) => [entry.configName, entry.configValue]))
  const wrong = Object.entries(required).filter(([setting, value]) => !satisfies(setting, settings.get(setting), value))
  if (wrong.length === 0) return
  const differences = wrong.map(([setting, value]) => `${setting} is ${settings.get(setting)}, not ${value}`).join('; ')
  const command = wrong.map(([setting, value]) => `${setting}=${value}`).join(',')
  throw new LogError(
    'log_mismatch',
    `topic ${name} could lose records (${differences}). Set it right: ` +
      `kafka-configs.sh --alter --entity-type topics --entity-name ${name} --add-config ${command}`,
  )
}

function satisfies(setting: string, actual: string | undefined, required: string): boolean {
  return lowerBounds.has(setting) ? Number(actual) >= Number(required) : actual === required
}
