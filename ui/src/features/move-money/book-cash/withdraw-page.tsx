import { getRouteApi } from '@tanstack/react-router'
import { BookCashPage } from './book-cash-page.tsx'

const route = getRouteApi('/withdraw')

/** Money leaves a customer's account for the world outside. */
export function WithdrawPage() {
  const { from } = route.useSearch()
  return <BookCashPage direction="withdrawal" customerAccount={from ?? ''} />
}
