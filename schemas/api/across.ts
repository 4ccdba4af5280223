import { z } from 'zod'
import { FailedLine } from './replay.ts'

const position = z.string().meta({ examples: ['0:1842'] })
const count = z.int().min(0)

/** One thing that the partitions do not say alike; `position` is the commit that shows it. */
export const AcrossFault = z
  .object({
    code: z.enum([
      'payment_unknown',
      'step_misplaced',
      'cause_missing',
      'cause_changed',
      'cause_unfit',
      'legs_differ',
      'answer_missing',
      'outcomes_differ',
      'transit_unexplained',
      'never_lost',
      'fact_differs',
    ]),
    position,
    paymentId: z.string().nullable().meta({ description: 'Null of a fact of the whole ledger.' }),
    detail: z.string(),
  })
  .meta({ id: 'AcrossFault' })
export type AcrossFault = z.infer<typeof AcrossFault>

const amounts = z.array(z.object({ currency: z.string(), amount: z.string() }))

/** How payments ended that lost history had touched, by what a partition has committed, once a person accepted it. */
export const MadeGood = z
  .object({
    partition: z.int(),
    kind: z.enum(['learned', 'reopened', 'forced', 'released', 'written_off']).meta({
      description:
        'learned: completed, since another partition has posted it; reopened: over, and asked for again; forced: ' +
        'posted again whatever limits say by now; released: promised for a payment that is gone; written_off: posted ' +
        'for one.',
    }),
    payments: count,
    amounts,
    inSuspense: amounts.meta({ description: 'What of it came to, or left, suspense accounts.' }),
  })
  .meta({ id: 'MadeGood' })
export type MadeGood = z.infer<typeof MadeGood>

/** What all partitions say together of the payments across them. It is sound when it has no fault. */
export const AcrossVerification = z
  .object({
    partitions: z.int(),
    ledgerId: z.string().nullable(),
    positions: z.string().meta({ description: 'How far each was read.', examples: ['0:91,3:1842'] }),
    sound: z.boolean(),
    records: count,
    payments: count.meta({ description: 'Payments across partitions, whatever became of them.' }),
    underWay: z
      .object({
        payments: count,
        oldest: z.object({ paymentId: z.string(), since: z.iso.datetime() }).nullable(),
        sums: z
          .array(z.object({ between: z.array(z.int()), currency: z.string(), amount: z.string(), payments: count }))
          .meta({ description: 'What stands on transit accounts, the first 100: what one posted, and the other not.' }),
      })
      .meta({ description: 'There: each of them ends once its partitions are up.' }),
    waiting: count.meta({ description: 'What rests on commits of a partition that could not be read so far.' }),
    givenUp: count.meta({ description: 'What rests on commits that a person has given up by a resume.' }),
    madeGood: z.array(MadeGood),
    sharedKeys: z
      .array(z.object({ position, alsoOn: z.int() }))
      .meta({ description: 'Warnings, the first 20: a key that counted on that other partition before.' }),
    sharedKeyCount: count,
    faults: z.array(AcrossFault).meta({ description: 'The first 100.' }),
    faultCount: count,
    durationMs: z.number(),
  })
  .meta({ id: 'AcrossVerification' })
export type AcrossVerification = z.infer<typeof AcrossVerification>

/** A line of GET /v1/audit/verify. */
export const AcrossLine = z
  .union([
    z.object({ progress: z.object({ records: count, of: count }) }),
    z.object({ result: z.object({ verification: AcrossVerification }) }),
    FailedLine,
  ])
  .meta({ id: 'AcrossLine' })
export type AcrossLine = z.infer<typeof AcrossLine>
