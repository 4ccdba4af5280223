/** A balance on its side: above zero the house owes it (credit), below zero it is owed or owns it (debit). */
export function sidesOf(balance: bigint): { readonly debit: string; readonly credit: string } {
  return balance < 0n ? { debit: (-balance).toString(), credit: '0' } : { debit: '0', credit: balance.toString() }
}
