import { z } from 'zod'
import { PaymentId } from '../identifiers.ts'
import { label } from '../text.ts'

/** What a message says that came to a partition, as far as it can be read. */
export const ParkedSays = z
  .object({
    kind: z.string().regex(/^[a-z-]{1,32}$/),
    payment: PaymentId.nullable().catch(null).default(null),
    from: z.int().min(0).nullable().catch(null).default(null),
    to: z.int().min(0).nullable().catch(null).default(null),
  })
  .meta({ id: 'ParkedSays' })
export type ParkedSays = z.infer<typeof ParkedSays>

/** A message between partitions that its receiver could not handle. */
export const ParkedMessage = z
  .object({
    id: z.string(),
    partition: z.int().meta({ description: 'Whose message it is: it came to the inbox of this partition.' }),
    fromLedger: z.boolean().meta({
      description: 'Whether a worker of this ledger wrote it. Where none did, what it says is only claimed.',
    }),
    says: ParkedSays.nullable().meta({ description: 'Null where it cannot be read.' }),
    bytes: z.int(),
    reason: z.string().meta({ description: 'Why it could not be handled, when it came last.' }),
    count: z.int().meta({ description: 'How often it came since it is parked.' }),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
  })
  .meta({ id: 'ParkedMessage' })
export type ParkedMessage = z.infer<typeof ParkedMessage>

export const MOST_PARKED_LISTED = 1_000

/** GET /v1/parked */
export const ParkedQuery = z.object({
  partition: z.coerce.number().int().min(0).max(1023).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_PARKED_LISTED).default(50),
})
export const ParkedList = z
  .object({
    items: z.array(ParkedMessage),
    counts: z
      .array(z.object({ partition: z.int(), kept: z.int(), more: z.int() }))
      .meta({ description: 'Of each partition that has any; `more` came and were not kept, as there was no room.' }),
  })
  .meta({ id: 'ParkedList' })
export type ParkedList = z.infer<typeof ParkedList>

/** POST /v1/parked/:parkedId/retry */
export const RetryParked = z.strictObject({})
export const ParkedRetried = z
  .object({
    id: z.string(),
    partition: z.int(),
    refusedAgain: z.boolean().meta({
      description: 'It is refused as before, and parked anew under the same id: no worker wrote it for this partition.',
    }),
  })
  .meta({ id: 'ParkedRetried' })
export type ParkedRetried = z.infer<typeof ParkedRetried>

/** POST /v1/parked/:parkedId/drop */
export const DropParked = z.strictObject({ reason: label(200) }).meta({ id: 'DropParked' })
export const ParkedDropped = z.object({ id: z.string(), partition: z.int() }).meta({ id: 'ParkedDropped' })
export type ParkedDropped = z.infer<typeof ParkedDropped>
