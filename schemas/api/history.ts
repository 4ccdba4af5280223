import { z } from 'zod'

/** The newest line that a process logged at the level of an error or above, shortened and without secrets. */
export const LastError = z.object({ at: z.iso.datetime(), text: z.string() }).meta({ id: 'LastError' })
export type LastError = z.infer<typeof LastError>

/** What one service answers who asks for that; null where its process has logged none since it started. */
export const LastErrorAnswer = z.object({ lastError: LastError.nullable() })
export type LastErrorAnswer = z.infer<typeof LastErrorAnswer>

/** One look at the whole flow: rates add up, lags and latencies are the worst. */
export const FlowFigures = z
  .object({
    at: z.iso.datetime(),
    requestsPerSecond: z.number().meta({ description: 'What this gateway sent to all services, over ten seconds.' }),
    failuresPerSecond: z.number(),
    commitsPerSecond: z.number().nullable().meta({ description: 'Null where a worker did not say.' }),
    appendLatencyMs: z.object({ p50: z.number(), p99: z.number() }).nullable(),
    appliedPerSecond: z.number().nullable().meta({ description: 'Null where a projection did not say.' }),
    lagRecords: z.int().nullable(),
    lagSeconds: z.number().nullable(),
    lagAtLeast: z.boolean().meta({ description: 'Somebody did not say, so the lags are what they are at best.' }),
  })
  .meta({ id: 'FlowFigures' })
export type FlowFigures = z.infer<typeof FlowFigures>

/** An alert that is active, as Alertmanager has it. */
export const ActiveAlert = z
  .object({
    name: z.string(),
    severity: z.string().nullable(),
    since: z.iso.datetime(),
    summary: z.string().nullable(),
    runbook: z
      .string()
      .nullable()
      .meta({ description: 'Where it says what to do: an address of http or https, or a path of the documents.' }),
  })
  .meta({ id: 'ActiveAlert' })
export type ActiveAlert = z.infer<typeof ActiveAlert>

/** What one gateway has seen within the last hour; it is kept in memory, and begins anew with its process. */
export const History = z
  .object({
    since: z.iso.datetime().meta({ description: 'When this gateway began to look; nothing is known of before.' }),
    everySeconds: z.int(),
    samples: z.array(FlowFigures).meta({ description: 'Of the last hour, oldest first.' }),
    changes: z
      .array(
        z.object({
          at: z.iso.datetime(),
          service: z.string(),
          status: z.enum(['ready', 'not ready']),
          reason: z.string().nullable().meta({ description: 'Why not, or what it lacks although it is.' }),
        }),
      )
      .meta({ description: 'How services began to stand, newest first; 200 at most.' }),
    errors: z
      .array(z.object({ service: z.string(), lastError: LastError.nullable() }))
      .meta({ description: 'Of this gateway and of one instance of each service that answers.' }),
    unreachable: z.array(z.object({ service: z.string(), reason: z.string() })),
    alerts: z
      .array(ActiveAlert)
      .nullable()
      .meta({ description: 'Null where no Alertmanager is named, or it does not answer: `alertsReason` says which.' }),
    alertsReason: z.string().nullable(),
  })
  .meta({ id: 'History' })
export type History = z.infer<typeof History>
