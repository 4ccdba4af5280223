import type { ProjectionStatus } from '@micropay/schemas/projection'
import { Notice } from '../../components/notice.tsx'
import { ProgressBar } from './progress-bar.tsx'

export type Started = { readonly service: string; readonly schema: string; readonly what: 'rebuild' | 'rollback' }
type SwitchProgressProps = { readonly started: Started; readonly statuses: readonly ProjectionStatus[] }

/** What became of a rebuild or a rollback that was started here, from its first record to the switch. */
export function SwitchProgress({ started, statuses }: SwitchProgressProps) {
  const { service, schema, what } = started
  const rows = statuses.filter((status) => status.service === service && status.schema === schema)
  const name = `${what === 'rebuild' ? 'Rebuild' : 'Rollback'} of ${service}`
  if (rows.some(({ state }) => state === 'live')) {
    return (
      <Notice tone="good" title={`${name} is done`}>
        {schema} is live; the version before it is kept to go back to.
      </Notice>
    )
  }
  if (rows.some(({ state }) => state === 'building')) {
    return (
      <Notice tone="warn" title={`${name} is under way`}>
        {rows.map((status) => (
          <ProgressBar key={status.partition} status={status} />
        ))}
      </Notice>
    )
  }
  return (
    <Notice tone="warn" title={`${name} has not taken over`}>
      {schema} is not live: it has just begun, was replaced, or failed, and then the service's log says why.
    </Notice>
  )
}
