import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { open } from 'lmdb'
import { STATE_VERSION } from '../mark.ts'
import { append, expected, freshDirectory, keyOf, known, markAt, newYear, openOn } from '../state.fixture.ts'
import { openStateStore } from '../state-store.ts'
import { describeStateDisk } from '../tables.contract.ts'
import type { StateDisk, Verdict } from '../tables.ts'
import { keptPartitions, lmdbDisk } from './disk.ts'

describeStateDisk('LMDB', (context) => lmdbDisk(freshDirectory(context), 0, systemClock))

test('any program with LMDB can read the state, and only its user the secret', async (context) => {
  const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
  const { store } = await openOn(context, disk)
  await append(store, 40)
  await store.close()
  const root = open({ path: disk.name, maxDbs: 8, readOnly: true })
  context.after(() => root.close())
  const { accountId, balanceMinor } = root.openDB({ name: 'accounts' }).get('main\nada')
  assert.deepEqual([accountId, balanceMinor], ['ada', '40'])
  const entry = root.openDB({ name: 'key-entries' }).get(7)
  assert.deepEqual([entry.scopedKey, entry.requestHash, entry.agedMs], [keyOf(7), 'hash 7', 0])
  const { version, fold } = root.openDB({ name: 'meta', encoding: 'json' }).get('mark')
  assert.deepEqual([version, fold.seq, fold.hash, fold.decidedAt], [STATE_VERSION, 40, 'hash after 40', newYear])
  assert.equal(statSync(disk.name).mode & 0o777, 0o700)
  assert.equal(statSync(join(disk.name, 'digest.key')).mode & 0o777, 0o600)
})

test('a directory of states says how many partitions its worker has', (context) => {
  const directory = freshDirectory(context)
  assert.equal(keptPartitions(directory), 0)
  assert.equal(keptPartitions(join(directory, 'none')), 0)
  for (const name of ['partition-0-v10', 'partition-11-v9', 'partition-2-v10', 'partition-99', 'other']) {
    mkdirSync(join(directory, name))
  }
  assert.equal(keptPartitions(directory), 12)
})

test('a state of another version leaves nothing behind', async (context) => {
  const directory = freshDirectory(context)
  const others = ['partition-0', 'partition-0-v3', 'partition-0-v44', 'partition-0-v4-discarded']
  const kept = ['partition-00', 'partition-1', 'partition-1-v3', 'partition-0-v4-by-hand']
  for (const name of [...others, ...kept]) mkdirSync(join(directory, name))
  const disk = lmdbDisk(directory, 0, systemClock)
  const { store, found } = await openOn(context, disk)
  assert.deepEqual(found, { kind: 'none' })
  await append(store, 1)
  const [current, ...left] = readdirSync(directory).filter((name) => !kept.includes(name))
  assert.match(current ?? '', /^partition-0-v[0-9]+$/)
  assert.deepEqual(left, [])
  await store.close()
  const { store: again } = await openOn(context, disk)
  assert.deepEqual(known(again, 1), [1])
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`a check that ${signal} ends with its service puts no state aside`, async (context) => {
    const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
    const { store } = await openOn(context, disk)
    await append(store, 7)
    await store.close()
    const spawned = channel('child_process')
    const stopIt = (message: unknown) => {
      const { process: child } = message as { process: ChildProcess }
      setImmediate(() => child.kill(signal))
    }
    spawned.subscribe(stopIt)
    await assert.rejects(openStateStore(disk, expected), new RegExp(`ended by ${signal}`))
    spawned.unsubscribe(stopIt)
    const { store: again, found } = await openOn(context, disk)
    assert.deepEqual([found, again.mark()?.fold.seq], [{ kind: 'sound' }, 7])
  })
}

