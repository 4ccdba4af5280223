import { z } from 'zod'

/**
 * What a worker or a projection says of its pace at /vitals, for gateways: nobody signs in for it, as for /health, and
 * figures of the whole process are all that it holds. Null is not known.
 */
export const WorkerVitals = z.object({
  commitsPerSecond: z.number(),
  appendLatencyMs: z.object({ p50: z.number(), p99: z.number() }).nullable(),
})
export type WorkerVitals = z.infer<typeof WorkerVitals>

/** Of the live version, over all partitions: the worst of them. */
export const ProjectionVitals = z.object({
  appliedPerSecond: z.number(),
  lagRecords: z.int().nullable(),
  lagSeconds: z.number(),
})
export type ProjectionVitals = z.infer<typeof ProjectionVitals>
