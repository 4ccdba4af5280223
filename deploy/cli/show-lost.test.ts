import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LogRecord } from '@micropay/event-log/event-log'
import { ofAmount } from '@micropay/event-log/ledger-records.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { accept, bookedLedger } from '@micropay/write-side/handle/booked-ledger.fixture'
import { ledgerId, opening, paying, type TestOwner } from '@micropay/write-side/handle/owner.fixture'
import { resumeLog } from './resume-log.ts'

/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(50, signal) }

/** Genesis, claim, ada and ben at 1 and 2, and payments of 0.10 EUR at 3 to 5, of which the one at 3 was changed. */
async function changedLedger(context: TestContext, more?: (owner: TestOwner) => Promise<void>) {
  const booked = await bookedLedger(systemClock, more)
  const at = booked.records.findIndex(({ value }) => new TextDecoder().decode(value).includes('"seq":3,'))
  booked.records[at] = ofAmount(booked.records[at], '10', '9000')
  const directory = await mkdtemp(join(tmpdir(), 'micropay-lost-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const lines: string[] = []
  const resume = (yes: boolean, stateDirectories: readonly string[]) =>
    resumeLog({
      ...{ log: booked.log, ledgerId, partition: 0, directory, clock, yes },
      ...{ actor: 'sam', reason: 'no copy of it', print: (line: string) => void lines.push(line) },
      sources: { stateDirectories, databases: {}, verifications: undefined },
    })
  return { ...booked, lists: directory, lines, resume }
}

test('who resumes is shown each payment that does not count, and what they add up to', async (context) => {
  const { lines, resume, directory } = await changedLedger(context)
  await resume(false, [directory])
  const at = lines.findIndex((line) => line.startsWith('  counts'))
  assert.deepEqual(lines.slice(at, at + 7), [
    '  counts    0:3 as it now stands, and it may be the one that was changed',
    '              pay-0-3: ada to ben, 90.00 EUR',
    '  void      2 commits, 0:4 to 0:5: in the log, and not counted',
    '              pay-0-4: ada to ben, 0.10 EUR',
    '              pay-0-5: ada to ben, 0.10 EUR',
    '  moved     2 payments among them, 0.20 EUR',
    '  lost      nothing else that a state knows of',
  ])
})

test('they are listed one by one when it goes on, whether a state knows of them or not', async (context) => {
  const { lists, resume } = await changedLedger(context)
  assert.equal(await resume(true, []), true)
  const [name = ''] = await readdir(lists)
  const listed = (await readFile(join(lists, name), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    listed.map(({ position, idempotencyKey, knownBy }) => [position, idempotencyKey, knownBy]),
    [
      ['0:4', 'k4', 'log'],
      ['0:5', 'k5', 'log'],
    ],
  )
  assert.deepEqual(listed[0]?.payments, [
    { paymentId: 'pay-0-4', from: 'ada', to: 'ben', amount: '10', currency: 'EUR' },
  ])
})

test('what was given up by an earlier resume is not listed again', async (context) => {
  const { log, records, lines, resume, directory } = await changedLedger(context)
  await accept(log, 1_000)
  const [last] = records.slice(-1)
  const claim = new TextDecoder().decode(records[1]?.value).replace('"epoch":1', '"epoch":99')
  records.push({ ...(last as LogRecord), offset: BigInt(records.length), value: new TextEncoder().encode('{}') })
  records.push({ ...(last as LogRecord), offset: BigInt(records.length), value: new TextEncoder().encode(claim) })
  await resume(false, [directory])
  assert.ok(lines.some((line) => line.includes('WRONG')))
  assert.ok(!lines.some((line) => line.startsWith('  void')), lines.join('\n'))
})

test('a record that was overwritten is counted by its place, and its neighbour is not blamed', async (context) => {
  const { records, lists, lines, resume, directory } = await changedLedger(context)
  const at = records.findIndex(({ value }) => new TextDecoder().decode(value).includes('"seq":3,'))
  records[at] = { ...(records[at] as LogRecord), value: new TextEncoder().encode('garbage') }
  await resume(true, [directory])
  assert.ok(!lines.some((line) => line.startsWith('  counts')), lines.join('\n'))
  assert.deepEqual(
    lines.filter((line) => /^ {2}(gone|void)/.test(line)),
    [
      `  gone      1 record at offset ${at} of the log, which was 0:3 if it was a commit: overwritten`,
      '  void      2 commits, 0:4 to 0:5: in the log, and not counted',
    ],
  )
  const [name = ''] = await readdir(lists)
  const [first] = (await readFile(join(lists, name), 'utf8')).split('\n')
  assert.deepEqual(JSON.parse(first ?? ''), { position: '0:3', offset: String(at), knownBy: 'nobody' })
})

test('what does not count and is no payment is counted by what it was', async (context) => {
  const { lines, resume, directory } = await changedLedger(context, async (owner) => {
    await owner.submit(opening('cyd'))
    await owner.submit(opening('dan'))
    await owner.submit(paying('k6', 'ben', 'ada', '99999'))
  })
  await resume(false, [directory])
  assert.ok(lines.includes('  others    3: 2 AccountOpened, 1 MakePayment refused'), lines.join('\n'))
})

test('what only a state knows of is said by its place, and who has resumed is told to verify', async (context) => {
  const { records, lines, resume, directory } = await changedLedger(context, async (owner) => {
    await owner.submit(paying('k6', 'ada', 'ben', '10'))
  })
  records.length -= 1
  await resume(true, [directory])
  assert.ok(
    lines.includes('  lost      1 commit, at 0:6, that only a state knows of, without amounts'),
    lines.join('\n'),
  )
  assert.match(lines.at(-1) ?? '', /micropay verify/)
})
