import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createLedger, readInSteps } from '@micropay/event-log/ledger.fixture'
import type { ClientBase } from 'pg'
import { accountsProjection } from '../accounts/projection.ts'
import { type Projection, ProjectionError } from '../projection.ts'
import { assertConsistent, balancesOf, startProjections } from '../versions/projections.fixture.ts'
import { prepareVersions } from '../versions/versions.ts'
import { followPartition } from './follow-partition.ts'
import type { FollowSource } from './follow-run.ts'

let projections: Awaited<ReturnType<typeof startProjections>>
beforeEach(async () => {
  projections = await startProjections()
})
afterEach(() => projections.close())

const external = { type: 'external', overdraftLimit: 'unlimited' } as const
const payments = 200
/** genesis, claim, two accounts */
const first = 4

async function openBook() {
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  await projections.append(...Array.from({ length: payments }, () => ledger.pay([['cash', 'ada', 1]])))
  return ledger
}

/**
 * The projection of accounts, how many records each of its transactions wrote, and that these are the ones that its
 * checkpoint says.
 */
function counted(): { projection: Projection; wrote: number[] } {
  const wrote: number[] = []
  const openWriter: Projection['openWriter'] = (schema, partition) => {
    const writer = accountsProjection.openWriter(schema, partition)
    let folded = 0
    return {
      prepare: writer.prepare,
      fold: (commits, records) => {
        writer.fold(commits, records)
        folded += records.length
      },
      take: () => {
        wrote.push(folded)
        folded = 0
        const changes = writer.take()
        const check = async (client: ClientBase) => {
          const { rows } = await client.query(`select seq::int as checkpoint,
            greatest((select max(changed_seq) from ${schema}.account),
              (select max(seq) from ${schema}.payment))::int as written
            from projection.checkpoint`)
          assert.equal(rows[0].written ?? 0, rows[0].checkpoint)
        }
        // By a transaction, whose end is looked at before it is one.
        return {
          changed: changes.changed,
          parts: undefined,
          write: async (client) => {
            await changes.write(client)
            await check(client)
          },
        }
      },
    }
  }
  return { projection: { ...accountsProjection, openWriter }, wrote }
}

/** Follows, one record read at a time, until the log's end is applied. */
async function followToEnd(options: Pick<FollowSource, 'projection'> & Partial<FollowSource>): Promise<string> {
  const { pool, log } = projections
  const { schema } = await prepareVersions(pool, options.projection, 1)
  const end = await log.end(0)
  const reached = new AbortController()
  const onApplied = (offset: bigint) => {
    if (offset >= end) reached.abort()
  }
  const source = { ...projections, log: readInSteps(log, 1), schema, partition: 0, onApplied, ...options }
  await followPartition(source, AbortSignal.any([reached.signal, AbortSignal.timeout(20_000)]))
  assert.ok(reached.signal.aborted, 'the end was applied')
  return schema
}

test('what comes while a batch is being written is written together, as the next one', async () => {
  await openBook()
  const { projection, wrote } = counted()
  const schema = await followToEnd({ projection })
  assert.ok(wrote.length <= payments / 4, `few transactions, and not one a record: ${wrote}`)
  await assertConsistent(projections.pool, schema, payments, payments)
})

test('a rebuild waits for whole batches, and not for more behind the last record that it must reach', async () => {
  await openBook()
  const { projection, wrote } = counted()
  const until = BigInt(first + payments)
  const schema = await followToEnd({ projection, batches: { records: 75, until, isLoading: true } })
  assert.ok(
    wrote.slice(0, -1).every((records) => records >= 75),
    `whole batches but for the last: ${wrote}`,
  )
  assert.equal(
    wrote.reduce((sum, records) => sum + records, 0),
    first + payments,
  )
  await assertConsistent(projections.pool, schema, payments, payments)
})

test('a transaction is bounded in bytes too', async () => {
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  const description = 'long '.repeat(180_000)
  for (let count = 0; count < 45; count += 1)
    await projections.append(ledger.pay([['cash', 'ada', 1]], { description }))
  const { projection, wrote } = counted()
  const schema = await followToEnd({
    projection,
    batches: { records: 10_000, until: BigInt(first + 45), isLoading: true },
  })
  assert.ok(wrote.length > 1, `40 MB are more than one transaction: ${wrote}`)
  await assertConsistent(projections.pool, schema, 45, 45)
})

test('a commit that cannot be applied ends it, and everything before that commit is applied first', async () => {
  const ledger = await openBook()
  await projections.append(ledger.pay([['nobody', 'ada', 1]]), ledger.pay([['cash', 'ada', 1]]))
  const { schema } = await prepareVersions(projections.pool, accountsProjection, 1)
  const source = { ...projections, log: readInSteps(projections.log, 1), schema, partition: 0 }
  // More than there are: only the error makes it write what it holds.
  const batches = { records: 1_000, until: 1_000n, isLoading: true }
  await assert.rejects(followPartition({ ...source, batches }, AbortSignal.timeout(20_000)), ProjectionError)
  assert.deepEqual(await balancesOf(projections.pool, schema), { ada: `${payments}`, cash: `-${payments}` })
  const { rows } = await projections.pool.query('select log_offset::int from projection.checkpoint')
  assert.deepEqual(rows, [{ log_offset: first + payments }])
})
