import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FreshLog } from '@micropay/event-log/fresh-log.fixture'
import type { CommandResult } from './command.ts'
import {
  type Fault,
  faultyLog,
  ledgerIn,
  opening,
  paying,
  startOwner,
  stopOwner,
  submitUntilDecided,
} from './owner.fixture.ts'

/** What an owner promises on any log, whatever happens on the way to it. */
export function describePartitionOwner(name: string, fresh: FreshLog): void {
  describe(`the owner of a partition on ${name}`, () => {
    describeDecisions(fresh)
    describeTrouble(fresh)
  })
}

function describeDecisions(fresh: FreshLog): void {
  test('commands are decided in order, each with its place', async () => {
    const open = await fresh()
    const log = open()
    const owner = startOwner(log)
    const results = await Promise.all([
      owner.submit(opening('ada', 'k1', '100')),
      owner.submit(opening('ben', 'k2')),
      owner.submit(paying('k3', 'ada', 'ben', '60')),
      owner.submit(paying('k4', 'ada', 'ben', '60')),
      owner.submit(paying('k5', 'ben', 'ada', '60')),
    ])
    assert.deepEqual(results.map(summary), [
      'accepted 1',
      'accepted 2',
      'accepted 3',
      'rejected 4 insufficient_funds',
      'accepted 5',
    ])
    await stopOwner(owner)
    await log.close()
  })

  test('the same key and request gets the same answer, before and after a restart; another request with it is refused', async () => {
    const open = await fresh()
    const log = open()
    const first = startOwner(log)
    await first.submit(opening('ada', 'k1', '100'))
    await first.submit(opening('ben', 'k2'))
    const paid = await first.submit(paying('k3', 'ada', 'ben', '60'))
    const refused = await first.submit(paying('k4', 'ada', 'ben', '60'))
    assert.deepEqual(await first.submit(paying('k3', 'ada', 'ben', '60')), { ...paid, replayed: true })
    await first.stop()
    const second = startOwner(log, { directory: first.directory })
    assert.deepEqual(await second.submit(paying('k3', 'ada', 'ben', '60')), { ...paid, replayed: true })
    assert.deepEqual(await second.submit(paying('k4', 'ada', 'ben', '60')), { ...refused, replayed: true })
    assert.equal(codeOf(await second.submit(paying('k3', 'ada', 'ben', '61'))), 'idempotency_key_reused')
    assert.equal((await ledgerIn(log)).state.seq, 4)
    await stopOwner(second)
    await log.close()
  })
}

/** Appends that fail or stay in doubt, and another owner. */
function describeTrouble(fresh: FreshLog): void {
  const faults: readonly [Fault, string][] = [
    ['lose-answer', 'whose answer is lost is in the ledger once, and its caller is told so'],
    ['never', 'that never arrives is decided again, and happens once'],
    ['late', 'that arrives after the next claim is void, and what it held happens once'],
  ]
  for (const [fault, title] of faults) {
    test(`an append ${title}`, async () => {
      const open = await fresh()
      const log = open()
      let next: Fault = 'pass'
      const faulty = faultyLog(log, () => {
        const now = next
        next = 'pass'
        return now
      })
      const owner = startOwner(faulty.log)
      await owner.submit(opening('ada', 'k1', '100'))
      await owner.submit(opening('ben', 'k2'))
      next = fault
      const results = await Promise.all([
        owner.submit(paying('k3', 'ada', 'ben', '60')),
        owner.submit(paying('k4', 'ada', 'ben', '30')),
      ])
      await faulty.release()
      const after = await owner.submit(paying('k5', 'ada', 'ben', '10'))
      assert.deepEqual([...results, after].map(summary), ['accepted 3', 'accepted 4', 'accepted 5'])
      const ledger = await ledgerIn(log)
      assert.deepEqual([...ledger.positions.values()], [[1], [2], [3], [4], [5]])
      assert.equal(ledger.balances.get('ben'), 100n)
      assert.equal(ledger.state.voids, fault === 'late' ? 2 : 0)
      await stopOwner(owner)
      await log.close()
    })
  }

  test('an owner that was deposed says so, appends nothing that counts, and takes over again without losing anything', async () => {
    const open = await fresh()
    const log = open()
    const first = startOwner(log, { ownerId: 'first' })
    await first.submit(opening('ada', 'k1', '1000'))
    await first.submit(opening('ben', 'k2'))
    const second = startOwner(log, { ownerId: 'second' })
    await submitUntilDecided([second], paying('k3', 'ada', 'ben', '1'))
    const fromZombie = await submitUntilDecided([first, second], paying('k4', 'ada', 'ben', '1'))
    assert.equal(summary(fromZombie), 'accepted 4')
    const ledger = await ledgerIn(log)
    assert.deepEqual([...ledger.positions.values()], [[1], [2], [3], [4]])
    assert.equal(ledger.balances.get('ben'), 2n)
    await stopOwner(first)
    await stopOwner(second)
    await log.close()
  })
}

export function summary(result: CommandResult): string {
  if (result.kind === 'refused') return `refused ${result.code}`
  const seq = result.position?.seq ?? 'nowhere'
  return result.kind === 'accepted' ? `accepted ${seq}` : `rejected ${seq} ${result.rejection.code}`
}

export function codeOf(result: CommandResult): string | undefined {
  return result.kind === 'refused' ? result.code : undefined
}
