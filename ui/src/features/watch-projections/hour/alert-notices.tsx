import type { ActiveAlert } from '@micropay/schemas/api/history'
import { useQuery } from '@tanstack/react-query'
import { buttonClass } from '../../../components/button.tsx'
import { Instant } from '../../../components/instant.tsx'
import { Notice } from '../../../components/notice.tsx'
import { historyQuery } from '../../../data/flow/history.ts'
import { useServices } from '../../../services/app-context.ts'

const MOST_SHOWN = 5

/** Alerts that are active, each with the way to what should be done; what is told by Alertmanager is told here. */
export function AlertNotices() {
  const { client } = useServices()
  const alerts = useQuery(historyQuery(client)).data?.value.alerts ?? []
  const more = alerts.length - MOST_SHOWN
  return (
    <>
      {alerts.slice(0, MOST_SHOWN).map((alert) => (
        <div key={`${alert.name} ${alert.since} ${alert.summary}`} className="mb-5">
          <AlertNotice alert={alert} />
        </div>
      ))}
      {more > 0 ? <p className="mb-5 text-sm text-ink-soft">{more} more alerts are active in Alertmanager.</p> : null}
    </>
  )
}

function AlertNotice({ alert: { name, severity, since, summary, runbook } }: { readonly alert: ActiveAlert }) {
  return (
    <Notice
      tone={severity === 'page' || severity === 'critical' ? 'bad' : 'warn'}
      title={`Alert: ${name}`}
      action={
        isAddress(runbook) ? (
          <a href={runbook} target="_blank" rel="noreferrer" className={buttonClass()}>
            What to do
          </a>
        ) : null
      }
    >
      {summary === null ? null : <p>{summary}</p>}
      {runbook === null || isAddress(runbook) ? null : (
        <p>
          What to do: <code>{runbook}</code>
        </p>
      )}
      <p className="text-ink-soft">
        {severity === null ? null : `Severity ${severity}, `}active since <Instant at={since} />
      </p>
    </Notice>
  )
}

/** Whether it can be followed; a path of the documents is for who has them at hand. */
function isAddress(runbook: string | null): runbook is string {
  return runbook !== null && /^https?:\/\//.test(runbook)
}
