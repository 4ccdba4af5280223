import type { PaymentStep } from '@micropay/schemas/api/replay'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../../components/card.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Instant } from '../../../components/instant.tsx'
import { Money } from '../../../components/money.tsx'
import { Notice } from '../../../components/notice.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { Cell, Table } from '../../../components/table.tsx'
import { paymentStepsQuery } from '../../../data/audit/audit.ts'
import { useServices } from '../../../services/app-context.ts'
import { paymentStepWords } from '../replay/step-words.ts'

const columns = [
  { name: 'Position' },
  { name: 'What happened' },
  { name: 'Decided', className: 'hidden sm:table-cell' },
  { name: 'Legs', align: 'right' },
] as const

type PaymentStepsProps = { readonly paymentId: string; readonly at: string }

/** A payment between partitions through all its steps, and which of them is looked at. */
export function PaymentSteps({ paymentId, at }: PaymentStepsProps) {
  const { client } = useServices()
  const query = useQuery(paymentStepsQuery(client, paymentId))
  const replay = query.data?.value
  return (
    <Card className="overflow-hidden">
      <h2 className="p-5 pb-3 text-lg font-bold sm:px-6">All steps of {paymentId}</h2>
      {query.error && !replay ? <QueryFailed error={query.error} onRetry={query.refetch} noun="payment" /> : null}
      {query.isPending ? <SkeletonRows label="Loading the steps" /> : null}
      {replay?.broken ? (
        <Notice tone="bad" title={`The steps end at ${replay.broken.position}`}>
          {replay.broken.detail}
        </Notice>
      ) : null}
      {replay ? (
        <Table label={`Steps of ${paymentId}, in the order in which they rest on each other`} columns={columns}>
          {replay.items.map((step) => (
            <StepRow key={step.position} step={step} isHere={step.position === at} />
          ))}
        </Table>
      ) : null}
      {replay && replay.state !== 'ended' ? (
        <p className="p-5 text-ink-soft sm:px-6">{stateWords[replay.state]}</p>
      ) : null}
    </Card>
  )
}

const stateWords = {
  deciding: 'It is under way: nobody knows yet whether it happens.',
  posting: 'It happens, and is not posted on all partitions so far.',
  releasing: 'It does not happen, and promises for it still stand.',
} as const

function StepRow({ step, isHere }: { readonly step: PaymentStep; readonly isHere: boolean }) {
  return (
    <tr className="hover:bg-sunken aria-[current]:bg-accent-wash" aria-current={isHere ? 'step' : undefined}>
      <Cell>
        <Link
          to="/audit/records/$position"
          params={{ position: step.position }}
          className="inline-flex min-h-11 items-center text-accent underline-offset-4 hover:underline"
        >
          {step.position}
        </Link>
      </Cell>
      <Cell className="w-full max-w-0 sm:w-auto sm:max-w-72">
        <span className="font-medium break-words">{paymentStepWords(step)}</span>
        <span className="block text-xs text-ink-soft sm:hidden">
          <Instant at={step.decidedAt} />
        </span>
      </Cell>
      <Cell className="hidden text-ink-soft sm:table-cell">
        <Instant at={step.decidedAt} />
      </Cell>
      <Cell align="right">
        {step.legs.map(({ account, amount, currency }) => (
          <span key={account} className="block">
            <span className="block max-w-32 truncate pr-1 text-xs text-ink-soft sm:inline-block sm:max-w-56">
              {account}
            </span>
            <Money minor={amount} currency={currency} signed />
          </span>
        ))}
      </Cell>
    </tr>
  )
}
