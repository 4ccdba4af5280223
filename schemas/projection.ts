import { z } from 'zod'

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
    lagRecords: z.int().meta({ description: 'Records of the log that are not applied yet.' }),
    lagSeconds: z.number().meta({ description: 'Seconds since it was last known to have everything.' }),
    ratePerSecond: z.number().meta({ description: 'Commits applied a second, over the last ten seconds.' }),
    stopped: z.string().nullable().meta({ description: 'Why it stands still, if it does.' }),
  })
  .meta({ id: 'ProjectionStatus' })
export type ProjectionStatus = z.infer<typeof ProjectionStatus>
export const ProjectionStatusList = z.object({ items: z.array(ProjectionStatus) }).meta({ id: 'ProjectionStatusList' })
export type ProjectionStatusList = z.infer<typeof ProjectionStatusList>
