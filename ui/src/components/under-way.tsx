import { isCustomer } from '../api/session.ts'
import { postingIn } from '../data/payments/make-payment.ts'
import { useSession } from '../services/app-context.ts'
import { unsettledOf } from '../services/unsettled-payment.ts'
import { LinkButton } from './button.tsx'
import { ClockIcon } from './icons.tsx'
import { Money } from './money.tsx'
import { OwnProposals } from './own-proposals.tsx'

/** What a customer asked for that is not done, apart from what is: without an answer yet, or for a second person. */
export function UnderWay() {
  return (
    <>
      <Unsettled />
      <OwnProposals />
    </>
  )
}

/** The payment that was submitted and has no answer yet: it may or may not have happened. */
function Unsettled() {
  const session = useSession()
  const unsettled = unsettledOf(sessionStorage, session.subject)
  const posting = unsettled && postingIn(unsettled.request)
  if (!posting || !isCustomer(session)) return null
  return (
    <section
      aria-labelledby="under-way"
      className="mb-6 flex flex-wrap items-center justify-between gap-4 rounded-2xl border border-warn/40 bg-warn-wash
        p-5"
    >
      <div className="flex min-w-0 gap-3">
        <ClockIcon className="size-6 text-warn" />
        <div className="min-w-0">
          <h2 id="under-way" className="font-bold">
            Under way
          </h2>
          <p className="break-words">
            <Money minor={posting.amount} currency={posting.currency} className="font-semibold" /> to {posting.to} has
            no answer yet: it may be posted already, and it cannot be posted twice.
          </p>
        </div>
      </div>
      <LinkButton to="/send" look="secondary">
        Check again
      </LinkButton>
    </section>
  )
}
