import type { OpenAccount } from '@micropay/schemas/api/account'
import type { BatchPayment } from '@micropay/schemas/api/payment'
import type { z } from 'zod'

export type PaymentToSend = z.input<typeof BatchPayment>
export type AccountToOpen = z.input<typeof OpenAccount> & { readonly accountId: string }

/** One row of a file: the payment that it stands for, or what is wrong with it. */
export type ImportedRow =
  | { readonly line: number; readonly payment: PaymentToSend }
  | { readonly line: number; readonly fault: string }

/**
 * A file to import, read anew by each call of `rows`; what must be open before, and what must hold after, is known once
 * it was read.
 */
export type ImportSource = {
  rows(): AsyncIterable<ImportedRow>
  /** Accounts that the payments need, in the order of their first use; filled while `rows` is read. */
  readonly accounts: ReadonlyMap<string, AccountToOpen>
  /** Each account's balance (minor units) after the file's last row; filled while `rows` is read. */
  readonly balances: ReadonlyMap<string, bigint>
}
