import { z } from 'zod'

/** What one gateway sends to each service behind it, and how the service answers. */
export const Traffic = z
  .object({
    upstreams: z.array(
      z.object({
        name: z.string().meta({ examples: ['write-side', 'accounts', 'projections/accounts'] }),
        status: z.enum(['ready', 'not ready']),
        reason: z.string().nullable().meta({ description: 'Why it is not ready, or what it lacks although it is.' }),
        requestsPerSecond: z.number().meta({ description: 'Over the last ten seconds.' }),
        failuresPerSecond: z.number().meta({ description: 'Answers of 500 and above, and none at all.' }),
        latencyMs: z
          .object({ p50: z.number(), p99: z.number() })
          .nullable()
          .meta({ description: 'Until the answer begins, over the last minute; null when nothing was asked.' }),
        waiting: z.int().meta({ description: 'Requests whose answer has not begun.' }),
      }),
    ),
  })
  .meta({ id: 'Traffic' })
export type Traffic = z.infer<typeof Traffic>
