import type { ReplayStep } from '@micropay/schemas/api/replay'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { Instant } from '../../../components/instant.tsx'
import { Money } from '../../../components/money.tsx'
import { Cell, Table } from '../../../components/table.tsx'
import { stepWords } from './step-words.ts'

const columns = [
  { name: 'Step' },
  { name: 'Decided', className: 'hidden sm:table-cell' },
  { name: 'What happened' },
  { name: 'Amount', align: 'right', className: 'hidden sm:table-cell' },
  { name: 'Balance after', align: 'right' },
  { name: 'Record', className: 'hidden sm:table-cell' },
] as const

/** What a step moved, or else what it promised. */
function Moved({ step: { amount, promised, currency } }: { readonly step: ReplayStep }) {
  if (amount && currency) return <Money minor={amount} currency={currency} signed />
  if (!promised || !currency) return '–'
  return (
    <span className="text-xs text-ink-soft">
      Promised <Money minor={promised} currency={currency} signed />
    </span>
  )
}

type StepTableProps = {
  readonly steps: readonly ReplayStep[]
  readonly chosen: number
  readonly onChoose: (step: number) => void
}

export function StepTable({ steps, chosen, onChoose }: StepTableProps) {
  const current = useRef<HTMLTableRowElement>(null)
  const before = useRef(chosen)
  useEffect(() => {
    if (before.current !== chosen) current.current?.scrollIntoView({ block: 'nearest' })
    before.current = chosen
  }, [chosen])
  return (
    <Table label="Steps, oldest first" columns={columns}>
      {steps.map((step) => (
        <tr
          key={step.step}
          ref={step.step === chosen ? current : undefined}
          aria-current={step.step === chosen ? 'step' : undefined}
          className="scroll-mt-24 scroll-mb-24 lg:scroll-mt-[22rem] hover:bg-sunken aria-[current]:bg-accent-wash"
        >
          <Cell>
            <button
              type="button"
              onClick={() => onChoose(step.step)}
              aria-label={`Step ${step.step}`}
              className="min-target min-w-11 text-left font-semibold text-accent underline-offset-4 hover:underline"
            >
              {step.step}
            </button>
          </Cell>
          <Cell className="hidden text-ink-soft sm:table-cell">
            <Instant at={step.decidedAt} />
          </Cell>
          <Cell className="w-full max-w-0 sm:w-auto sm:max-w-56">
            <span className="line-clamp-2 font-medium break-words">{stepWords(step)}</span>
            {step.reference ? <span className="block truncate text-xs text-ink-soft">{step.reference}</span> : null}
          </Cell>
          <Cell align="right" className="hidden sm:table-cell">
            <Moved step={step} />
          </Cell>
          <Cell align="right" className="font-semibold">
            {step.currency ? <Money minor={step.balanceAfter} currency={step.currency} /> : '–'}
            {step.amount && step.currency ? (
              <span className="block text-xs font-normal sm:hidden">
                <Money minor={step.amount} currency={step.currency} signed />
              </span>
            ) : null}
          </Cell>
          <Cell className="hidden sm:table-cell">
            <Link
              to="/audit/records/$position"
              params={{ position: step.position }}
              className="inline-flex min-h-11 items-center text-accent underline-offset-4 hover:underline"
            >
              {step.position}
            </Link>
          </Cell>
        </tr>
      ))}
    </Table>
  )
}
