import { LogError } from '../event-log.ts'
import { createTopic, type TopicCreation } from './topic.ts'

/**
 * Creates the topic of the inboxes, or checks that it has as many partitions. How long it keeps messages has no say in
 * what is right, so that may be set otherwise.
 */
export async function prepareInboxTopic(access: TopicCreation, topic: InboxTopic, partitions: number): Promise<void> {
  await createTopic(access, { ...topic, partitions, settings: INBOX_SETTINGS })
  const { topics } = await access.admin.fetchTopicMetadata({ topics: [topic.name] })
  const present = topics[0]?.partitions.length ?? 0
  if (present === partitions) return
  throw new LogError(
    'log_mismatch',
    `topic ${topic.name} has ${present} partitions and this process is configured for ${partitions}: ` +
      'name another topic in KAFKA_INBOX_TOPIC, or delete this one while no worker runs: it keeps nothing for long',
  )
}

export type InboxTopic = { readonly name: string; readonly replication: number }

const HOUR_MS = 3_600_000

/** A broker deletes whole segments, once all in them is old: so they are short, too. */
export const INBOX_SETTINGS = {
  'cleanup.policy': 'delete',
  'retention.ms': String(HOUR_MS),
  'segment.ms': String(HOUR_MS / 2),
  'max.message.bytes': String(16 * 1024 * 1024),
  'min.insync.replicas': '1',
}
