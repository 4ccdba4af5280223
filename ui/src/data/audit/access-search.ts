import { z } from 'zod'

/** Who and what is looked for in the access log; it lives in the URL. */
export const AccessSearch = z.object({
  subject: z.string().min(1).max(100).optional().catch(undefined),
  text: z.string().min(1).max(100).optional().catch(undefined),
})
export type AccessSearch = z.infer<typeof AccessSearch>
