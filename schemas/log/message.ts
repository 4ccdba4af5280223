import { z } from 'zod'
import { Actor } from './actor.ts'
import { LostSpan } from './history-events.ts'
import { LedgerZoneSet, PolicySet } from './ledger-events.ts'
import { PaymentLeg } from './payment-legs.ts'
import { PeriodCalledOff, PeriodClosed, PeriodClosing, PeriodReopened } from './period-events.ts'
import { LegsRefused, sides } from './saga-events.ts'
import { StoredPaymentId, StoredPeriodId } from './stored-fields.ts'

/*
 * What the partitions of a ledger say to each other of payments across them, through inboxes that may lose, repeat,
 * delay and reorder. Each message is a function of counted state and says what stays true; `at` names the commit that
 * says so.
 */

/**
 * `asOf` is the seq of the sender as it was made, absent of earlier workers: what a history said that is gone is not
 * handled, though the commit that it names is there.
 */
const way = { from: z.int().min(0), to: z.int().min(0), asOf: z.int().min(0).optional() }
const at = z.object({ seq: z.int().min(1), hash: z.string().length(43) })
const head = { payment: StoredPaymentId, ...way, at }

/**
 * To a participant: `low` says that its coordinator has no payment with it open below that seq; `actor` gave the
 * command.
 */
const request = { ...head, low: z.int().min(0), tenant: z.string(), actor: Actor }
/** `leg` is the place among all legs of the payment: a participant learns its own alone. */
const asked = {
  ...request,
  legs: z.array(PaymentLeg.extend({ leg: z.int().min(0) })).min(1),
  mayBook: z.boolean(),
  effectiveAt: z.string(),
}

/** A fact of the whole ledger, which its home partition tells to all others. */
export const LedgerFact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('PolicySet'), version: z.literal(1), data: PolicySet }),
  z.object({ type: z.literal('LedgerZoneSet'), version: z.literal(1), data: LedgerZoneSet }),
  z.object({ type: z.literal('PeriodClosing'), version: z.literal(1), data: PeriodClosing }),
  z.object({ type: z.literal('PeriodClosed'), version: z.literal(1), data: PeriodClosed }),
  z.object({ type: z.literal('PeriodCalledOff'), version: z.literal(1), data: PeriodCalledOff }),
  z.object({ type: z.literal('PeriodReopened'), version: z.literal(1), data: PeriodReopened }),
])
export type LedgerFact = z.infer<typeof LedgerFact>

/** `after` is the seq of the fact before it that still holds: who does not know that one asks first. */
const ToldFact = z.object({
  ...{ kind: z.literal('fact'), ...way, at, after: z.int().min(0) },
  ...{ tenant: z.string(), actor: Actor, fact: LedgerFact },
})
export type ToldFact = z.infer<typeof ToldFact>
/** Asks the home of facts for those behind the last one that is known. */
const FactsAsked = z.object({ kind: z.literal('ask-facts'), ...way, known: z.int().min(0) })
export type FactsAsked = z.infer<typeof FactsAsked>
/** To the home of facts, as often as it tells of the closing: what the commit at `at` says of it, a `PeriodSealed`. */
const SealedMessage = z.object({
  ...{ kind: z.literal('sealed'), ...way, at: head.at, period: StoredPeriodId, touched: z.int().min(0) },
})
export type SealedMessage = z.infer<typeof SealedMessage>

/**
 * A partition has lost what `lost` says, of all its resumes, and asks another one what it knows; `open` are its
 * payments that both take part in. `at` is its newest resume.
 */
const Resumed = z.object({
  ...{ kind: z.literal('resumed'), ...way, at },
  ...{ lost: z.array(LostSpan).min(1), open: z.array(StoredPaymentId) },
})
export type Resumed = z.infer<typeof Resumed>
/** How far the sender is in a payment that the receiver has open. */
export const StepTold = z.object({
  payment: StoredPaymentId,
  state: z.enum(['prepared', 'posted', 'refused']),
  at,
  sides: sides.optional(),
})
export type StepTold = z.infer<typeof StepTold>
/**
 * What the receiver has lost is gone for the sender, too. `at` is the commit that accepts it; `steps` are of the
 * payments that the receiver had open when it asked, `asked` being `asOf` then.
 */
const Accepted = z.object({
  ...{ kind: z.literal('accepted'), ...way, at },
  ...{ asked: z.int().min(0), steps: z.array(StepTold) },
})
export type Accepted = z.infer<typeof Accepted>
/** Between partitions one of which has lost history. */
export type HistoryMessage = Resumed | Accepted

const PaymentMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prepare'), ...asked }),
  z.object({ kind: z.literal('settle'), ...asked }),
  // Of a payment that lost history may have touched it brings the legs: the promise may be gone.
  z.object({
    ...{ kind: z.literal('commit'), ...request },
    ...{ legs: asked.legs.optional(), effectiveAt: z.string().optional() },
  }),
  z.object({ kind: z.literal('cancel'), ...request }),
  z.object({ kind: z.literal('prepared'), ...head, sides }),
  z.object({ kind: z.literal('posted'), ...head, sides }),
  z.object({ kind: z.literal('refused'), ...head, rejection: LegsRefused.shape.rejection }),
])
export type PaymentMessage = z.infer<typeof PaymentMessage>
export const Message = z.discriminatedUnion('kind', [
  ...PaymentMessage.options,
  ...[ToldFact, FactsAsked, SealedMessage, Resumed, Accepted],
])
export type Message = z.infer<typeof Message>
export function isOfHistory(message: Message): message is HistoryMessage {
  return message.kind === 'resumed' || message.kind === 'accepted'
}

/** What a coordinator asks of a participant. */
export type Request = Extract<PaymentMessage, { low: number }>
/** What a participant answers. */
export type Answer = Exclude<PaymentMessage, Request>

export function isRequest(message: PaymentMessage): message is Request {
  return 'low' in message
}
