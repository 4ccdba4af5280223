import { z } from 'zod'
import { isPaymentKind } from '../payment-kind.ts'
import type { Commit } from './commit.ts'
import { LEGS_GENERATION } from './generations.ts'
import {
  isStoredAccountId,
  isStoredAmount,
  isStoredCurrency,
  isStoredOwnerId,
  isStoredPaymentId,
  type StoredAccountId,
  type StoredOwnerId,
  type StoredPaymentId,
} from './stored-fields.ts'

/**
 * Reads the record of one accepted payment of one posting, in the very layout in which encodeCommit writes it, for a
 * quarter of what JSON.parse and the schemas take: most of a ledger is such records, and every reader folds them all.
 * Answers undefined for any other text, and where a field is not just what its schema takes; decodeRecord reads that
 * the long way, so that this changes nothing but the time.
 */
export function readUsualPayment(text: string, generation: number = LEGS_GENERATION): Commit | undefined {
  const ofLegs = generation < LEGS_GENERATION ? undefined : usualPayment.exec(text)?.groups
  const found = ofLegs ?? usualPaymentV1.exec(text)?.groups
  if (!found) return undefined
  const { epoch, seq, previousHash = '', decidedAt = '', tenant = '', subject = '', client = '' } = found
  const { idempotencyKey = '', requestHash = '', paymentId = '', kind = '', from = '', to = '' } = found
  const { amount = '', currency = '', effectiveAt = '', about, form, reference, description, metadata } = found
  const named = { paymentId, from, to, about }
  if (!areHeadFields(previousHash, requestHash, decidedAt) || !areIds(named)) return undefined
  if (!isStoredAmount(amount) || !isStoredCurrency(currency)) return undefined
  if (!isPaymentKind(kind) || (metadata && hidesMember(metadata))) return undefined
  if (form !== undefined && form !== 'plain') return undefined
  const data = {
    ...(reference === undefined ? {} : { reference }),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) }),
  }
  const personal = { ...(named.about === undefined ? {} : { subject: named.about }), form: 'plain' as const, data }
  const isPersonal = form !== undefined || Object.keys(data).length > 0
  return {
    epoch: Number(epoch),
    seq: Number(seq),
    previousHash,
    decidedAt,
    tenant,
    actor: { subject, client },
    command: { type: 'MakePayment' },
    idempotencyKey,
    requestHash,
    outcome: { kind: 'accepted' },
    events: [
      {
        type: 'PaymentPosted',
        version: 2,
        data: {
          paymentId: named.paymentId,
          kind,
          legs: [
            { account: named.from, amount: `-${amount}`, currency, pair: 1 },
            { account: named.to, amount, currency, pair: 1 },
          ],
          effectiveAt,
          ...(isPersonal ? { personal } : {}),
        },
      },
    ],
  }
}

/**
 * Whether `text`, which was written of a commit, is read as that very commit by `readUsualPayment`. It makes nothing of
 * what it finds, for that is known: a worker asks this of every payment that it is about to append.
 */
export function isReadAsUsual(text: string, commit: Commit, generation: number): boolean {
  if (generation < LEGS_GENERATION || hidesMember(text) || !usualPayment.test(text)) return false
  const [event] = commit.events
  if (event?.type !== 'PaymentPosted') return false
  const { paymentId, legs, personal } = event.data
  const [payer, payee] = legs
  if (!payer || !payee) return false
  return (
    areHeadFields(commit.previousHash, commit.requestHash, commit.decidedAt) &&
    areIds({ paymentId, from: payer.account, to: payee.account, about: personal?.subject }) &&
    isStoredAmount(payee.amount) &&
    isStoredCurrency(payee.currency) &&
    isPaymentKind(event.data.kind) &&
    (personal === undefined || personal.form === 'plain')
  )
}

function areHeadFields(previousHash: string, requestHash: string | undefined, decidedAt: string): boolean {
  return previousHash.length === 43 && requestHash?.length === 22 && instant.test(decidedAt)
}