test('of what was put aside the last is kept, for a person to look into', async (context) => {
  const directory = freshDirectory(context)
  const disk = lmdbDisk(directory, 0, systemClock)
  for (const count of [1, 2]) {
    const { store } = await openOn(context, disk)
    await append(store, count)
    await store.close()
    writeFileSync(join(disk.name, 'data.mdb'), `garbage ${count}`)
  }
  const { store, found } = await openOn(context, disk)
  assert.equal(found.kind, 'discarded')
  const name = `partition-0-v${STATE_VERSION}`
  assert.deepEqual(readdirSync(directory).sort(), [name, `${name}-discarded`])
  assert.equal(readFileSync(join(`${disk.name}-discarded`, 'data.mdb'), 'utf8'), 'garbage 2')
  assert.ok(existsSync(join(`${disk.name}-discarded`, 'digest.key')))
  assert.equal(store.mark(), undefined)
})

/** What a crash or a bad disk may leave of the file; each is looked through by a process that it may end. */
const damages: Readonly<Record<string, (file: string) => void>> = {
  'an empty file': (file) => truncateSync(file, 0),
  'a file of one page': (file) => truncateSync(file, 4096),
  'half a file': (file) => truncateSync(file, statSync(file).size / 2),
  'a file of other bytes': (file) => writeFileSync(file, Buffer.alloc(statSync(file).size, 'garbage')),
  'a file whose pages are gone': (file) => {
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.byteLength - 8192)]))
  },
  'a file that lists all records, and does not find some': (file) => {
    const bytes = readFileSync(file)
    // A leaf page has its flags at byte 18, and from byte 24 on where its records lie, in the order of their keys.
    for (let page = 8192; page < bytes.byteLength; page += 4096) {
      const isOfEntries = bytes.subarray(page, page + 4096).includes('requestHash')
      if (!isOfEntries || bytes.readUInt16LE(page + 18) !== 2) continue
      const [first, second] = [bytes.readUInt16LE(page + 24), bytes.readUInt16LE(page + 26)]
      bytes.writeUInt16LE(second, page + 24)
      bytes.writeUInt16LE(first, page + 26)
    }
    writeFileSync(file, bytes)
  },
}

for (const [damage, inflict] of Object.entries(damages)) {
  test(`${damage} ends nothing but the check, and the state begins anew`, async (context) => {
    const disk = await diskWithCommits(context)
    inflict(join(disk.name, 'data.mdb'))
    const { store, found } = await openOn(context, disk)
    assert.equal(found.kind, 'discarded')
    assert.equal(store.mark(), undefined)
    await append(store, 2)
    assert.deepEqual(store.mark(), markAt(2))
  })
}

test('a check beside a writer says nothing in the table of readers, and leaves nothing behind', async (context) => {
  const directory = freshDirectory(context)
  const disk = lmdbDisk(directory, 0, systemClock)
  const { store } = await openOn(context, disk)
  await append(store, 10)
  // The writer has it open: whoever else opened the environment would make it again.
  rmSync(join(disk.name, 'lock.mdb'))
  assert.deepEqual(await disk.check(expected), { kind: 'sound' })
  assert.equal(existsSync(join(disk.name, 'lock.mdb')), false)
  assert.deepEqual(readdirSync(directory), [basename(disk.name)])
})

test('a state that is closed while it is checked is none the worse', async (context) => {
  const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
  const { store } = await openOn(context, disk)
  await append(store, 10)
  const checked = disk.check(expected)
  await store.close()
  assert.deepEqual(await checked, { kind: 'sound' })
})

test('what a look left behind that was ended goes when the state is opened', async (context) => {
  const directory = freshDirectory(context)
  const disk = lmdbDisk(directory, 0, systemClock)
  mkdirSync(`${disk.name}-looking-a1B2c3`, { recursive: true })
  await openOn(context, disk)
  assert.deepEqual(readdirSync(directory), [basename(disk.name)])
})

test('a check beside a writer sees one moment of it', async (context) => {
  const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
  const { store } = await openOn(context, disk)
  await append(store, 2_000)
  let checks = 0
  const checking = Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(await disk.check(expected), { kind: 'sound' } satisfies Verdict)
        checks += 1
      }
    }),
  )
  while (checks < 6) await Promise.race([append(store, 50), checking])
  await checking
  assert.ok((store.mark()?.fold.seq ?? 0) > 2_050)
})

async function diskWithCommits(context: TestContext): Promise<StateDisk> {
  const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
  const { store } = await openOn(context, disk)
  for (let write = 0; write < 20; write += 1) await append(store, 100)
  await store.close()
  return disk
}
