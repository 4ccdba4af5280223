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
        keptPerSecond: z
          .number()
          .optional()
          .meta({ description: 'Answers of what was kept, as it did not answer. Earlier gateways do not say it.' }),
        latencyMs: z
          .object({ p50: z.number(), p99: z.number() })
          .nullable()
          .meta({ description: 'Until the answer begins, over the last minute; null when nothing was asked.' }),
        awaySince: z.iso
          .datetime()
          .nullable()
          .optional()
          .meta({ description: 'Since when some or all of it is not asked, as it did not answer. Null is well.' }),
        instances: z
          .array(
            z.object({
              name: z.string().meta({ examples: ['http://accounts:8083 at 10.0.0.7'] }),
              standing: z
                .enum(['well', 'not ready', 'failed', 'away'])
                .meta({ description: 'Well is asked; not ready and failed after the others; away not at all.' }),
              reason: z.string().nullable(),
              underWay: z.int().meta({ description: 'Requests that it has not answered to the end.' }),
            }),
          )
          .optional()
          .meta({ description: 'The processes that it is asked at; empty for the write-side, see GET /v1/workers.' }),
        waiting: z.int().meta({ description: 'Requests whose answer has not begun.' }),
      }),
    ),
    sharedMemory: z
      .object({
        kind: z.enum(['process', 'redis']).meta({ description: 'Whether gateways share it, or each has its own.' }),
        away: z
          .object({ reason: z.string(), since: z.iso.datetime() })
          .nullable()
          .meta({ description: 'Why it cannot be asked: limits and ended sessions are those of one gateway then.' }),
        failuresPerSecond: z.number().meta({ description: 'Times that it was asked in vain.' }),
      })
      .optional()
      .meta({ description: 'What gateways have in common for a short time. Earlier gateways do not say it.' }),
  })
  .meta({ id: 'Traffic' })
export type Traffic = z.infer<typeof Traffic>
