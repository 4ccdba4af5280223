import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import { appendTo, foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { backUpLog } from './back-up-log.ts'
import { checkBackup } from './check-backup.ts'

const { signal } = new AbortController()
const root = mkdtempSync(join(tmpdir(), 'micropay-backup-'))
after(() => rm(root, { recursive: true }))
let folders = 0
function folder(): string {
  folders += 1
  return join(root, String(folders))
}

async function backUp(log: EventLog, directory: string): Promise<string> {
  const lines: string[] = []
  await backUpLog({ log, directory, clock: systemClock, signal, print: (line) => void lines.push(line) })
  return lines.join('\n')
}

async function check(directory: string): Promise<string> {
  const lines: string[] = []
  await checkBackup(directory, (line) => void lines.push(line))
  return lines.join('\n')
}

async function logOf(...partitions: readonly (readonly NewRecord[])[]): Promise<EventLog> {
  const log = openMemoryLog()
  await log.prepare(partitions.length)
  for (const [partition, records] of partitions.entries()) {
    if (records.length > 0) await appendTo(log, partition, records)
  }
  return log
}

/** A ledger of one partition, its first records in the log, and how to append more. */
async function begun() {
  const ledger = createLedger()
  const log = await logOf([ledger.genesis(), ledger.claim(), ledger.open('ada', { overdraftLimit: 'unlimited' })])
  const pay = () => appendTo(log, 0, [ledger.pay([['ada', 'ben', 5]])])
  await appendTo(log, 0, [ledger.open('ben')])
  return { ledger, log, pay }
}

test('a backup holds the log up to its end, and each run after it what came since', async () => {
  const { log, pay } = await begun()
  const directory = folder()
  assert.match(await backUp(log, directory), /4 records, .* SHA-256 [0-9a-f]{64}\npartition 0: up to 0:2, hash /)
  await pay()
  await pay()
  assert.match(await backUp(log, directory), /000002-.*: 2 records/)
  assert.match(await backUp(log, directory), /holds nothing that the backup of .* has not/)
  const { state } = await foldToEnd(log, 0)
  const said = await check(directory)
  assert.match(said, /2 files, 6 records of the ledger test-ledger/)
  assert.ok(said.endsWith(`partition 0: up to 0:4, hash ${state.hash}`), said)
})

test('no partition is backed up without what its commits rest on, though that came while it was read', async () => {
  const [one, two] = [createLedger(0, 2), createLedger(1, 2)]
  const asked = [two.genesis(), two.claim(), two.open('{x}ben'), two.open('{x}cid')]
  const log = await logOf([one.genesis(), one.claim(), one.open('{y}ada')], asked)
  const { state } = await foldToEnd(log, 1)
  const cause = { partition: 1, seq: state.seq, hash: state.hash }
  await appendTo(log, 0, [one.step([], [cause])])
  await appendTo(log, 1, [two.open('{x}dan')])
  // Its end was asked for before that of partition 0, and it had two records then.
  const looks = new Map<number, number>()
  const end: EventLog['end'] = async (partition) => {
    looks.set(partition, (looks.get(partition) ?? 0) + 1)
    return partition === 1 && (looks.get(1) ?? 0) <= 3 ? 2n : log.end(partition)
  }
  const directory = folder()
  assert.match(await backUp({ ...log, end }, directory), /up to 0:2, hash .*\npartition 1: up to 1:2, hash/)
  assert.match(await check(directory), /8 records/)

  const cut = await logOf([one.genesis()], asked.slice(0, 2))
  const other = createLedger(0, 2)
  await appendTo(cut, 0, [other.claim(), other.step([], [cause])])
  await assert.rejects(backUp(cut, folder()), /rests on 1:2, and the log of partition 1 ends before/)
})

test('a log that is another one by now is not added to the backup of the one before', async () => {
  const { log, pay } = await begun()
  const directory = folder()
  await pay()
  await backUp(log, directory)
  const files = await readdir(directory)
  const other = await begun()
  await appendTo(other.log, 0, [other.ledger.pay([['ada', 'ben', 7]]), other.ledger.pay([['ada', 'ben', 7]])])
  await assert.rejects(
    backUp(other.log, directory),
    /does not lead on from the backup: .* is not the one that was read/,
  )
  const shorter = await begun()
  await assert.rejects(backUp(shorter.log, directory), /ends at offset 4, and up to 0:3/)
  assert.deepEqual(await readdir(directory), files)
})

test('a log that is not sound, or empty, is not backed up, and leaves nothing', async () => {
  const { ledger, log } = await begun()
  assert.ok(ledger.pay([['ada', 'ben', 5]]))
  await appendTo(log, 0, [ledger.pay([['ada', 'ben', 6]])])
  const directory = folder()
  await assert.rejects(backUp(log, directory), /not sound: .*does not continue the hash chain/)
  assert.deepEqual(await readdir(directory), [])
  await assert.rejects(backUp(await logOf([]), folder()), /the log is empty/)
  await assert.rejects(backUp(openMemoryLog(), folder()), /no ledger in this log yet/)
})

test('what a person has accepted is backed up', async () => {
  const start = (ledger: Ledger) => [ledger.genesis(), ledger.claim(), ledger.open('ada')]
  const [one, two] = [createLedger(), createLedger()]
  const log = await logOf([...start(one)])
  assert.ok(one.open('ben'))
  start(two)
  await appendTo(log, 0, [one.open('cid'), two.resume(1000), two.open('dan')])
  const directory = folder()
  assert.match(await backUp(log, directory), /6 records/)
  assert.match(await check(directory), /up to 0:1001, /)
})

test('a file that was changed, cut or taken away is found', async () => {
  const { log, pay } = await begun()
  const made = async () => {
    const directory = folder()
    await backUp(log, directory)
    await pay()
    await backUp(log, directory)
    const [records = ''] = (await readdir(directory)).filter((name) => name.endsWith('.zst'))
    return { directory, path: join(directory, records) }
  }
  const flipped = await made()
  const bytes = await readFile(flipped.path)
  bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1
  await writeFile(flipped.path, bytes)
  await assert.rejects(check(flipped.directory), /is not as it was written/)
  const longer = await made()
  await appendFile(longer.path, 'x')
  await assert.rejects(check(longer.directory), /it has [0-9]+ bytes/)
  const gone = await made()
  await rm(gone.path)
  await assert.rejects(check(gone.directory), /it is not there/)
  await assert.rejects(backUp(log, gone.directory), /it is not there/, 'whoever adds to it is told, too')
  const without = await made()
  await rm(join(without.directory, '000001.json'))
  await assert.rejects(check(without.directory), /000001.json is missing/)
  await assert.rejects(check(folder()), /there is no backup in/)
})

test('what a file says of itself is compared with its records, and with the file before', async () => {
  const { log, pay } = await begun()
  const directory = folder()
  await backUp(log, directory)
  await pay()
  await backUp(log, directory)
  const path = join(directory, '000002.json')
  const text = await readFile(path, 'utf8')
  const change = async (from: string | RegExp, to: string) => {
    assert.notEqual(text.replace(from, to), text)
    await writeFile(path, text.replace(from, to))
  }
  await change('"position": "0:2"', '"position": "0:1"')
  await assert.rejects(check(directory), /does not go on from the file before/)
  await change(/0:3/, '0:9')
  await assert.rejects(check(directory), /does not go on from the file before, or was changed/)
  const { state } = await foldToEnd(log, 0)
  await change(new RegExp(state.hash, 'g'), `${'A'.repeat(42)}E`)
  await assert.rejects(check(directory), /does not lead to what is said of it/)
  await change(/"sha256": "[0-9a-f]{8}/, '"sha256": "00000000')
  await assert.rejects(check(directory), /its SHA-256 is another/)
  await change('"format": 1', '"format": 2')
  await assert.rejects(check(directory), /of no form that this release reads/)
})

test('of two that run at once one is added', async () => {
  const { log, pay } = await begun()
  const directory = folder()
  await backUp(log, directory)
  await pay()
  const both = await Promise.allSettled([backUp(log, directory), backUp(log, directory)])
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  const [refused] = both.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
  assert.match(refused ?? '', /another backup wrote/)
  assert.match(await check(directory), /2 files, 5 records/)
})
