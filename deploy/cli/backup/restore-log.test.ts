import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { appendTo, readRecords } from '@micropay/event-log/log-reading.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { bookedLedger, pay, stopped } from '@micropay/write-side/handle/booked-ledger.fixture'
import { ledgerId, startOwner } from '@micropay/write-side/handle/owner.fixture'
import { backUpLog } from './back-up-log.ts'
import { type RestoreOptions, restoreLog } from './restore-log.ts'

const { signal } = new AbortController()
/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: async () => true }
const root = mkdtempSync(join(tmpdir(), 'micropay-restore-'))
after(() => rm(root, { recursive: true }))
const acting = { actor: 'sam', reason: 'the disk of the log was lost' }
const nobody: RestoreOptions['sources'] = { stateDirectories: [], databases: {}, verifications: undefined }

/** A ledger up to 0:7, the state of its worker, and two backups: `older` ends at 0:5. */
const written = (async () => {
  const { log, directory: state } = await bookedLedger()
  const [older, whole] = [join(root, 'older'), join(root, 'whole')]
  const backUp = (directory: string) => backUpLog({ log, directory, clock, signal, print: () => undefined })
  await backUp(older)
  await cp(older, whole, { recursive: true })
  const owner = startOwner(log, { directory: state })
  for (const key of ['k6', 'k7']) await pay(owner, key)
  await owner.stop()
  await backUp(whole)
  return { log, state, older, whole }
})()

async function restore(directory: string, more: Partial<RestoreOptions> & Pick<RestoreOptions, 'log'>) {
  const lines: string[] = []
  const options = { directory, ending: 'complete', ledgerId, sources: nobody, listsIn: root, clock, signal } as const
  const restored = await restoreLog({ ...options, print: (line) => void lines.push(line), ...more })
  return { restored, said: lines.join('\n') }
}

async function plain(log: EventLog, count: number) {
  const records = await readRecords(log, 0, 0n, count)
  return records.map(({ offset, key, value }) => [offset, key, Buffer.from(value).toString()])
}

test('a backup is restored into an empty log byte for byte, verified, and served as before', async (context) => {
  const { log: old, whole } = await written
  const log = openMemoryLog()
  const { restored, said } = await restore(whole, { log })
  assert.ok(restored, said)
  assert.match(
    said,
    /2 files, [\s\S]*All of the backup is in the log, and it is sound\.[\s\S]*Nobody who was asked knows/,
  )
  const end = Number(await old.end(0))
  assert.equal(Number(await log.end(0)), end)
  assert.deepEqual(await plain(log, end), await plain(old, end))
  const owner = startOwner(log)
  context.after(() => owner.stop())
  const again = await pay(owner, 'k7')
  assert.ok(again.kind === 'accepted' && again.replayed && again.position?.seq === 7, JSON.stringify(again))
})

test('one older than what a state knows is no complete one, and stops the worker of that state', async (context) => {
  const { older, state } = await written
  const log = openMemoryLog()
  const sources = { ...nobody, stateDirectories: [state] }
  const { restored, said } = await restore(older, { log, sources })
  assert.equal(restored, false)
  assert.match(said, /WRONG +0:7, by the state in .*: the log .* up to 0:7 .* was read before/)
  assert.match(said, /NOT all that there was: .* micropay resume/)
  const owner = startOwner(log, { directory: state })
  context.after(() => owner.stop())
  assert.match(await stopped(owner), /ends at offset|up to 0:7/)
})

test('where nobody knows what is lost, its positions are passed over', async (context) => {
  const { older } = await written
  const log = openMemoryLog()
  const { restored, said } = await restore(older, { log, ending: acting })
  assert.ok(restored, said)
  assert.match(said, /WRONG +more may have been acknowledged[\s\S]*Resumed at 0:1000000,/)
  const owner = startOwner(log)
  context.after(() => owner.stop())
  const lost = await pay(owner, 'k6')
  assert.ok(lost.kind === 'accepted' && !lost.replayed && (lost.position?.seq ?? 0) >= 1_000_000)
  const kept = await pay(owner, 'k5')
  assert.ok(kept.kind === 'accepted' && kept.replayed && kept.position?.seq === 5)
})

test('so many are passed over as a partition can have given since its newest commit', async () => {
  const { older } = await written
  const anHourLater = { ...clock, nowMs: () => clock.nowMs() + 3_600_000 }
  const { said } = await restore(older, { log: openMemoryLog(), ending: acting, clock: anHourLater })
  assert.match(said, /Resumed at 0:18[01]000000,/)
})

test('a log that holds anything, or another ledger, takes no backup', async () => {
  const { log: old, older } = await written
  await assert.rejects(restore(older, { log: old }), /not empty: partition 0 has [0-9]+ records/)
  const log = openMemoryLog()
  await assert.rejects(restore(older, { log, ledgerId: 'other' }), /of the ledger owner-test, and ours is other/)
  assert.equal(await log.partitions(), undefined, 'nothing was made')
  const more = openMemoryLog()
  await more.prepare(2)
  await assert.rejects(restore(older, { log: more }), /2 partitions, not 1/)
})

test('a backup that is damaged puts nothing into the log', async () => {
  const directory = join(root, 'damaged')
  await cp((await written).older, directory, { recursive: true })
  const [name = ''] = (await readdir(directory)).filter((each) => each.endsWith('.zst'))
  const bytes = await readFile(join(directory, name))
  bytes[60] = (bytes[60] ?? 0) ^ 1
  await writeFile(join(directory, name), bytes)
  const log = openMemoryLog()
  await assert.rejects(restore(directory, { log }), /is not as it was written/)
  assert.equal(await log.partitions(), undefined)
})

test('a worker that writes meanwhile is found', async () => {
  const { log: old, older } = await written
  const [genesis] = await readRecords(old, 0, 0n, 1)
  assert.ok(genesis)
  const log = openMemoryLog()
  const openAppender: EventLog['openAppender'] = async (partition) => {
    await appendTo(log, partition, [genesis])
    return log.openAppender(partition)
  }
  await assert.rejects(restore(older, { log: { ...log, openAppender } }), /somebody else writes to partition 0/)
  const late = openMemoryLog()
  const end: EventLog['end'] = async (partition) => {
    const records = await readRecords(old, 0, 0n, Number(await old.end(0)))
    if ((await late.end(partition)) > 0n) await appendTo(late, partition, records.slice(-2))
    return late.end(partition)
  }
  const { restored, said } = await restore(older, { log: { ...late, end } })
  assert.equal(restored, false)
  assert.match(said, /does not lead to where the backup does[\s\S]*start nothing on it/)
})
