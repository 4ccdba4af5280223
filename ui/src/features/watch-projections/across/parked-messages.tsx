import type { ParkedMessage } from '@micropay/schemas/api/parked'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Instant } from '../../../components/instant.tsx'
import { figure } from '../flow/figures.ts'
import type { AskedOfParked } from './parked-dialog.tsx'

type ParkedMessagesProps = {
  readonly items: readonly ParkedMessage[]
  /** Undefined for who may only look. */
  readonly onAsk: ((asked: AskedOfParked) => void) | undefined
}

/** What partitions could not handle, last seen first: what it says, why, how often, and what can be done with it. */
export function ParkedMessages({ items, onAsk }: ParkedMessagesProps) {
  return (
    <ul className="space-y-3" aria-label="Parked messages">
      {items.map((item) => (
        <li key={item.id}>
          <Card className="flex flex-col gap-3 p-4 sm:flex-row sm:items-start sm:justify-between">
            <ParkedText item={item} />
            {onAsk ? (
              <div className="flex shrink-0 flex-wrap gap-2">
                <Button look="secondary" onClick={() => onAsk({ what: 'retry', item })}>
                  Try again
                </Button>
                <Button look="quiet" onClick={() => onAsk({ what: 'drop', item })}>
                  Drop
                </Button>
              </div>
            ) : null}
          </Card>
        </li>
      ))}
    </ul>
  )
}

function ParkedText({ item }: { readonly item: ParkedMessage }) {
  const { partition, says, fromLedger, bytes, reason, count, firstAt, lastAt } = item
  return (
    <div className="min-w-0">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        Partition {partition}: {says ? says.kind : `${figure(bytes)} bytes that cannot be read`}
        {fromLedger ? null : <Badge tone="bad">not of this ledger</Badge>}
      </p>
      {says ? (
        <p className="text-sm text-ink-soft">
          {fromLedger ? '' : 'As it claims: '}
          {says.payment === null ? '' : `payment ${says.payment}, `}
          from partition {says.from ?? '?'} to {says.to ?? '?'}
        </p>
      ) : null}
      <p className="mt-1 text-sm break-words">{reason}</p>
      <p className="mt-1 text-xs text-ink-soft">
        {count === 1 ? 'Once, ' : `${figure(count)} times, first `}
        <Instant at={firstAt} />
        {count === 1 ? null : (
          <>
            , last <Instant at={lastAt} />
          </>
        )}
      </p>
      <p className="mt-1 font-mono text-xs break-all text-ink-faint">{item.id}</p>
    </div>
  )
}
