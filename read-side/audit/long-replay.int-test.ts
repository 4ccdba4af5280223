import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { EventLog } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { Problem } from '@micropay/schemas/api/problem'
import { ReplayLine, ReplayPage } from '@micropay/schemas/api/replay'
import { type AuditFixture, startAudit } from './audit.fixture.ts'
import { MOST_FOLDED } from './replay-page.ts'

const PAYMENTS = 100_000
const path = '/v1/audit/accounts/ada/replay'
/** What was read of the log since the account was written. */
const seen = { records: 0, open: 0 }

function openWatchedLog(): EventLog {
  const log = openMemoryLog()
  return {
    ...log,
    async *read(...asked) {
      seen.open += 1
      try {
        for await (const batch of log.read(...asked)) {
          seen.records += batch.length
          yield batch
        }
      } finally {
        seen.open -= 1
      }
    },
  }
}

/** Minutes pass when the test says so. */
const sleepers = new Set<() => void>()
const clock: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) => {
    if (durationMs < 60_000) return systemClock.sleep(durationMs, signal)
    return new Promise((resolve) => {
      sleepers.add(() => resolve(true))
      signal?.addEventListener('abort', () => resolve(false))
    })
  },
}
function passMinute(): void {
  for (const wake of sleepers) wake()
  sleepers.clear()
}

