import { Notice } from '../../components/notice.tsx'
import type { Row } from './known-projections.ts'
import { ProgressBar } from './progress-bar.tsx'
import type { Switch } from './services.ts'

const switchNames = { rebuild: 'Rebuild', rollback: 'Rollback' } as const

type SwitchProgressProps = { readonly begun: Switch; readonly statuses: readonly Row[] }

/** What becomes of a rebuild or a rollback, from its first record to the switch. */
export function SwitchProgress({ begun, statuses }: SwitchProgressProps) {
  const { service, schema, what } = begun
  const rows = statuses.filter((status) => status.service === service && status.schema === schema)
  const name = what ? `${switchNames[what]} of ${service}` : `Another version of ${service}`
  if (rows.some(({ state }) => state === 'live')) {
    return (
      <Notice tone="good" title={`${name} is done`}>
        {schema} is live; the version before it is kept to go back to.
      </Notice>
    )
  }
  if (rows.some(({ state }) => state === 'building')) {
    const isSilent = rows.some(({ silent }) => silent !== undefined)
    return (
      <Notice tone={isSilent ? 'bad' : 'warn'} title={isSilent ? `${name} does not answer` : `${name} is under way`}>
        <p className="mb-2">
          {isSilent
            ? 'Its service does not answer: this is the last that was heard.'
            : `${schema} takes the place of the one in use when it has caught up.`}
        </p>
        {rows.map((status) => (
          <ProgressBar key={status.partition} status={status} />
        ))}
      </Notice>
    )
  }
  const isFailed = statuses.some((status) => status.service === service && status.lastFailure !== null)
  // Why it failed stands in a notice of its own, for everybody who looks.
  if (isFailed) return null
  return (
    <Notice tone="warn" title={`${name} has not taken over`}>
      {schema} is not live: it has just begun, or was replaced.
    </Notice>
  )
}
