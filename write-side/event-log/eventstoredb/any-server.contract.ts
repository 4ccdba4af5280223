import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { LogError, type LogErrorCode } from '../event-log.ts'
import { handle, numbered } from '../fresh-log.fixture.ts'
import { appendTo, nextBatch, readRecords } from '../log-reading.fixture.ts'
import { openEventStoreLog } from './event-log.ts'

/** What only a person or another client does to the streams, and any server lets happen. */
export function describeAnyServer(name: string, url: () => string): void {
  const open = (prefix: string) => openEventStoreLog({ url: url(), prefix, clock: systemClock, log })
  describe(`the streams of a ledger on ${name}`, { timeout: 60_000 }, () => {
    describeSettings(url, open)
    describeStrangers(url, open)
  })
}

type Open = (prefix: string) => ReturnType<typeof openEventStoreLog>

function describeSettings(url: () => string, open: Open): void {
  test('a stream that may lose records does not fit, and the error names the setting', async (context) => {
    for (const [setting, name] of [
      ['maxCount', /\$maxCount/],
      ['maxAge', /\$maxAge/],
      ['truncateBefore', /\$tb/],
    ] as const) {
      const prefix = freshName('faults')
      await set(context, url(), `${prefix}-1`, { [setting]: 7 })
      await assert.rejects(
        handle(context, () => open(prefix)).prepare(2),
        (error) => isLogError('log_mismatch')(error) && name.test(String(error)) && /-1 may lose/.test(String(error)),
      )
    }
  })

  test('one that may lose records while it is read stops who reads, until that is taken off', async (context) => {
    const prefix = freshName('faults')
    const ledger = handle(context, () => open(prefix))
    await ledger.prepare(1)
    await appendTo(ledger, 0, numbered('a', 1))
    const batches = ledger.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    assert.equal((await nextBatch(batches)).length, 1)
    await set(context, url(), `${prefix}-0`, { maxAge: 3_600 })
    const mayLose = (error: unknown) => isLogError('log_truncated')(error) && /\$maxAge/.test(String(error))
    await assert.rejects(batches.next(), mayLose)
    await set(context, url(), `${prefix}-0`, {})
    assert.equal((await readRecords(ledger, 0, 0n, 1)).length, 1)
  })
}

function describeStrangers(url: () => string, open: Open): void {
  test('what is no record of a ledger is told', async (context) => {
    const prefix = freshName('faults')
    const ledger = handle(context, () => open(prefix))
    await ledger.prepare(1)
    const strange = jsonEvent({ type: 'OrderPlaced', data: {} })
    await another(context, url()).appendToStream(`${prefix}-0`, strange)
    await assert.rejects(
      readRecords(ledger, 0, 0n, 1),
      (error) => isLogError('log_mismatch')(error) && /OrderPlaced/.test(String(error)),
    )
  })

  test('a log that was not prepared says so', async (context) => {
    const ledger = handle(context, () => open(freshName('faults')))
    await ledger.prepare(1)
    await assert.rejects(ledger.end(1), isLogError('log_mismatch'))
    await assert.rejects(ledger.openAppender(1), isLogError('log_mismatch'))
    await assert.rejects(readRecords(ledger, 1, 0n, 1), isLogError('log_mismatch'))
  })

  test('many processes may prepare one log at once', async (context) => {
    const prefix = freshName('faults')
    const logs = Array.from({ length: 5 }, () => handle(context, () => open(prefix)))
    await Promise.all(logs.map((each) => each.prepare(4)))
    assert.equal(await logs[0]?.end(3), 0n)
  })
}

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')

/** Another client, which takes the plain way, too: the test server has no other. */
function another(context: TestContext, url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url)
  Object.assign(client, { supports: async () => false })
  context.after(() => client.dispose())
  return client
}

async function set(context: TestContext, url: string, stream: string, settings: Record<string, number>): Promise<void> {
  await another(context, url).setStreamMetadata(stream, settings)
}

export function isLogError(code: LogErrorCode) {
  return (error: unknown) => error instanceof LogError && error.code === code
}
