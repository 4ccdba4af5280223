import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AccountPage } from '@micropay/schemas/api/account'
import { formatPositions } from '@micropay/schemas/position'
import type { ImportedRow } from '@micropay/sdk/import-source'
import { type Answer, type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { openAccounts } from '@micropay/sdk/open-accounts'
import { type SendOutcome, sendPayments } from '@micropay/sdk/send-payments'
import { type SeedBook, seedBook } from './seed-book.ts'

const done = 'done'

/** The file that says whether the examples are in a ledger, and in which. */
export type SeedMarker = { readonly path: string; readonly ledgerId: string }
export type Seeded = { readonly accounts: number; readonly payments: number; readonly refused: number }

/**
 * Books the example ledger through the public API on the first start of an empty ledger; undefined when there is
 * nothing to do. Every command has a fixed key, so that one which was interrupted is finished by the next start.
 * `marker` remembers it.
 */
export async function seed(ledger: LedgerClient, createdOn: string, marker: SeedMarker): Promise<Seeded | undefined> {
  const state = await readMarker(marker)
  if (state.startsWith(done)) return undefined
  if (state === 'never' && !(await isEmpty(ledger))) {
    await writeMarker(marker, `${done}: the ledger was not empty`)
    return undefined
  }
  await writeMarker(marker, 'begun')
  const book = seedBook(createdOn)
  await openAccounts(ledger, book.accounts, () => {})
  const sent = await bookPayments(ledger, book)
  await changeAccounts(ledger, book)
  await untilVisible(ledger, sent)
  await writeMarker(marker, done)
  return { accounts: book.accounts.length, payments: sent.posted, refused: sent.refused.length }
}

/** Whether the example ledger is in there. */
export async function isSeeded(marker: SeedMarker): Promise<boolean> {
  return (await readMarker(marker)) === done
}

/** What is known of this very ledger; a marker without a ledger's name was written when all were called `local`. */
async function readMarker({ path, ledgerId }: SeedMarker): Promise<string> {
  const [state = '', of] = (await readFile(path, 'utf8').catch(() => 'never')).split('\n')
  return (of || 'local') === ledgerId ? state : 'never'
}

async function writeMarker({ path, ledgerId }: SeedMarker, state: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${state}\n${ledgerId}\n`)
}

async function isEmpty(ledger: LedgerClient): Promise<boolean> {
  const answer = must(await ledger.send({ method: 'GET', path: '/v1/accounts?limit=1' }), 200)
  return AccountPage.parse(answer.body).items.length === 0
}

function bookPayments(ledger: LedgerClient, book: SeedBook): Promise<SendOutcome> {
  async function* rows(): AsyncGenerator<ImportedRow> {
    for (const [index, payment] of book.payments.entries()) yield { line: index + 1, payment }
  }
  const silent = () => {}
  return sendPayments(rows(), { ledger, batchSize: 1000, patienceMs: 30_000, onBatch: silent, onWait: silent })
}

async function changeAccounts(ledger: LedgerClient, book: SeedBook): Promise<void> {
  for (const { accountId, change, reason } of book.changes) {
    const answer = await ledger.send({
      method: 'POST',
      path: `/v1/accounts/${accountId}/${change}`,
      headers: { 'idempotency-key': `seed:${change}:${accountId}` },
      body: JSON.stringify({ reason }),
    })
    must(answer, 201)
  }
}

async function untilVisible(ledger: LedgerClient, { positions }: SendOutcome): Promise<void> {
  const vector = [...positions].map(([partition, seq]) => ({ partition, seq }))
  const headers = { 'at-least': formatPositions(vector), prefer: 'wait=10' }
  must(await ledger.send({ method: 'GET', path: '/v1/accounts?limit=1', headers }), 200)
}

function must(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`the example ledger could not be booked: ${problemOf(answer)}`)
  return answer
}
