import type { PeriodChecked } from '@micropay/schemas/api/period'
import { Link } from '@tanstack/react-router'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'

type UnderWay = NonNullable<PeriodChecked['underWay']>

/** Whom the closing of a period waits for, and until when. */
export function ClosingUnderWay({ underWay: { until, partitions, payments } }: { readonly underWay: UnderWay }) {
  const those = (state: UnderWay['partitions'][number]['state']) =>
    partitions.filter((each) => each.state === state).map(({ partition }) => partition)
  const [away, waiting] = [those('not reached'), those('waiting')]
  return (
    <Notice tone="warn" title="It is being closed">
      <p>
        Nothing more is booked into these days. They are closed once every partition of the ledger has sealed them, and
        open again if that is not so by <Instant at={until} />.
      </p>
      {away.length > 0 ? <p>Not reached yet: partition {away.join(', ')}.</p> : null}
      {waiting.length > 0 ? <p>Not sealed yet: partition {waiting.join(', ')}.</p> : null}
      {payments.length > 0 ? (
        <p>
          Under way into these days:{' '}
          {payments.map(({ paymentId }, index) => (
            <span key={paymentId}>
              {index > 0 ? ', ' : ''}
              <Link
                to="/payments/$paymentId"
                params={{ paymentId }}
                className="text-accent underline underline-offset-4"
              >
                {paymentId}
              </Link>
            </span>
          ))}
          .
        </p>
      ) : null}
    </Notice>
  )
}

export function ClosingCalledOff({ calledOff }: { readonly calledOff: NonNullable<PeriodChecked['calledOff']> }) {
  const { detail, by, at, reason } = calledOff
  return (
    <Notice tone="warn" title="The closing was called off">
      <p>
        {detail}, <Instant at={at} />
        {by === null ? '' : `, ${by}`}.
      </p>
      {reason === null ? null : <p>{reason}</p>}
    </Notice>
  )
}
