import { createHash } from 'node:crypto'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'

/**
 * Which records count, written from docs/log-protocol.md and sharing no code with the fold: a second opinion on each
 * record.
 */
export type ExpectedFold = {
  /** What a record is, in the order of the log. */
  next(value: Uint8Array): 'counts' | 'other'
  readonly seq: number
  readonly hash: string
  /** What seq was when the epoch began. */
  readonly seqAtClaim: number
  /** The newest that was announced. */
  readonly generation: number
  /** Whether something that no honest worker writes stands there, and nobody has accepted it. */
  readonly alarm: boolean
}

const Leg = z.object({ amount: z.string(), currency: z.string() })
const Outcome = z.object({ kind: z.string(), code: z.string().default('') })
const Event = z.object({ type: z.string(), version: z.number(), data: z.object({ legs: z.array(Leg).optional() }) })
const Stored = z.object({
  type: z.string(),
  data: z.object({
    ledgerId: z.string().optional(),
    epoch: z.number().optional(),
    seq: z.number().optional(),
    previousSeq: z.number().optional(),
    previousHash: z.string().optional(),
    eventGeneration: z.number().optional(),
    command: z.object({ type: z.string() }).optional(),
    idempotencyKey: z.string().optional(),
    requestHash: z.string().optional(),
    outcome: Outcome.optional(),
    events: z.array(Event).optional(),
  }),
})

type Data = z.infer<typeof Stored>['data']

export function createExpectedFold(partition: number): ExpectedFold {
  let [epoch, epochBefore, seq, seqAtClaim, hash, alarm, generation] = [0, 0, 0, 0, '', false, 0]
  const chained = (value: Uint8Array) =>
    createHash('sha256').update(Buffer.from(hash, 'base64url')).update(value).digest('base64url')
  const isClaimed = (named = 0) => named === epoch || named <= epochBefore
  const claim = ({ epoch: claimed = 0, eventGeneration = 0 }: Data) => {
    epochBefore = epoch
    epoch = claimed
    seqAtClaim = seq
    generation = Math.max(generation, eventGeneration)
    alarm ||= eventGeneration > EVENT_GENERATION
  }
  const resume = (data: Data, value: Uint8Array) => {
    const follows = data.previousSeq === seq && data.previousHash === hash && (data.seq ?? 0) > seq
    alarm = !follows
    if (follows) seq = data.seq ?? 0
    claim(data)
    if (!follows) return
    hash = chained(value)
    generation = data.eventGeneration ?? 0
  }
  const takesOver = (claimed = 0, before = epoch) => {
    alarm ||= claimed > epoch + 1_000 || (claimed <= epoch && !isClaimed(before))
    return claimed > epoch && claimed <= epoch + 1_000
  }
  const isNext = ({ epoch: named, seq: given = 0, previousHash }: Data) => {
    if (named !== epoch) alarm ||= !isClaimed(named)
    else if (given === seq + 1 && previousHash === hash) return true
    else alarm ||= given <= seqAtClaim || given > seq
    return false
  }
  const count = (value: Uint8Array) => {
    seq += 1
    hash = chained(value)
    return 'counts' as const
  }
  return {
    next(value) {
      const { type, data } = Stored.parse(JSON.parse(Buffer.from(value).toString()))
      if (type === 'micropay.genesis.v1' && hash === '') {
        hash = createHash('sha256').update(`${data.ledgerId}\n${partition}`).digest('base64url')
      } else if (type === 'micropay.claim.v1' && takesOver(data.epoch)) {
        claim(data)
      } else if (type === 'micropay.resume.v1' && takesOver(data.epoch, (data.epoch ?? 0) - 1)) {
        resume(data, value)
      } else if (type === 'micropay.heartbeat.v1') {
        alarm ||= !isClaimed(data.epoch)
      } else if (type === 'micropay.commit.v1') {
        if (isReadable(data, Math.max(1, generation))) return isNext(data) ? count(value) : 'other'
        alarm = true
      }
      return 'other'
    },
    get seq() {
      return seq
    },
    get hash() {
      return hash
    },
    get seqAtClaim() {
      return seqAtClaim
    },
    get generation() {
      return generation
    },
    get alarm() {
      return alarm
    },
  }
}

