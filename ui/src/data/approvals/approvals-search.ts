import { z } from 'zod'

// Apart from what is asked, since the router has it loaded before any page.

export const approvalsKey = ['approvals'] as const

/** Which proposals are listed. */
export const ApprovalsSearch = z.object({
  status: z.enum(['open', 'lapsed', 'approved', 'refused']).optional().catch(undefined),
})
export type ApprovalsSearch = z.infer<typeof ApprovalsSearch>
