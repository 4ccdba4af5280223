import type { ReplayStep } from '@micropay/schemas/api/replay'
import { type FormEvent, useState } from 'react'
import { Button, LinkButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextField } from '../../../components/field.tsx'
import { Instant } from '../../../components/instant.tsx'
import { Money } from '../../../components/money.tsx'
import { givenWords } from '../../../data/approvals/given-words.ts'
import { stepError, stepWords } from './step-words.ts'

type StepCardProps = {
  readonly step: ReplayStep
  readonly mayGoOn: boolean
  /** The last step, once it is known. */
  readonly end: number | undefined
  readonly onGo: (step: number) => void
}

/** One step: what happened, how the account stands after it, and the way to the ones beside it. */
export function StepCard({ step, mayGoOn, end, onGo }: StepCardProps) {
  return (
    <Card className="mb-6 p-5 sm:p-6 lg:sticky lg:top-20 lg:z-10">
      <div className="flex flex-wrap items-start justify-between gap-x-8 gap-y-4" role="status">
        <div className="min-w-0">
          <p className="text-sm font-semibold text-ink-soft">Step {step.step}</p>
          <p className="text-lg font-bold break-words">{stepWords(step)}</p>
          <p className="text-sm text-ink-soft">
            <Instant at={step.decidedAt} />, by {givenWords({ by: step.actor, approvedBy: step.approvedBy })}
            {step.client === null ? null : ` through ${step.client}`}
          </p>
          {step.refusal ? <p className="mt-1 text-sm">{step.refusal.detail}</p> : null}
          {step.reference ? <p className="mt-1 text-sm">{step.reference}</p> : null}
        </div>
        <div className="sm:text-right">
          <p className="text-sm text-ink-soft">Balance after it</p>
          <p className="text-3xl font-bold tracking-tight" data-testid="balance-after">
            {step.currency ? <Money minor={step.balanceAfter} currency={step.currency} room={28} /> : 'Not open yet'}
          </p>
          {step.amount && step.currency ? (
            <p className="text-sm">
              <Money minor={step.amount} currency={step.currency} signed />
            </p>
          ) : null}
        </div>
      </div>
      <div className="mt-5 flex flex-wrap items-end justify-between gap-4 print:hidden">
        <div className="flex flex-wrap gap-2">
          <Button look="secondary" busy={step.step <= 1} onClick={() => onGo(step.step - 1)}>
            Back <span className="max-sm:hidden">(k)</span>
          </Button>
          <Button look="secondary" busy={!mayGoOn} onClick={() => onGo(step.step + 1)}>
            Next <span className="max-sm:hidden">(j)</span>
          </Button>
          <LinkButton to="/audit/records/$position" params={{ position: step.position }} look="quiet">
            Record {step.position}
          </LinkButton>
        </div>
        <JumpForm end={end} onGo={onGo} />
      </div>
    </Card>
  )
}

function JumpForm({ end, onGo }: Pick<StepCardProps, 'end' | 'onGo'>) {
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  const jump = (event: FormEvent) => {
    event.preventDefault()
    const wrong = stepError(text.trim(), end)
    setError(wrong)
    if (wrong === undefined) onGo(Number(text))
  }
  return (
    <form onSubmit={jump} className="flex items-start gap-2">
      <div className="w-40">
        <TextField label="Jump to step" inputMode="numeric" value={text} onChange={setText} error={error} />
      </div>
      <Button type="submit" look="secondary" className="mt-6.5">
        Jump
      </Button>
    </form>
  )
}
