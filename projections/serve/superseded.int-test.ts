import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { appendResume } from '@micropay/event-log/append-resume'
import type { EventLog } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { acquireOnce } from '@micropay/runtime/leases'
import { openLeases } from '@micropay/runtime/open-leases'
import { eventually, liveSchema, startProjections } from '../versions/projections.fixture.ts'

const PARTITIONS = [0, 1]
const ABOVE_SEQ = 100

/** A version of two partitions, both of which were cut since, and a person has accepted that. */
async function giveUpVersion(context: TestContext, seen: (log: EventLog) => EventLog) {
  const store = createMemoryStore(systemClock)
  const log = openMemoryLog(store)
  const projections = await startProjections(PARTITIONS.length, seen(log))
  context.after(() => projections.close())
  const { pool } = projections
  for (const partition of PARTITIONS) {
    const ledger = createLedger(partition, PARTITIONS.length)
    const appender = await log.openAppender(partition)
    await appender.append([ledger.genesis(), ledger.claim()])
    const [cash, ada] = [`cash${partition}`, `ada${partition}`]
    const opened = [ledger.open(cash, { type: 'external', overdraftLimit: 'unlimited' }), ledger.open(ada)]
    await appender.append([...opened, ledger.pay([[cash, ada, 1]])])
  }
  const before = projections.startWorker()
  await eventually('both partitions are read', () => bothReached(3))
  const givenUp = await liveSchema(pool)
  await before.close()
  for (const partition of PARTITIONS) {
    store.partitions[partition]?.pop()
    await appendResume(log, partition, {
      ...{ ledgerId: 'test-ledger', actor: 'sam', reason: 'a backup was restored', aboveSeq: ABOVE_SEQ, aboveEpoch: 9 },
      ...{ clock: systemClock, signal: AbortSignal.timeout(20_000) },
    })
  }
  return { projections, givenUp, bothReached }

  async function bothReached(seq: number): Promise<true | undefined> {
    const found = await pool
      .query(
        `select from projection.checkpoint join projection.version using (schema_name)
         where state = 'live' and seq >= $1`,
        [seq],
      )
      .catch(() => undefined)
    return found?.rowCount === PARTITIONS.length ? true : undefined
  }
}

test('who learns late that its version was given up builds nothing where another took its place', async (context) => {
  const [asked, replaced] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isHeld = false
  let follows = 0n
  const { projections, givenUp, bothReached } = await giveUpVersion(context, (log) => ({
    ...log,
    async end(partition) {
      // The other partition finds it out first.
      if (isHeld && partition === 0) await asked.promise
      return log.end(partition)
    },
    async *read(partition, from, options) {
      if (isHeld && partition === 1) {
        isHeld = false
        asked.resolve()
        await replaced.promise
      }
      if (partition === 1 && options.until === undefined) follows = from
      yield* log.read(partition, from, options)
    },
  }))
  isHeld = true
  projections.startWorker()
  await eventually('it is built anew', () => bothReached(ABOVE_SEQ))
  assert.notEqual(await liveSchema(projections.pool), givenUp)
  replaced.resolve()
  const end = await projections.log.end(1)
  await eventually('the late one follows', async () => (follows === end ? true : undefined))
  const made = await projections.pool.query('select last_value::int as versions from projection.generation')
  assert.deepEqual(made.rows, [{ versions: 2 }])
})

test('while another worker builds anew, who waits for it looks at the log now and then', async (context) => {
  let looks = 0
  const { projections, bothReached } = await giveUpVersion(context, (log) => ({
    ...log,
    end(partition) {
      looks += 1
      return log.end(partition)
    },
  }))
  const leases = openLeases({
    ...{ url: projections.databaseUrl, clock: systemClock, log: projections.logger, schema: 'projection' },
  })
  context.after(() => leases.close())
  const building = leases.open('rebuild accounts/accounts', 'another worker')
  assert.equal(await acquireOnce(building), 'ours')
  const worker = projections.startWorker()
  await eventually('it stands still', async () => (/stopped/.test(worker.troubledBy() ?? '') ? true : undefined))
  looks = 0
  await systemClock.sleep(1_000)
  assert.ok(looks < 10, `it looked ${looks} times in a second`)
  await building.release()
  await eventually('it builds itself', () => bothReached(ABOVE_SEQ))
})
