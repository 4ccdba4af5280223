import { createHash } from 'node:crypto'
import type { Attempt, Leg, Posting } from './read-journal.ts'

/** What one commit says; all that is left out is as it should be. */
export type Said = {
  readonly key: string
  readonly tenant?: string
  readonly open?: { readonly accountId: string; readonly overdraftLimit: string }
  /** As the first generation wrote it. */
  readonly pay?: readonly [from: string, to: string, amount: string]
  /** As later ones do. */
  readonly legs?: readonly Leg[]
  /** A refund of the payment at that seq, of an amount or of all; `legs` are what it moved. */
  readonly back?: { readonly of: number; readonly amount?: string; readonly whole?: boolean }
  readonly freeze?: { readonly accountId: string; readonly direction: 'outgoing' | 'all' | 'nothing' }
  readonly code?: string
  readonly decidedAt?: string
  readonly seq?: number
  readonly epoch?: number
  readonly previousHash?: string
}

export const noon = '2026-03-01T12:00:00.000Z'
export const noonMs = Date.parse(noon)

/** The bytes of a log that holds these commits, of one claim unless more are said. */
export function logOf(commits: readonly Said[]) {
  const records: Buffer[] = []
  const append = (type: string, data: unknown) => {
    records.push(Buffer.from(JSON.stringify({ specversion: '1.0', type: `micropay.${type}.v1`, data })))
  }
  append('genesis', { ledgerId: 'torture', partition: 0, partitions: 1, placement: 'p', hash: 'sha-256' })
  append('claim', { epoch: 1, claimId: 'c', ownerId: 'a', claimedAt: noon, eventGeneration: 1 })
  let hash = createHash('sha256').update('torture\n0').digest()
  for (const [index, said] of commits.entries()) {
    append('commit', dataOf(said, index + 1, hash.toString('base64url')))
    hash = createHash('sha256')
      .update(hash)
      .update(records.at(-1) ?? '')
      .digest()
  }
  return records.map((value, offset) => ({ offset: BigInt(offset), value }))
}

function dataOf({ key, open, pay, legs, back, freeze, code, ...said }: Said, seq: number, previousHash: string) {
  const paymentId = `pay-0-${said.seq ?? seq}`
  const reversed = back && { reverses: { paymentId: `pay-0-${back.of}`, whole: back.whole ?? false } }
  const texts = back ? { personal: { form: 'plain', data: { description: 'sent back' } } } : {}
  const payment = legs ? { paymentId, legs, ...reversed, ...texts } : { paymentId, postings: pay ? [posting(pay)] : [] }
  const isUnfreeze = freeze?.direction === 'nothing'
  const accepted = [
    ...(open ? [{ type: 'AccountOpened', version: 1, data: open }] : []),
    ...(freeze ? [{ type: isUnfreeze ? 'AccountUnfrozen' : 'AccountFrozen', version: 2, data: freeze }] : []),
    ...(pay || legs ? [{ type: 'PaymentPosted', version: legs ? 2 : 1, data: payment }] : []),
  ]
  const given = back && { paymentId: `pay-0-${back.of}`, amount: back.amount, reason: 'sent back' }
  const personal = { personal: { form: 'plain', data: given ?? { legs } } }
  const asked = given || legs ? personal : { data: { postings: payment.postings } }
  const type = back ? 'RefundPayment' : 'MakePayment'
  return {
    ...{ epoch: 1, seq, previousHash, decidedAt: noon, tenant: 'main', ...said, idempotencyKey: key },
    actor: { subject: 'olga', client: 'olga' },
    command: { type: freeze ? 'FreezeAccount' : type, ...(code ? asked : {}) },
    outcome: code ? { kind: 'rejected', code } : { kind: 'accepted' },
    events: code ? [] : accepted,
  }
}

function posting([from, to, amount]: readonly [string, string, string]): Posting {
  return { from, to, amount, currency: 'EUR' }
}

/** What the clients asked for these commits, each told what its commit says. */
export function askedFor(commits: readonly Said[]): Attempt[] {
  return commits.map((said, index) => {
    const { key, code, decidedAt = noon } = said
    const told = code ? { code } : { decidedAt }
    return {
      ...{ id: index, at: noonMs, key, worker: 'a', path: pathOf(said), body: bodyOf(said) },
      answer: { at: noonMs, status: code ? 422 : 201, position: `0:${index + 1}`, ...told },
    }
  })
}

function bodyOf({ open, pay, legs, back, freeze }: Said): Attempt['body'] {
  if (back) return { ...(back.amount === undefined ? {} : { amount: back.amount }), reason: 'sent back' }
  if (freeze) return freeze
  if (open) return { accountId: open.accountId }
  return legs ? { legs } : { postings: pay ? [posting(pay)] : [] }
}

function pathOf({ open, back, freeze }: Said): string {
  if (back) return `/v1/payments/pay-0-${back.of}/refund`
  if (freeze) return `/v1/accounts/${freeze.accountId}/${freeze.direction === 'nothing' ? 'unfreeze' : 'freeze'}`
  return open ? '/v1/accounts' : '/v1/payments'
}
