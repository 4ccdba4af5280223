import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Lease } from '@micropay/runtime/leases'
import { createLogger } from '@micropay/runtime/logger'
import { OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { CommandRequest } from '@micropay/write-side/handle/command'
import { type PartitionOwner, startPartitionOwner } from '@micropay/write-side/handle/partition-owner'
import { requestHashKey, requestHashOf } from '@micropay/write-side/handle/request-hash'
import { lmdbDisk } from '@micropay/write-side/state/lmdb/disk'
import { snapshotKey } from '@micropay/write-side/state/snapshots/manifest'
import { createSnapshots, createTurns } from '@micropay/write-side/state/snapshots/snapshots'
import { createStateOpener } from '@micropay/write-side/state/state-opener'

/**
 * `node bench/snapshots.ts [--payments N]`: makes a partition of so many payments, takes a snapshot of its state, and
 * starts a worker with an empty disk; prints how long each took. The log is in memory, and holds no bytes of the
 * records that a worker which goes on from the snapshot does not read.
 */
const { values } = parseArgs({ options: { payments: { type: 'string', default: '1000000' } } })
const payments = Number(values.payments)

const ACCOUNTS = 10_000
const AT_ONCE = 5_000
const BEHIND = 20_000
const EMPTY = new Uint8Array()
const context = { ledgerId: 'snapshots', partition: 0 }
const hashKey = requestHashKey('a secret that all workers share')
const directory = mkdtempSync(join(tmpdir(), 'micropay-bench-snapshots-'))
const store = { kind: 'folder', path: join(directory, 'shared') } as const
const memory = createMemoryStore(systemClock)
const eventLog = openMemoryLog(memory)
await eventLog.prepare(1)
const records = memory.partitions[0] as LogRecord[]

const first = startWorker('first', eventLog)
await timed(`make a state of ${payments} payments`, makePayments)
const state = snapshotsOf('first')
const started = performance.now()
const taken = await state.take(new Date().toISOString(), new AbortController().signal)
report('take a snapshot', performance.now() - started)
if (taken.kind !== 'taken') throw new Error(JSON.stringify(taken))
console.log(`size of the snapshot: ${Math.round(taken.bytes / 1e6)} MB, at ${taken.seq}`)
await makeSome(first, 'behind-the-snapshot', BEHIND)
await first.stop()
const second = startWorker('second', eventLog)
await timed('from an empty disk to the first payment', () => makeSome(second, 'first-of-the-second', 1))
const alone = await paymentsPerSecond('before', systemClock.sleep(10_000))
const taking = snapshotsOf('second').take(new Date().toISOString(), new AbortController().signal)
const meanwhile = await paymentsPerSecond('meanwhile', taking)
console.log(`payments a second: ${alone}, and while a snapshot is taken ${meanwhile}`)
await second.stop()
rmSync(directory, { recursive: true })

/** Makes payments, 500 at a time, until `until` is over. */
async function paymentsPerSecond(name: string, until: Promise<unknown>): Promise<number> {
  let over = false
  const ended = until.finally(() => {
    over = true
  })
  let made = 0
  const beganMs = performance.now()
  for (; !over; made += 500) await makeSome(second, `${name}-${made}`, 500)
  await ended
  return Math.round((made * 1_000) / (performance.now() - beganMs))
}

function snapshotsOf(name: string) {
  const { name: path } = lmdbDisk(join(directory, name), 0, systemClock)
  const key = snapshotKey('a secret that all workers share', context.ledgerId)
  return createSnapshots({ ...context, store, key, path, clock: systemClock, turns: createTurns() })
}

function startWorker(name: string, log: EventLog): PartitionOwner {
  mkdirSync(join(directory, name))
  const lease: Lease = {
    ...{ acquire: async () => true, release: async () => {} },
    ...{ tell: async () => {}, told: async () => [], forget: async () => {} },
  }
  return startPartitionOwner({
    ...{ eventLog: log, lease, context, partitions: 1, ownerId: name, clock: systemClock },
    openStore: createStateOpener(lmdbDisk(join(directory, name), 0, systemClock), context),
    snapshots: snapshotsOf(name),
    limits: { snapshotLookMs: 3_600_000, answerWithinMs: 120_000 },
    log: createLogger('bench', 'warn'),
    onFatal: (error) => {
      throw error
    },
  })
}

async function makePayments(): Promise<void> {
  for (let from = 0; from < ACCOUNTS; from += AT_ONCE) {
    const opened = Array.from({ length: AT_ONCE }, (_, at) => first.submit(opening(from + at)))
    await accepted(opened)
  }
  let emptied = 0
  for (let made = 0; made < payments; made += AT_ONCE) {
    await makeSome(first, `made-${made}`, Math.min(AT_ONCE, payments - made))
    // The newest are read again to see that the log is what it was.
    for (; emptied < records.length - 20_000; emptied += 1) {
      const { offset, key } = records[emptied] as LogRecord
      // Of commits alone: a claim is read for as long as it stands.
      if (key !== '') records[emptied] = { offset, key, value: EMPTY }
    }
  }
}

async function makeSome(owner: PartitionOwner, name: string, count: number): Promise<void> {
  await accepted(Array.from({ length: count }, (_, at) => owner.submit(paying(`${name}-${at}`))))
}

async function accepted(submitted: readonly ReturnType<PartitionOwner['submit']>[]): Promise<void> {
  for (const result of await Promise.all(submitted)) {
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result))
  }
}

function opening(at: number): CommandRequest {
  const fields = OpenAccount.parse({
    type: 'customer',
    currency: 'EUR',
    owner: `customer:${at}`,
    overdraftLimit: 'unlimited',
  })
  return requestFor(
    { type: 'OpenAccount', data: { ...fields, accountId: AccountId.parse(`account-${at}`) } },
    `o-${at}`,
  )
}

function paying(key: string): CommandRequest {
  const [from, to] = [Math.floor(Math.random() * ACCOUNTS), Math.floor(Math.random() * (ACCOUNTS - 1))]
  const other = to === from ? ACCOUNTS - 1 : to
  const posting = { from: `account-${from}`, to: `account-${other}`, amount: '10', currency: 'EUR' }
  return requestFor({ type: 'MakePayment', data: MakePayment.parse({ postings: [posting] }) }, key)
}

function requestFor(command: LedgerCommand, idempotencyKey: string): CommandRequest {
  return {
    ...{ command, tenant: 'main', actor: { subject: 'operator:olga', client: 'bench' }, mayBook: true },
    ...{ idempotencyKey, requestHash: requestHashOf(command, hashKey), dryRun: false },
  }
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const begunMs = performance.now()
  await work()
  report(what, performance.now() - begunMs)
}

function report(what: string, tookMs: number): void {
  console.log(`${what}: ${(tookMs / 1_000).toFixed(1)} s`)
}