describe('an account with very many events', { timeout: 120_000 }, () => {
  let audit: AuditFixture
  let origin: string
  /** The index follows the log by a reader of its own. */
  let idle: number

  before(async () => {
    audit = await startAudit({ openLog: openWatchedLog, clock })
    const { ledger } = audit
    await audit.append(ledger.genesis(), ledger.claim())
    await audit.append(ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada'))
    for (let count = 0; count < PAYMENTS; count += 1_000) {
      await audit.append(...Array.from({ length: 1_000 }, () => ledger.pay([['cash', 'ada', 1]])))
    }
    let indexed = await audit.get(path)
    while (indexed.statusCode === 503) indexed = await audit.get(path)
    assert.equal(indexed.statusCode, 200)
    origin = await audit.app.listen({ port: 0, host: '127.0.0.1' })
    idle = seen.open
  })
  after(() => audit.close())

  async function stream(query = ''): Promise<IncomingMessage> {
    const headers = { authorization: 'Bearer vera', accept: 'application/x-ndjson' }
    const asked = get(`${origin}${path}${query}`, { headers, agent: false })
    const [answer]: IncomingMessage[] = await once(asked, 'response')
    // A connection that is cut off may tell the request, too, once it has its answer.
    asked.on('error', () => undefined)
    assert.ok(answer)
    answer.on('error', () => undefined)
    return answer
  }

  /** Other requests are answered until nothing more was read of the log between many of them. */
  async function standsStill(): Promise<number> {
    for (;;) {
      const before = seen.records
      for (let asked = 0; asked < 25; asked += 1) await audit.get('/v1/audit/accesses?limit=1')
      if (seen.records === before) return before
    }
  }

  async function noneIsOpen(): Promise<void> {
    while (seen.open > idle) await audit.get('/v1/audit/accesses?limit=1')
  }

  test('streams at the pace of its reader, in bounded memory, and is whole', async () => {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    assert.ok(typeof collect === 'function')
    const heldBytes = () => {
      collect()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const beforeBytes = heldBytes()
    seen.records = 0
    const answer = await stream()
    const chunks = answer[Symbol.asyncIterator]()
    let bytes = String((await chunks.next()).value).length
    const begun = await standsStill()
    assert.ok(begun < PAYMENTS / 2, `${begun} records were read for a reader that takes none`)

    let lines = 0
    let rest = ''
    let mostBytes = 0
    let chunkCount = 0
    for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
      const text: string = rest + chunk.value
      bytes += chunk.value.length
      lines += text.split('\n').length - 1
      rest = text.slice(text.lastIndexOf('\n') + 1)
      chunkCount += 1
      if (chunkCount % 100 === 0) mostBytes = Math.max(mostBytes, heldBytes() - beforeBytes)
    }
    assert.equal(rest, '')
    assert.ok(lines > PAYMENTS - 1_000, `${lines} lines behind the first chunk`)
    assert.ok(bytes > 30_000_000, `${bytes} bytes`)
    assert.ok(mostBytes < bytes / 3, `${mostBytes} bytes held for an answer of ${bytes}`)
    await noneIsOpen()
  })

  test('a reader that goes away stops the work', async () => {
    seen.records = 0
    const answer = await stream()
    await once(answer, 'data')
    answer.destroy()
    await noneIsOpen()
    assert.ok(seen.records < PAYMENTS, `${seen.records} records were read`)
  })

  test('four long replays run at a time, and a fifth is told to come again until one of them ends', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => stream()))
    const late = await stream()
    assert.equal(late.statusCode, 503)
    assert.equal(late.headers['retry-after'], '10')
    assert.equal(Problem.parse(JSON.parse(String((await late.toArray()).join('')))).code, 'overloaded')
    assert.equal((await audit.get(`${path}?from=90000`)).statusCode, 503, 'a page that folds much needs a place, too')
    assert.equal((await audit.get(`${path}?limit=10`)).statusCode, 200, 'a page from the beginning does not')
    for (const answer of answers) answer.destroy()
    await noneIsOpen()
    const again = await stream()
    assert.equal(again.statusCode, 200)
    again.destroy()
    await noneIsOpen()
  })

  test('a page from a late step folds so much at a time, and its cursor goes on', async () => {
    seen.records = 0
    const from = MOST_FOLDED + 10
    const first = ReplayPage.parse((await audit.get(`${path}?from=${from}&limit=2`)).json())
    assert.deepEqual(first.items, [])
    assert.ok(first.next)
    assert.ok(seen.records < MOST_FOLDED + 5_000, `${seen.records} records for one page`)
    const rest = `${path}?limit=2&cursor=${encodeURIComponent(first.next)}`
    const second = ReplayPage.parse((await audit.get(rest)).json())
    assert.deepEqual(
      second.items.map(({ step, balanceAfter }) => [step, balanceAfter]),
      [
        [from, String(from - 1)],
        [from + 1, String(from)],
      ],
    )
    assert.ok(second.next)
  })

  test('an account of another tenant is told to be none at its first commit', async () => {
    seen.records = 0
    assert.equal((await audit.get(path, 'olga')).statusCode, 404)
    assert.ok(seen.records < 2_000, `${seen.records} records were read`)
  })

  test('a stream from a late step says how far it has folded before the first step', async () => {
    const answer = await stream(`?from=${PAYMENTS}`)
    const lines = String((await answer.toArray()).join(''))
      .trimEnd()
      .split('\n')
      .map((line) => ReplayLine.parse(JSON.parse(line)))
    assert.ok(lines[0] && 'progress' in lines[0])
    const steps = lines.flatMap((line) => ('step' in line ? [line.step] : []))
    assert.deepEqual(steps, [PAYMENTS, PAYMENTS + 1])
  })

  test('a step behind the last is a 400 that says how many there are, the next one to come an empty page', async () => {
    let answer = await audit.get(`${path}?from=900719925474`)
    while (answer.statusCode === 200) {
      const { next } = ReplayPage.parse(answer.json())
      answer = await audit.get(`${path}?cursor=${encodeURIComponent(next ?? '')}`)
    }
    assert.equal(answer.statusCode, 400)
    assert.match(Problem.parse(answer.json()).detail, new RegExp(`the account has ${PAYMENTS + 1} steps so far`))
    const last = ReplayPage.parse((await audit.get(`${path}?from=1`)).json())
    assert.equal(last.items.length, 50)
  })

  test('a reader that takes nothing for a minute loses its place, and is told that it has not the whole', async () => {
    const answer = await stream()
    const failed = once(answer, 'end').then(
      () => 'ended',
      (error: Error) => error.message,
    )
    await standsStill()
    // The first minute may end amid what was read before it; on a busy machine the second may, too.
    while (seen.open > idle) {
      passMinute()
      await audit.get('/v1/audit/accesses?limit=1')
    }
    answer.resume()
    assert.equal(await failed, 'aborted')
  })

  test('a service that closes cuts its streams off, so that nobody takes a part for the whole', async () => {
    const answer = await stream()
    const failed = once(answer, 'end').then(
      () => 'ended',
      (error: Error) => error.message,
    )
    const closed = audit.app.close()
    answer.resume()
    assert.equal(await failed, 'aborted')
    await closed
    assert.equal(seen.open, idle)
  })
})
