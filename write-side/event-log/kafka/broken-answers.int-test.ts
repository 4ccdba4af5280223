import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { EventLog } from '../event-log.ts'
import { appendTo } from '../log-reading.fixture.ts'
import { openKafkaLog } from './event-log.ts'

let directory: string
let broker: KafkaBroker
let way: Server
/** How much the next connections bring of their answers before they break, in order; those after them bring all. */
const brought: number[] = []

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-answers-'))
  const port = await freePort()
  way = createServer((near) => bringSome(near, connect(port, '127.0.0.1'), brought.shift()))
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  broker = await startKafkaBroker({ directory, port, advertisedPort: wayPort() })
})
after(async () => {
  way.close()
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('the event log on Kafka, when a connection breaks in the middle of an answer', { timeout: 90_000 }, () => {
  test('readers, and whoever asks for the end, go on without a loss, wherever it breaks', async (context) => {
    const topic = `broken.${systemClock.randomId()}`
    const first = openLog(topic)
    await first.prepare(1)
    await appendTo(first, 0, payments)
    await first.close()
    for (const bytes of [1, 3, 4, 5, 7, 8, 9, 60, 300, 301, 500, 700, 1_000, 5_000, 60_000, 65_536, 70_000, 400_000]) {
      const log = openLog(topic)
      // The first asks for little; those that bring records come behind it, where it does not break.
      brought.push(bytes, Number.POSITIVE_INFINITY, bytes)
      const read: string[] = []
      for await (const batch of log.read(0, 0n, { signal: context.signal, until: BigInt(payments.length) })) {
        read.push(...batch.map(({ key }) => key))
      }
      assert.deepEqual(
        read,
        payments.map(({ key }) => key),
        `after ${bytes} bytes`,
      )
      assert.equal(await log.end(0), BigInt(payments.length))
      await log.close()
      brought.length = 0
    }
    assert.ok(broken >= 18, `${broken} connections broke`)
  })
})

const payments = Array.from({ length: 2_000 }, (_, index) => ({
  key: String(index),
  value: new TextEncoder().encode(`{"n":${index},"note":"${'x'.repeat(300)}"}`),
}))

function openLog(topic: string): EventLog {
  return openKafkaLog({
    brokers: [`127.0.0.1:${wayPort()}`],
    topic,
    clock: { ...systemClock, sleep: async (_, signal) => systemClock.sleep(1, signal) },
    log: createLogger('test', 'silent'),
  })
}

let broken = 0

function wayPort(): number {
  const address = way.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

/** Hands on what the broker answers up to so many bytes, and then breaks the connection off. */
function bringSome(near: Socket, far: Socket, most = Number.POSITIVE_INFINITY): void {
  let left = most
  for (const socket of [near, far]) socket.on('error', () => undefined)
  near.pipe(far)
  near.on('close', () => far.destroy())
  far.on('close', () => near.destroy())
  far.on('data', (bytes) => {
    const part = bytes.subarray(0, Math.min(left, bytes.byteLength))
    left -= part.byteLength
    near.write(part, () => {
      if (left > 0) return
      broken += 1
      near.destroySoon()
    })
  })
}
