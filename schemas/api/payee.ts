import { z } from 'zod'
import { AccountId } from '../identifiers.ts'
import { hidesNothing, notShown } from '../text.ts'

/** So many accounts can one person save. */
export const MAX_PAYEES = 200

/**
 * What somebody calls an account that they pay: letters and digits of any script, spaces and `. _ ' & -`. Unique for
 * each person, whatever its case.
 */
export const PayeeAlias = z
  .string()
  .refine(hidesNothing, { error: notShown })
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'&-]{0,39}$/u, {
    error: "must be 1 to 40 letters, digits, spaces or . _ ' & - and begin with a letter or a digit",
  })
  .meta({ id: 'PayeeAlias', examples: ['Ben', 'Rent'] })

/** The same name whatever its case, and however its accents are encoded. */
export function payeeKey(alias: string): string {
  return alias.normalize('NFKC').toLowerCase()
}

const dryRun = z.boolean().optional()

/** POST /v1/payees: the caller saves an account under a name of their own. */
export const SavePayee = z.strictObject({ alias: PayeeAlias, accountId: AccountId, dryRun }).meta({ id: 'SavePayee' })
/** POST /v1/payees/:alias/remove */
export const RemovePayee = z.strictObject({ dryRun }).meta({ id: 'RemovePayee' })

/** What a payee command answers. */
export const PayeeDecided = z
  .object({ alias: z.string(), status: z.enum(['saved', 'removed']), decidedAt: z.iso.datetime() })
  .meta({ id: 'PayeeDecided' })
export type PayeeDecided = z.infer<typeof PayeeDecided>

export const Payee = z
  .object({ alias: z.string(), accountId: AccountId, savedAt: z.iso.datetime() })
  .meta({ id: 'Payee' })
export type Payee = z.infer<typeof Payee>

/** GET /v1/payees: all of the caller's, by alias. */
export const PayeeList = z.object({ items: z.array(Payee) }).meta({ id: 'PayeeList' })
export type PayeeList = z.infer<typeof PayeeList>
