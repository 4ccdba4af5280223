import { Claim, Commit, Genesis, Heartbeat, Resume } from '@micropay/schemas/log/commit'
import { earlierVersions, LedgerEvent } from '@micropay/schemas/log/event'
import { MAX_RECORD_BYTES, recordTypes } from '@micropay/schemas/log/ledger-record'
import { Message } from '@micropay/schemas/log/message'
import { stringify } from 'yaml'
import { z } from 'zod'
import { messageKinds, topicNames, topicSettings } from './topics.ts'

type Json = Readonly<Record<string, unknown>>

/** Of every event each version that a log may hold: what is read may be older than what is written. */
const storedEvents = LedgerEvent.options.flatMap(({ shape: { type, version, data } }) =>
  Object.entries({ ...earlierVersions[type.value], [version.value]: data }).map(([number, schema]) => ({
    name: `${type.value}V${number}`,
    schema: z.object({ type, version: z.literal(Number(number)), data: schema }),
  })),
)

const records = {
  genesis: { data: Genesis, says: 'The first record of a partition: which ledger it is of.' },
  claim: { data: Claim, says: 'A worker takes the partition over.' },
  resume: { data: Resume, says: 'A person has decided that the ledger goes on from what the log holds now.' },
  commit: { data: Commit, says: 'All that one command decided, a refusal too.' },
  heartbeat: { data: Heartbeat, says: 'The source is alive. It is outside the hash.' },
} as const satisfies Record<keyof typeof recordTypes, { readonly data: z.ZodObject; readonly says: string }>

/** What has a name of its own, by that. */
const shared: Record<string, unknown> = {}

/** The topics of LOG=kafka and what they carry, as AsyncAPI 3, made of the schemas that the code reads them by. */
export function asyncApi(): Json {
  const messages = { ...recordMessages(), ...inboxMessages() }
  const events = Object.fromEntries(storedEvents.map(({ name, schema }) => [name, schemaOf(schema)]))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'MicroPay: the ledger as topics',
      version: '1',
      description: `${madeBy} docs/log-protocol.md says what a reader must do besides parsing: which records count.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        host: 'kafka:9092',
        protocol: 'kafka-secure',
        description: 'As docker-compose.yml has it: TLS with a login. KAFKA_BROKERS says where it is.',
      },
    },
    channels: {
      ledger: channelOf(
        'ledger',
        'The log. Only the write side may write it; it is kept for ever. Other records may come, `ignorable`.',
        Object.keys(records),
      ),
      inbox: channelOf(
        'inbox',
        'What partitions say to each other. It may be lost: who asks, asks again.',
        messageKinds,
      ),
    },
    operations: {
      appendToLedger: operationOf('send', 'ledger', 'The owner of a partition appends to it.'),
      followLedger: operationOf('receive', 'ledger', 'Workers, projections and the audit follow a partition.'),
      tellPartition: operationOf('send', 'inbox', 'The owner of a partition tells another one.'),
      hearPartition: operationOf('receive', 'inbox', 'The owner of a partition hears what is said to it.'),
    },
    components: { messages, schemas: { ...shared, ...events } },
  }
}

const madeBy =
  'Made of schemas/log by `UPDATE_DOCS=1 npx pnpm@12 test deploy/proof/architecture/asyncapi`; a test holds it to them.'

/** The same as it stands in docs/asyncapi.yaml, byte for byte. */
export function asyncApiText(): string {
  return stringify(asyncApi(), { lineWidth: 0, aliasDuplicateObjects: false })
}

type Topic = keyof typeof topicNames

function channelOf(topic: Topic, description: string, messages: readonly string[]): Json {
  const { 'cleanup.policy': policy, ...others } = topicSettings[topic]
  const bound = ['retention.ms', 'retention.bytes', 'max.message.bytes']
  const kafka = Object.entries(others).filter(([name]) => bound.includes(name))
  const rest = Object.entries(others).filter(([name]) => !bound.includes(name))
  return {
    address: topicNames[topic],
    description: `${description} Besides: ${rest.map(([name, value]) => `${name}=${value}`).join(', ')}.`,
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${topic}.${name}` }])),
    bindings: {
      kafka: {
        topic: topicNames[topic],
        topicConfiguration: {
          'cleanup.policy': policy === undefined ? [] : [policy],
          ...Object.fromEntries(kafka.map(([name, value]) => [name, Number(value)])),
        },
        bindingVersion: '0.5.0',
      },
    },
  }
}

function operationOf(action: 'send' | 'receive', topic: Topic, summary: string): Json {
  return { action, channel: { $ref: `#/channels/${topic}` }, summary }
}

function recordMessages(): Json {
  const described = Object.entries(records).map(([kind, { data, says }]) => {
    const type = recordTypes[kind as keyof typeof records]
    const cloudEvent = z.object({
      ...{ specversion: z.literal('1.0'), id: z.string(), source: z.string(), type: z.literal(type) },
      ...{ subject: z.string().optional(), time: z.iso.datetime(), datacontenttype: z.literal('application/json') },
      data: kind === 'commit' ? Commit.omit({ events: true }) : data,
    })
    const payload = schemaOf(cloudEvent)
    return [
      `ledger.${kind}`,
      {
        name: type,
        summary: `${says} At most ${MAX_RECORD_BYTES} bytes.`,
        contentType: 'application/cloudevents+json',
        payload: kind === 'commit' ? withStoredEvents(payload) : payload,
        ...keyed('The aggregate that the record is about.'),
      },
    ]
  })
  return Object.fromEntries(described)
}

/** A commit's events each in any version that was ever written. */
function withStoredEvents(payload: Json): Json {
  const anyVersion = storedEvents.map(({ name }) => ({ $ref: `#/components/schemas/${name}` }))
  const Held = z.looseObject({ properties: z.looseObject({ data: z.looseObject({ properties: z.looseObject({}) }) }) })
  const { properties, ...rest } = Held.parse(payload)
  const events = { type: 'array', maxItems: 100, items: { oneOf: anyVersion } }
  const data = { ...properties.data, properties: { ...properties.data.properties, events } }
  return { ...rest, properties: { ...properties, data } }
}

function inboxMessages(): Json {
  const described = Message.options.map((schema) => {
    const kind = schema.shape.kind.value
    return [
      `inbox.${kind}`,
      {
        name: kind,
        summary: `The bytes are 43 characters of a keyed hash, a full stop, and this as JSON, with the ledger's id.`,
        contentType: 'text/plain',
        payload: schemaOf(z.object({ ledgerId: z.string(), ...schema.shape })),
      },
    ]
  })
  return Object.fromEntries(described)
}

function keyed(description: string): Json {
  return { bindings: { kafka: { key: { type: 'string', description }, bindingVersion: '0.5.0' } } }
}

/**
 * In the draft that AsyncAPI 3 has; a member that a reader does not know is no fault. What several have in common
 * stands once, in components.
 */
function schemaOf(schema: z.ZodType): Json {
  const { $schema, definitions, ...described } = z.toJSONSchema(schema, {
    ...{ target: 'draft-7', io: 'input', reused: 'inline' },
    // `format` says it, in a tenth of the room.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  Object.assign(shared, pointingToComponents(definitions ?? {}))
  return pointingToComponents(described)
}

function pointingToComponents(schema: object): Json {
  const text = JSON.stringify(schema).replaceAll('"#/definitions/', '"#/components/schemas/')
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
}
