import { duration } from './flow/figures.ts'
import type { Row } from './known-projections.ts'

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })

/** How much of the log a version has applied, in words too; one that is only kept to go back to applies nothing. */
export function ProgressBar({ status }: { readonly status: Row }) {
  const { appliedRecords, ofRecords, percent, etaSeconds } = status
  if (status.givenUpBy !== null) {
    return <span className="text-ink-soft">Built on a history before the resume at {status.givenUpBy}</span>
  }
  if (status.state === 'retired') return <span className="text-ink-soft">Kept, not followed</span>
  if (ofRecords === null || percent === null) return <span className="text-ink-soft">unknown</span>
  const eta =
    etaSeconds === 0 || status.silent !== undefined
      ? ''
      : etaSeconds === null
        ? ', time left unknown'
        : `, ${duration(etaSeconds)} left`
  return (
    <div className="min-w-40">
      <progress
        aria-label={`${status.service}, ${status.schema}, partition ${status.partition}`}
        className="h-2 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent
          [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
        max={100}
        value={percent}
      />
      <span className="block text-xs text-ink-soft">
        {percent} %: {whole.format(appliedRecords)} of {whole.format(ofRecords)} records{eta}
      </span>
    </div>
  )
}
