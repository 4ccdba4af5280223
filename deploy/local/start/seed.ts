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

export type Seeded = { readonly accounts: number; readonly payments: number; readonly refused: number }

/**
 * Books the example ledger through the public API on the first start of an empty ledger; undefined when there is nothing to do. Every
 * command has a fixed key, so that one which was interrupted is finished by the next start. `marker` is the file that remembers it.
 */
export async function seed(ledger: LedgerClient, createdOn: string, marker: string): Promise<Seeded | undefined> {
  const state = await readFile(marker, 'utf8').catch(() => 'never')
  if (state.startsWith(done)) return undefined
  await mkdir(dirname(marker), { recursive: true })
  if (state === 'never' && !(await isEmpty(ledger))) {
    await writeFile(marker, `${done}: the ledger was not empty\n`)
    return undefined
  }
  await writeFile(marker, 'begun\n')
  const book = seedBook(createdOn)
  await openAccounts(ledger, book.accounts, () => {})
  const sent = await bookPayments(ledger, book)
  await changeAccounts(ledger, book)
  await untilVisible(ledger, sent)
  await writeFile(marker, `${done}\n`)
  return { accounts: book.accounts.length, payments: sent.posted, refused: sent.refused.length }
}

/** Whether the example ledger is in there. */
export async function isSeeded(marker: string): Promise<boolean> {
  return (await readFile(marker, 'utf8').catch(() => '')) === `${done}\n`
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
