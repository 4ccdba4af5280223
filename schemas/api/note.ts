import { z } from 'zod'
import { AccountId } from '../identifiers.ts'
import { label } from '../text.ts'

/** So many notes can one account have. */
export const MAX_NOTES = 10

/** POST /v1/accounts/:accountId/notes */
export const WriteNote = z.strictObject({ text: label(200), dryRun: z.boolean().optional() }).meta({ id: 'WriteNote' })
export const NoteDecided = z
  .object({ accountId: AccountId, text: z.string(), decidedAt: z.iso.datetime() })
  .meta({ id: 'NoteDecided' })
export type NoteDecided = z.infer<typeof NoteDecided>
