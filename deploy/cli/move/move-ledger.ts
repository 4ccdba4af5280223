import { hash } from 'node:crypto'
import type { EventLog } from '@micropay/event-log/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import type { PaymentId } from '@micropay/schemas/identifiers'
import { placementKeyOf } from '@micropay/schemas/placement'
import { formatPositions, type Position } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import type { LedgerClient } from '@micropay/sdk/ledger-client'
import { count, type Terminal } from '../progress.ts'
import { type Asking, createSeen } from './ask.ts'
import { type Comparison, compareLedgers } from './compare-ledgers.ts'
import { finishAccounts } from './finish-accounts.ts'
import { savePayees, setPolicies, setZone } from './finish-ledger.ts'
import { comparisonLines, faultLines, ledgerLine, lossLines, statementLines, tallyLines } from './move-lines.ts'
import { accountsOf } from './new-accounts.ts'
import { commitsBehind, commitsInOrder, type OldPart, partsOf } from './old-ledger.ts'
import { createPaymentReader, type OldPayment } from './old-payments.ts'
import { openMoved } from './open-moved.ts'
import { requestFor } from './payment-requests.ts'
import { sendWave } from './send-wave.ts'
import { type Advance, createShown, type Shown } from './shown.ts'
import { keepsAssertions, positionsText, type Survey, surveyLedger } from './survey.ts'
import { newTally, type Tally } from './tally.ts'
import { MOST_BYTES, type Move, wavesOf } from './waves.ts'

