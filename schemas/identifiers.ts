import { z } from 'zod'
import { partitionPattern, seqPattern } from './position.ts'

const accountIdPattern = /^(?=.{1,64}$)[A-Za-z0-9._:-]*(?:\{[A-Za-z0-9._:-]+\})?[A-Za-z0-9._:-]*$/

/**
 * An account's name, chosen by whoever opens it: 1 to 64 of letters, digits and `. _ : -`, with at most one `{tag}`.
 * Accounts that share a tag live on the same partition, and a payment between them is one commit.
 */
export const AccountId = z
  .string()
  .regex(accountIdPattern, {
    error: 'must be 1 to 64 letters, digits, or . _ : - with at most one {tag}',
  })
  .meta({ id: 'AccountId', examples: ['ada:main', '{berka}:576'] })
  .brand<'AccountId'>()
export type AccountId = z.infer<typeof AccountId>

const namePart = '(?=.{1,64}$)[A-Za-z0-9._:-]*(?:\\{[A-Za-z0-9._:-]+\\})?[A-Za-z0-9._:-]*'
const suspensePart = 'suspense/(?:0|[1-9][0-9]{0,3})/[A-Z]{3}'

/**
 * An account that may be paid, and is listed: one that somebody opened, or `suspense/<partition>/<currency>`, which the
 * ledger keeps for what it cannot give to whom it was meant for, and staff settle.
 */
export const PayableId = z
  .string()
  .regex(new RegExp(`^(?:${suspensePart}|${namePart})$`), {
    error: 'must be 1 to 64 letters, digits, or . _ : - with at most one {tag}',
  })
  .meta({ id: 'PayableId', examples: ['ada:main', 'suspense/0/EUR'] })
  .brand<'AccountId'>()

/** A name of what began at a position, in its one spelling. */
function patternOf(kind: string): RegExp {
  return new RegExp(`^${kind}-${partitionPattern}-${seqPattern}$`)
}

/** `pay-<partition>-<seq>`: derived from the position of the commit that decided it, so it is unique for ever. */
export const PaymentId = z
  .string()
  .regex(patternOf('pay'), { error: 'must look like pay-0-1842' })
  .meta({ id: 'PaymentId', examples: ['pay-0-1842'] })
  .brand<'PaymentId'>()
export type PaymentId = z.infer<typeof PaymentId>

/** `prd-<partition>-<seq>`: from the position of the commit that closed it. */
export const PeriodId = z
  .string()
  .regex(patternOf('prd'), { error: 'must look like prd-0-1842' })
  .meta({ id: 'PeriodId', examples: ['prd-0-1842'] })
  .brand<'PeriodId'>()
export type PeriodId = z.infer<typeof PeriodId>

/** Who owns an account: the subject of the owner's tokens. */
export const OwnerId = z
  .string()
  .regex(/^[A-Za-z0-9._:@-]{1,64}$/, { error: 'must be 1 to 64 letters, digits or . _ : @ -' })
  .meta({ id: 'OwnerId', examples: ['customer:ada'] })
  .brand<'OwnerId'>()
export type OwnerId = z.infer<typeof OwnerId>

/**
 * A client's own name for one command, 1 to 128 printable ASCII characters without spaces; scoped by tenant, client and
 * person.
 */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, { error: 'must be 1 to 128 printable ASCII characters without spaces' })
  .meta({ id: 'IdempotencyKey', examples: ['b1946ac9-2b3c'] })
  .brand<'IdempotencyKey'>()
export type IdempotencyKey = z.infer<typeof IdempotencyKey>

/** `prp-<partition>-<seq>`: from the position of the commit that proposed it. */
export const ProposalId = z
  .string()
  .regex(patternOf('prp'), { error: 'must look like prp-0-1842' })
  .meta({ id: 'ProposalId', examples: ['prp-0-1842'] })
  .brand<'ProposalId'>()
export type ProposalId = z.infer<typeof ProposalId>

/** `pol-<partition>-<seq>`: from the position of the commit that set it. */
export const PolicyId = z
  .string()
  .regex(patternOf('pol'), { error: 'must look like pol-0-1842' })
  .meta({ id: 'PolicyId', examples: ['pol-0-1842'] })
  .brand<'PolicyId'>()
export type PolicyId = z.infer<typeof PolicyId>

export function proposalIdAt(partition: number, seq: number): ProposalId {
  return ProposalId.parse(`prp-${partition}-${seq}`)
}

export function policyIdAt(partition: number, seq: number): PolicyId {
  return PolicyId.parse(`pol-${partition}-${seq}`)
}

export function periodIdAt(partition: number, seq: number): PeriodId {
  return PeriodId.parse(`prd-${partition}-${seq}`)
}

export type Place = { readonly partition: number; readonly seq: number }

/** The position of the commit that the id of a payment, proposal or period is made of. */
export function placeOfId(id: PaymentId | ProposalId | PeriodId): Place {
  const [, partition, seq] = id.split('-')
  return { partition: Number(partition), seq: Number(seq) }
}

export function paymentIdAt(partition: number, seq: number): PaymentId {
  return PaymentId.parse(`pay-${partition}-${seq}`)
}

/** A payment's one name, of whichever spelling of it a log holds: it once took `pay-0-01842`, too. */
export function canonicalPaymentId(id: PaymentId): PaymentId {
  const { partition, seq } = placeOfId(id)
  return paymentIdAt(partition, seq)
}
