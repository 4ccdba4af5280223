import { idOn } from '@micropay/event-log/across.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerCommand } from './decide.ts'
import { eventOf } from './ledger.ts'
import { account, partitionsOf } from './partitions.fixture.ts'
import { posting } from './payment.fixture.ts'
import { lastClosed } from './period.ts'

export const PARTITIONS = 3
export const [ada, ben, cid] = [0, 1, 2].map((partition) => idOn(partition, PARTITIONS, 'house')) as [
  string,
  string,
  string,
]
export const held = [ada, ben, cid].map((id) =>
  account(id, { type: 'external', overdraftLimit: 'unlimited', owner: 'house', balanceMinor: 0n }),
)
export const staff = { mayBook: true, subject: 'finance:fiona' }
export const old = '2026-02-27T12:00:00.000Z'
export const digest = 'd'.repeat(43)

export type Ledger = ReturnType<typeof partitionsOf>
export const begun = () => partitionsOf(PARTITIONS, held)

/** All days up to one, as they were read where each partition stands now, or at a position before. */
export function close(
  ledger: Ledger,
  through = '2026-02-28',
  read = ledger.parts.map(({ log }) => log.length),
): string {
  const seals = read.map((seq, partition) => ({ partition, seq, digest }))
  const data = { through, seq: seals[0]?.seq ?? 0, digest, seals }
  return give(ledger, { type: 'ClosePeriod', data })
}

/** What a command of the home's leads to: the id of its place, or the reason against it. */
export function give(ledger: Ledger, command: LedgerCommand): string {
  return String(ledger.give(command, staff)).replace('pay-', 'prd-')
}

export const pay = (ledger: Ledger, from: string, to: string, effectiveAt: string | undefined, isPrompt = false) =>
  ledger.pay(
    { postings: [posting(from, to, '5')], ...(effectiveAt ? { effectiveAt } : {}) },
    { ...staff, isPrompt: () => isPrompt },
  )

/** Each partition does what is next for it, until nobody has anything to say. */
export function settle(ledger: Ledger, isLate = false): void {
  for (let turn = 0; turn < 20; turn += 1) {
    ledger.deliverAll()
    for (const part of ledger.parts) part.step({ kind: 'closings' }, isLate)
  }
}

export const closedBy = (ledger: Ledger) => ledger.parts.map(({ ledger: view }) => lastClosed(view, 'main')?.periodId)
export const typesOf = (log: readonly Commit[]) => log.flatMap(({ events }) => events.map(({ type }) => type))

export function outcomeOf({ parts }: Ledger, periodId: string): string | undefined {
  const ended = parts[0]?.log.flatMap(({ events }) => eventOf(events, 'PeriodCalledOff')?.data ?? [])
  return ended?.find((each) => each.periodId === periodId)?.rejection.code
}

export function closingIn({ events, command }: Commit) {
  return command.type === 'StepPeriod' ? eventOf(events, 'PeriodClosed')?.data : undefined
}
