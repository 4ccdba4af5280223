import { z } from 'zod'

/** Who asked for what was decided. */
export const askedBy = z
  .string()
  .nullable()
  .meta({ description: 'null: a second person approved it, and the log does not say for whom.' })

/** Who approved it, beside who asked for it. */
export const approvedBy = z.string().nullable().meta({ description: 'The second person, where one was needed.' })
