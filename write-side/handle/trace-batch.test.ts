import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Appender, EventLog, NewRecord } from '@micropay/event-log/event-log'
import { readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createHandClock, passing } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { type OtlpReceiver, startOtlpReceiver } from '@micropay/runtime/telemetry/otlp-receiver.fixture'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { z } from 'zod'
import { ledgerIn, opening, paying, startOwner, stopOwner } from './owner.fixture.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const wanted = `00-${traceId}-00f067aa0ba902b7-01`
let receiver: OtlpReceiver
before(async () => {
  receiver = await startOtlpReceiver()
})
after(() => receiver.close())

async function traced<Result>(work: () => Promise<Result>): Promise<Result> {
  const config = z.object(tracingEnvironment).parse({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const tracing = await openTracing(config, 'write-side', createLogger('test', 'silent'))
  return work().finally(() => tracing.close())
}

/** What a ledger's log holds behind the same commands at the same times, and the same chance. */
async function booked(traceparent?: string) {
  let drawn = 0
  const randomId = () => {
    drawn += 1
    return String(drawn).padStart(22, '0')
  }
  const clock = { ...createHandClock(), randomId }
  const log = openMemoryLog(createMemoryStore(clock))
  await log.prepare(1)
  const owner = startOwner(log, { clock })
  const commands = [opening('ada', 'k1', 'unlimited'), opening('ben', 'k2'), paying('k3', 'ada', 'ben', '5')]
  for (const request of [...commands, paying('k4', 'ben', 'ada', '100')])
    await owner.submit({ ...request, traceparent })
  const records = await readRecords(log, 0, 0n, Number(await log.end(0)))
  const { state } = await ledgerIn(log)
  await passing(clock, stopOwner(owner))
  return { records, hash: state.hash }
}

test('a record’s bytes and its hash are the same whether its trace is recorded or not', async () => {
  const plain = await booked()
  const withTraces = await traced(() => booked(wanted))
  const unwanted = await traced(() => booked(wanted.replace(/01$/, '00')))
  for (const { records, hash } of [withTraces, unwanted]) {
    assert.deepEqual(
      records.map(({ value }) => value),
      plain.records.map(({ value }) => value),
    )
    assert.equal(hash, plain.hash)
  }
  assert.ok(plain.records.every(({ value }) => !Buffer.from(value).includes(traceId)))
  // Genesis and claim are of no request.
  const beside = withTraces.records.map(({ traceparent }) => traceparent?.slice(0, 36))
  assert.deepEqual(beside, [undefined, undefined, ...Array<string>(4).fill(`00-${traceId}-`)])
  for (const { records } of [plain, unwanted]) assert.ok(records.every((record) => record.traceparent === undefined))
})

test('of the commands of one append so many are traced as are bounded, and all are decided', async () => {
  receiver.spans.length = 0
  const appended: (readonly NewRecord[])[] = []
  const memory = openMemoryLog(createMemoryStore())
  await memory.prepare(1)
  const log: EventLog = {
    ...memory,
    openAppender: async (partition) => noting(await memory.openAppender(partition), appended),
  }
  await traced(async () => {
    const owner = startOwner(log)
    await owner.submit(opening('first'))
    const asked = Array.from({ length: 200 }, (_, index) =>
      owner.submit({ ...opening(`acc-${index}`), traceparent: wanted }),
    )
    for (const result of await Promise.all(asked)) assert.equal(result.kind, 'accepted')
    await stopOwner(owner)
  })
  const carrying = appended.map((records) => records.filter(({ traceparent }) => traceparent !== undefined).length)
  assert.equal(Math.max(...carrying), 64)
  const appends = receiver.spans.filter(({ name }) => name === 'append')
  assert.equal(
    appends.length,
    carrying.reduce((sum, count) => sum + count, 0),
  )
})

function noting(appender: Appender, appended: (readonly NewRecord[])[]): Appender {
  return {
    ...appender,
    append(records) {
      appended.push(records)
      return appender.append(records)
    },
  }
}

test('an append whose outcome is not known is a span that says so', async () => {
  receiver.spans.length = 0
  const memory = openMemoryLog(createMemoryStore())
  await memory.prepare(1)
  let failures = 0
  const failing = async (partition: number): Promise<Appender> => {
    const appender = await memory.openAppender(partition)
    const append: Appender['append'] = async (records) => {
      if (records.some(({ traceparent }) => traceparent !== undefined) && failures === 0) {
        failures += 1
        throw new Error('on purpose')
      }
      return appender.append(records)
    }
    return { ...appender, append }
  }
  await traced(async () => {
    const owner = startOwner({ ...memory, openAppender: failing })
    assert.equal((await owner.submit({ ...opening('ada'), traceparent: wanted })).kind, 'accepted')
    await stopOwner(owner)
  })
  const appends = receiver.spans.filter(({ name }) => name === 'append')
  assert.deepEqual(
    appends.map(({ failure }) => failure),
    ['it is not known whether the log has it', undefined],
  )
})
