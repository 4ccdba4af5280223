import type { Account } from '@micropay/schemas/api/account'
import type { Problem } from '@micropay/schemas/api/problem'
import { type ReactNode, useState } from 'react'
import { fieldErrorOf } from '../../../api/problem.ts'
import type { AccountChoice } from '../../../components/account-picker.tsx'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { PlusIcon } from '../../../components/icons.tsx'
import type { LegsRequest } from '../../../data/payments/make-payment.ts'
import { focusFirstError } from '../focus-first-error.ts'
import { PaymentTexts } from '../payment-texts.tsx'
import { PreviewProblem } from '../preview-problem.tsx'
import { BalanceOfLegs } from './balance-of-legs.tsx'
import { emptyLeg, type JournalDraft, type JournalRead, type LegDraft, MOST_LEGS } from './journal-draft.ts'
import { LegFields } from './leg-fields.tsx'

type JournalFormProps = {
  readonly draft: JournalDraft
  readonly onChange: (draft: JournalDraft) => void
  readonly read: JournalRead
  readonly accountOf: (accountId: string) => Account | undefined
  readonly choices: readonly AccountChoice[]
  readonly valueDate: ReactNode
  readonly busy: boolean
  readonly problem: Problem | undefined
  readonly onReady: (request: LegsRequest) => void
}

/** The legs, what is still unbalanced, and what for. Errors stand at their legs once one has tried to go on. */
export function JournalForm(props: JournalFormProps) {
  const { draft, onChange, read, accountOf, choices, valueDate, busy, problem, onReady } = props
  const [tried, setTried] = useState(false)
  const { legs } = draft
  const set = (change: Partial<JournalDraft>) => onChange({ ...draft, ...change })
  const setLeg = (key: number, change: Partial<LegDraft>) =>
    set({ legs: legs.map((leg) => (leg.key === key ? { ...leg, ...change } : leg)) })
  const add = () => {
    set({ legs: [...legs, emptyLeg(Math.max(...legs.map(({ key }) => key)) + 1)] })
    focusOnLeg(legs.length)
  }
  const remove = (key: number, index: number) => {
    set({ legs: legs.filter((leg) => leg.key !== key) })
    // The button goes, and what had its focus must not lose its place in the form.
    focusOnLeg(Math.min(index, legs.length - 2))
  }
  return (
    <Card className="p-5 sm:p-6">
      <form
        noValidate
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (busy) return
          if (read.request) onReady(read.request)
          else focusFirstError(event.currentTarget)
        }}
      >
        <ol className="divide-y divide-line" data-legs>
          {legs.map((leg, index) => (
            <li key={leg.key} className="py-5 first:pt-0">
              <LegFields
                number={index + 1}
                leg={leg}
                account={accountOf(leg.account)}
                choices={choices}
                errors={errorsOf(index, tried ? read : undefined, problem)}
                onChange={(change) => setLeg(leg.key, change)}
                onRemove={legs.length > 2 ? () => remove(leg.key, index) : undefined}
              />
            </li>
          ))}
        </ol>
        <Button look="secondary" onClick={add} disabled={legs.length >= MOST_LEGS}>
          <PlusIcon /> Add a leg
        </Button>
        <BalanceOfLegs sides={read.sides} wrong={tried && read.request === undefined} />
        {valueDate}
        <div className="grid gap-5 sm:grid-cols-2">
          <PaymentTexts texts={draft} problem={problem} onChange={set} hint="All sides see it on their statements." />
        </div>
        {problem ? <PreviewProblem problem={problem} brief={isShownAtField(problem, legs.length)} /> : null}
        <Button type="submit" busy={busy} className="w-full">
          {busy ? 'Checking…' : 'Continue'}
        </Button>
      </form>
    </Card>
  )
}

const members = ['account', 'amount', 'currency', 'stands'] as const

/** At each field of a leg what is wrong with it, as the page sees it or else the ledger. */
function errorsOf(index: number, read: JournalRead | undefined, problem: Problem | undefined) {
  const [account, amount, currency, stands] = members.map((name) => fieldErrorOf(problem, `/legs/${index}/${name}`))
  const own = read?.errors[index] ?? {}
  return { ...own, account: own.account ?? account ?? currency, stands: own.stands ?? stands, amount }
}

/** What stands at its leg, or at the value date, need not be said again. */
function isShownAtField(problem: Problem, legs: number): boolean {
  if (fieldErrorOf(problem, '/effectiveAt') === problem.detail) return true
  return Array.from({ length: legs }, (_, index) => index).some((index) =>
    members.some((name) => fieldErrorOf(problem, `/legs/${index}/${name}`) === problem.detail),
  )
}

/** After React has drawn the legs as they are now. */
function focusOnLeg(index: number): void {
  requestAnimationFrame(() => {
    document.querySelectorAll<HTMLElement>('[data-legs] > li')[index]?.querySelector('input')?.focus()
  })
}