type Ids<PaymentId, AccountId, OwnerId> = {
  readonly paymentId: PaymentId
  readonly from: AccountId
  readonly to: AccountId
  readonly about: OwnerId | undefined
}
type StoredIds = Ids<z.infer<typeof StoredPaymentId>, z.infer<typeof StoredAccountId>, z.infer<typeof StoredOwnerId>>

function areIds(ids: Ids<string, string, string>): ids is StoredIds {
  return (
    isStoredPaymentId(ids.paymentId) &&
    isStoredAccountId(ids.from) &&
    isStoredAccountId(ids.to) &&
    (ids.about === undefined || isStoredOwnerId(ids.about))
  )
}

/** JSON.parse makes a property of that name like of any other, and the schema leaves it out. */
function hidesMember(json: string): boolean {
  return json.includes('__proto__')
}

const instant = z.core.regexes.datetime({})

/** JSON as a pattern: what stands between the parts stands for itself. */
function json(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.raw.map((text, index) => RegExp.escape(text) + (parts[index] ?? '')).join('')
}

/** A string in which nothing is escaped. */
const plain = String.raw`"[^"\\\x00-\x1f]*"`
const positive = (name: string) => `(?<${name}>[1-9][0-9]{0,14})`
const captured = (name: string) => String.raw`"(?<${name}>[^"\\\x00-\x1f]*)"`
const again = (name: string) => String.raw`"\k<${name}>"`
const member = (name: string, group = name) => `"${name}":${captured(group)}`
const metadataOf = `"metadata":(?<metadata>${json`{${`(?:${plain}:${plain}(?:,(?=")|(?=\\})))*`}}`})`
const texts = [member('reference'), member('description'), metadataOf]

/** Each of them absent or there: in version 1 behind another member, in version 2 alone in their object. */
const textsBehind = texts.map((text) => `(?:,${text})?`).join('')
const textsAlone = texts.map((text) => `(?:${text}(?:,(?=")|(?=\\})))?`).join('')
const about = `(?:${member('subject', 'about')},)?`
const personal = `(?:${json`,"personal":{${about}"form":${captured('form')},"data":{${textsAlone}}}`})?`

const debited = String.raw`"-(?<amount>[^"\\\x00-\x1f]*)"`
const payer = json`{${member('account', 'from')},"amount":${debited},${member('currency')},"pair":1}`
const payee = json`{${member('account', 'to')},"amount":${again('amount')},"currency":${again('currency')},"pair":1}`
const posting = json`{${member('from')},${member('to')},${member('amount')},${member('currency')}}`
const head = [member('paymentId'), member('kind')].join()
const payment = json`{${head},"legs":[${payer},${payee}],${member('effectiveAt')}${personal}}`
const paymentV1 = json`{${head},"postings":[${posting}],${member('effectiveAt')}${textsBehind}}`

const command = json`"command":{"type":"MakePayment"},${member('idempotencyKey')},${member('requestHash')}`
const actor = json`"actor":{${member('subject')},${member('client')}}`
const decided = json`${member('decidedAt')},${member('tenant')},${actor},${command}`
const context = json`"id":${plain},"source":${plain},"type":"micropay.commit.v1","subject":${plain},"time":${plain}`

/** The record of a payment in one version of its event. */
function recordOf(version: number, data: string): RegExp {
  const events = json`[{"type":"PaymentPosted","version":${String(version)},"data":${data}}]`
  const outcome = json`"outcome":{"kind":"accepted"},"events":${events}`
  const place = json`"epoch":${positive('epoch')},"seq":${positive('seq')},${member('previousHash')}`
  const commit = json`{${place},${decided},${outcome}}`
  return new RegExp(`^${json`{"specversion":"1.0",${context},"datacontenttype":"application/json","data":${commit}}`}$`)
}

const usualPayment = recordOf(2, payment)
const usualPaymentV1 = recordOf(1, paymentV1)
