import { type Clock, systemClock } from '@micropay/runtime/clock'
import { formatPositions } from '@micropay/schemas/position'
import type { ImportSource } from '@micropay/sdk/import-source'
import { InputError } from '@micropay/sdk/input-error'
import type { LedgerClient } from '@micropay/sdk/ledger-client'
import { openAccounts } from '@micropay/sdk/open-accounts'
import { sendPayments } from '@micropay/sdk/send-payments'
import { compareBalances, type Mismatch } from './compare-balances.ts'
import { count, type Progress, showProgress, type Terminal } from './progress.ts'

export type ImportOptions = {
  readonly source: ImportSource
  readonly file: string
  readonly batchSize: number
  readonly patienceMs: number
  /** Connects, given what is to be told about waiting. */
  readonly connect: (onWait: (reason: string) => void) => LedgerClient
  readonly print: (line: string) => void
  readonly terminal: Terminal
  readonly clock?: Clock
}

const mostShown = 10

/**
 * Reads the whole file, then opens its accounts, books its payments and compares its balances; true when nothing was
 * refused and all agree.
 */
export async function runImport(options: ImportOptions): Promise<boolean> {
  const { source, file, print } = options
  const total = await checkRows(source, file)
  const accounts = [...source.accounts.values()]
  print(`${file}: ${count(total)} payments${accounts.length > 0 ? ` between ${count(accounts.length)} accounts` : ''}`)
  let onWait = (_reason: string) => {}
  const ledger = options.connect((reason) => onWait(reason))
  const withProgress: WithProgress = async (title, size, work) => {
    const progress = showProgress(options.terminal, title, size, options.clock)
    onWait = progress.wait
    return work(progress).finally(() => progress.end())
  }
  try {
    if (accounts.length > 0) {
      const { opened, replayed } = await withProgress('accounts', accounts.length, (progress) =>
        openAccounts(ledger, accounts, progress.advance),
      )
      print(`${count(opened)} accounts opened, ${count(replayed)} replayed (they were open already)`)
    }
    const sent = await sendAll(options, ledger, total, withProgress)
    const agree = await checkBalances(options, ledger, sent.positions)
    return agree && sent.refused.length === 0
  } finally {
    await ledger.close()
  }
}

type WithProgress = <Result>(
  title: string,
  size: number,
  work: (progress: Progress) => Promise<Result>,
) => Promise<Result>

async function sendAll(options: ImportOptions, ledger: LedgerClient, total: number, withProgress: WithProgress) {
  const { source, batchSize, patienceMs, print, clock = systemClock } = options
  const startedAt = clock.monotonicMs()
  const sent = await withProgress('payments', total, (progress) =>
    sendPayments(source.rows(), {
      ...{ ledger, batchSize, patienceMs, clock },
      onBatch: progress.advance,
      onWait: progress.wait,
    }),
  )
  const counts = [
    `${count(sent.posted - sent.replayed)} payments posted`,
    `${count(sent.replayed)} replayed (they were booked already)`,
    ...(sent.waiting === 0
      ? []
      : [`${count(sent.waiting)} ${sent.waiting === 1 ? 'needs' : 'need'} a second person (see Approvals)`]),
    `${count(sent.refused.length)} refused`,
  ]
  print(`${counts.join(', ')}, in ${((clock.monotonicMs() - startedAt) / 1000).toFixed(1)} s`)
  for (const { line, key, reason } of sent.refused) print(`  line ${line}, key ${key}: ${reason}`)
  return sent
}

/** A file with a fault in it sends nothing: it is read to its end before the first payment. */
async function checkRows(source: ImportSource, file: string): Promise<number> {
  const faults: string[] = []
  let payments = 0
  for await (const row of source.rows()) {
    if ('payment' in row) payments += 1
    else faults.push(`  line ${row.line}: ${row.fault}`)
    if (faults.length > mostShown) break
  }
  if (faults.length > 0) {
    const shown = faults.slice(0, mostShown)
    const more = faults.length > mostShown ? ['  and more'] : []
    throw new InputError(
      [`${file} has rows that cannot be read. Nothing was sent. Put them right and run again:`, ...shown, ...more].join(
        '\n',
      ),
    )
  }
  if (payments === 0) throw new InputError(`${file} holds no payments, only a header`)
  return payments
}

async function checkBalances(
  { source, print, clock = systemClock }: ImportOptions,
  ledger: LedgerClient,
  positions: ReadonlyMap<number, number>,
): Promise<boolean> {
  if (source.balances.size === 0) return true
  const startedAt = clock.monotonicMs()
  const vector = [...positions]
    .map(([partition, seq]) => ({ partition, seq }))
    .sort((a, b) => a.partition - b.partition)
  const atLeast = vector.length > 0 ? formatPositions(vector) : undefined
  const { compared, mismatches } = await compareBalances(ledger, source.balances, atLeast)
  const seconds = ((clock.monotonicMs() - startedAt) / 1000).toFixed(1)
  print(
    `${count(compared)} accounts compared, ${count(mismatches.length)} mismatches, at position ${atLeast ?? 'unknown'}, in ${seconds} s`,
  )
  for (const mismatch of mismatches.slice(0, mostShown)) print(`  ${mismatchText(mismatch)}`)
  if (mismatches.length > mostShown) print(`  and ${count(mismatches.length - mostShown)} more`)
  return mismatches.length === 0
}

function mismatchText({ accountId, expected, found }: Mismatch): string {
  if (found === undefined) return `${accountId}: the file ends with ${expected}, and the ledger shows no such account`
  return `${accountId}: the file ends with ${expected}, and the ledger has ${found} (a difference of ${found - expected})`
}
