import type { Entry } from '@micropay/schemas/account'

export type StatementFilter = { readonly text?: string | undefined; readonly direction?: 'in' | 'out' | undefined }

/** The entries that hold the text (in counterparty, reference, description, kind or payment) and go in the direction. */
export function filterEntries(entries: readonly Entry[], { text, direction }: StatementFilter): Entry[] {
  const wanted = text?.trim().toLowerCase() ?? ''
  return entries.filter((entry) => {
    if (direction && (direction === 'out') !== entry.amount.startsWith('-')) return false
    const { counterparty, counterpartyName, reference, description, kind, paymentId } = entry
    const words = [counterparty, counterpartyName, reference, description, kind, paymentId]
    return words.some((word) => word?.toLowerCase().includes(wanted))
  })
}
