import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { describeFewConnections } from '../few-connections.contract.ts'
import { openKafkaLog } from './event-log.ts'

const log = createLogger('test', 'silent')
let directory: string
let broker: KafkaBroker
let proxy: TcpProxy

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-few-'))
  const port = await freePort()
  proxy = await openTcpProxy({ host: '127.0.0.1', port })
  broker = await startKafkaBroker({ directory, port, advertisedPort: proxy.port })
})
after(async () => {
  await proxy.close()
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})

describeFewConnections('Kafka', {
  most: 14,
  connections: async () => proxy.connections(),
  fresh: async () => {
    const topic = `few.${systemClock.randomId()}`
    return () => openKafkaLog({ brokers: [`${proxy.host}:${proxy.port}`], topic, clock: systemClock, log })
  },
})
