import { z } from 'zod'
import { AccountId, OwnerId } from '../identifiers.ts'
import { hidesNothing, label, notShown } from '../text.ts'

/** So many accounts can one person save. */
export const MAX_PAYEES = 200
/** So many names can one person check in a day of the ledger's zone. */
export const MAX_PAYEE_CHECKS = 20

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
export const SavePayee = z
  .strictObject({
    alias: PayeeAlias,
    accountId: AccountId,
    owner: OwnerId.optional().meta({
      description: 'Whose name it is, where staff bring it from another ledger; the caller where it is left out.',
    }),
    dryRun,
  })
  .meta({ id: 'SavePayee' })
/** POST /v1/payees/:alias/remove */
export const RemovePayee = z.strictObject({ dryRun }).meta({ id: 'RemovePayee' })

/** What a payee command answers. */
export const PayeeDecided = z
  .object({ alias: z.string(), status: z.enum(['saved', 'removed']), decidedAt: z.iso.datetime() })
  .meta({ id: 'PayeeDecided' })
export type PayeeDecided = z.infer<typeof PayeeDecided>

/**
 * POST /v1/payees/check: whether an account that can be paid is held under a name. There is no dry run, since every
 * answer is told once, and is evidence.
 */
export const CheckPayee = z
  .strictObject({
    accountId: AccountId,
    name: label(100).meta({ description: 'Whom one believes to hold the account.', examples: ['Ben Franklin'] }),
  })
  .meta({ id: 'CheckPayee' })

/** What became of the question. */
export const PayeeChecked = z
  .object({
    accountId: AccountId,
    outcome: z.enum(['match', 'close', 'none']).meta({
      description: 'close: nearly, and `name` is that of the account. none: another name, or the account has none.',
    }),
    name: z.string().optional(),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'PayeeChecked' })
export type PayeeChecked = z.infer<typeof PayeeChecked>

export const Payee = z
  .object({ alias: z.string(), accountId: AccountId, savedAt: z.iso.datetime() })
  .meta({ id: 'Payee' })
export type Payee = z.infer<typeof Payee>

/** GET /v1/payees: all of the caller's, by alias. */
export const PayeeList = z.object({ items: z.array(Payee) }).meta({ id: 'PayeeList' })
export type PayeeList = z.infer<typeof PayeeList>
