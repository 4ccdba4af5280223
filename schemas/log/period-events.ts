import { z } from 'zod'
import { personal } from './personal.ts'
import { Rejection } from './rejection.ts'
import { StoredDay, StoredPeriodId, StoredText } from './stored-fields.ts'

/*
 * What a ledger says of its periods. On several partitions the home of facts begins a closing, and each partition takes
 * it over: from that commit on nothing new is dated into those days there. Once nothing that it has promised can be
 * posted into them any more it says so; once all have, the home closes the period, and the others take that over.
 */

const days = {
  periodId: StoredPeriodId,
  from: StoredDay.optional(),
  through: StoredDay,
  zone: StoredText,
  before: z.iso.datetime(),
}

/**
 * Where the figures of a partition were read, and SHA-256 over the balances of its accounts then, as `digest` of a
 * closing on one partition.
 */
export const PeriodSeal = z.object({
  partition: z.int().min(0),
  seq: z.int().min(0),
  digest: z.string().length(43),
})
export type PeriodSeal = z.infer<typeof PeriodSeal>
const seals = z.array(PeriodSeal).min(2)

/**
 * Every value date before the instant `before`, the end of the day `through` in `zone`, is closed; `from` is the day
 * after the period before, if there is one. `seq` is where the trial balance was read that `digest` is of: what finance
 * saw is what is sealed. On several partitions there are `seals` of all of them, `seq` is that of the home's, and
 * `digest` the one over all seals.
 */
export const PeriodClosed = z.object({
  ...days,
  seq: z.int().min(0),
  digest: z.string().length(43),
  seals: seals.optional(),
})
/** The home has begun to close it. What is not sealed everywhere by the instant `until` is called off. */
export const PeriodClosing = z.object({
  ...days,
  seq: z.int().min(0),
  digest: z.string().length(43),
  seals,
  until: z.iso.datetime(),
})
/**
 * Nothing more is posted here with a value date in it, unless the closing is called off; `touched` is the seq of the
 * last posting that may have one, 0 for none.
 */
export const PeriodSealed = z.object({ periodId: StoredPeriodId, touched: z.int().min(0) })
/**
 * It stays open; why is what the giver of the command is told. A person may have had a reason. `from` is the first open
 * day, absent where every day is open.
 */
export const PeriodCalledOff = z.object({
  periodId: StoredPeriodId,
  from: StoredDay.optional(),
  rejection: Rejection.omit({ pointer: true }),
  personal: personal(z.object({ reason: StoredText })).optional(),
})
/** `from` is the first open day from here on, absent where every day is open. */
export const PeriodReopened = z.object({
  periodId: StoredPeriodId,
  from: StoredDay.optional(),
  personal: personal(z.object({ reason: StoredText })).optional(),
})
