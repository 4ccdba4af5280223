import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import kafkajs, { type Admin, type Cluster } from 'kafkajs'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocol from 'kafkajs/src/protocol/error.js'
import { reasonOf } from '../outage.ts'
import { connectionsOf } from './broker-connections.ts'

/**
 * With this setting the answer to an append says when the broker took it, by the broker's clock: a second opinion on
 * the time, for whoever decides by it. It changes neither offsets nor the bytes of a record.
 */
export const BROKER_STAMPS = { 'message.timestamp.type': 'LogAppendTime' }

/**
 * Gives a topic that is there the setting, if it has it not, and leaves all others as they are. Where that is not
 * allowed, it says which command does it, and the ledger goes on: appends then answer no time.
 */
export async function letBrokersStamp({ admin, createCluster, log }: TopicAccess, topic: string): Promise<void> {
  try {
    if (await doStamp(admin, topic)) return
    await setIncrementally(createCluster(), topic)
    log.info({ topic, ...BROKER_STAMPS }, 'brokers stamp what the topic takes from now on')
  } catch (error) {
    const [setting] = Object.entries(BROKER_STAMPS).map((entry) => entry.join('='))
    const command = `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${setting}`
    log.warn(
      { err: error, topic },
      `the clock of a worker cannot be compared with Kafka's: ${reasonOf(error)}. Set it right: ${command}`,
    )
  }
}

export type TopicAccess = {
  readonly admin: Admin
  readonly createCluster: () => Cluster
  readonly clock: Clock
  readonly log: Logger
}

async function doStamp(admin: Admin, name: string): Promise<boolean> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: Object.keys(BROKER_STAMPS) }],
  })
  const entries = resources.flatMap((resource) => resource.configEntries)
  return Object.entries(BROKER_STAMPS).every(([setting, value]) =>
    entries.some(({ configName, configValue }) => configName === setting && configValue === value),
  )
}

/**
 * kafkajs knows only the older request, which resets every setting that it does not name. Version 0, which brokers
 * speak since Kafka 2.3: https://kafka.apache.org/protocol#The_Messages_IncrementalAlterConfigs
 */
async function setIncrementally(cluster: Cluster, topic: string): Promise<void> {
  try {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    const controller = await cluster.findControllerBroker()
    await connectionsOf(controller).send({
      request: { apiKey: 44, apiVersion: 0, apiName: 'IncrementalAlterConfigs', encode: async () => encode(topic) },
      requestTimeout: 0,
      response: { decode: async (payload) => readFailure(payload), parse: async (answer) => throwRefused(answer) },
    })
  } finally {
    await cluster.disconnect()
  }
}

const SET = 0

function encode(topic: string): object {
  const settings = Object.entries(BROKER_STAMPS).map(([setting, value]) =>
    new Encoder().writeString(setting).writeInt8(SET).writeString(value),
  )
  const resource = new Encoder().writeInt8(kafkajs.ConfigResourceTypes.TOPIC).writeString(topic).writeArray(settings)
  const isOnlyAsked = false
  return new Encoder().writeArray([resource]).writeBoolean(isOnlyAsked)
}

type Refusal = { readonly clientSideThrottleTime: number; readonly errorCode: number; readonly message: string }

/** Of the one resource that was asked for. */
function readFailure(payload: Buffer): Refusal {
  const length = payload.readInt16BE(10)
  const message = length > 0 ? payload.toString('utf8', 12, 12 + length) : ''
  return { clientSideThrottleTime: payload.readInt32BE(0), errorCode: payload.readInt16BE(8), message }
}

function throwRefused(answer: Refusal): Refusal {
  if (answer.errorCode === 0) return answer
  const cause = protocol.createErrorFromCode(answer.errorCode)
  throw new Error(answer.message || cause.message, { cause })
}
