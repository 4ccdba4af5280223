import assert from 'node:assert/strict'
import { idOn } from '@micropay/event-log/across.fixture'
import { accountKey, accounts } from './account.ts'
import { unansweredIn } from './history.ts'
import { openIn } from './open-payments.ts'
import { account, type partitionsOf } from './partitions.fixture.ts'
import { posting } from './payment.fixture.ts'

export const on = (partition: number, name: string, partitions = 3) => idOn(partition, partitions, name)
export const [ada, ben, cid] = [on(0, 'ada'), on(1, 'ben'), on(2, 'cid')]
export const held = [
  account(ada, { balanceMinor: 1000n }),
  account(ben, { owner: 'customer:ben', balanceMinor: 100n }),
  account(cid, { owner: 'customer:cid', balanceMinor: 50n }),
]
export const pays = (amount: string, to = ben) => ({ postings: [posting(ada, to, amount)] })
export const slow = { isPrompt: () => false }

export type Ledger = ReturnType<typeof partitionsOf>
export const partOf = (ledger: Ledger, partition: number) => {
  return ledger.parts[partition] ?? assert.fail()
}
export const kindsIn = (ledger: Ledger, partition: number) =>
  partOf(ledger, partition).log.flatMap(({ events }) => events.map(({ type }) => type))
export const suspenseOf = (ledger: Ledger, partition: number) =>
  partOf(ledger, partition).ledger.read(accounts, accountKey('main', `suspense/${partition}/EUR` as never))

/** Whoever is asked answers, and all goes on from there until nothing more is said. */
export function settle(ledger: Ledger): void {
  for (let turn = 0; turn < 3; turn += 1) {
    for (const part of ledger.parts) {
      part.askHistory()
      part.askAgain(openIn(ledger.parts.indexOf(part), 3, part.ledger))
    }
    ledger.deliverAll()
  }
  for (const part of ledger.parts) assert.deepEqual(unansweredIn(part.ledger), [])
}

/** Nothing is open, nothing is held, and what left one partition came to another. */
export function assertSettled(ledger: Ledger): void {
  for (const [partition, part] of ledger.parts.entries()) {
    assert.deepEqual(openIn(partition, 3, part.ledger), [])
    for (const other of [0, 1, 2]) {
      const [here, there] = [
        part.transit(`transit/${other}/EUR`),
        ledger.parts[other]?.transit(`transit/${partition}/EUR`),
      ]
      assert.equal(BigInt(here ?? 0) + BigInt(there ?? 0), 0n, `${partition} and ${other}`)
    }
  }
  for (const balance of Object.values(ledger.balances())) assert.match(balance, /^-?[0-9]+$/)
}
