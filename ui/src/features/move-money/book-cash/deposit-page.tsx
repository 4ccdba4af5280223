import { getRouteApi } from '@tanstack/react-router'
import { BookCashPage } from './book-cash-page.tsx'

const route = getRouteApi('/deposit')

/** Money from the world outside reaches a customer's account. */
export function DepositPage() {
  const { to } = route.useSearch()
  return <BookCashPage direction="deposit" customerAccount={to ?? ''} />
}
