import assert from 'node:assert/strict'
import { type AcrossPayment, createPartitions, idOn } from '@micropay/event-log/across.fixture'
import type { LogRecord } from '@micropay/event-log/event-log'
import { type FoldedRecord, foldBatch } from '@micropay/event-log/fold-batch'
import { initialFold } from '@micropay/event-log/fold-state'
import fc from 'fast-check'

const partitions = 3
export const accounts = [0, 1, 2].flatMap((each) => [idOn(each, 3, 'ada'), idOn(each, 3, 'ben')])

/** What is to be done next of payments: each number chooses among what may come. */
export const schedules = fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 120 })

type Open = {
  readonly payment: AcrossPayment
  state: 'deciding' | 'completed' | 'failed' | 'gone' | 'reopened'
  readonly promised: Set<number>
  readonly done: Set<number>
  /** Participants that have lost what they did, or are to. */
  readonly lost: Set<number>
}

/** Payments across partitions, each taken as far as the schedule says, or to its end. */
export function ledgerOf(schedule: readonly number[], isWhole: boolean) {
  const ledger = createPartitions(partitions)
  for (const account of accounts) ledger.open(account)
  const open: Open[] = []
  for (const [turn, choice] of schedule.entries()) {
    const [from, to, more] = [accounts[choice % 6], accounts[(choice >> 3) % 6], accounts[(choice >> 6) % 6]]
    const isAcross = from && to && ledger.homeOf(from) !== ledger.homeOf(to)
    if (choice % 3 > 0 && open.length > 0) advance(open, choice >> 2)
    else if (isAcross && choice % 13 === 0) {
      const payment = ledger.begin(
        [
          [from, -9],
          [to, 9],
        ],
        { lostAt: 900_000 + turn },
      )
      open.push({ ...begun(payment), state: 'gone' })
      ledger.say(ledger.homeOf(to), 'HistoryAccepted', ledger.homeOf(from))
      ledger.say(ledger.homeOf(from), 'HistoryAnswered', ledger.homeOf(to))
    } else if (isAcross && more !== from && more !== to && more && choice % 2) {
      open.push(
        begun(
          ledger.begin(
            [
              [from, -30],
              [to, 20],
              [more, 10],
            ],
            { metadata: { operation: 'split', purpose: `${(choice >> 2) % 2}` } },
          ),
        ),
      )
    } else if (isAcross)
      open.push(
        begun(
          ledger.begin(
            [
              [from, -7],
              [to, 7],
            ],
            { reference: `${choice}`, metadata: { operation: ['rent', ''][(choice >> 2) % 2] ?? '' } },
          ),
        ),
      )
    else if (from && to && from !== to) {
      ledger.write(
        ledger.homeOf(from),
        ledger.ledgerOf(ledger.homeOf(from)).pay([[from, to, 3]], { metadata: { operation: 'rent' } }),
      )
    }
  }
  for (let step = 0; isWhole && open.length > 0; step += 1) advance(open, step)
  return ledger
}

function begun(payment: AcrossPayment): Open {
  return { payment, state: 'deciding', promised: new Set(), done: new Set(), lost: new Set() }
}

function advance(all: Open[], choice: number): void {
  const index = choice % all.length
  const open = all[index]
  if (!open) return
  const { payment, promised, done, lost } = open
  const next = payment.participants.find((each) => !(open.state === 'deciding' ? promised : done).has(each))
  if (open.state === 'gone') return void (next === undefined ? all.splice(index, 1) : giveUp(open, next, choice))
  if (open.state === 'reopened') return void (next === undefined ? end(all, index) : postAgain(open, next, choice))
  if (open.state === 'deciding' && (choice % 7 === 0 || next === undefined)) {
    open.state = choice % 5 === 0 ? 'failed' : next === undefined ? 'completed' : 'failed'
    if (open.state === 'failed') payment.fail()
    else if (choice % 3 === 0) payment.learn()
    else payment.complete()
  } else if (next === undefined) {
    end(all, index)
  } else if (open.state === 'deciding') {
    promised.add(next)
    if (choice % 11 === 0) lost.add(next)
    else payment.prepare(next)
  } else {
    done.add(next)
    if (lost.has(next)) return
    if (open.state === 'completed') payment.post(next)
    else if (promised.has(next)) payment.release(next)
    else payment.refuse(next)
  }
}

/** It is over, unless participants have lost what they had answered: they are asked again. */
function end(all: Open[], index: number): void {
  const [open] = all.splice(index, 1)
  if (!open) return
  const { payment, lost, done, promised } = open
  payment.end()
  if (lost.size === 0) return
  const isCompleted = open.state === 'completed'
  payment.reopen([...lost].sort(), isCompleted ? 'completed' : 'failed')
  for (const each of lost) {
    done.delete(each)
    promised.delete(each)
  }
  all.push({ ...open, state: isCompleted ? 'reopened' : 'failed', lost: new Set() })
}

function postAgain({ payment, done }: Open, next: number, choice: number): void {
  done.add(next)
  payment.force(next, choice % 2 === 0)
  if (choice % 3 === 0) payment.recall(next)
}

/** Its beginning is gone: what was promised is let go of, and what was posted written off. */
function giveUp({ payment, promised, done, lost: posted }: Open, next: number, choice: number): void {
  if (!promised.has(next)) {
    promised.add(next)
    if (choice % 2 === 0) payment.prepare(next)
    else {
      posted.add(next)
      payment.post(next, false)
    }
    return
  }
  done.add(next)
  if (posted.has(next)) payment.writeOff(next)
  else payment.releaseLost(next)
}

export function foldsOf(ledger: ReturnType<typeof createPartitions>): FoldedRecord[][] {
  return ledger.records.map((records, partition) => {
    const stored = records.map((record, offset): LogRecord => ({ ...record, offset: BigInt(offset) }))
    const { folds, error } = foldBatch(initialFold(partition), stored, { partitions })
    assert.equal(error, undefined)
    return [...folds]
  })
}
