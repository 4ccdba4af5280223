import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { describeInboxOutages } from '../inbox-outage.contract.ts'
import { openKafkaInbox } from './inbox.ts'

let directory: string
let broker: KafkaBroker
let proxy: TcpProxy

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-inbox-'))
  const port = await freePort()
  proxy = await openTcpProxy({ host: '127.0.0.1', port })
  broker = await startKafkaBroker({ directory, port, advertisedPort: proxy.port })
})
after(async () => {
  await proxy.close()
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})

describeInboxOutages('Kafka', {
  proxy: () => proxy,
  most: 4,
  fresh: async () => {
    const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
    const topic = `inbox.${systemClock.randomId()}`
    const bounds = { silentMs: 2_000, requestTimeoutMs: 2_000 }
    return () => openKafkaInbox({ brokers: [`${proxy.host}:${proxy.port}`], topic, clock: systemClock, log, ...bounds })
  },
})
