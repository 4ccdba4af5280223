import { z } from 'zod'
import { AccountId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor } from '../money.ts'

/** How far an account may be overdrawn, how much of that is used, and how much it can still pay. */
export const Limit = z
  .object({
    accountId: AccountId,
    currency: CurrencyCode,
    overdraftLimit: SignedMinor,
    used: SignedMinor,
    available: SignedMinor,
  })
  .meta({ id: 'Limit' })
export type Limit = z.infer<typeof Limit>

/** GET /v1/limits: accounts that have a limit, by id. */
export const LimitPage = z.object({ items: z.array(Limit), next: z.string().nullable() }).meta({ id: 'LimitPage' })
export type LimitPage = z.infer<typeof LimitPage>
