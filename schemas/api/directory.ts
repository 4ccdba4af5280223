import { z } from 'zod'

/**
 * GET /directory of a command worker: which workers live, and by partition which of them, as an index, has it or is to
 * have it; null where nobody does.
 */
export const Directory = z.object({
  workers: z.array(z.object({ worker: z.string(), url: z.url() })),
  owners: z.array(z.int().nonnegative().nullable()),
})
export type Directory = z.infer<typeof Directory>
