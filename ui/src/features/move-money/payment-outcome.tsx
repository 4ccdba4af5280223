import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { PaymentStatusBadge } from '../../components/badge.tsx'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { focusOnMount } from '../../components/focus-on-mount.ts'
import { CheckIcon, ClockIcon, CrossIcon } from '../../components/icons.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import { ProblemNotice } from '../../components/notice.tsx'
import { ToConfirm } from '../../components/to-confirm.tsx'
import { legsIn } from '../../data/payments/make-payment.ts'
import { partiesOf } from '../../data/payments/parties.ts'
import { movedBy } from '../../money/totals.ts'
import type { NameOf } from './named.tsx'
import { useDecided } from './use-decided.ts'
import type { PaymentState } from './use-payment-flow.ts'
import { whatToDo } from './what-to-do.ts'

type PaymentOutcomeProps = {
  readonly state: PaymentState
  readonly onRetry: () => void
  readonly onChange: () => void
  /** Given where its payer may have to confirm it. */
  readonly onConfirm?: (details: readonly PaymentDetail[]) => void
  readonly nameOf: NameOf
  /** What else can be done once it is posted. */
  readonly children?: ReactNode
}

/**
 * What became of a payment: submitted, under way, posted, refused with the reason, or not known yet and safe to ask
 * again.
 */
export function PaymentOutcome({ state: told, nameOf, children, ...actions }: PaymentOutcomeProps) {
  const state = useDecided(told)
  const isUnderWay = state.kind === 'done' && state.answer.value.status === 'pending'
  const legs = legsIn(state.intent.request)
  const named = legs.map((leg) => ({ ...leg, name: nameOf(leg.account) }))
  return (
    <Card className="p-5 sm:p-6">
      <div role="status" className="flex flex-wrap items-center justify-between gap-3">
        <h2 ref={focusOnMount} tabIndex={-1} className="flex items-center gap-3 text-lg font-bold">
          <OutcomeMark kind={isUnderWay ? 'submitted' : state.kind} />
          {isUnderWay ? 'Payment under way' : toConfirmIn(state) ? 'Not paid yet' : headings[state.kind]}
        </h2>
        {state.kind === 'done' ? <PaymentStatusBadge status={state.answer.value.status} /> : null}
        {state.kind === 'submitted' ? <PaymentStatusBadge status="submitted" /> : null}
        {state.kind === 'refused' ? <PaymentStatusBadge status="rejected" /> : null}
      </div>
      <div className="mt-5">
        {movedBy(legs).map(({ currency, minor }) => (
          <p key={currency} className="text-4xl font-bold tracking-tight">
            <Money minor={minor} currency={currency} room={28} />
          </p>
        ))}
      </div>
      <p className="mt-1 break-words text-ink-soft">{partiesOf(named)}</p>
      <div className="mt-5 min-h-40">
        <Details state={state} {...actions} />
      </div>
      {state.kind === 'done' && !isUnderWay && children ? (
        <div className="mt-6 border-t border-line pt-5 empty:hidden">{children}</div>
      ) : null}
    </Card>
  )
}

const headings: Record<PaymentState['kind'], string> = {
  submitted: 'Payment submitted',
  done: 'Payment posted',
  unsettled: 'No answer yet',
  'turned away': 'Nothing happened',
  refused: 'Payment refused',
  waiting: 'Waits for a second person',
}

function OutcomeMark({ kind }: { readonly kind: PaymentState['kind'] }) {
  const marks: Record<PaymentState['kind'], ReactNode> = {
    submitted: <ClockIcon className="size-9 rounded-full bg-warn-wash p-2 text-warn" />,
    done: <CheckIcon className="size-9 rounded-full bg-good-wash p-2 text-good" />,
    unsettled: <ClockIcon className="size-9 rounded-full bg-warn-wash p-2 text-warn" />,
    'turned away': <ClockIcon className="size-9 rounded-full bg-warn-wash p-2 text-warn" />,
    waiting: <ClockIcon className="size-9 rounded-full bg-warn-wash p-2 text-warn" />,
    refused: <CrossIcon className="size-9 rounded-full bg-bad-wash p-2 text-bad" />,
  }
  return marks[kind]
}

