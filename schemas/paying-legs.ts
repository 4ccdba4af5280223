/** An account pays with each leg that brings nothing: only its owner, or who may book, asks for one. */
export function isToPay({ amount }: { readonly amount: string }): boolean {
  return amount === '0' || amount.startsWith('-')
}
