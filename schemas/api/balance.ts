import { z } from 'zod'
import { PayableId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'

/**
 * What an account held when a day ended, counted by value date and by booking: they differ by what was booked late, or
 * ahead.
 */
export const BalanceOn = z
  .object({
    accountId: PayableId,
    currency: CurrencyCode,
    at: z.iso.date(),
    zone: z.string(),
    before: z.iso.datetime().meta({ description: 'The instant at which that day ended.' }),
    byValueDate: SumMinor,
    byBooking: SignedMinor,
  })
  .meta({ id: 'BalanceOn' })
export type BalanceOn = z.infer<typeof BalanceOn>
