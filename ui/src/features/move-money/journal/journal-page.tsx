import { Page } from '../../../components/page.tsx'
import { Journal } from './journal.tsx'

/** Staff book a payment of any number of legs on either side. */
export function JournalPage() {
  return (
    <Page lead="Book money between any number of accounts at once; each currency has to be balanced.">
      <Journal />
    </Page>
  )
}
