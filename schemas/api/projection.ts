import { z } from 'zod'

/** A rebuild or rollback that could not take over, while none has succeeded since. */
export const LastFailure = z
  .object({ at: z.iso.datetime(), what: z.enum(['rebuild', 'rollback']), reason: z.string() })
  .meta({ id: 'LastFailure' })
export type LastFailure = z.infer<typeof LastFailure>

/** Where one projection stands on one partition. */
export const ProjectionStatus = z
  .object({
    service: z.string(),
    name: z.string(),
    version: z.int(),
    schema: z.string(),
    state: z.enum(['live', 'building', 'retired']),
    partition: z.int(),
    position: z.string(),
    appliedRecords: z
      .int()
      .meta({ description: 'Records of the log that are applied: those that count and all others.' }),
    ofRecords: z.int().nullable().meta({ description: 'Records in the log; null while the log does not answer.' }),
    lagRecords: z.int().nullable().meta({ description: 'Records of the log that are not applied yet.' }),
    percent: z.number().nullable().meta({ description: 'Of the records that are applied, 0 to 100.' }),
    etaSeconds: z
      .int()
      .nullable()
      .meta({ description: 'Until it has caught up, at its present rate; null when that is unknown.' }),
    lagSeconds: z.number().meta({ description: 'Seconds since it was last known to have everything.' }),
    ratePerSecond: z.number().meta({ description: 'Commits applied a second, over the last ten seconds.' }),
    stopped: z.string().nullable().meta({ description: 'Why it stands still, if it does.' }),
    givenUpBy: z.string().nullable().default(null).meta({
      description: 'The resume by which a person gave up the history that it was built on: nobody can go back to it.',
    }),
    lastFailure: LastFailure.nullable()
      .default(null)
      .meta({ description: 'Of its projection: the last rebuild or rollback that failed, until one succeeds.' }),
  })
  .meta({ id: 'ProjectionStatus' })
export type ProjectionStatus = z.infer<typeof ProjectionStatus>

export const UnreachableService = z
  .object({ service: z.string(), reason: z.string() })
  .meta({ id: 'UnreachableService' })
export type UnreachableService = z.infer<typeof UnreachableService>

export const ProjectionStatusList = z
  .object({
    items: z.array(ProjectionStatus),
    unreachable: z
      .array(UnreachableService)
      .default([])
      .meta({ description: 'Services that did not say where their projections stand: the others are in `items`.' }),
  })
  .meta({ id: 'ProjectionStatusList' })
export type ProjectionStatusList = z.infer<typeof ProjectionStatusList>
