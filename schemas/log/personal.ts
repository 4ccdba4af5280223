import { z } from 'zod'
import { StoredOwnerId } from './stored-fields.ts'

/**
 * Texts about a person, apart from all else of an event. `subject` is the owner whom they are about, absent where an
 * earlier version did not say.
 */
export function personal<Data extends z.ZodType>(data: Data) {
  return z.object({ subject: StoredOwnerId.optional(), form: z.literal('plain'), data })
}
