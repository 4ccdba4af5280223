import { z } from 'zod'

/** The accounts that a payment's form begins with, as another page's link has them. */
export const PrefilledSearch = z.object({
  from: z.string().min(1).optional().catch(undefined),
  to: z.string().min(1).optional().catch(undefined),
})
