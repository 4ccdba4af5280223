import { z } from 'zod'

/**
 * How a table is sorted, as it stands in the URL: a column's key, with a minus before it from the last to the first.
 */
export const sortKey = z
  .string()
  .regex(/^-?[a-z]{1,24}$/)
  .optional()
  .catch(undefined)