export type MoveOptions = {
  readonly log: EventLog
  /** Up to where; to the end, where nothing is named. */
  readonly until: readonly Position[]
  readonly tenant: string | undefined
  /** Without it nothing is sent, and what would be is told. */
  readonly yes: boolean
  readonly batchSize: number
  readonly patienceMs: number
  /** Connects to the new ledger; `finance` sets what an operator may not. */
  readonly connect: (onWait: (reason: string) => void, as: 'operator' | 'finance') => LedgerClient
  readonly print: (line: string) => void
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/**
 * Books a ledger anew in an empty one, by its public API, and compares both; true when nothing was refused and all
 * agree. Whatever is sent has a key that follows from the old ledger: run again it goes on, and nothing happens twice.
 * Throws InputError for what stands in its way before anything is sent.
 */
export async function moveLedger(options: MoveOptions): Promise<boolean> {
  const { print, yes, until, clock = systemClock } = options
  const shown = createShown(options)
  const survey = await shown.during('reading', (advance) =>
    surveyLedger({ ...options, nowMs: clock.nowMs(), onProgress: advance }),
  )
  print(ledgerLine(survey))
  print('Not carried over as it was:')
  for (const line of lossLines(survey)) print(`  ${line}`)
  for (const line of statementLines(survey)) print(`  statement ${line}`)
  const faults = faultLines(survey, isBalanced(survey))
  if (faults.length > 0) throw new InputError(['this cannot be moved:', ...faults].join('\n  '))
  if (!yes) {
    print('Nothing was sent. With --yes it is done.')
    return true
  }
  const [operator, finance] = [options.connect(shown.wait, 'operator'), options.connect(shown.wait, 'finance')]
  try {
    const run = newRun(options, survey, shown, { operator, finance })
    const { parts, sent } = await sendAll(run)
    const isWhole = until.length === 0 && (await finishAll(run, parts))
    const { differenceCount } = await compare(run, isWhole)
    const isAsAsked = isWhole === (until.length === 0)
    return isAsAsked && isDone(sent) && isDone(run.tally) && differenceCount === 0
  } finally {
    await Promise.all([operator.close(), finance.close()])
  }
}

type Run = {
  readonly options: MoveOptions
  readonly survey: Survey
  readonly shown: Shown
  readonly operator: Asking
  readonly finance: Asking
  /** Of what is sent besides payments. */
  readonly tally: Tally
  /** The same whatever came since. */
  readonly keyOf: (what: string) => string
  /** Another one once the old ledger has gone on: what is brought to where it stands then is another command. */
  readonly keyHere: (what: string) => string
}

type Clients = { readonly operator: LedgerClient; readonly finance: LedgerClient }

function newRun(options: MoveOptions, survey: Survey, shown: Shown, { operator, finance }: Clients): Run {
  const { patienceMs, clock = systemClock } = options
  const asking = { patienceMs, clock, seen: createSeen(), onWait: shown.wait }
  const [of, at] = [digestOf(survey.ledgerId), digestOf(positionsText(survey))]
  return {
    ...{ options, survey, shown, tally: newTally() },
    ...{ operator: { ...asking, ledger: operator }, finance: { ...asking, ledger: finance } },
    keyOf: (what) => `move:${of}:${what}`,
    keyHere: (what) => `move:${of}:${at}:${what}`,
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16)
}

/** Zone, accounts and payments; answers where the old log was read to. */
async function sendAll(run: Run): Promise<{ parts: readonly OldPart[]; sent: Tally }> {
  const { options, survey, shown, operator, finance, keyOf, tally } = run
  const { print, clock = systemClock } = options
  await setZone(finance, { survey, tally, keyOf })
  if (!isDone(tally)) throw new InputError(`the zone cannot be set: ${tally.reasons.join(', ')}`)
  const accounts = await shown.during('accounts', (advance) => {
    const onProgress = (done: number) => advance(done, survey.accounts.size)
    return openMoved({ asking: operator, survey, keyOf, onProgress })
  })
  print(`${count(accounts.opened)} accounts opened, ${count(accounts.present)} were there before`)
  const startedAt = clock.monotonicMs()
  const parts = await partsOf(options.log, survey.positions)
  const sent = await shown.during('payments', (advance) => sendPayments(run, parts, advance))
  const seconds = (clock.monotonicMs() - startedAt) / 1000
  for (const line of tallyLines('payments', sent)) print(line)
  print(`  in ${seconds.toFixed(1)} s, ${count(Math.round(survey.payments / seconds))}/s`)
  return { parts, sent }
}

async function sendPayments(run: Run, parts: readonly OldPart[], advance: Advance): Promise<Tally> {
  const { options, survey, operator } = run
  const limits = { payments: options.batchSize, bytes: MOST_BYTES }
  const tally = newTally()
  const sending = { asking: operator, tally, newIds: new Map<PaymentId, PaymentId>(), givenBack: survey.givenBack }
  for await (const wave of wavesOf(movesOf(run, parts), limits, 2 * options.batchSize)) {
    await sendWave(wave, sending)
    advance(tally.done + tally.waiting + tally.refused, survey.payments)
  }
  return tally
}

async function* movesOf({ options, survey, keyOf }: Run, parts: readonly OldPart[]): AsyncGenerator<Move> {
  const reader = createPaymentReader()
  const requests = { keyOf, keepsAssertions: keepsAssertions(parts.length) }
  for await (const run of commitsInOrder(options.log, parts, options.signal)) {
    for (const { commit } of run) {
      if (commit.tenant !== survey.tenant) continue
      for (const payment of reader.take(commit)) {
        const { request } = requestFor(payment, requests)
        yield { id: payment.id, request, ...orderOf(payment, survey), bytes: JSON.stringify(request.body).length }
      }
    }
  }
}

/**
 * A customer's statement keeps its lines in order, and so does an account whose balance is asserted. Others of the
 * house do not: most payments pass over a few of them, and would go one by one.
 */
function orderOf({ legs }: OldPayment, { accounts, asserted }: Survey): Pick<Move, 'ordered' | 'place'> {
  const ids = [...new Set(legs.map(({ account }) => account))]
  const places = new Set(ids.map(placementKeyOf))
  return {
    ordered: ids.filter((id) => accounts.get(id)?.type === 'customer' || asserted.has(id)),
    place: places.size === 1 ? [...places][0] : undefined,
  }
}

/** False where the old ledger went on meanwhile: its end is not known then, and limits would stand in its way. */
async function finishAll(run: Run, parts: readonly OldPart[]): Promise<boolean> {
  const { options, survey, shown, operator, finance, keyOf, keyHere, tally } = run
  const behind = await commitsBehind(options.log, parts, options.signal)
  if (behind > 0) {
    options.print(`The old ledger went on: ${count(behind)} more commits. Stop its workers, and run it again.`)
    return false
  }
  await savePayees(operator, { survey, tally, keyOf })
  await shown.during('limits', (advance) => {
    const onProgress = (done: number) => advance(done, survey.accounts.size)
    return finishAccounts({ asking: operator, survey, tally, keyOf: keyHere, onProgress })
  })
  await setPolicies(finance, { survey, tally, keyOf: keyHere })
  for (const line of tallyLines('changes', tally)) options.print(line)
  return true
}

async function compare(run: Run, isWhole: boolean): Promise<Comparison> {
  const { options, survey, operator } = run
  const at = operator.seen.positions()
  const respects = isWhole ? undefined : new Set(['account', 'balance'])
  const comparison = await compareLedgers(survey, accountsOf(operator.ledger, at), respects)
  for (const line of comparisonLines(comparison)) options.print(line)
  options.print(`at ${formatPositions(at) || 'unknown'} of the new ledger, ${positionsText(survey)} of the old one`)
  if (!isWhole)
    options.print('Limits, freezes, closings, payees and policies come with a run to the end of the old log.')
  return comparison
}

function isDone({ waiting, refused }: Tally): boolean {
  return waiting + refused === 0
}

function isBalanced({ accounts }: Survey): boolean {
  const sums = new Map<string, bigint>()
  for (const { currency, balanceMinor, heldMinor, dueMinor } of accounts.values()) {
    if (heldMinor || dueMinor) return false
    sums.set(currency, (sums.get(currency) ?? 0n) + balanceMinor)
  }
  return [...sums.values()].every((minor) => minor === 0n)
}