/** What came with later generations than the first: events in their first version, commands, reasons to refuse. */
const broughtBy: Readonly<Record<string, number>> = {
  ...{ AccountChanged: 2, AccountFlagSet: 2 },
  ...{ LedgerZoneSet: 5, PeriodClosed: 5, PeriodReopened: 5 },
  ...{ PolicySet: 6, CommandProposed: 6, CommandApproved: 6, CommandRefused: 6 },
  ...{ ChangeAccount: 2, SetAccountFlag: 2, account_not_of_house: 2, assertion_failed: 4 },
  ...{ SetZone: 5, ClosePeriod: 5, ReopenPeriod: 5 },
  ...{ value_date_in_future: 5, value_date_before_opening: 5, period_closed: 5, period_in_future: 5, period_gap: 5 },
  ...{ period_already_closed: 5, period_changed: 5, period_not_closed: 5, period_not_last: 5 },
  ...{ SetPolicy: 6, ApproveCommand: 6, RefuseCommand: 6, proposal_not_found: 6, proposal_decided: 6 },
  ...{ proposal_lapsed: 6, proposal_changed: 6, approval_by_maker: 6 },
  ...{ RefundPayment: 7, payment_not_found: 7, refund_not_possible: 7, refund_exceeds_payment: 7 },
  ...{ refund_before_payment: 8, period_not_reached: 8, opening_in_future: 8 },
  ...{ PaymentInitiated: 10, PaymentCompleted: 10, PaymentFailed: 10, CancelRequested: 10, PaymentEnded: 10 },
  ...{ LegsPrepared: 10, LegsPosted: 10, LegsReleased: 10, LegsRefused: 10 },
  ...{ CancelPayment: 10, ExpirePayment: 10, StepPayment: 10, TakeFact: 10 },
  ...{ payment_cancelled: 10, payment_expired: 10, payment_not_open: 10 },
  ...{ PeriodClosing: 11, PeriodSealed: 11, PeriodCalledOff: 11, CallOffPeriod: 11, StepPeriod: 11 },
  ...{ period_closing: 11, period_not_closing: 11, period_called_off: 11, period_not_sealed: 11 },
  ...{ LegsRecalled: 11, LegsWrittenOff: 11, PaymentReopened: 11, HistoryAccepted: 11, HistoryAnswered: 11 },
  ...{ AcceptHistory: 11, LearnHistory: 11 },
}

/** Whether a command, a reason to refuse, or an event in its first version is of that generation or an earlier one. */
export function isBrought(name: string, generation: number): boolean {
  return (broughtBy[name] ?? 1) <= generation
}

const secondBy: Readonly<Record<string, number>> = {
  ...{ PaymentPosted: 4, CommandApproved: 8 },
  ...{ PaymentCompleted: 11, LegsPosted: 11, LegsReleased: 11 },
}

/** What a ledger does of itself; all else is somebody's command, and has a key. A test knows the list. */
export const keyless: ReadonlySet<string> = new Set([
  'StepPayment',
  'ExpirePayment',
  'TakeFact',
  'StepPeriod',
  'AcceptHistory',
  'LearnHistory',
])
/** Legs of one partition among several leave over what passes to the others, until they are posted. */
const ofOnePartition = new Set(['LegsPrepared', 'LegsReleased'])

/** Second versions: of accounts, of payments, whose legs sum to zero, and of approvals. */
function isReadable({ events = [], command, outcome, ...keyed }: Data, generation: number): boolean {
  if (!isBrought(outcome?.code || (command?.type ?? ''), generation)) return false
  const isKeyed = keyed.idempotencyKey !== undefined && keyed.requestHash !== undefined
  if (!isKeyed && !keyless.has(command?.type ?? '')) return false
  return events.every(({ type, version, data: { legs = [] } }) => {
    const isKnown = version === 1 ? isBrought(type, generation) : (secondBy[type] ?? 2) <= generation
    return isKnown && (ofOnePartition.has(type) || balance(legs))
  })
}

function balance(legs: readonly z.infer<typeof Leg>[]): boolean {
  const currencies = new Set(legs.map(({ currency }) => currency))
  const sumOf = (wanted: string) =>
    legs.reduce((sum, { amount, currency }) => sum + (currency === wanted ? Number(amount) : 0), 0)
  return [...currencies].every((currency) => sumOf(currency) === 0)
}
