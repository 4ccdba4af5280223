import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionLease } from '@micropay/event-log/evidence'
import { systemClock } from '@micropay/runtime/clock'
import { type Said, workerLease } from './directory.ts'
import { createOwnShares } from './own-shares.ts'

const ledgerId = 'shared'
const PARTITIONS = 2

/** What is seen: who lives, what each follows, and who has the lease of each partition. */
function held(ready: Readonly<Record<string, readonly number[]>>, holders: readonly (string | undefined)[]) {
  const workers = Object.entries(ready).map(([workerId, partitions]) => {
    const said = { url: `http://${workerId}`, ready: [...partitions], leaving: false } satisfies Said
    return { name: workerLease(ledgerId, workerId), ownerId: workerId, said: JSON.stringify(said) }
  })
  const partitions = holders.flatMap((ownerId, partition) =>
    ownerId === undefined ? [] : [{ name: partitionLease(ledgerId, partition), ownerId, said: undefined }],
  )
  return [...workers, ...partitions]
}

test('a partition that came back to who had handed it over is handed over again', () => {
  const options = { ledgerId, partitions: PARTITIONS, workerId: 'one', clock: systemClock, onSaid: () => {} }
  const own = createOwnShares(options)
  own.see(held({ one: [] }, ['one', 'one']))
  const first = [0, 1].map((partition) => own.of(partition).serving())
  own.see(held({ one: [], two: [0, 1] }, ['one', 'one']))
  const moved = first.findIndex((signal) => signal.aborted)
  assert.equal(first.filter((signal) => signal.aborted).length, 1, 'one of them goes to the other worker')
  assert.equal(own.of(moved).part(), 'follow')

  // The other one could not serve it, and it is taken back.
  const holders = ['one', 'one']
  own.see(held({ one: [], two: [] }, holders))
  const again = own.of(moved).serving()
  assert.equal(again.aborted, false)
  assert.equal(own.of(moved).part(), 'own', 'who serves it has it')
  assert.equal(own.ownerOf(moved)?.workerId, 'one')
  own.see(held({ one: [], two: [moved] }, holders))
  assert.equal(again.aborted, true, 'the other one follows it, and shall have it')
})
