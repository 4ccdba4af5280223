import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '@micropay/event-log/event-log'
import { announcing, changed, ofAmount } from '@micropay/event-log/ledger-records.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { accept, bookedLedger, pay, stopped } from '@micropay/write-side/handle/booked-ledger.fixture'
import { ledgerId, startOwner, stopOwner } from '@micropay/write-side/handle/owner.fixture'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import { resumeLog } from './resume-log.ts'

/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(50, signal) }
const { signal } = new AbortController()

function optionsOf(log: Awaited<ReturnType<typeof bookedLedger>>['log'], directory: string, lines: string[] = []) {
  return {
    ...{ partition: 0, actor: 'olga', reason: 'a disk', yes: true, log, ledgerId, directory, clock },
    print: (line: string) => void lines.push(line),
    sources: { stateDirectories: [directory], databases: {}, verifications: undefined },
  }
}

const change = (records: LogRecord[], at: number, from: string, to: string) =>
  void records.splice(at, 1, changed(records[at], from, to))

/** genesis, claim, the commits 1 to 5; claim and resume of a person; claim, the commits 11 and 12. */
const changes: readonly [what: string, stop: RegExp, damage: (records: LogRecord[]) => void][] = [
  [
    'the kind of a record that was changed',
    /its bytes are no record any more after 0:3 /,
    (records) => change(records, 5, 'micropay.commit.v1', 'micropay.commit.v3'),
  ],
  [
    'the type of an event that was changed',
    /its bytes are no record any more after 0:3 /,
    (records) => change(records, 5, '"PaymentPosted"', '"PaymentPoster"'),
  ],
  [
    'the generation of a claim that was changed',
    /a claim of newer code \(then upgrade this process\), or one that was changed, stands after 0:10 /,
    (records) => void records.splice(9, 1, announcing(records[9], EVENT_GENERATION + 1)),
  ],
  [
    'the commit before a resume that was changed',
    /a resume does not go on from what the log leads to at 0:10 /,
    (records) => void records.splice(6, 1, ofAmount(records[6], '10', '90')),
  ],
]

for (const [what, stop, damage] of changes) {
  test(`${what} stops who reads it anew, and after a resume whoever had read it before goes on, too`, async () => {
    const { log, records, directory } = await bookedLedger()
    await accept(log, 9)
    const owner = startOwner(log, { directory })
    for (const key of ['k6', 'k7']) assert.equal((await pay(owner, key)).kind, 'accepted')
    await owner.stop()
    damage(records)

    const anew = startOwner(log)
    assert.match(await stopped(anew), stop)
    await stopOwner(anew)
    const lines: string[] = []
    assert.ok(await resumeLog(optionsOf(log, directory, lines)))
    assert.match(lines.join('\n'), /WRONG {5}.*was changed/)
    // What it kept leads on, or is given up.
    for (const options of [{ directory }, {}]) {
      const next = startOwner(log, options)
      const paid = await pay(next, 'k8')
      assert.ok(paid.kind === 'accepted' && (paid.position?.seq ?? 0) > 1_000_000, JSON.stringify(paid))
      await stopOwner(next)
    }
    const { verification } = await verifyPartition(log, 0, { clock: systemClock, signal })
    assert.deepEqual(verification.faults, [])
  })
}

const genesisChanges: readonly [from: string, to: string, RegExp][] = [
  ['micropay.genesis.v1', 'micropay.genesis.v3', /a claim stands before the genesis record/],
  ['"specversion"', '"specversioo"', /a claim stands before the genesis record/],
  ['"partition":0', '"partition":1', /the genesis names partition 1, this is 0/],
  [`"ledgerId":"${ledgerId}`, `"ledgerId":"X${ledgerId}`, /the log holds the ledger X/],
]

for (const [from, to, reason] of genesisChanges) {
  test(`no resume helps where ${from} of the genesis became ${to}, and it says what does`, async () => {
    const { log, records, directory } = await bookedLedger()
    const before = records.length
    change(records, 0, from, to)
    await assert.rejects(resumeLog(optionsOf(log, directory)), (error: Error) => {
      assert.match(error.message, reason)
      assert.match(error.message, /no resume helps.* name the right log, or restore its first record/)
      return true
    })
    assert.equal(records.length, before)
  })
}

test('no resume helps behind a claim of newer code that has written what this code does not know', async () => {
  const { log, records, directory } = await bookedLedger()
  records.splice(1, 1, announcing(records[1], EVENT_GENERATION + 1))
  change(records, 4, '"PaymentPosted"', '"PaymentPoster"')
  await assert.rejects(
    resumeLog(optionsOf(log, directory)),
    new RegExp(`generation ${EVENT_GENERATION + 1}.* upgrade this process first.* no resume helps`),
  )
})