/** What its payer has to confirm before it is made. */
function toConfirmIn(state: PaymentState): readonly PaymentDetail[] | undefined {
  return 'problem' in state ? state.problem.authorizationDetails : undefined
}

function Details({ state, onRetry, onChange, onConfirm }: Omit<PaymentOutcomeProps, 'nameOf'>) {
  if (state.kind === 'submitted')
    return <p className="text-ink-soft">On its way into the ledger. This takes a moment.</p>
  const toConfirm = toConfirmIn(state)
  if (toConfirm && onConfirm) {
    const actions = (
      <>
        <Button onClick={() => onConfirm(toConfirm)}>Confirm payment</Button>
        <Button look="secondary" onClick={onChange}>
          Change payment
        </Button>
        <p className="flex min-h-11 items-center text-sm text-ink-soft">It is made once you are back, and once only.</p>
      </>
    )
    return <ToConfirm details={toConfirm} action={actions} />
  }
  if (state.kind === 'unsettled' || state.kind === 'turned away') {
    return (
      <CommandProblem
        failure={state}
        action={
          <>
            <Button onClick={onRetry}>Try again</Button>
            {state.kind === 'turned away' ? (
              <Button look="secondary" onClick={onChange}>
                Change payment
              </Button>
            ) : null}
            <p className="flex min-h-11 items-center text-sm text-ink-soft">
              It is the same payment: it cannot be made twice.
            </p>
          </>
        }
      />
    )
  }
  if (state.kind === 'waiting') {
    const another = (
      <Button look="secondary" onClick={onChange}>
        Make another
      </Button>
    )
    return <CommandProblem failure={state} action={another} />
  }
  if (state.kind === 'refused') {
    return (
      <>
        <ProblemNotice problem={state.problem} />
        <p className="mt-4 text-ink-soft">{whatToDo(state.problem)}</p>
        <div className="mt-5 flex flex-wrap gap-2">
          <Button onClick={onChange}>Change payment</Button>
          <LinkButton to="/" look="secondary">
            Leave it
          </LinkButton>
        </div>
      </>
    )
  }
  return <Taken answer={state.answer} onChange={onChange} />
}

type TakenProps = Pick<Extract<PaymentState, { kind: 'done' }>, 'answer'> & Pick<PaymentOutcomeProps, 'onChange'>

function Taken({ answer: { value: payment, position }, onChange }: TakenProps) {
  return (
    <>
      {payment.status === 'pending' ? (
        <p className="mb-3 text-ink-soft">
          Its accounts live on several parts of the ledger. It is decided by <Instant at={payment.deadline} />; what it
          takes is held until then. This page follows it.
        </p>
      ) : null}
      <Facts
        facts={[
          ['Payment', payment.paymentId ? <PaymentLink key="id" paymentId={payment.paymentId} /> : '–'],
          ['Position in the ledger', position ?? '–'],
          [payment.status === 'posted' ? 'Posted' : 'Under way since', <Instant key="at" at={payment.decidedAt} />],
        ]}
      />
      <div className="mt-5 flex flex-wrap gap-2">
        {payment.paymentId ? (
          <LinkButton to="/payments/$paymentId" params={{ paymentId: payment.paymentId }}>
            See the payment
          </LinkButton>
        ) : null}
        <Button look="secondary" onClick={onChange}>
          Make another
        </Button>
      </div>
    </>
  )
}

function PaymentLink({ paymentId }: { readonly paymentId: string }) {
  return (
    <Link to="/payments/$paymentId" params={{ paymentId }} className="text-accent underline underline-offset-4">
      {paymentId}
    </Link>
  )
}
